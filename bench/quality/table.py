"""Tables for people, and lines with a limit: PASS or over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Line:
    """One thing to show. `at_least` says which side of the limit is the good one."""

    what: str
    value: float
    limit: float
    at_least: bool = False

    @property
    def verdict(self) -> str:
        """PASS or over."""
        good = self.value >= self.limit if self.at_least else self.value <= self.limit
        return "PASS" if good else "over"

    def to_json(self) -> dict[str, Any]:
        """As it is kept."""
        return {**asdict(self), "verdict": self.verdict}


def print_table(title: str, rows: Sequence[Sequence[str]]) -> None:
    """Rows as a table in Markdown, the first being the headings; the first column is to the left."""
    print(f"\n### {title}\n")
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for number, row in enumerate(rows):
        cells = [cell.rjust(width) if place else cell.ljust(width)
                 for place, (cell, width) in enumerate(zip(row, widths, strict=True))]  # fmt: skip
        print("| " + " | ".join(cells) + " |")
        if not number:
            print("|" + "|".join("-" * (width + 2) for width in widths) + "|")


def print_lines(lines: Sequence[Line]) -> None:
    """Each beside its limit."""
    rows = [("what", "value", "limit", "")]
    for line in lines:
        sign = "≥" if line.at_least else "≤"
        rows.append((line.what, f"{line.value:.3g}", f"{sign} {line.limit:g}", line.verdict))
    print_table("Limits", rows)


def share(value: float) -> str:
    """A share with three digits, without the zero in front."""
    return f"{value:.3f}".removeprefix("0") if value < 1 else "1.00"


def number(value: float) -> str:
    """A number of alarms."""
    return f"{value:.1f}" if value else "0"
