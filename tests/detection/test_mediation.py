"""A mailing list explains a rewritten From and a broken signature, if what it says of itself agrees; and no more."""

from __future__ import annotations

import pytest

from sosie.detection.case import Case
from sosie.detection.history import Acquaintance, History
from sosie.detection.mediation import mediation_of
from sosie.detection.verdict import NONE, SPOOF, SUSPICIOUS
from sosie.mail.message import Message
from support.judgement import FAILED, HOST, judged, knowledge_of, people

JANE = knowledge_of(people(("Jane Roe", "jane.roe@example.com")))
KNOWN = knowledge_of(
    people(("Jane Roe", "jane.roe@example.com")),
    history=History((Acquaintance("Sam Lee", "sam.lee@lists.example.org", 3, 3),)),
)
LIST = "List-Id: Lab <lab.lists.example.org>\nList-Post: <mailto:lab@lists.example.org>"
BOUNCES = "Return-Path: <lab-bounces@lists.example.org>"
VIA = 'From: "Jane Roe via Lab" <lab@lists.example.org>'
ANSWERS = "Reply-To: Jane Roe <jane.roe@example.com>"
SPF = f"Authentication-Results: {HOST}; spf=pass smtp.mailfrom=lab-bounces@lists.example.org"
STRANGE = f"Authentication-Results: {HOST}; spf=pass smtp.mailfrom=x@bulk.example; dkim=pass header.d=bulk.example"


def case_of(*fields: str) -> Case:
    return Case(Message.from_bytes("\r\n".join((*fields, "", "")).encode()), JANE)


def mediation(*fields: str):
    return case_of(*fields).mediation


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
        [VIA.replace("lists.example.org", "gmail.com"), LIST.replace("lists.example.org", "gmail.com")],  # free mail
        [VIA + ", <x81@mail.example>", LIST, BOUNCES],  # several authors
        [LIST, BOUNCES],  # none
    ],
)
def test_a_list_that_cannot_be(fields):
    """Then it explains nothing."""
    assert mediation(*fields) is None


def test_a_list_that_trusted_results_do_not_know():
    """It is seen, and not believed: it explains nothing, but for an author who gets the answers at his own address."""
    case = case_of(VIA, LIST, BOUNCES, STRANGE, ANSWERS)
    assert not mediation_of(case.message, case.results).believed
    assert case.mediation is None
    fields = f"{VIA}\n{LIST}\n{BOUNCES}\n{STRANGE}\n"
    assert not judged(fields + ANSWERS, JANE).flagged
    assert judged(fields + "Reply-To: Jane Roe <x81@mail.example>", JANE).flagged


def test_the_original_author_is_whom_the_list_names():
    """By the only Reply-To, without one by X-Original-From; only with the name that From shows; else nobody."""
    original_from = "X-Original-From: Jane Roe <jr@example.com>"
    found = mediation(VIA, LIST, BOUNCES, original_from, ANSWERS)
    assert (found.original.address_text, found.answered) == ("jane.roe@example.com", True)
    found = mediation(VIA, LIST, BOUNCES, original_from)
    assert (found.original.address_text, found.answered) == ("jr@example.com", False)
    assert mediation(VIA, LIST, BOUNCES, original_from, f"{ANSWERS}, <x81@mail.example>").original is None
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


DENIED = FAILED.format("example.com").partition(";")[2].split(";")[0]
BORROWED = "From: Jane Roe <jane.roe@example.com>"


@pytest.mark.parametrize(
    ("fields", "wanted"), [((LIST, BOUNCES, SPF), SUSPICIOUS), ((LIST, STRANGE), SPOOF), ((SPF,), SPOOF)]
)
def test_a_list_lowers_failed_dmarc(fields, wanted):
    """An honest one; neither a forged List-Id nor a list's host without a list does. What lowered it is told."""
    results = [one if "Results" not in one else f"{one};{DENIED}" for one in fields]
    verdict = judged("\n".join((BORROWED, *results)), JANE)
    assert verdict.disposition == wanted
    assert bool(verdict.exemptions) == (wanted == SUSPICIOUS)


def test_a_list_that_is_known_explains_failed_dmarc():
    """One at whose domain somebody has written before; not where answers go to a stranger at a free mail host."""
    fields = f"{BORROWED}\n{LIST}\n{BOUNCES}\n{SPF};{DENIED}\n"
    assert judged(fields, KNOWN).disposition == NONE
    assert judged(f"{fields}Reply-To: <desk.ops.7742@gmail.com>", KNOWN).disposition == SPOOF


def test_a_list_of_the_trusted_host_explains_failed_dmarc():
    """It looked at the mail before its list sent it on; its own envelope afterwards would be another matter."""
    own = "List-Id: <lab.example.com>\nList-Post: <mailto:lab@example.com>\nReturn-Path: <lab-bounces@example.com>"
    saw = f"Authentication-Results: {HOST}; spf=pass smtp.mailfrom={{}};{DENIED}"
    assert judged(f"{BORROWED}\n{own}\n{saw.format('x@bulk.example')}", JANE).disposition == NONE
    assert judged(f"{BORROWED}\n{own}\n{saw.format('lab-bounces@example.com')}", JANE).disposition != NONE


def test_a_list_where_the_author_gets_no_answers_must_be_known():
    """Whoever writes X-Original-From himself would gain by it."""
    fields = f"{VIA}\n{LIST}\n{BOUNCES}\n{SPF}\nX-Original-From: Jane Roe <jane.roe@example.com>"
    assert judged(fields, JANE).flagged
    assert not judged(fields, KNOWN).flagged
