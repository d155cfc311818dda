"""Two hundred rounds of killing and freezing workers at random moments while mail flows in and answers go out."""

import os
from threading import Event

import pytest

from app.identity.principal import SYSTEM
from app.intake import set_aside
from tests.chaos.bustle import Bustle, chance_of
from tests.chaos.crew import Check, Crew
from tests.journey.hall import TownHall, mail_account
from tests.servers.mail import MailServers
from tests.until import until

SEED = int(os.environ.get("TEST_SEED", "20261124"))


def let_be(seconds: float) -> None:
    """The moment at which chance strikes next."""
    Event().wait(seconds)


def give_innocents_back(hall: TownHall) -> None:
    """Who was in hand at four kills is set aside, in plain sight; a lead looks and releases it."""
    for item, reason in hall.rows("SELECT id, reason FROM raw_item WHERE state = 'set_aside'"):
        assert reason == "killed_its_worker"
        with hall.system.database.unit_of_work() as session:
            set_aside.release(session, SYSTEM, item)


def kill_rounds(rounds: int, hall: TownHall, crew: Crew, check: Check, servers: MailServers) -> None:
    chance, box = chance_of(SEED), servers.mailbox()
    mail_account(hall.system, servers, box)
    with Bustle(check, servers, box):
        for _ in range(rounds):
            workers = [crew.start() for _ in range(chance.choice((1, 1, 2)))]
            let_be(chance.uniform(0.1, 1.4))
            if len(workers) == 2 and chance.random() < 0.5:  # one sleeps past every lease, the other goes on
                crew.freeze(workers[0])
                let_be(chance.uniform(2.2, 3))
                crew.thaw(workers[0])
                let_be(chance.uniform(0, 0.3))
            for pid in workers:
                crew.kill(pid)
    worker = crew.start()
    until(lambda: len(check.sent) <= hall.one("SELECT count(*) FROM raw_item"), 60, 0.1, "all mail has been read")
    check.finished(120)
    give_innocents_back(hall)
    check.finished(60)
    assert crew.stop(worker) == 0
    check.nothing_lost_nothing_twice()
    ended = check.answers_once()
    print(f"{len(check.sent)} mails, deliveries: {dict(ended)}")
    assert ended["sent"] > ended["uncertain"]


@pytest.mark.chaos
def test_two_hundred_rounds_of_killing_lose_and_double_nothing(
    hall: TownHall, crew: Crew, check: Check, mail_servers: MailServers
) -> None:
    kill_rounds(200, hall, crew, check, mail_servers)
