"""Draw the last results of api.py, each figure as a share of its limit, into docs/img/bench-api.svg. Run: make bench"""

from __future__ import annotations

import json
from html import escape
from pathlib import Path

ROOT = Path(__file__).parents[1]
ROW, LEFT, WIDTH, TOP = 26, 400, 420, 56
STYLE = (
    "text{font:13px system-ui,sans-serif;fill:#1d2433}.soft{fill:#5b6478}.bar{fill:#2f7a5a}.over{fill:#b3412f}"
    ".limit{stroke:#5b6478;stroke-dasharray:3 3}@media(prefers-color-scheme:dark){text{fill:#e4e8f0}.soft{fill:#9aa4b8}"
    ".bar{fill:#5cc596}.over{fill:#f08a79}.limit{stroke:#9aa4b8}}"
)


def draw(rows: list[dict]) -> str:
    """The picture, as SVG."""
    height = TOP + ROW * len(rows) + 20
    limit = LEFT + WIDTH * 2 // 3
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {LEFT + WIDTH + 130} {height}" role="img">',
        f"<title>CPU of the API beside its limits</title><style>{STYLE}</style>",
        '<text x="10" y="22" font-weight="600">CPU of the API with 100,000 entries, as a share of its limit</text>',
        f'<text class="soft" x="{limit}" y="{TOP - 14}" text-anchor="middle">limit</text>',
    ]
    for place, row in enumerate(rows):
        top = TOP + place * ROW
        length = min(row["value"] / row["limit"] * WIDTH * 2 / 3, WIDTH)
        kind = "bar" if row["value"] <= row["limit"] else "over"
        figure = f"{row['value']:.2f} {row['unit']} of {row['limit']:g}"
        parts.append(f'<text x="10" y="{top + 13}">{escape(row["database"])}: {escape(row["what"])}</text>')
        parts.append(f'<rect class="{kind}" x="{LEFT}" y="{top}" width="{max(length, 1):.0f}" height="16" rx="2"/>')
        parts.append(f'<text class="soft" x="{LEFT + length + 6:.0f}" y="{top + 13}">{figure}</text>')
    parts.append(f'<line class="limit" x1="{limit}" x2="{limit}" y1="{TOP - 8}" y2="{height - 16}"/></svg>')
    return "\n".join(parts)


def main() -> None:
    kept = json.loads((ROOT / "bench/results/api-latest.json").read_text())["figures"]
    rows = [row for row in kept if row["limit"] and row["part"] in ("load", "deep", "search", "pager", "start")]
    target = ROOT / "docs/img/bench-api.svg"
    target.write_text(draw(rows) + "\n")
    print(target.relative_to(ROOT))


if __name__ == "__main__":
    main()
