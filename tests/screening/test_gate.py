"""The gate: what a door does with a message, and what becomes of one that cannot be judged."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sosie.detection.actions import ACCEPT, REJECT, TAG, TEMPFAIL, ActionRule
from sosie.detection.arrival import Arrival
from sosie.detection.exemptions import Envelope
from sosie.observe.observations import MessageScreened, MessageUnscreened, RecordsLost
from sosie.registry.entry import EntryFields
from sosie.screening.gate import ALL, FLAGGED, NOTHING, Gate
from sosie.screening.snapshot import Snapshot
from sosie.screening.standalone import snapshot_of

ACCOUNT = "a" * 32
FORGED = b"From: Jane Roe <jr@gmail.com>\r\nTo: Ann <ann@example.com>\r\nMessage-ID: <1@x.example>\r\n\r\nHello\r\n"
HONEST = b"From: Bob <bob@builder.example>\r\nTo: Ann <ann@example.com>\r\n\r\n"
HERE = Arrival("milter", Envelope("jr@gmail.com", ("ann@example.com",), "192.0.2.1"), queue_id="4Njp3P")


class Door:
    """A gate and what came out of it."""

    def __init__(self, *rules: ActionRule, snapshot: Snapshot | None = None, there: bool = True, **settings):
        people = snapshot or snapshot_of([EntryFields("Jane Roe", "jane@example.com", False)], (), ["mx.example.com"])
        self.snapshot = replace(people, rules=people.rules._replace(actions=rules))
        self.seen, self.kept, self.learnt = [], [], []
        self.gate = Gate(
            lambda _: self.snapshot if there else None,
            self.seen.append,
            keep=lambda _, record: self.kept.append(record),
            learn=lambda _, seen: self.learnt.extend(seen),
            **settings,
        )

    def admit(self, raw: bytes, arrival: Arrival = HERE, **how):
        return self.gate.admit(ACCOUNT, raw, arrival, **how)


def test_what_is_flagged_is_done_with_as_the_rules_say():
    """Tagged unless a rule says otherwise; the gravest that a recipient's domain asks for."""
    assert Door().admit(FORGED).action == TAG
    assert Door().admit(HONEST).action == ACCEPT
    everywhere, there = ActionRule("", "SUSPICIOUS", REJECT), ActionRule("example.com", "MALICIOUS-BEC", REJECT)
    disposition = Door().admit(FORGED).verdict.disposition
    assert Door(everywhere._replace(disposition=disposition)).admit(FORGED).action == REJECT
    rule = there._replace(disposition=disposition)
    assert Door(rule).admit(FORGED).action == REJECT
    elsewhere = HERE._replace(envelope=Envelope(recipients=("ann@other.example",)))
    assert Door(rule).admit(FORGED, elsewhere).action == TAG


@pytest.mark.parametrize("closed", [False, True])
def test_mail_that_cannot_be_judged_goes_the_way_that_is_set(closed):
    """Without a snapshot, without a header, or through a mistake of ours: let in, or put off. It is observed."""
    expected = TEMPFAIL if closed else ACCEPT
    for door, raw in (
        (Door(there=False, fail_closed=closed), FORGED),
        (Door(fail_closed=closed), b"no header at all"),
        (Door(fail_closed=closed, authenticators=5), FORGED),
    ):
        screened = door.admit(raw, HERE._replace(mta_name="mx"))
        assert (screened.action, screened.verdict) == (expected, None)
        assert [type(one) for one in door.seen] == [MessageUnscreened]
        assert door.kept == []


def test_what_was_found_holds_where_it_cannot_be_recorded():
    """A mistake in keeping or learning is observed, and lets nothing in."""

    def fail(*_):
        raise RuntimeError("no room")

    for fault in ("keep", "learn"):
        door = Door()
        screened = replace(door.gate, **{fault: fail}).admit(ACCOUNT, FORGED, HERE)
        assert (screened.action, screened.verdict.flagged, screened.record_id) == (TAG, True, "")
        assert [type(one) for one in door.seen] == [RecordsLost, MessageScreened]


def test_what_is_kept_is_set():
    """Flagged mail, all mail, or none; with as much of it as is wanted, and never where a door only asks."""
    for kept, expected in ((FLAGGED, [FORGED]), (ALL, [FORGED, HONEST]), (NOTHING, [])):
        door = Door(kept=kept, raw_kept=1000)
        ids = [door.admit(raw).record_id for raw in (FORGED, HONEST)]
        assert [record.raw for record in door.kept] == expected
        assert [record.id for record in door.kept] == [one for one in ids if one]
        assert [type(one) for one in door.seen] == [MessageScreened] * 2
    door = Door(kept=ALL)
    assert door.admit(FORGED, record=False).record_id == ""
    assert door.kept == door.learnt == []


def test_a_record_says_what_happened():
    """Who, to whom, how it came, what was found and what was done; no body."""
    door = Door()
    door.admit(FORGED)
    (record,) = door.kept
    assert record.author == ("Jane Roe", "jr@gmail.com")
    assert record.to == (("Ann", "ann@example.com"),)
    assert (record.action, record.arrival.queue_id, record.arrival.envelope.ip) == (TAG, "4Njp3P", "192.0.2.1")
    assert record.verdict.findings[0].name == "author_name"
    assert record.raw == b""
    assert ("Message-ID", "<1@x.example>") in record.header


def test_an_alert_is_raised_once_in_a_process():
    """The next message of the same person and address is flagged, and news to nobody."""
    door = Door()
    assert [door.admit(FORGED).verdict.alert for _ in range(2)] == [True, False]
    assert len(door.kept) == 2


def test_our_own_mail_is_learnt_from_and_not_judged():
    """To whom we write."""
    door = Door()
    screened = door.admit(FORGED, HERE._replace(outbound=True))
    assert (screened.action, screened.verdict, screened.fault) == (ACCEPT, None, "")
    assert [(one.name, one.address, one.sent) for one in door.learnt] == [("Ann", "ann@example.com", 1)]


def test_who_writes_is_learnt_where_results_are_believed():
    """Authenticated mail makes an acquaintance; what was flagged never counts as authenticated."""
    door = Door()
    proof = b"Authentication-Results: mx.example.com; dmarc=pass header.from=%b\r\n"
    door.admit(proof % b"builder.example" + HONEST)
    door.admit(proof % b"gmail.com" + FORGED)
    assert [(one.address, one.authenticated) for one in door.learnt] == [
        ("bob@builder.example", 1),
        ("jr@gmail.com", 0),
    ]
