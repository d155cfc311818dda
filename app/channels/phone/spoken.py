"""What a caller hears, and what is written down of a call: every sentence in Dutch and English. Pure."""

from collections.abc import Mapping

GREETING = {
    "nl": "Goedendag, u belt met {organisation}.",
    "en": "Hello, you have reached {organisation}.",
}
NOTED = {
    "nl": "Wij hebben uw nummer genoteerd en bellen u terug. U kunt nu ophangen.",
    "en": "We have noted your number and will call you back. You can hang up now.",
}
HIDDEN = {
    "nl": "Uw nummer is niet zichtbaar, daarom kunnen wij u niet terugbellen. Bel ons met een zichtbaar nummer.",
    "en": "Your number is hidden, so we cannot call you back. Please call us with a visible number.",
}
MENU = {
    "nl": "Wilt u worden teruggebeld, druk dan op één of zeg: terugbellen.",
    "en": "For a call back in English, press two or say: English.",
}
MENU_MESSAGE = {
    "nl": "Wilt u een bericht inspreken, druk dan op drie of zeg: bericht.",
    "en": "To leave a message, press three or say: message.",
}
RECORD = {
    "nl": "Spreek uw bericht in na de toon. Het wordt opgenomen. Druk op een hekje als u klaar bent.",
    "en": "Leave your message after the tone. It is recorded. Press the hash key when you are done.",
}
THANKS = {"nl": "Dank u wel. Tot ziens.", "en": "Thank you. Goodbye."}
PRESS = {
    "nl": "Terugbellen namens {organisation}. Druk op een toets, dan wordt de inwoner gebeld.",
    "en": "A call back for {organisation}. Press any key, and the resident is called.",
}
CONNECTING = {
    "nl": "U wordt verbonden met de inwoner die om een telefoontje vroeg.",
    "en": "You are being connected to the resident who asked for a call.",
}

TITLE = {"nl": "Terugbelverzoek", "en": "Call-back request"}
ASKS = {"nl": "Vraagt om te worden teruggebeld.", "en": "Asks to be called back."}
NUMBER = {"nl": "Nummer: {number}", "en": "Number: {number}"}
NO_NUMBER = {"nl": "Belde met een verborgen nummer.", "en": "Called with a hidden number."}
CHOSE = {
    "call_back": {"nl": "Koos in het menu: terugbellen.", "en": "Chose in the menu: call back."},
    "english": {"nl": "Koos in het menu: terugbellen in het Engels.", "en": "Chose in the menu: call back in English."},
    "message": {"nl": "Koos in het menu: een bericht inspreken.", "en": "Chose in the menu: leave a message."},
}
RECORDED = {"nl": "Sprak een bericht in (zie de opname).", "en": "Left a message (see the recording)."}
TRANSCRIPT = {"nl": "Door een machine uitgeschreven:", "en": "Written out by a machine:"}

_DIGITS = {"1": "call_back", "2": "english", "3": "message"}
_SAID = {
    "english": "english", "engels": "english", "two": "english", "message": "message", "bericht": "message",
    "drie": "message", "three": "message", "terug": "call_back", "call": "call_back", "één": "call_back",
}  # fmt: skip


def both(sentence: Mapping[str, str], first: str, **values: str) -> tuple[tuple[str, str], ...]:
    """(language, text) in both languages, the account's own first."""
    order = ("en", "nl") if first == "en" else ("nl", "en")
    return tuple((language, sentence[language].format(**values)) for language in order)


def chosen(digits: str, speech: str) -> str:
    """What a caller chose in the menu: `call_back`, `english`, `message`, or nothing that we understood."""
    if digits:
        return _DIGITS.get(digits[:1], "")
    heard = speech.lower()
    return next((choice for word, choice in _SAID.items() if word in heard), "")


def request_text(language: str, number: str, choice: str = "") -> str:
    """A call as the desk shows it: `number` as people write it, or empty when it was hidden."""
    place = NUMBER[language].format(number=number) if number else NO_NUMBER[language]
    return "\n".join([ASKS[language], place, *([CHOSE[choice][language]] if choice in CHOSE else [])])


def message_text(language: str, transcript: str = "") -> str:
    """A recording as the desk shows it, with what a machine made of it when that is known."""
    return f"{RECORDED[language]}\n\n{TRANSCRIPT[language]}\n{transcript}" if transcript else RECORDED[language]
