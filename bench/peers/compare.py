"""sosie beside rspamd, SpamAssassin, sieve-filter and pymilter: the same people and letters, in one run.

Usage: compare.py [--part http,milter,postfix,scan,change,start] [--people 100,100000] [--rounds N] [--letters FOLDER]
See README.md in this folder.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[1:1] = [str(HERE.parent), str(HERE.parent.parent / "tests")]

import part_change  # noqa: E402 - the line above lets what follows find the tests' support, and invented people
import part_http  # noqa: E402
import part_milter  # noqa: E402
import part_postfix  # noqa: E402
import part_scan  # noqa: E402
import part_start  # noqa: E402
from rows import Row, print_table  # noqa: E402
from setting import Setting  # noqa: E402

from letters import letters_of  # noqa: E402

PARTS = {
    "http": part_http.measure,
    "milter": part_milter.measure,
    "postfix": part_postfix.measure,
    "scan": part_scan.measure,
    "change": part_change.measure,
    "start": part_start.measure,
}
SIZES = 100, 1_000, 10_000, 100_000


def main() -> int:
    """0 where every limit is kept."""
    options = _options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # what was started is ended, as after Ctrl-C
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed program is compiled already
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="sosie-peers-", dir=options.folder) as folder:
        place = Path(folder)
        place.chmod(0o755)  # mail servers have users of their own
        os.environ["SOSIE_SNAPSHOT_DIR"] = str(place / "kept")  # of what has no database
        letters = letters_of(options.letters, options.large_letters)
        setting = Setting(place, letters, options.people, options.rounds, options.seconds)
        for name in options.part:
            began, load = time.perf_counter(), os.getloadavg()[0]
            with setting.if_installed():
                rows += PARTS[name](setting)
            took = time.perf_counter() - began
            print(f"{name}: {took:.0f} s, load before {load:.1f}, after {os.getloadavg()[0]:.1f}", flush=True)
    print_table(rows)
    for one in setting.left_out:
        print(f"left out: {one} is not installed")
    if options.json:
        options.json.write_text(json.dumps([{**asdict(row), "verdict": row.verdict} for row in rows], indent=1) + "\n")
    return int(any(row.verdict == "over" for row in rows))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="compare", description=__doc__.partition("\n")[0])
    parser.add_argument("--part", type=_parts, default=list(PARTS), help=f"some of {','.join(PARTS)}; else all")
    parser.add_argument("--people", type=_sizes, default=SIZES, help="sizes of the registry: 100,1000")
    parser.add_argument("--rounds", type=int, default=5, metavar="N")
    parser.add_argument("--seconds", type=int, default=2, metavar="N", help="that wrk asks at a time")
    parser.add_argument("--letters", type=Path, metavar="FOLDER", help="of .eml files, instead of made-up letters")
    parser.add_argument("--large-letters", type=Path, metavar="FOLDER", help="the same for large ones")
    parser.add_argument("--folder", default="/tmp", help="where to work")  # noqa: S108 - short, for unix sockets
    parser.add_argument("--json", type=Path, metavar="FILE", help="keep the figures")
    return parser.parse_args()


def _parts(text: str) -> list[str]:
    wanted = text.split(",")
    if unknown := set(wanted) - set(PARTS):
        raise argparse.ArgumentTypeError(f"there is no part {', '.join(unknown)}")
    return wanted


def _sizes(text: str) -> tuple[int, ...]:
    return tuple(int(one.replace("_", "")) for one in text.split(","))


if __name__ == "__main__":
    sys.exit(main())
