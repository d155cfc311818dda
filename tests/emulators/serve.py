"""Every emulated service in a process of its own: `python -m tests.emulators.serve`.

With `--demo` beside a running Weerklank (its settings are read from the same environment): accounts at every service that has an
adapter are made, already connected, with one reaction waiting in each, and the terminal lists the emulators' own pages.
With `--fill N` for a bench: N reactions in each, and one line of JSON that says where they are and how to connect.
"""

import argparse
import json
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from threading import Event

import httpx

from app.channels.registry import KINDS
from app.settings import Settings
from app.system import open_system
from tests.emulators.connect import connect, hook_of
from tests.emulators.run import serve
from tests.emulators.said import first
from tests.emulators.services import Service, services
from tests.emulators.street import Street
from tests.servers.ports import answers
from tests.until import until

PATIENCE = 120.0  # seconds until Weerklank answers; its first start makes a database
LOOK = 0.5


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until told to stop, or until whoever started us is gone."""
    options = _parser().parse_args(arguments)
    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    present = {kind.key for kind in KINDS}
    chosen = [one for one in services() if one.kind in present and (not options.only or one.kind in options.only)]
    with serving(chosen, options.port) as places:
        if options.fill:
            print(json.dumps([_filled(service, url, options.fill) for service, url in places]), flush=True)
        if options.demo:
            _demo(Settings.read(os.environ), places, stop)
        _wait(stop)
    return 0


@contextmanager
def serving(chosen: Sequence[Service], port: int = 0) -> Iterator[list[tuple[Service, str]]]:
    """Each service with its address, from `port` on where it is free; 0 takes any."""
    with ExitStack() as stack:
        places = []
        for number, service in enumerate(chosen):
            street = Street(service.app, lambda text, service=service: service.react(text, True))  # type: ignore[misc]
            places.append((service, stack.enter_context(serve(street, _port(port + number if port else 0)))))
        yield places


def _port(wanted: int) -> int:
    return 0 if answers(wanted) else wanted


def _filled(service: Service, url: str, number: int) -> dict[str, object]:
    service.unbounded()
    for n in range(number):
        service.react(f"Reactie {n}: op de hoek staat de container al een week vol. Kunt u daar iets aan doen?", False)
    return {"kind": service.kind, "name": service.name, "url": url, "settings": dict(service.settings(url))}


def _demo(settings: Settings, places: Sequence[tuple[Service, str]], stop: Event) -> None:
    for service, _ in places:
        service.react(first(service.kind), False)
    until(lambda: stop.is_set() or _answers(settings.base_url), PATIENCE, LOOK, "Weerklank answers")
    if stop.is_set():
        return
    with open_system(settings, name="weerklank emulators") as system:
        for service, url in places:
            service.hook(hook_of(system, connect(system, service, url)))
    print("\n  Nagebootste diensten / emulated services", flush=True)
    for service, url in places:
        print(f"    {service.name:<20} {url}/", flush=True)


def _answers(base_url: str) -> bool:
    try:
        return httpx.get(f"{base_url}/health/ready", timeout=5).status_code == 200
    except httpx.HTTPError:
        return False


def _wait(stop: Event) -> None:
    parent = os.getppid()
    while not stop.wait(LOOK) and os.getppid() == parent:
        continue


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.emulators.serve", description=__doc__)
    parser.add_argument("--demo", action="store_true")
    parser.add_argument("--fill", type=int, default=0, metavar="N")
    parser.add_argument("--only", action="append", default=[], metavar="KIND")
    parser.add_argument("--port", type=int, default=0, help="the first one's; 0 takes any")
    return parser


if __name__ == "__main__":
    sys.exit(main())
