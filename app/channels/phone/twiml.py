"""TwiML: the XML in which we tell Twilio what to do with a call (twilio.com/docs/voice/twiml). Pure.

Every text goes through `escape`, so that no name or setting can become an instruction.
"""

from xml.sax.saxutils import escape, quoteattr

MEDIA_TYPE = "text/xml"
LOCALES = {"nl": "nl-NL", "en": "en-GB"}
"""The voices and the ears: Dutch and British English."""


def verb(name: str, inside: str = "", **attributes: str | int) -> str:
    """One element; attribute names as Twilio writes them, `inside` is XML already."""
    given = "".join(f" {key}={quoteattr(str(value))}" for key, value in attributes.items() if value != "")
    return f"<{name}{given}>{inside}</{name}>" if inside else f"<{name}{given}/>"


def say(text: str, language: str) -> str:
    """Spoken text in one of our languages."""
    return verb("Say", escape(text), language=LOCALES.get(language, LOCALES["nl"]))


def number(text: str, **attributes: str | int) -> str:
    """A number to dial."""
    return verb("Number", escape(text), **attributes)


def response(*verbs: str) -> str:
    """The whole document."""
    return '<?xml version="1.0" encoding="UTF-8"?>' + (
        f"<Response>{''.join(verbs)}</Response>" if verbs else "<Response/>"
    )
