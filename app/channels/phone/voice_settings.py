"""What an administrator sets for one number that is called. The menu and recording are off until somebody turns them on."""

from typing import Annotated

from pydantic import Field, field_validator, model_validator

from app.channels.phone.twilio_account import TwilioAccount, labels
from app.channels.phone_number import e164


class VoiceSettings(TwilioAccount):
    """Settings of `phone.twilio_voice`. Seconds."""

    organisation: str = Field(
        "de gemeente",
        max_length=100,
        description="As a caller hears it: u belt met …",
        json_schema_extra=labels("Naam zoals uitgesproken", "Name as spoken"),
    )
    desk_number: str = Field(
        "",
        description="Rings when an employee calls back and has no number of their own here.",
        json_schema_extra=labels("Nummer van de balie", "The desk's number"),
    )
    ring_seconds: Annotated[int, Field(ge=5, le=60)] = Field(
        25,
        description="How long the employee's telephone rings (seconds).",
        json_schema_extra=labels("Overgaan (seconden)", "Ringing (seconds)"),
    )
    press_key: bool = Field(
        True,
        description="Whoever picks up presses a key before the citizen is called: their voicemail does not.",
        json_schema_extra=labels("Collega drukt eerst op een toets", "The colleague presses a key first"),
    )
    answering_machines: bool = Field(
        False,
        description="When you call back and a machine picks up, it is noted. Twilio charges every call for it.",
        json_schema_extra=labels("Antwoordapparaten herkennen", "Recognise answering machines"),
    )
    menu: bool = Field(
        False,
        description="A spoken menu: call back, in English, or leave a message.",
        json_schema_extra=labels("Keuzemenu", "Spoken menu"),
    )
    recording: bool = Field(
        False,
        description="Callers may leave a message, which is recorded; they hear that it is.",
        json_schema_extra=labels("Bericht inspreken", "Leaving a message"),
    )
    transcription: bool = Field(
        False,
        description="Twilio writes recordings out. It is made for English: expect little of it in Dutch.",
        json_schema_extra=labels("Opnames uitschrijven", "Write recordings out"),
    )
    longest_message: Annotated[int, Field(ge=10, le=600)] = Field(
        180,
        description="Longest recorded message (seconds).",
        json_schema_extra=labels("Langste bericht (seconden)", "Longest message (seconds)"),
    )

    @field_validator("desk_number")
    @classmethod
    def _whole_or_empty(cls, value: str) -> str:
        number = e164(value) if value else ""
        if number is None:
            raise ValueError("give the whole number, with its country code")
        return number

    @model_validator(mode="after")
    def _written_of_something(self) -> "VoiceSettings":
        if self.transcription and not self.recording:
            raise ValueError("turn recording on before its transcription")
        return self
