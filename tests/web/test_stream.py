"""Live updates: heard at once, seen only by who may, complete after a lost connection."""

import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from threading import Thread
from typing import Annotated, Any

import httpx
import pytest
from fastapi import FastAPI, Header, Request
from fastapi.sse import EventSourceResponse, ServerSentEvent
from sqlalchemy import insert, select, text, update
from sqlalchemy.orm import Session

from app.accounts import change
from app.identity import sessions
from app.identity.principal import Principal
from app.models import Agent, TicketEvent
from app.settings import Settings
from app.storage.database import Database
from app.storage.keys import Keys
from app.tickets import create, events
from app.vocabulary import Confidentiality, EventType
from app.web import cookie, stream
from app.web.application import application
from app.web.principal import CurrentAgent
from app.web.state import State, state_of
from app.web.subscribed import Subscribed
from tests.api.channel import PaperSettings
from tests.until import until
from tests.web import made
from tests.web.server import serving


@dataclass
class Desk:
    url: str
    state: State
    settings: Settings
    database: Database
    noor: made.Person
    sam: made.Person
    groen: int
    account: int

    readers: list["Reader"] = field(default_factory=list)

    def reader(self, person: made.Person, **headers: str) -> "Reader":
        self.readers.append(Reader(self, person, **headers))
        return self.readers[-1]

    def ticket(self, **columns: Any) -> int:
        with self.database.unit_of_work() as session:
            return ticket(session, self.account, **columns)

    def happen(self, ticket_id: int, kind: EventType = EventType.NOTED) -> int:
        with self.database.unit_of_work() as session:
            return events.record(session, ticket_id, kind)


def ticket(session: Session, account: int, **columns: Any) -> int:
    now = session.scalar(select(text("now()")))
    opened = create.open_ticket(
        session,
        create.NewTicket(account_id=account, received_at=now, **columns),
        create.NewMessage(account_id=account, text="De boom is om.", received_at=now),
    )
    return opened.ticket_id


def routes(app: FastAPI) -> None:
    @app.get("/desk/events", response_class=EventSourceResponse)
    async def live(
        request: Request,
        me: CurrentAgent,
        place: Subscribed,
        after: int | None = None,
        last_event_id: Annotated[str, Header()] = "",
    ) -> AsyncIterator[ServerSentEvent]:
        state, token = state_of(request), cookie.read(request) or ""

        def who(session: Session) -> Principal | None:
            known = sessions.find(session, token, 60)
            return known.principal if known else None

        async for event in stream.follow(state.database, place, who, stream.position(last_event_id, after)):
            yield event


@pytest.fixture
def desk(database: Database, settings: Settings, keys: Keys) -> Iterator[Desk]:
    settings = settings.model_copy(update={"public_url": "http://127.0.0.1:1"})
    with database.unit_of_work() as session:
        groen, wegen = made.team(session, "Groen"), made.team(session, "Wegen")
        noor, sam = made.person(session, "Noor", team_id=groen), made.person(session, "Sam", team_id=wegen)
        account = change.create(
            session,
            keys,
            organisation_id=made.organisation(session),
            kind="paper",
            name="Balie",
            settings=PaperSettings(office="Stadhuis"),
        )
    state = made.state(database, settings, keys)
    app = application(state)
    routes(app)
    with serving(app) as url:
        desk = Desk(url, state, settings, database, noor, sam, groen, account)
        yield desk
    for reader in desk.readers:
        reader.finish()


class Reader:
    """An open stream, read in a thread."""

    def __init__(self, desk: Desk, person: made.Person, **headers: str) -> None:
        self.events: list[tuple[str, dict[str, Any], str]] = []
        self.ended = False
        cookies = {cookie.name(desk.settings): person.cookie}
        self._client = httpx.Client(base_url=desk.url, cookies=cookies, headers=headers, timeout=20)
        self._thread = Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        fields: dict[str, str] = {}
        try:
            with self._client.stream("GET", "/desk/events") as answer:
                for line in answer.iter_lines():
                    if line:
                        name, _sep, value = line.partition(": ")
                        fields[name] = value
                    elif "event" in fields:
                        self.events.append((fields["event"], json.loads(fields["data"]), fields.get("id", "")))
                        fields = {}
        except httpx.HTTPError:
            pass
        self.ended = True

    def ready(self) -> "Reader":
        until(lambda: self.events, saying="the stream begins")
        return self

    def told(self) -> list[int]:
        return [data["id"] for name, data, _id in self.events if name == "ticket"]

    def finish(self) -> None:
        """The server has stopped, so the stream has ended."""
        self._thread.join(10)
        self._client.close()


def test_an_event_reaches_an_open_stream_at_once(desk: Desk) -> None:
    reader = desk.reader(desk.noor).ready()
    number = desk.ticket()
    until(reader.told, seconds=5)
    name, data, _id = reader.events[-1]
    assert name == "ticket"
    assert data["ticketId"] == number
    assert data["type"] == "created"
    assert set(data) == {"id", "ticketId", "messageId", "type"}


def test_a_stream_shows_only_what_its_reader_may_see(desk: Desk) -> None:
    noor, sam = desk.reader(desk.noor).ready(), desk.reader(desk.sam).ready()
    hidden = desk.ticket(team_id=desk.groen, confidentiality=Confidentiality.TEAM)
    desk.happen(hidden)
    shown = desk.ticket()
    until(lambda: len(noor.told()) == 3)
    until(sam.told)
    assert {data["ticketId"] for name, data, _id in sam.events if name == "ticket"} == {shown}


def test_a_reader_that_was_away_hears_what_it_missed(desk: Desk) -> None:
    number = desk.ticket()
    first = desk.reader(desk.noor).ready()
    seen = first.events[0][2]
    missed = [desk.happen(number) for _ in range(3)]
    again = desk.reader(desk.noor, **{"Last-Event-ID": seen})
    until(lambda: set(missed) <= set(again.told()))


def test_a_transaction_that_commits_late_is_heard_although_its_id_is_lower(desk: Desk) -> None:
    number, other = desk.ticket(), desk.ticket()
    with desk.database.unit_of_work() as late:
        lower = events.record(late, number, EventType.NOTED)
        higher = desk.happen(other)
        first = desk.reader(desk.noor).ready()
        position = first.events[0][2]
        assert int(position) == higher
        again = desk.reader(desk.noor, **{"Last-Event-ID": position})
    until(lambda: lower in again.told())


def test_a_lost_notification_is_made_good(desk: Desk) -> None:
    reader = desk.reader(desk.noor).ready()
    number = desk.ticket()
    until(reader.told)
    with desk.database.unit_of_work() as session:
        silent = session.execute(
            text("INSERT INTO ticket_event (ticket_id, type) VALUES (:t, 'noted') RETURNING id"), {"t": number}
        ).scalar_one()
    until(lambda: silent in reader.told(), saying="the sweep finds it")


def test_a_stream_ends_with_its_session(desk: Desk) -> None:
    reader = desk.reader(desk.noor).ready()
    with desk.database.unit_of_work() as session:
        sessions.end(session, desk.noor.cookie)
    until(lambda: reader.ended)
    assert reader.events[-1][0] == "signed-out"


def test_a_stream_ends_when_its_agent_is_switched_off(desk: Desk) -> None:
    reader = desk.reader(desk.noor).ready()
    with desk.database.unit_of_work() as session:
        session.execute(update(Agent).where(Agent.id == desk.noor.id).values(active=False))
    desk.ticket()
    until(lambda: reader.ended)
    assert reader.told() == []


def test_an_open_stream_holds_no_connection_and_no_turn(desk: Desk) -> None:
    before = desk.state.turns._value
    readers = [desk.reader(desk.noor).ready() for _ in range(12)]
    assert len(readers) > before
    pool: Any = desk.database.engine.pool
    until(lambda: pool.checkedout() == 0)
    assert desk.state.turns._value == before


def test_closing_the_hub_ends_every_stream(desk: Desk) -> None:
    readers = [desk.reader(desk.noor).ready() for _ in range(3)]
    desk.state.hub.close()
    until(lambda: all(reader.ended for reader in readers))


def test_a_reader_that_is_far_behind_loads_its_page_again(desk: Desk) -> None:
    number = desk.ticket()
    with desk.database.unit_of_work() as session:
        session.execute(insert(TicketEvent), [
            {"ticket_id": number, "type": EventType.NOTED, "data": {}} for _ in range(stream.BEHIND + 5)
        ])  # fmt: skip
    reader = desk.reader(desk.noor, **{"Last-Event-ID": "1"}).ready()
    assert reader.events[0][0] == "reload"


def test_a_full_queue_reads_on_from_the_database(desk: Desk) -> None:
    reader = desk.reader(desk.noor).ready()
    number = desk.ticket()
    for _ in range(stream.QUEUE * 2):
        desk.state.hub.heard(f"999999:{number}")  # noise that fills the queue faster than it is read
    wanted = desk.happen(number)
    until(lambda: wanted in reader.told())
