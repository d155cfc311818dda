"""The benches, by the name that they are asked for."""

from collections.abc import Callable, Mapping, Sequence

from app.bench import channels, idle, intake, live, pages, routing
from app.bench.report import Figure
from app.settings import Settings

Bench = Callable[[Settings, bool], Sequence[Figure]]

BENCHES: Mapping[str, Bench] = {
    "intake": intake.run,
    "channels": channels.run,
    "pages": pages.run,
    "routing": routing.run,
    "live": live.run,
    "idle": idle.run,
}


def measure(settings: Settings, what: Sequence[str], quick: bool) -> Sequence[Figure]:
    """Run `what`, or all."""
    return [figure for name in what or BENCHES for figure in BENCHES[name](settings, quick)]
