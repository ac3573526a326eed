"""What an administrator exempts does not count, and is told: what was found, and which rule let it pass."""

from __future__ import annotations

import pytest

from sosie.detection.exemptions import Envelope
from sosie.detection.verdict import NONE, SPOOF, SUSPICIOUS
from support.judgement import FAILED, PASSED, exemptions, judged, knowledge_of, people, policy, trusted_domain

PEOPLE = people(("Jane Roe", "jane.roe@larkmoor.example"))
NAMED = "From: Jane Roe <x81@mail.example>"
BORROWED = f"From: Jane Roe <jane.roe@larkmoor.example>\n{FAILED.format('larkmoor.example')}"
COUSIN = "From: Accounts <ap@larkmooor.example>"


def verdict_with(header: str, *policies, trusted=(), envelope=None):
    return judged(header, knowledge_of(PEOPLE, exemptions=exemptions(policies, trusted)), envelope)


@pytest.mark.parametrize(
    ("pattern", "kind"), [("x81@mail.example", "EMAIL"), ("mail.example", "DOMAIN"), (r".*@mail\.example", "EMAIL")]
)
def test_a_trusted_sender_is_exempt_from_everything(pattern, kind):
    """The findings stay as remarks, with their scores; the disposition is NONE, and the exemption says by what."""
    trusted = policy(pattern, pattern_type=kind, is_regex=pattern.startswith("."), is_trusted_sender=True)
    verdict = verdict_with(NAMED, trusted)
    assert (verdict.disposition, verdict.alert) == (NONE, False)
    assert [(one.name, one.detection) for one in verdict.findings] == [("author_name", NONE)]
    assert verdict.findings[0].score == verdict_with(NAMED).score
    assert [one.name for one in verdict.exemptions] == ["trusted sender"]
    assert pattern in verdict.exemptions[0].reason


def test_an_acceptable_sender_is_exempt_from_spoof_alone():
    """A name that is not his own stays suspicious."""
    assert verdict_with(BORROWED).disposition == SPOOF
    verdict = verdict_with(BORROWED, policy("jane.roe@larkmoor.example", is_acceptable_sender=True))
    assert (verdict.disposition, verdict.exemptions[0].name) == (NONE, "acceptable sender")
    named = verdict_with(NAMED, policy("x81@mail.example", is_acceptable_sender=True))
    assert (named.disposition, named.exemptions) == (SUSPICIOUS, ())


def test_verify_sender_is_honoured():
    """The policy counts where trusted results vouch for the sender's domain, and nowhere else."""
    strict = policy("x81@mail.example", is_trusted_sender=True, verify_sender=True)
    assert verdict_with(NAMED, strict).flagged
    assert verdict_with(f"{NAMED}\n{FAILED.format('mail.example')}", strict).flagged
    assert verdict_with(f"{NAMED}\n{PASSED.format('bulk.example')}", strict).flagged
    assert not verdict_with(f"{NAMED}\n{PASSED.format('mail.example')}", strict).flagged


def test_a_policy_for_others_changes_nothing():
    """Another address, and a domain that is only above the sender's."""
    for other in (
        policy("x82@mail.example", is_trusted_sender=True),
        policy("example", pattern_type="DOMAIN", is_trusted_sender=True),
    ):
        assert verdict_with(NAMED, other) == verdict_with(NAMED)


def test_a_trusted_address_beside_a_strangers_is_worth_nothing():
    """All authors must be trusted."""
    two = "From: Desk <desk@mail.example>, Jane Roe <x81@mail.example>"
    assert verdict_with(two, policy("desk@mail.example", is_trusted_sender=True)).flagged


def test_the_envelope_can_meet_a_policy():
    """The return path and the address that the message came from; the Return-Path field where no door knows one."""
    bulk = policy("bounce@bulk.example", is_trusted_sender=True)
    assert not verdict_with(NAMED, bulk, envelope=Envelope(return_path="bounce@bulk.example")).flagged
    assert not verdict_with(f"Return-Path: <bounce@bulk.example>\n{NAMED}", bulk).flagged
    address = policy("8.8.8.8", pattern_type="IP", is_trusted_sender=True)
    assert not verdict_with(NAMED, address, envelope=Envelope(ip="8.8.8.8")).flagged
    assert verdict_with(NAMED, address, envelope=Envelope(ip="8.8.4.4")).flagged


def test_exempt_recipients_must_be_all_of_them():
    """A message to an exempt mailbox and another one is judged."""
    abuse = policy("abuse@larkmoor.example", is_exempt_recipient=True)
    alone = verdict_with(NAMED, abuse, envelope=Envelope(recipients=("abuse@larkmoor.example",)))
    assert (alone.disposition, [one.name for one in alone.exemptions]) == (NONE, ["exempt recipient"])
    both = Envelope(recipients=("abuse@larkmoor.example", "desk@larkmoor.example"))
    assert verdict_with(NAMED, abuse, envelope=both).flagged
    assert verdict_with(NAMED, abuse).flagged


def test_a_trusted_domain_may_look_like_ours():
    """And may do nothing else: who bears a protected name there is found as anywhere."""
    partner = [trusted_domain("larkmooor.example")]
    assert verdict_with(COUSIN).flagged
    verdict = verdict_with(COUSIN, trusted=partner)
    assert (verdict.disposition, verdict.exemptions[0].name) == (NONE, "trusted domain")
    assert verdict_with("From: Jane Roe <ap@larkmooor.example>", trusted=partner).flagged
    assert verdict_with("From: Accounts <ap@larkrnoor.example>", trusted=partner).flagged


def test_an_exemption_of_nothing_is_not_told():
    """Where nothing was found, no rule has let anything pass."""
    honest = "From: Jane Roe <jane.roe@larkmoor.example>"
    everybody = policy("larkmoor.example", pattern_type="DOMAIN", is_trusted_sender=True)
    assert verdict_with(honest, everybody).exemptions == ()
