"""Measure the API beside its floor, and print each figure with its limit. See README.md in this folder.

Usage: api.py [--rounds N] [--only sqlite|postgresql] [--parts load,deep,search,pager,start]
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import orjson

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tests"))

import depth  # noqa: E402 - the line above lets what follows find the tests' support
import loads  # noqa: E402
import startup  # noqa: E402
from contenders import Contender, database_of, start_floor, start_sosie  # noqa: E402
from figures import Figure, print_table  # noqa: E402
from prepared import POSTGRESQL, copied, fill  # noqa: E402
from support.postgresql import PostgreSQL  # noqa: E402
from support.server import Storage, Tenant  # noqa: E402

RESULTS = HERE / "results"
PARTS = {
    "load": "CPU per request beside the floor",
    "deep": "deep pages, cold",
    "search": "search, cold",
    "count": "the count",
    "pager": "the auto-pager beside one query",
    "start": "start",
}


def main() -> int:
    """0 where every limit is kept."""
    arguments = _arguments()
    figures: list[Figure] = []
    with _work_folder() as folder:
        for database in arguments.only.split(","):
            postgresql = PostgreSQL(POSTGRESQL) if database == "postgresql" else None
            try:
                figures += measure(database, postgresql, folder / database, arguments)
            finally:
                if postgresql:
                    postgresql.close()
    for part, title in PARTS.items():
        if rows := [figure for figure in figures if figure.part == part]:
            print_table(title, rows)
    _keep(figures)
    return int(any(figure.verdict == "over" for figure in figures))


def measure(database: str, postgresql: PostgreSQL | None, folder: Path, arguments: argparse.Namespace) -> list[Figure]:
    """All parts that were asked for, on one database."""
    folder.mkdir()
    filled = Storage(folder / "filled", postgresql.create_database() if postgresql else "")
    filled.data_dir.mkdir()
    print(f"{database}: making 130,000 entries", file=sys.stderr)
    tenant = fill(filled)
    if postgresql:
        postgresql.psql(database_of(filled), "VACUUM ANALYZE")  # as its own vacuum does within a minute
    figures: list[Figure] = []
    floor = start_floor(copied(filled, folder / "floor", postgresql), tenant, postgresql)
    sosie = start_sosie(copied(filled, folder / "sosie", postgresql), tenant, postgresql)
    try:
        figures += _beside_the_floor(database, floor, sosie, tenant, arguments)
    finally:
        floor.stop()
        sosie.stop()
    if "start" in arguments.parts:
        empty = startup.empty_folders()
        if postgresql:
            empty = [Storage(one.data_dir, postgresql.create_database()) for one in empty]
        figures += startup.measure(database, filled, empty)
        for one in empty:
            shutil.rmtree(one.data_dir)
    return figures


def _beside_the_floor(
    database: str, floor: Contender, sosie: Contender, tenant: Tenant, arguments: argparse.Namespace
) -> list[Figure]:
    path = loads.registry_path(tenant.account_id)
    headers = {"authorization": f"Bearer {tenant.write_token}"}
    cold = depth.Cold(sosie, path, headers)
    figures: list[Figure] = []
    asked = loads.kinds(sosie, path, headers)
    loads.assert_same_answers(floor, sosie, path, asked)
    parts = arguments.parts
    if "deep" in parts:
        print(f"{database}: deep pages", file=sys.stderr)
        figures += depth.deep_pages(database, cold)
    if "search" in parts:
        print(f"{database}: search", file=sys.stderr)
        figures += depth.searches(database, cold)
    if "count" in parts:
        figures.append(depth.count(database, sosie, tenant.account_id))
    if "pager" in parts:
        print(f"{database}: the auto-pager", file=sys.stderr)
        figures.append(depth.auto_pager(database, floor, sosie, cold, arguments.rounds))
    for kind in asked if "load" in parts else []:
        print(f"{database}: {kind.what}", file=sys.stderr)
        figures.append(loads.compare(database, floor, sosie, kind, arguments.rounds))
    return figures


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--only", default="sqlite,postgresql")
    parser.add_argument("--parts", default=",".join(PARTS), type=lambda text: text.split(","))
    return parser.parse_args()


@contextmanager
def _work_folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="sosie-bench-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _keep(figures: list[Figure]) -> None:
    """As JSON: under the time of the run, and as the latest, which chart.py draws."""
    now = dt.datetime.now(dt.UTC)
    document = {
        "measured": now.isoformat(timespec="seconds"),
        "machine": f"{os.cpu_count()} cores, {platform.platform(terse=True)}, Python {platform.python_version()}",
        "figures": [figure.to_json() for figure in figures],
    }
    RESULTS.mkdir(exist_ok=True)
    for name in (f"api-{now:%Y%m%d-%H%M%S}.json", "api-latest.json"):
        (RESULTS / name).write_bytes(orjson.dumps(document, option=orjson.OPT_INDENT_2))


if __name__ == "__main__":
    sys.exit(main())
