"""How many decisions a second, and what twice as many agents cost."""

from collections.abc import Sequence

from app.bench.report import Figure
from app.settings import Settings
from app.simulation.routing_load import measure

AGENTS = 500


def run(settings: Settings, quick: bool) -> Sequence[Figure]:
    """With trace, on one core."""
    one, two = measure(AGENTS, 2 * AGENTS, rounds=1 if quick else 5)
    return [
        Figure("routing", f"decisions, {AGENTS} agents", one.per_second, "/s", limit=30_000, at_least=True),
        Figure("routing", f"decisions, {2 * AGENTS} agents", two.per_second, "/s"),
        Figure("routing", "twice the agents, a decision", one.per_second / two.per_second, "x", limit=1.3),
    ]
