"""What records take: KiB on disk for a flagged message, with and without its first 16 KiB, on both databases.

Invented letters with some ten header fields and a body of 17 KiB are judged, and what is flagged is recorded.
Run: python bench/records.py [--records N]
"""

from __future__ import annotations

import argparse
import base64
import sys
import tempfile
from itertools import cycle, islice
from pathlib import Path
from random import Random

from figures import Figure, print_table

TESTS = Path(__file__).resolve().parents[1] / "tests"
sys.path.insert(1, str(TESTS))

from sosie.detection.arrival import Arrival  # noqa: E402 - the line above lets what follows be found
from sosie.detection.exemptions import Envelope  # noqa: E402
from sosie.detection.record import Record  # noqa: E402
from sosie.registry.entry import read_new_entry  # noqa: E402
from sosie.screening.gate import Gate  # noqa: E402
from sosie.screening.standalone import snapshot_of  # noqa: E402
from sosie.store import accounts, records  # noqa: E402
from sosie.store.database import Database  # noqa: E402
from support.postgresql import PostgreSQL  # noqa: E402
from support.server import Storage, make_tenant  # noqa: E402

RAW = 16 * 1024
BATCH = 100
BODY = base64.encodebytes(Random(1).randbytes(12 * 1024)).replace(b"\n", b"\r\n")  # as attachments are
PEOPLE = ("Jane Roe", "jane.roe@example.com"), ("John Doe", "john.doe@example.com")
TRACE = b"Received: from relay%d.example (relay%d.example [192.0.2.7])\r\n\tby mx.example.com with ESMTPS id 1\r\n"
LETTER = (
    b"From: %b <x%d@bulk.example>\r\nTo: jane@example.com\r\nSubject: Invoice %d, urgent\r\n"
    b"Message-ID: <%d@bulk.example>\r\n\r\n"
)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--records", type=int, default=10_000, metavar="N")
    options = parser.parse_args()
    postgresql = PostgreSQL()
    figures = []
    try:
        for raw in (0, RAW):
            some = list(flagged(options.records, raw))
            for backend in ("sqlite", "postgresql"):
                url = postgresql.create_database() if backend == "postgresql" else ""
                with tempfile.TemporaryDirectory(prefix="sosie-records-") as folder:
                    taken = octets(Storage(Path(folder), url), some, postgresql)
                what = f"a record{f' with {RAW // 1024} KiB of the message' if raw else ''}"
                figures.append(Figure("records", backend, what, taken / 1024 / options.records, unit="KiB"))
    finally:
        postgresql.close()
    print_table("Records", figures)


def flagged(count: int, raw: int) -> list[Record]:
    """Records of messages with some six header fields more than the letters of the tests have."""
    entries = [read_new_entry({"name": name, "email": email, "is_email_regex": False}) for name, email in PEOPLE]
    snapshot = snapshot_of(entries)
    kept: list[Record] = []
    gate = Gate(lambda _: snapshot, lambda _: None, raw_kept=raw, keep=lambda _, record: kept.append(record))
    trace = b"".join(TRACE % (number, number) for number in range(6))
    arrival = Arrival("milter", Envelope("a@bulk.example", ("jane@example.com",), "192.0.2.7", "mail.bulk.example"))
    for number, (name, _) in islice(enumerate(cycle(PEOPLE)), count):
        gate.admit("account", trace + LETTER % (name.encode(), number, number, number) + BODY, arrival)
    return kept


def octets(storage: Storage, some: list[Record], postgresql: PostgreSQL) -> int:
    """That a database has grown by when it holds them."""
    tenant = make_tenant(storage, "tenant")

    async def write(database: Database) -> None:
        account = await accounts.look_up(database.reader, tenant.account_id)
        for start in range(0, len(some), BATCH):
            part = some[start : start + BATCH]
            await database.write(lambda session, part=part: records.add(session, account.no, part))

    before = size(storage, postgresql)
    storage.run(write)
    return size(storage, postgresql) - before


def size(storage: Storage, postgresql: PostgreSQL) -> int:
    """Of the files of SQLite, or what PostgreSQL says of itself."""
    if not storage.url:
        return sum(file.stat().st_size for file in storage.data_dir.glob("sosie.sqlite*"))
    name = storage.url.split("/")[3].partition("?")[0]
    return int(postgresql.psql(name, f"SELECT pg_database_size('{name}')"))


if __name__ == "__main__":
    main()
