"""Records of invented messages, and those who listen."""

from __future__ import annotations

import itertools

from sosie.detection.arrival import Arrival
from sosie.detection.exemptions import Envelope
from sosie.detection.record import Party, Record
from sosie.detection.verdict import MALICIOUS_BEC, NONE, Exemption, Finding, Verdict
from sosie.registry.moments import now_us, to_rfc3339

ACCOUNT = "0" * 31 + "1"
REASON = "Protected Name Jane Roe should not appear as jane.roe@freemail.example"
FINDING = Finding(
    "author_name", "From", "Jane Roe <jane.roe@freemail.example>", "Jane Roe", REASON, "Seen: name", 0.93, MALICIOUS_BEC
)
PAIR = ("e1", "jane.roe@freemail.example")
_number = itertools.count(1)


def record(identifier: str = "", *, pairs=(PAIR,), flagged: bool = True, alert: bool = True, **fields) -> Record:
    """The record of a message in which Jane Roe is impersonated, or of one in which nobody is."""
    at = to_rfc3339(now_us())
    verdict = Verdict(
        "<1@freemail.example>",
        MALICIOUS_BEC if flagged else NONE,
        0.93 if flagged else 0.0,
        (FINDING,) if flagged else (),
        (Exemption("known", "It is a colleague"),),
        alert and flagged,
        tuple(pairs) if flagged else (),
    )
    envelope = Envelope("bounce@freemail.example", ("john.doe@example.com",), "192.0.2.7", "out.freemail.example")
    known = {
        "id": identifier or f"{next(_number):021x}",
        "at": at,
        "action": "tag",
        "arrival": Arrival("milter", envelope, "helo.freemail.example", "4Njp3P0STMz2c02Q"),
        "verdict": verdict,
        "subject": "Are you at your desk?",
        "author": Party("Jane Roe", "jane.roe@freemail.example"),
        "reply_to": Party("", "jr@other.example"),
        "to": (Party("John Doe", "john.doe@example.com"),),
        "cc": (Party("", "mary.major@example.com"),),
        "date": "Wed, 1 Jul 2026 05:20:00 +0000",
        "spf": "pass",
        "dkim": "none",
        "dmarc": "",
        "header": (("From", "Jane Roe <jane.roe@freemail.example>"), ("Subject", "Are you at your desk?")),
        "raw": b"From: Jane Roe\r\n\xff\x00",
    }
    return Record(**known | fields)


class Heard(list):
    """What was observed, in its order: `observe` is the list's own `append`."""

    def of(self, kind: type) -> list:
        return [one for one in self if type(one) is kind]
