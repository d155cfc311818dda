"""What we tell Twilio to do with a call at each step. Pure: settings and a language in, TwiML out.

Without the menu and without recording (both off until an organisation turns them on) a caller hears that we call back, and
that is all. The call itself is stored at the first step, so somebody who hangs up half-way is called back all the same.
"""

from urllib.parse import quote

from app.channels.phone import spoken, twiml
from app.channels.phone.voice_settings import VoiceSettings

GATHER_SECONDS = 6
PRESS_SECONDS = 10
SILENCE_SECONDS = 5


class CallAnswers:
    """The answers of one account; `url` is its public address, `language` its own."""

    def __init__(self, settings: VoiceSettings, url: str, language: str) -> None:
        self._settings = settings
        self._url = url
        self._language = language

    def greeting(self, visible: bool) -> str:
        """The first thing that a caller hears. `visible`: their number is known."""
        name = {"organisation": self._settings.organisation}
        hello = self._say(spoken.GREETING, **name)
        if self._settings.menu:
            return twiml.response(hello, self._menu(), twiml.verb("Redirect", self._step("menu")))
        if self._settings.recording:
            return twiml.response(hello, *self._record(self._language, both=True))
        said = self._say(spoken.NOTED if visible else spoken.HIDDEN)
        return twiml.response(hello, said, twiml.verb("Hangup"))

    def after_menu(self, choice: str, visible: bool) -> str:
        """What follows a choice; none is taken as: call me back."""
        language = "en" if choice == "english" else self._language
        if choice == "message" and self._settings.recording:
            return twiml.response(*self._record(language, both=False))
        said = (spoken.NOTED if visible else spoken.HIDDEN)[language]
        return twiml.response(twiml.say(said, language), twiml.verb("Hangup"))

    def thanks(self, language: str) -> str:
        """After a message was left."""
        return twiml.response(twiml.say(spoken.THANKS[language], language), twiml.verb("Hangup"))

    def connect(self, citizen: str, key: str) -> str:
        """For the employee who picked up; `key` comes back with every status.

        They press a key first: else the voicemail of their own telephone would be connected to the citizen.
        """
        if not self._settings.press_key:
            return self.dial(citizen, key)
        sentence = spoken.PRESS[self._language].format(organisation=self._settings.organisation)
        pressed = f"{self._url}?step=dial&citizen={quote(citizen)}&delivery={key}"
        waiting = twiml.verb(
            "Gather",
            twiml.say(sentence, self._language),
            input="dtmf",
            numDigits=1,
            timeout=PRESS_SECONDS,
            action=pressed,
            method="POST",
        )
        nobody = f"{self._url}?step=nobody&leg=employee&delivery={key}".replace("&", "&amp;")
        return twiml.response(waiting, twiml.verb("Redirect", nobody, method="POST"))

    def dial(self, citizen: str, key: str) -> str:
        """Who is called now, and the call."""
        told = f"{self._url}?step={{}}&leg=citizen&delivery={key}"
        listening = {"machineDetection": "Enable", "amdStatusCallback": told.format("machine")}
        dialled = twiml.number(
            citizen,
            statusCallback=told.format("status"),
            statusCallbackEvent="completed",
            statusCallbackMethod="POST",
            **(listening if self._settings.answering_machines else {}),
        )
        hello = twiml.say(spoken.CONNECTING[self._language], self._language)
        return twiml.response(hello, twiml.verb("Dial", dialled, callerId=self._settings.number, answerOnBridge="true"))

    def ended(self) -> str:
        """Nothing more to say."""
        return twiml.response(twiml.verb("Hangup"))

    def _menu(self) -> str:
        sentences = [spoken.MENU, *([spoken.MENU_MESSAGE] if self._settings.recording else [])]
        return twiml.verb(
            "Gather",
            "".join(self._say(sentence) for sentence in sentences),
            input="dtmf speech",
            numDigits=1,
            timeout=GATHER_SECONDS,
            speechTimeout="auto",
            language=twiml.LOCALES[self._language],
            action=self._address("menu"),
            method="POST",
        )

    def _record(self, language: str, *, both: bool) -> tuple[str, ...]:
        written = self._settings.transcription
        record = twiml.verb(
            "Record",
            action=self._address("recorded", language),
            method="POST",
            maxLength=self._settings.longest_message,
            timeout=SILENCE_SECONDS,
            finishOnKey="#",
            playBeep="true",
            transcribe="true" if written else "",
            transcribeCallback=self._address("transcript", language) if written else "",
        )
        said = self._say(spoken.RECORD) if both else twiml.say(spoken.RECORD[language], language)
        return (said, record, twiml.verb("Hangup"))

    def _say(self, sentence: dict[str, str], **values: str) -> str:
        return "".join(twiml.say(text, language) for language, text in spoken.both(sentence, self._language, **values))

    def _step(self, step: str) -> str:
        """An address as the content of an element."""
        return self._address(step).replace("&", "&amp;")

    def _address(self, step: str, language: str = "") -> str:
        return f"{self._url}?step={step}" + (f"&language={language}" if language else "")
