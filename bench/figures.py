"""What was measured, as rows that are printed, kept as JSON, and drawn by chart.py."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass
class Figure:
    """One row. `value` is what the limit is for: a ratio to the floor, or milliseconds; `spread` its least and most.

    `floor` and `sosie` are microseconds of CPU per request where there is something to compare with.
    """

    part: str
    database: str
    what: str
    value: float
    unit: str
    limit: float | None = None
    spread: tuple[float, float] | None = None
    floor: float | None = None
    sosie: float | None = None
    more: dict[str, Any] = field(default_factory=dict)

    @property
    def verdict(self) -> str:
        """PASS or over, where there is a limit."""
        if self.limit is None:
            return ""
        return "PASS" if self.value <= self.limit else "over"

    def to_json(self) -> dict[str, Any]:
        """As it is kept."""
        return {**asdict(self), "verdict": self.verdict}


HEADINGS = ("database", "what", "floor µs", "sosie µs", "value", "least", "most", "limit", "", "more")


def print_table(title: str, figures: Sequence[Figure]) -> None:
    """The figures as a table in Markdown."""
    print(f"\n### {title}\n")
    rows = [HEADINGS, *(_cells(figure) for figure in figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    for number, row in enumerate(rows):
        print("| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |")
        if not number:
            print("|" + "|".join("-" * (width + 2) for width in widths) + "|")


def median_of(values: Sequence[float]) -> tuple[float, tuple[float, float]]:
    """The one in the middle, and the least and the most."""
    return statistics.median(values), (min(values), max(values))


def _cells(figure: Figure) -> tuple[str, ...]:
    least, most = figure.spread or (None, None)
    more = ", ".join(f"{name} {value}" for name, value in figure.more.items())
    return (
        figure.database,
        figure.what,
        _number(figure.floor, ""),
        _number(figure.sosie, ""),
        _number(figure.value, figure.unit),
        _number(least, ""),
        _number(most, ""),
        _number(figure.limit, ""),
        figure.verdict,
        more,
    )


def _number(value: float | None, unit: str) -> str:
    if value is None:
        return ""
    digits = 0 if value >= 1000 else 1 if value >= 20 else 2
    return f"{value:,.{digits}f}{' ' if unit and unit != '×' else ''}{unit}"
