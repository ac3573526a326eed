"""Draw what `compare.py --json FILE` has kept: CPU a message of each, as bars, into docs/img/peers.svg.

Usage: chart.py FILE
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from html import escape
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
# What is drawn: part, what it says, how many people, and the title.
BLOCKS = (
    ("http", "CPU a message, saturated", 100, "over HTTP, as fast as can be asked"),
    ("milter", "CPU a message, unix socket", 100, "as a milter, on one connection"),
    ("scan", "the same beside", 100, "2,000 messages at once with the start of the program, 100 people"),
    ("scan", "the same beside", 1_000, "the same, 1,000 people"),
    ("scan", "the same beside", 10_000, "the same, 10,000 people"),
)
ROW, LEFT, WIDTH, MOST = 22, 210, 430, 300.0  # µs at the right end; what is longer says so by its figure
STYLE = (
    "text{font:13px system-ui,sans-serif;fill:#1d2433}.soft{fill:#5b6478}.ours{fill:#2f7a5a}.other{fill:#9aa4b8}"
    "@media(prefers-color-scheme:dark){text{fill:#e4e8f0}.soft{fill:#9aa4b8}.ours{fill:#5cc596}.other{fill:#5b6478}}"
)


def draw(rows: Iterable[dict[str, Any]]) -> str:
    """The picture, as SVG."""
    rows = list(rows)
    parts: list[str] = []
    top = 36
    for part, what, people, title in BLOCKS:
        bars = list(_bars([row for row in rows if (row["part"], row["what"], row["people"]) == (part, what, people)]))
        if bars:
            parts.append(f'<text x="10" y="{top + 13}">{escape(title)}</text>')
            top += ROW
            for name, figure in bars:
                parts += _bar(name, figure, top)
                top += ROW
            top += 8
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {LEFT + WIDTH + 110} {top}" role="img">',
            f"<title>CPU of a message beside others</title><style>{STYLE}</style>",
            '<text x="10" y="20" font-weight="600">CPU of a message, in microseconds: shorter is better</text>',
            *parts,
            "</svg>",
        ]
    )


def _bars(rows: list[dict[str, Any]]) -> Iterator[tuple[str, float]]:
    named = [row for row in rows if row["theirs"] is not None and not row["peer"].startswith("sosie")]
    if named:
        yield "sosie", named[0]["ours"]
        yield from sorted(((row["peer"], row["theirs"]) for row in named), key=lambda one: one[1])


def _bar(name: str, figure: float, top: int) -> Iterator[str]:
    length = min(figure / MOST, 1.0) * WIDTH
    kind = "ours" if name == "sosie" else "other"
    yield f'<text class="soft" x="24" y="{top + 13}">{escape(name)}</text>'
    yield f'<rect class="{kind}" x="{LEFT}" y="{top}" width="{max(length, 1):.0f}" height="16" rx="2"/>'
    more = " →" if figure > MOST else ""
    yield f'<text class="soft" x="{LEFT + length + 6:.0f}" y="{top + 13}">{figure:,.0f} µs{more}</text>'


if __name__ == "__main__":
    (ROOT / "docs" / "img" / "peers.svg").write_text(draw(json.loads(Path(sys.argv[1]).read_text())) + "\n")
