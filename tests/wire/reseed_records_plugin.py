"""A pytest plugin for the official Python SDK's own suite: puts the recorded message that its tests name back before
each of them. See `reseed_plugin`, whose server and account it shares."""

from __future__ import annotations

import pytest

from sosie.detection.arrival import Arrival
from sosie.detection.exemptions import Envelope
from sosie.detection.record import Party, Record
from sosie.detection.verdict import MALICIOUS_BEC, Finding, Verdict
from sosie.registry.moments import now_us, to_rfc3339
from sosie.store import accounts, records
from sosie.store.database import Session

ACCOUNT_ID = "023e105f4ecef8ad9ca31a8372d0c353"
RECORD_ID = "4Njp3P0STMz2c02Q-2024-01-05T10:00:00-12345678"
FINDING = Finding(
    "author_name", "From", "John Doe <john@bulk.example>", "John Doe",
    "Protected Name <John Doe> should not appear as <john@bulk.example>", "Expected john.doe@example.com", 0.9,
    MALICIOUS_BEC,
)  # fmt: skip


def _record() -> Record:
    return Record(
        id=RECORD_ID,
        at=to_rfc3339(now_us()),
        action="quarantine",
        arrival=Arrival("milter", Envelope("john@bulk.example", ("jane@example.com",), "192.0.2.7"), "mx", "4Njp3P0S"),
        verdict=Verdict("<1@bulk.example>", MALICIOUS_BEC, 0.9, (FINDING,)),
        subject="Invoice",
        author=Party("John Doe", "john@bulk.example"),
        reply_to=Party("", ""),
        to=(Party("Jane Roe", "jane@example.com"),),
        cc=(),
        date="2024-01-05T10:00:00Z",
        spf="pass",
        dkim="pass",
        dmarc="fail",
        header=(("From", "John Doe <john@bulk.example>"),),
        raw=b"From: John Doe <john@bulk.example>\r\n\r\n",
    )


@pytest.fixture(autouse=True)
def reseeded_records(opened) -> None:
    """The message is there."""
    run, database = opened
    run(database.write(_put_back))


async def _put_back(session: Session) -> None:
    account_no = (await accounts.look_up(session, ACCOUNT_ID)).no
    await records.add(session, account_no, [_record()])
