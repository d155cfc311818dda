"""The emulated Twilio, running, with our channel at the end of its webhooks."""

from collections.abc import Iterator

import pytest

from tests.channels.phone.office import HOOK, NOW, Hook
from tests.emulators.faults import Faulty
from tests.emulators.twilio import twilio
from tests.emulators.twilio_state import Twilio


@pytest.fixture
def hook() -> Hook:
    return Hook()


@pytest.fixture
def emulated(hook: Hook) -> Iterator[tuple[Twilio, Faulty]]:
    with twilio(Twilio(push=hook, sms_url=HOOK, voice_url=HOOK, clock=lambda: NOW)) as running:
        yield running


@pytest.fixture
def server(emulated: tuple[Twilio, Faulty]) -> Twilio:
    return emulated[0]


@pytest.fixture
def faults(emulated: tuple[Twilio, Faulty]) -> Faulty:
    return emulated[1]
