"""What was measured, as rows of one table."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

HEADINGS = ("part", "what", "people", "sosie", "beside", "its figure", "ratio or value", "least", "most", "limit", "")


@dataclass(frozen=True)
class Row:
    """One figure. `value` is what the limit is for: a ratio of figures of the same run, or a figure of ours alone.

    `ours` and `theirs` are in `unit`; `spread` is the least and the most of `value` over the rounds.
    """

    part: str
    what: str
    people: int
    value: float
    limit: float | None = None
    at_least: bool = False
    unit: str = "µs"
    ours: float | None = None
    peer: str = ""
    theirs: float | None = None
    spread: tuple[float, float] | None = None

    @property
    def verdict(self) -> str:
        """PASS or over, where there is a limit."""
        if self.limit is None:
            return ""
        kept = self.value >= self.limit if self.at_least else self.value <= self.limit
        return "PASS" if kept else "over"

    def cells(self) -> tuple[str, ...]:
        """As it is printed."""
        least, most = self.spread or (None, None)
        ratio = self.theirs is not None
        bound = "" if self.limit is None else ("≥ " if self.at_least else "≤ ") + _number(self.limit)
        value = _number(self.value) + (" ×" if ratio else f" {self.unit}")
        return (
            self.part,
            self.what,
            f"{self.people:,}" if self.people else "",
            f"{_number(self.ours)} {self.unit}" if self.ours is not None else "",
            self.peer,
            f"{_number(self.theirs)} {self.unit}" if ratio else "",
            value,
            _number(least),
            _number(most),
            bound,
            self.verdict,
        )


def times_fewer(ours: Sequence[float], theirs: Sequence[float]) -> tuple[float, tuple[float, float]]:
    """How many times less the first is, round by round: the one in the middle, and the least and the most."""
    return ratio_of(theirs, ours)


def ratio_of(ones: Sequence[float], others: Sequence[float]) -> tuple[float, tuple[float, float]]:
    """One beside the other, round by round: the one in the middle, and the least and the most."""
    ratios = [one / other for one, other in zip(ones, others, strict=True)]
    return statistics.median(ratios), (min(ratios), max(ratios))


def middle(values: Sequence[float]) -> float:
    """The one in the middle."""
    return statistics.median(values)


def percentile(values: Iterable[float], share: float) -> float:
    """The value that this share of the values does not exceed."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


def print_table(rows: Sequence[Row]) -> None:
    """All rows as one table in Markdown."""
    table = [HEADINGS, *(row.cells() for row in rows)]
    widths = [max(len(cells[column]) for cells in table) for column in range(len(HEADINGS))]
    for number, cells in enumerate(table):
        print("| " + " | ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)) + " |")
        if not number:
            print("|" + "|".join("-" * (width + 2) for width in widths) + "|")


def _number(value: float | None) -> str:
    if value is None:
        return ""
    digits = 0 if abs(value) >= 1000 else 1 if abs(value) >= 20 else 2
    return f"{value:,.{digits}f}"
