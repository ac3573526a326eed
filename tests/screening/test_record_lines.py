"""A record of any message can wait on disk: what is read is what was written."""

from __future__ import annotations

import functools

from hypothesis import given
from hypothesis import strategies as st

from sosie.detection.arrival import Arrival
from sosie.detection.exemptions import Envelope
from sosie.detection.record import Written, record_of
from sosie.mail.message import Message
from sosie.screening.corridor import screen_message
from sosie.screening.outputs.alert import Alert
from sosie.screening.outputs.logpush import to_document
from sosie.screening.outputs.syslog import MAX_OCTETS, to_message
from sosie.screening.record_line import from_line, to_line
from sosie.screening.snapshot import Snapshot
from support.house import ROOT
from support.judgement import read_knowledge
from support.records import ACCOUNT

LETTERS = ROOT / "tests" / "letters"
WRITTEN = Written("0" * 21, "2026-07-01T05:20:00.000000Z", "tag")


_knowledge = functools.cache(read_knowledge)


def _record(raw: bytes, folder, arrival):
    message = Message.from_bytes(raw)
    knowledge = _knowledge(folder)
    verdict = screen_message(message, Snapshot(1, knowledge), arrival.envelope)
    results = message.trusted_results(knowledge.trusted_authserv_ids)
    return record_of(message, verdict, arrival, results, WRITTEN, raw[:1000])


def test_records_of_all_letters():
    """Every letter of every technique."""
    flagged = 0
    files = [file for registry in LETTERS.glob("*/registry.json") for file in registry.parent.glob("*.eml")]
    for file in files:
        one = _record(file.read_bytes(), file.parent, Arrival("milter"))
        account_id, read = from_line(to_line((ACCOUNT, one)))
        assert (account_id, read) == (ACCOUNT, one), file
        flagged += one.verdict.flagged
    assert flagged > 50


@given(st.binary(max_size=300), st.text(max_size=50))
def test_records_of_anything(junk, text):
    """Whatever somebody writes, a line is one line, and an alert of it is one line too."""
    arrival = Arrival("milter", Envelope(text, (text,), text, text), text, text)
    one = _record(b"From: Jane Roe <" + junk + b">\r\nSubject: " + junk + b"\r\n\r\n", LETTERS / "author_name", arrival)
    line = to_line((ACCOUNT, one))
    assert line.count(b"\n") == 1
    _, read = from_line(line)
    assert read.raw == one.raw
    assert to_line((ACCOUNT, read)) == line
    assert to_document(read).keys() == to_document(one).keys()
    octets = to_message(Alert(ACCOUNT, one), "mx.example.com")
    assert len(octets) <= MAX_OCTETS
    assert octets.decode().isprintable() or "\ufeff" in octets.decode()
    assert b"\n" not in octets
