"""A mailing list explains a rewritten From and a broken signature, if what it says of itself agrees; and no more."""

from __future__ import annotations

import pytest

from sosie.detection.case import Case
from sosie.detection.verdict import NONE, SPOOF
from sosie.mail.message import Message
from support.judgement import FAILED, HOST, judged, knowledge_of, people

JANE = knowledge_of(people(("Jane Roe", "jane.roe@example.com")))
LIST = "List-Id: Lab <lab.lists.example.org>\nList-Post: <mailto:lab@lists.example.org>"
BOUNCES = "Return-Path: <lab-bounces@lists.example.org>"
VIA = 'From: "Jane Roe via Lab" <lab@lists.example.org>'
ANSWERS = "Reply-To: Jane Roe <jane.roe@example.com>"
SPF = f"Authentication-Results: {HOST}; spf=pass smtp.mailfrom=lab-bounces@lists.example.org"
STRANGE = f"Authentication-Results: {HOST}; spf=pass smtp.mailfrom=x@bulk.example; dkim=pass header.d=bulk.example"


def mediation(*fields: str):
    return Case(Message.from_bytes("\r\n".join((*fields, "", "")).encode()), JANE).mediation


@pytest.mark.parametrize(
    "results", [[], [SPF], [f"Authentication-Results: {HOST}; dkim=pass header.d=lists.example.org"]]
)
def test_a_list_that_agrees_with_itself(results):
    """List-Id, its address and its envelope belong together, and trusted results, if there are any, know its host."""
    found = mediation(VIA, LIST, BOUNCES, ANSWERS, *results)
    assert (found.domain, found.rewrote) == ("lists.example.org", True)
    assert found.original.address_text == "jane.roe@example.com"


@pytest.mark.parametrize(
    "fields",
    [
        [VIA, BOUNCES],  # nothing says that it is a list
        [VIA, BOUNCES, "List-Unsubscribe: <mailto:x@lists.example.org>"],  # nor does what every newsletter has
        [VIA, BOUNCES, "List-Post: <mailto:lab@lists.example.org>"],  # no List-Id
        [VIA, LIST, "Return-Path: <x@bulk.example>"],  # another one's envelope
        [VIA, LIST, BOUNCES, STRANGE],  # trusted results know another host
        [VIA.replace("lists.example.org", "gmail.com"), LIST.replace("lists.example.org", "gmail.com")],  # free mail
        [VIA + ", <x81@mail.example>", LIST, BOUNCES],  # several authors
        [LIST, BOUNCES],  # none
    ],
)
def test_a_list_that_cannot_be(fields):
    """Then it explains nothing."""
    assert mediation(*fields) is None


def test_the_original_author_is_whom_the_list_names():
    """X-Original-From before Reply-To; only with the name that From shows; else nobody."""
    found = mediation(VIA, LIST, BOUNCES, "X-Original-From: Jane Roe <jr@example.com>", ANSWERS)
    assert found.original.address_text == "jr@example.com"
    assert mediation(VIA, LIST, BOUNCES, "Reply-To: Sam Lee <sam.lee@example.com>").original is None
    assert mediation(VIA, LIST, BOUNCES, "Reply-To: Lab <lab@lists.example.org>").original is None


def test_a_list_that_leaves_from_alone_has_not_rewritten():
    """It only relays."""
    found = mediation("From: Jane Roe <jane.roe@example.com>", LIST, BOUNCES)
    assert (found.rewrote, found.original) == (False, None)


def test_rewritten_mail_is_judged_by_its_author():
    """The right address behind the list finds nothing; a stranger's address behind it is found as it would be alone."""
    fields = f"{VIA}\n{LIST}\n{BOUNCES}\n{SPF}\n"
    assert judged(fields + ANSWERS, JANE).findings == ()
    verdict = judged(fields + "Reply-To: Jane Roe <desk.ops.7741@gmail.com>", JANE)
    assert verdict.flagged
    assert "desk.ops.7741@gmail.com" in verdict.findings[0].reason


def test_a_name_of_a_service_exempts_nobody():
    """`via` without a list is what anybody can write."""
    assert judged('From: "Jane Roe via Lab" <x81@mail.example>', JANE).flagged


@pytest.mark.parametrize(
    ("fields", "wanted"), [((LIST, BOUNCES, SPF), NONE), ((LIST, STRANGE), SPOOF), ((SPF,), SPOOF)]
)
def test_a_list_explains_failed_dmarc(fields, wanted):
    """An honest one; neither a forged List-Id nor a list's host without a list does. What explained it is told."""
    failed = FAILED.format("example.com").partition(";")[2].split(";")[0]
    results = [one if "Results" not in one else f"{one};{failed}" for one in fields]
    verdict = judged("\n".join(("From: Jane Roe <jane.roe@example.com>", *results)), JANE)
    assert verdict.disposition == wanted
