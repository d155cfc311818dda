"""A backlog of 10,000 texts is read in constant memory, and each is there once, oldest first."""

import resource
from datetime import timedelta

import pytest

from app.channels.contract import Reaction
from tests.channels.phone.office import CITIZEN, NOW, Hook, sms
from tests.emulators.twilio import twilio
from tests.emulators.twilio_state import Twilio

BACKLOG = 10_000
MOST_GROWTH = 50 * 1024  # KiB


def peak() -> int:
    """The most memory that this process ever held, in KiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


@pytest.mark.chaos
def test_a_backlog_of_ten_thousand_is_read_in_constant_memory() -> None:
    server = Twilio(push=Hook(), clock=lambda: NOW)
    for number in range(BACKLOG):
        at = NOW - timedelta(days=6) + timedelta(seconds=50 * number)
        server.texted(CITIZEN, f"bericht {number} " + "woorden " * 15, at=at, pushes=False)
    with twilio(server):
        channel = sms(server)
        list(channel.pull((NOW - timedelta(minutes=1)).isoformat()))  # whatever is loaded once is loaded now
        before, seen = peak(), 0
        for page in channel.pull(None):
            for item in page.items:
                [reaction] = channel.parse(item)
                assert isinstance(reaction, Reaction)
                assert reaction.text.startswith(f"bericht {seen} ")
                seen += 1
        growth = peak() - before
    assert seen == BACKLOG
    assert growth < MOST_GROWTH, f"{growth // 1024} MiB"
