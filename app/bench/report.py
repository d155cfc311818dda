"""What a bench found, as lines for a terminal and as JSON."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number. `limit` is what the product promises, in the same unit; `at_least` turns the comparison."""

    bench: str
    name: str
    value: float
    unit: str
    limit: float | None = None
    at_least: bool = False

    @property
    def kept(self) -> bool:
        """Whether the promise holds; a figure without a promise always does."""
        if self.limit is None:
            return True
        return self.value >= self.limit if self.at_least else self.value <= self.limit


def as_json(figures: Sequence[Figure]) -> str:
    """One list of objects."""
    return json.dumps([{**asdict(figure), "kept": figure.kept} for figure in figures], indent=2)


def as_table(figures: Sequence[Figure]) -> str:
    """One line a figure, with the promise beside it."""
    rows = [(f"{f.bench}: {f.name}", _number(f.value), f.unit, _promise(f)) for f in figures]
    widths = [max((len(row[column]) for row in rows), default=0) for column in range(4)]
    return "\n".join(
        f"{name:<{widths[0]}}  {value:>{widths[1]}} {unit:<{widths[2]}}  {promise}".rstrip()
        for name, value, unit, promise in rows
    )


def _promise(figure: Figure) -> str:
    if figure.limit is None:
        return ""
    sign = ">=" if figure.at_least else "<="
    return f"{sign} {_number(figure.limit)}  {'kept' if figure.kept else 'NOT KEPT'}"


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
