"""Records of letters in Jane Roe's name, for whoever reads the record; what is not said is as in the first letter."""

from __future__ import annotations

from itertools import count
from typing import Any

from sosie.detection.arrival import Arrival
from sosie.detection.exemptions import Envelope
from sosie.detection.record import Party, Record
from sosie.detection.verdict import MALICIOUS_BEC, NONE, Finding, Verdict
from sosie.registry.moments import now_us, to_rfc3339

REASON = "Protected Name <Jane Roe> should not appear as <jane.roe@bulk.example>"
FINDING = Finding(
    "author_name", "From", "Jane Roe <jane.roe@bulk.example>", "Jane Roe", REASON,
    "Expected jane.roe@example.com. Seen: the name as it stands; an address that nobody knows.", 0.9, MALICIOUS_BEC,
)  # fmt: skip
HEADER = (
    ("Received", "from mx.bulk.example (192.0.2.7) by mx.example.com; Thu, 10 Apr 2025 18:27:34 +0000"),
    ("From", "Jane Roe <jane.roe@bulk.example>"),
    ("Subject", "Invoice 4711, urgent"),
    ("X-Originating-IP", "[198.51.100.9]"),
)
_number = count(1)


def verdict_of(disposition: str = MALICIOUS_BEC, message_id: str = "<1@mail.example>", **more: Any) -> Verdict:
    """A verdict with one finding, or none."""
    findings = () if disposition == NONE else (FINDING._replace(detection=disposition),)
    score = 0.0 if disposition == NONE else 0.9
    made = Verdict(message_id, disposition, score, findings, pairs=(("entry", "jane.roe@bulk.example"),))
    return made._replace(**more)


def flagged(disposition: str = MALICIOUS_BEC, moment_us: int | None = None, **more: Any) -> Record:
    """A record of now; every one has an id of its own."""
    number = next(_number)
    moment = now_us() if moment_us is None else moment_us
    envelope = Envelope("bounce@sender.example", ("bob@example.com", "team@example.org"), "192.0.2.7")
    made = Record(
        id=f"{moment:013x}{number:08x}",
        at=to_rfc3339(moment),
        action="tag",
        arrival=Arrival("milter", envelope, "mx.bulk.example", f"4Njp3P{number}"),
        verdict=verdict_of(disposition, f"<{number}@mail.example>"),
        subject="Invoice 4711, urgent",
        author=Party("Jane Roe", "jane.roe@bulk.example"),
        reply_to=Party("", "answers@reply.example"),
        to=(Party("Bob", "bob@example.com"),),
        cc=(),
        date="2025-04-10T18:27:30Z",
        spf="pass",
        dkim="",
        dmarc="fail",
        header=HEADER,
    )
    return made._replace(**more)
