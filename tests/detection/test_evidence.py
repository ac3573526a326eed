"""What speaks for and against a false claim, where the envelope, the history or a signature says it."""

from __future__ import annotations

import pytest

from sosie.detection.exemptions import Envelope
from sosie.detection.history import Acquaintance, History
from sosie.detection.verdict import MALICIOUS_BEC, NONE, SPOOF, SUSPICIOUS
from support.judgement import FAILED, HOST, judged, knowledge_of, people

JANE = people(("Jane Roe", "jane.roe@example.com, jroe@example.net"))
STRANGER = "From: Jane Roe <x81@mail.example>"
HERSELF = "From: Jane Roe <jane.roe@example.com>"
DISGUISED = "From: J\u0430ne Roe <x81@mail.example>"
KNOWN = knowledge_of(
    JANE,
    history=History(
        (Acquaintance("Jane Roe", "x81@mail.example", 9, 9), Acquaintance("Jane Roe", "jane.roe@example.com", 5, 5))
    ),
)


def results(text: str) -> str:
    return f"Authentication-Results: {HOST}; {text}"


@pytest.mark.parametrize(
    ("recipients", "wanted"),
    [
        (("jroe@example.net",), NONE),
        (("jroe@example.net", "jane.roe@example.com"), NONE),
        (("jroe@example.net", "accounts@example.com"), SUSPICIOUS),
        (("accounts@example.com",), SUSPICIOUS),
        ((), SUSPICIOUS),
    ],
)
def test_mail_to_oneself(recipients, wanted):
    """Lowers where every recipient of the envelope is an address of the person's; To is what anybody can write."""
    verdict = judged(f"{STRANGER}\nTo: jroe@example.net", knowledge_of(JANE), Envelope(recipients=recipients))
    assert verdict.disposition == wanted


def test_a_disguise_is_not_explained_by_who_has_written_before():
    """The plain name from an address that has written as her is a remark; the disguised one stays suspicious."""
    assert judged(STRANGER, KNOWN).disposition == NONE
    assert judged(DISGUISED, knowledge_of(JANE)).disposition == MALICIOUS_BEC
    assert judged(DISGUISED, KNOWN).disposition == SUSPICIOUS


@pytest.mark.parametrize(
    ("second", "wanted"),
    [
        ("jane.roe@example.com, jroe@example.net", MALICIOUS_BEC),
        ("jane@roe.example, jane.roe@example.com", MALICIOUS_BEC),
        ("jane@roe.example", SUSPICIOUS),
    ],
)
def test_a_name_that_several_people_have_counts_less(second, wanted):
    """Two entries that share an address are one person's: a list that was imported twice protects as it did once."""
    forged = "From: Jane Roe <jane.roe.ceo@gmail.example>"
    twice = people(("Jane Roe", "jane.roe@example.com, jroe@example.net"), ("Jane Roe", second))
    assert judged(forged, knowledge_of(twice[:1])).disposition == MALICIOUS_BEC
    assert judged(forged, knowledge_of(twice)).disposition == wanted


def test_an_address_that_was_added_later_is_expected_once():
    """What the first entry says is in the second."""
    twice = people(("Jane Roe", "jane.roe@example.com"), ("Jane Roe", "jane@roe.example, jane.roe@example.com"))
    (finding,) = judged("From: Jane Roe <jane.roe.ceo@gmail.example>", knowledge_of(twice)).findings
    assert finding.detail.startswith("expected jane@roe.example, jane.roe@example.com. Seen")


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ("dmarc=pass header.from=example.com", NONE),
        ("dmarc=none header.from=example.com", SUSPICIOUS),
        ("spf=fail smtp.mailfrom=example.com", SUSPICIOUS),
        ("dmarc=fail header.from=example.com", SPOOF),
        ("dmarc=fail header.from=example.com; arc=pass", SUSPICIOUS),
    ],
)
def test_an_address_that_was_authenticated_before(said, wanted):
    """Is missed when it no longer is; a failure of DMARC is graver, one of SPF alone or behind trusted seals less."""
    assert judged(f"{HERSELF}\n{results(said)}", KNOWN).disposition == wanted


def test_an_address_that_never_was_authenticated_is_not_missed():
    """No result vouches for it, as ever; nor is it where no trusted host has looked."""
    assert judged(f"{HERSELF}\n{results('dmarc=none header.from=example.com')}", knowledge_of(JANE)).findings == ()
    assert judged(HERSELF, KNOWN).findings == ()


def test_a_failed_address_of_a_protected_domain_is_a_spoof_whoever_has_it():
    """The domain of an entry is protected with its address; a failure that nobody has reported is none."""
    payroll = "From: Payroll <payroll@example.com>"
    assert judged(f"{payroll}\n{FAILED.format('example.com')}", knowledge_of(JANE)).disposition == SPOOF
    assert judged(f"{payroll}\n{results('dmarc=none header.from=example.com')}", knowledge_of(JANE)).findings == ()


LISTED = f"""From: "Jane Roe via Lab" <lab@lists.example.org>
List-Id: Lab <lab.lists.example.org>
List-Post: <mailto:lab@lists.example.org>
Return-Path: <lab-bounces@lists.example.org>
{results("spf=pass smtp.mailfrom=lab-bounces@lists.example.org")}
Reply-To: Jane Roe <x82@mail.example>"""


@pytest.mark.parametrize(
    ("known", "flagged"),
    [
        ([], False),
        ([Acquaintance("Sam Lee", "sam.lee@mail.example", 3, 3)], True),
        ([Acquaintance("Sam Lee", "sam.lee@lists.example.org", 3, 3)], False),
    ],
)
def test_a_list_speaks_for_the_author_whom_it_names_if_it_is_known(known, flagged):
    """Where there is a history; without one every list is new, and one that agrees with itself is believed."""
    assert judged(LISTED, knowledge_of(JANE, history=History(known))).flagged == flagged


SERVICE = "From: Jane Roe via DocuSign <dse@docusign.net>"


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ("dkim=pass header.d=docusign.net", NONE),
        ("dkim=pass header.d=bulk.example", SUSPICIOUS),
        ("spf=pass smtp.mailfrom=docusign.net", SUSPICIOUS),
    ],
)
def test_a_notification_service_is_known_by_its_signature(said, wanted):
    """Not by its name, nor by its envelope."""
    assert judged(f"{SERVICE}\n{results(said)}", knowledge_of(JANE)).disposition == wanted
