"""Mail is verified before it is judged where that can change the verdict, and nowhere else."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from sosie.detection.arrival import Arrival
from sosie.detection.exemptions import Envelope
from sosie.observe.observations import MessageVerified
from sosie.registry.entry import EntryFields
from sosie.screening.gate import ALL, Gate
from sosie.screening.standalone import snapshot_of
from support.verifying import EVIL_IP, IP, LETTER, header_of, signed, world

__all__ = ["world"]

JANE = EntryFields("Jane Roe", "jane.roe@example.com", is_email_regex=False)
SNAPSHOT = snapshot_of([JANE], (), ["mx.example.com"])

OWN = Envelope("jane.roe@example.com", ("john.doe@example.net",), IP)
FORGED = Envelope("bounce@evil.example", ("john.doe@example.net",), EVIL_IP)
STRANGER = LETTER.replace("Jane Roe <jane.roe@example.com>", "Ann Poe <ann@evil.example>")
CLAIMED = LETTER.replace("<jane.roe@example.com>", "<jane.roe@evil.example>")


class Doors:
    """A gate that can verify, and what it kept."""

    def __init__(self, world, snapshot=SNAPSHOT):
        from sosie.screening.verifying.gate import VerifyingGate
        from sosie.screening.verifying.verifier import Verifier

        self.observed, self.kept, self.learnt = [], [], []
        gate = Gate(
            lambda _: snapshot,
            self.observed.append,
            kept=ALL,
            keep=lambda _, record: self.kept.append(record),
            learn=lambda _, seen: self.learnt.extend(seen),
        )
        self.verifier = Verifier(world.resolver, tell=pytest.fail)
        self.verifying = VerifyingGate(gate, self.verifier)

    def admit(self, raw, envelope, **how):
        octets = raw if isinstance(raw, bytes) else raw.encode()
        arrival = Arrival("milter", envelope, "mx.example.com", outbound=how.pop("outbound", False))
        try:
            return asyncio.run(self.verifying.admit("a", octets, arrival, **how))
        finally:
            self.verifier.close()


def test_a_forged_address_is_found_without_anybodys_results(world):
    """Nobody has looked before: so it is looked at here, and judged once."""
    doors = Doors(world)
    verdict = doors.admit(LETTER, FORGED).verdict
    assert verdict.disposition == "SPOOF"
    assert [finding.name for finding in verdict.findings] == ["exact_spoof"]
    (verified,) = [one for one in doors.observed if isinstance(one, MessageVerified)]
    assert verified.dmarc == "fail"
    assert 0 < verified.seconds < 6
    assert "dmarc=fail spf=pass dkim=none" in verdict.findings[0].detail
    assert len(doors.observed) == 2


@pytest.mark.parametrize(("raw", "envelope"), [(LETTER, OWN), (signed(), FORGED)], ids=["spf", "dkim"])
def test_the_persons_own_mail_is_left_alone(world, raw, envelope):
    """Where SPF or DKIM vouches for it."""
    doors = Doors(world)
    assert doors.admit(raw, envelope).verdict.disposition == "NONE"
    assert (doors.kept[0].dmarc, doors.kept[0].spf) == ("pass", "pass")


def test_without_a_verifier_nothing_is_known(world):
    """The gate alone: a forged address cannot be told from the person's own."""
    doors = Doors(world)
    without = replace(doors.verifying, verifier=None)
    screened = asyncio.run(without.admit("a", LETTER.encode(), Arrival("milter", FORGED)))
    assert screened == replace(doors.verifying, verifier=None).gate.admit(
        "a", LETTER.encode(), Arrival("milter", FORGED)
    )._replace(record_id=screened.record_id)
    assert screened.verdict.disposition == "NONE"
    assert not world.dns.asked


@pytest.mark.parametrize(
    ("raw", "how"),
    [
        (STRANGER, {}),
        ("Authentication-Results: mx.example.com; dmarc=pass header.from=example.com\r\n" + LETTER, {}),
        ("Authentication-Results: mx.example.com; none\r\n" + LETTER, {}),
        (LETTER, {"outbound": True}),
        ("", {}),
    ],
    ids=["a stranger's", "verified by a trusted host", "looked at by a trusted host", "ours", "no message"],
)
def test_where_it_cannot_matter_nobody_is_asked(world, raw, how):
    """Ordinary mail costs no question."""
    Doors(world).admit(raw, FORGED, **how)
    assert not world.dns.asked


@pytest.mark.parametrize(
    "raw",
    [
        LETTER,
        CLAIMED,
        "Authentication-Results: evil.example; dmarc=pass header.from=example.com\r\n" + LETTER,
        LETTER.replace("jane.roe@example.com", "jane.roe@examp1e.com"),
    ],
    ids=["a protected address", "a protected name", "results of nobody we trust", "a domain like it"],
)
def test_where_it_can_matter_somebody_is(world, raw):
    """A protected address, or anything found, without results of a trusted host."""
    Doors(world).admit(raw, FORGED)
    assert world.dns.asked


def test_a_trusted_hosts_results_come_before_ours(world):
    """Even where ours would be worse: it saw who brought the message."""
    trusted = "Authentication-Results: mx.example.com; dmarc=pass header.from=example.com\r\n"
    doors = Doors(world)
    assert doors.admit(trusted + LETTER, FORGED).verdict.disposition == "NONE"
    assert doors.kept[0].dmarc == "pass"


def test_only_the_header(world):
    """Without its body a signature is not called wrong: that it might be is a remark."""
    signed_one = Doors(world).admit(header_of(signed()), FORGED, hashes={}).verdict
    assert signed_one.disposition == "NONE"
    assert ["not enough to verify by" in finding.detail for finding in signed_one.findings] == [True]
    forged = Doors(world).admit(header_of(LETTER.encode()), FORGED, hashes={})
    assert forged.verdict.disposition == "SPOOF"


PADDED = signed() + b"x" * 1000
BELOW = LETTER.replace("jane.roe@example.com", "payroll@hr.example.com")


def the_dns_is_away(world):
    for name in ("_dmarc.example.com", "_dmarc.hr.example.com", "_dmarc.com", "example.com", "evil.example"):
        world.dns.zone[name] = "servfail"


@pytest.mark.parametrize(
    ("raw", "name"),
    [(LETTER, "exact_spoof"), (LETTER.replace("jane.roe", "office"), "exact_spoof"), (BELOW, "subdomain")],
    ids=["a protected address", "a protected domain", "below it"],
)
def test_what_could_not_be_verified_is_said(world, raw, name):
    """The DNS is away: the letter is suspicious, and not let in as if all were well."""
    the_dns_is_away(world)
    verdict = Doors(world).admit(raw, FORGED).verdict
    assert verdict.disposition == "SUSPICIOUS"
    (finding,) = [one for one in verdict.findings if one.name == name]
    assert (finding.detection, finding.score) == ("SUSPICIOUS", 0.5)
    assert "could not be verified" in finding.reason


def test_a_body_too_long_to_be_verified_is_said(world):
    """Whoever pads an old letter that was truly signed gains nothing by it."""
    assert Doors(world).admit(PADDED, FORGED, hashes={}).verdict.disposition == "SUSPICIOUS"
    assert Doors(world).admit(PADDED, OWN, hashes={}).verdict.findings == ()  # SPF vouches for it


def test_no_place_is_said(world, monkeypatch):
    """Where too many wait already."""
    from sosie.screening.verifying import verifier

    monkeypatch.setattr(verifier, "MAX_WAITING", 0)
    assert Doors(world).admit(LETTER, FORGED).verdict.disposition == "SUSPICIOUS"


def test_a_trusted_hosts_error_stays_its_own(world):
    """What is done where it could not tell is set there."""
    trusted = "Authentication-Results: mx.example.com; dmarc=temperror header.from=example.com\r\n"
    assert Doors(world).admit(trusted + LETTER, FORGED).verdict.findings == ()


def test_there_is_no_snapshot(world):
    """Then the gate decides as ever, and nobody is asked."""
    doors = Doors(world, None)
    assert doors.admit(LETTER, FORGED).fault
    assert not world.dns.asked


@pytest.mark.parametrize(("raw", "authenticated"), [(signed(), 1), (LETTER, 0)], ids=["signed", "forged"])
def test_what_was_verified_here_is_learnt(world, raw, authenticated):
    """History counts mail as authenticated that was verified here, as if a trusted host had done it."""
    doors = Doors(world)
    doors.admit(raw, FORGED)
    (learnt,) = doors.learnt
    assert (learnt.address, learnt.authenticated) == ("jane.roe@example.com", authenticated)
