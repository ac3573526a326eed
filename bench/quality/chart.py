"""Draw what `python -m quality --json FILE` measured into docs/img/quality.svg: recall by class beside the simple
detectors, and false alarms beside their limits. Run: PYTHONPATH=bench python -m quality.chart FILE
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from quality.recall import LIMIT_MEAN, limit_of

TARGET = Path(__file__).parents[2] / "docs/img/quality.svg"
SOSIE = "v1 auth"
COLUMNS = {SOSIE: "sosie", "naive": "same name", "Lev<4": "Levenshtein ≤ 3", "JW>=.90": "Jaro-Winkler ≥ .90"}
# Of the alarms: which registry, and the detectors that are compared.
REGISTRIES = {"v1": "350 entries", "all": "all registered"}
MODES = {"auth": "no history", "history": "history", "vouched": "vouched history"}
OTHERS = {"auth": "sosie", "naive": "same name", "Lev<4": "Levenshtein ≤ 3", "JW>=.90": "Jaro-Winkler ≥ .90"}

ROW, LEFT, COLUMN, BAR, TOP = 20, 350, 155, 100, 78
WIDTH = LEFT + COLUMN * len(COLUMNS) + 10
STYLE = (
    "text{font:12px system-ui,sans-serif;fill:#1d2433}.head{font-size:14px;font-weight:600}.strong{font-weight:600}"
    ".soft{fill:#5b6478}.ours{fill:#2f7a5a}.simple{fill:#9aa4b8}.over{fill:#b3412f}.limit{stroke:#1d2433}"
    ".ground{fill:#5b6478;opacity:.1}@media(prefers-color-scheme:dark){text{fill:#e4e8f0}.soft{fill:#9aa4b8}"
    ".ours{fill:#5cc596}.simple{fill:#6b7488}.over{fill:#f08a79}.limit{stroke:#e4e8f0}.ground{fill:#9aa4b8}}"
)
_NUMBER = re.compile(r"^\d+[a-z]? (?:base: )?")
_REMARK = re.compile(r" ?\([^()]*\)$")


def draw(measured: Mapping[str, Any]) -> str:
    """The picture, as SVG."""
    parts = [*_recall(measured["figures"]["recall"])]
    top = TOP + ROW * (len(_classes(measured["figures"]["recall"])) + 1) + 30
    parts += _others(measured["figures"]["alarms"], top)
    top += 34 + ROW * len(OTHERS) * len(REGISTRIES) + 30
    limits = [line for line in measured["limits"] if line["what"].startswith("alarms")]
    parts += _limits(limits, top)
    height = top + 34 + ROW * len(limits) + 10
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">',
        "<title>Recall of each kind of attack beside simple detectors, and false alarms beside their limits</title>",
        f"<style>{STYLE}</style>",
    )
    return "\n".join((*head, *parts, "</svg>"))


def _classes(recall: Mapping[str, Mapping[str, float]]) -> list[str]:
    return [kind for kind in recall[SOSIE] if kind not in ("mean", "grave")]


def _recall(recall: Mapping[str, Mapping[str, float]]) -> Iterator[str]:
    yield _text(10, 24, "Attacks that are flagged, of each kind", "head")
    yield _text(10, 44, "350 people registered, with one address each; the line is the least that is asked for", "soft")
    for place, title in enumerate(COLUMNS.values()):
        yield _text(LEFT + place * COLUMN, TOP - 10, title, "strong")
    for number, kind in enumerate((*_classes(recall), "mean")):
        top = TOP + number * ROW
        title = "mean over the kinds" if kind == "mean" else _REMARK.sub("", _NUMBER.sub("", kind))
        yield _text(10, top + 13, title, "strong" if kind == "mean" else "")
        for place, name in enumerate(COLUMNS):
            limit = (LIMIT_MEAN if kind == "mean" else limit_of(kind)) if name == SOSIE else None
            yield from _share(LEFT + place * COLUMN, top, recall[name][kind], limit)


def _share(left: int, top: int, value: float, limit: float | None) -> Iterator[str]:
    """A bar of at most BAR, and the share beside it; with a limit it is one of ours."""
    kind = "simple" if limit is None else "ours" if value >= limit else "over"
    yield _bar(left, top, BAR, "ground")
    yield _bar(left, top, value * BAR, kind)
    if limit is not None:
        yield _line(left + limit * BAR, top)
    yield _text(left + BAR + 6, top + 13, f"{value * 100:.0f} %", "strong" if limit is not None else "soft")


def _others(found: Mapping[str, Any], top: int) -> Iterator[str]:
    """Senders of another name, which are what similarity costs."""
    yield _text(10, top, "People of another name who are flagged: distinct senders in 10,000 honest messages", "head")
    rows = [(registry, name) for registry in REGISTRIES for name in OTHERS if f"{registry} {name}" in found]
    values = [found[f"{registry} {name}"]["kinds"]["other"][1] for registry, name in rows]
    scale = (COLUMN * 3) / max(*values, 1)
    for number, ((registry, name), value) in enumerate(zip(rows, values, strict=True)):
        y = top + 18 + number * ROW
        yield _text(10, y + 13, f"{REGISTRIES[registry]}: {OTHERS[name]}", "strong" if name == "auth" else "")
        yield _bar(LEFT, y, max(value * scale, 1), "ours" if name == "auth" else "simple")
        yield _text(LEFT + max(value * scale, 1) + 6, y + 13, f"{value:.1f}", "soft")


def _limits(lines: Sequence[Mapping[str, Any]], top: int) -> Iterator[str]:
    """Every figure as a share of its limit, which stands in one place; where the limit is none, any is too much."""
    yield _text(10, top, "False alarms of sosie in 10,000 honest messages, each as a share of its limit", "head")
    left, length = LEFT + 150, COLUMN * 2 - 90
    for number, line in enumerate(lines):
        y = top + 18 + number * ROW
        value, limit = line["value"], line["limit"]
        share = value / limit if limit else 1.5 * bool(value)
        reach = max(min(share, 1.5) * length, 1)
        yield _text(10, y + 13, _spelt_out(line["what"]))
        yield _bar(left, y, reach, "ours" if value <= limit else "over")
        yield _line(left + length, y)
        yield _text(left + max(reach, length) + 6, y + 13, f"{value:.3g} of {limit:g}", "soft")


def _spelt_out(what: str) -> str:
    """The name of a limit, its registry and mode in words."""
    registry, _, rest = what.removeprefix("alarms ").replace(" per 10,000", "").partition(" ")
    mode, _, measured = rest.partition(": ")
    if registry not in REGISTRIES:
        return f"{registry} {rest}"
    return f"{REGISTRIES[registry]}, {MODES[mode]}: {measured}"


def _text(left: float, baseline: float, text: str, kind: str = "") -> str:
    return f'<text class="{kind}" x="{left:.0f}" y="{baseline:.0f}">{escape(text)}</text>'


def _bar(left: float, top: float, length: float, kind: str) -> str:
    return f'<rect class="{kind}" x="{left:.0f}" y="{top + 3}" width="{length:.1f}" height="12" rx="2"/>'


def _line(left: float, top: float) -> str:
    return f'<line class="limit" x1="{left:.0f}" x2="{left:.0f}" y1="{top + 1}" y2="{top + 17}"/>'


def main() -> int:
    measured = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    if measured["sample"]:
        print("this was a sample: draw a whole run")
        return 1
    TARGET.write_text(draw(measured) + "\n", encoding="utf-8")
    print(TARGET.relative_to(TARGET.parents[2]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
