"""Prints how good the judgement is, beside simple detectors on the same messages, and each limit with PASS or over.

Run: make eval, or PYTHONPATH=bench python -m quality [--sample N] [--part PART]... [--misses CLASS] [--flagged KIND]
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

from quality import parts
from quality.letters import Letters, folder
from quality.run import Run
from quality.table import print_lines


def main() -> int:
    options = _options()
    place = folder()
    if not place.is_dir():
        print(f"skipped: SOSIE_LETTERS: there is no folder {place}")
        return 0
    began = time.monotonic()
    run = Run(Letters(place), options.sample)
    for name in options.part or parts.PARTS:
        parts.PARTS[name](run, options)
    print_lines(run.lines)
    print(f"\n{time.monotonic() - began:.0f} s")
    if options.json:
        options.json.write_text(json.dumps(run.to_json(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="quality", description=__doc__.partition("\n")[0])
    parser.add_argument("--sample", type=int, default=0, metavar="N", help="only about N messages of each kind")
    parser.add_argument("--part", action="append", choices=list(parts.PARTS), help="only this part; may be repeated")
    parser.add_argument("--misses", metavar="CLASS", help="print attacks of the class (its number) that were missed")
    parser.add_argument("--flagged", metavar="KIND", help="print false alarms of the kind: same, other, munged, ...")
    parser.add_argument("--examples", type=int, default=20, metavar="N", help="how many of them")
    parser.add_argument("--no-baselines", action="store_true", help="sosie alone, which is faster")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures to FILE")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
