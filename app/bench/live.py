"""From a reaction's arrival to the desk's screen: posted over the API, seen as an event by an open desk.

A desk shows a change when its event arrives and the changed part has been fetched, so both are in the measured time.
"""

import json
from collections.abc import Sequence
from threading import Event, Thread
from time import monotonic, perf_counter, sleep

import httpx
from sqlalchemy import insert

from app.accounts.change import create as create_account
from app.bench.office import office
from app.bench.pages import cpu_seconds, serving, sign_in
from app.bench.report import Figure
from app.identity import staff, tokens
from app.models import Site
from app.settings import Settings
from app.system import System
from app.vocabulary import Scope

A_SECOND = 20
PATIENCE = 30.0


class Watcher:
    """An open desk: notes when the list showed each ticket."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client
        self.seen: dict[str, float] = {}
        self.ready = Event()
        self._stop = Event()
        self._thread = Thread(target=self._watch, daemon=True)

    def start(self) -> None:
        """Open the stream and wait until it flows."""
        self._thread.start()
        self.ready.wait(PATIENCE)

    def stop(self) -> None:
        """Leave at the next event."""
        self._stop.set()

    def _watch(self) -> None:
        with self._client.stream("GET", "/desk/events", timeout=None) as stream:
            for line in stream.iter_lines():
                self.ready.set()
                if self._stop.is_set():
                    return
                if line.startswith("data:") and '"created"' in line:
                    self._shown(json.loads(line.removeprefix("data:")))

    def _shown(self, event: dict[str, object]) -> None:
        page = self._client.get(f"/desk/tickets/{event['ticketId']}").text
        number = page.partition("Reactie nummer ")[2].partition(".")[0]
        self.seen.setdefault(number, perf_counter())


def run(settings: Settings, quick: bool) -> Sequence[Figure]:
    """Twenty reactions a second for half a minute."""
    count = A_SECOND * (5 if quick else 30)
    with office(settings) as system:
        token = _site(system)
        with serving(system, "serve") as (process, base), httpx.Client(base_url=base, timeout=30) as desk:
            sign_in(desk)
            watcher = Watcher(desk)
            watcher.start()
            before = cpu_seconds(process.pid)
            sent = _post(base, token, count)
            deadline = monotonic() + PATIENCE
            while len(watcher.seen) < count and monotonic() < deadline:
                sleep(0.05)
            used = cpu_seconds(process.pid) - before
            watcher.stop()
    waits = sorted(watcher.seen[number] - at for number, at in sent.items() if number in watcher.seen)
    shown = len(waits) / count
    return [
        Figure("live", "reactions shown", shown * 100, "%", limit=100, at_least=True),
        Figure("live", "arrival to screen, p50", waits[len(waits) // 2], "s"),
        Figure("live", "arrival to screen, p95", waits[int(len(waits) * 0.95)], "s", limit=1),
        Figure("live", "server CPU a reaction, one desk open", used * 1000 / count, "ms"),
    ]


def _post(base: str, token: str, count: int) -> dict[str, float]:
    sent: dict[str, float] = {}
    with httpx.Client(base_url=base, headers={"authorization": f"Bearer {token}"}, timeout=30) as client:
        began = perf_counter()
        for number in range(count):
            sleep(max(0.0, began + number / A_SECOND - perf_counter()))
            body = {"id": f"live-{number}", "page": "bench", "text": f"Reactie nummer {number}. Er ligt afval."}
            sent[str(number)] = perf_counter()
            client.post("/api/v1/reactions", json=body).raise_for_status()
    return sent


def _site(system: System) -> str:
    with system.database.unit_of_work() as session:
        organisation = staff.own_organisation(session)
        assert organisation is not None
        form = system.accounts.kind("comments.form")
        account = create_account(
            session, system.keys, organisation_id=organisation, kind=form.key, name="Reacties", settings=form.settings()
        )
        values = {"account_id": account, "key": "bench", "name": "bench", "origins": []}
        site = session.execute(insert(Site).values(values).returning(Site.id)).scalar_one()
        return tokens.issue(session, "bench", [Scope.REACTIONS_CREATE], site_id=site).token
