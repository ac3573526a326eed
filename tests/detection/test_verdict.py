"""What all findings together mean: the worst disposition, the highest score, and what was exempt stays to be read."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sosie.detection.exemptions import Envelope
from sosie.detection.history import Acquaintance, History
from sosie.detection.verdict import (
    DISPOSITIONS,
    MALICIOUS_BEC,
    NONE,
    SPOOF,
    SPOOF_THRESHOLDS,
    SUSPICIOUS,
    THRESHOLDS,
    Finding,
    disposition_of,
    judge,
)
from support.judgement import FAILED, PASSED, exemptions, judged, knowledge_of, people, policy

JANE = people(("Jane Roe", "jane.roe@example.com"))
STRANGER = "From: Jane Roe <x81@mail.example>"


def finding(score: float, detection: str) -> Finding:
    return Finding("author_name", "From", "", "", "", "", score, detection)


FINDINGS = st.lists(
    st.builds(finding, st.floats(0, 1).map(lambda score: round(score, 2)), st.sampled_from(DISPOSITIONS)), max_size=5
)


@pytest.mark.parametrize("thresholds", [THRESHOLDS, SPOOF_THRESHOLDS])
def test_a_threshold_belongs_to_what_it_begins(thresholds):
    """A score of exactly the threshold has the disposition, a hundredth less the next one; falling to NONE at 0."""
    assert [least for least, _ in thresholds] == sorted((least for least, _ in thresholds), reverse=True)
    for (least, disposition), (_, lower) in pairwise(thresholds):
        assert disposition_of(least, thresholds) == disposition
        assert disposition_of(round(least - 0.01, 2), thresholds) == lower
    assert disposition_of(0.0, thresholds) == NONE


@given(FINDINGS)
def test_a_message_is_as_bad_as_its_worst_finding(findings):
    """One that is worse makes it worse, and none makes it better."""
    verdict = judge("<1@mail.example>", tuple(findings))
    worst = min((DISPOSITIONS.index(one.detection) for one in findings), default=DISPOSITIONS.index(NONE))
    assert verdict.disposition == DISPOSITIONS[worst]
    assert verdict.score == max((one.score for one in findings), default=0.0)
    assert verdict.flagged == (verdict.disposition != NONE)


def test_nothing_found_is_none():
    """An honest letter has no findings, no score, and raises no alert."""
    verdict = judged("From: Jane Roe <jane.roe@example.com>", knowledge_of(JANE))
    assert verdict == judge("<1@mail.example>", ())
    assert not verdict.alert


def test_techniques_add_up_only_as_the_worst():
    """Two findings that are each a remark do not make one that counts."""
    assert not judge("", (finding(0.4, NONE), finding(0.44, NONE))).flagged


def test_each_disposition_can_be_met():
    """By a letter: a disguise, a borrowed address, a bare name, and nothing."""
    jane = knowledge_of(JANE)
    assert judged("From: J\u0430ne Roe <x81@mail.example>", jane).disposition == MALICIOUS_BEC
    borrowed = f"From: Jane Roe <jane.roe@example.com>\n{FAILED.format('example.com')}"
    assert judged(borrowed, jane).disposition == SPOOF
    assert judged(STRANGER, jane).disposition == SUSPICIOUS
    assert judged("From: Sam Lee <x81@mail.example>", jane).disposition == NONE


def test_the_reason_is_a_sentence_and_the_detail_says_what_was_expected():
    """Whom it is about, which address it has, and which would have been right."""
    (found,) = judged(STRANGER, knowledge_of(JANE)).findings
    assert found.reason == "Protected Name Jane Roe should not appear as x81@mail.example"
    assert found.detail.startswith("expected jane.roe@example.com. Seen: exact")
    assert (found.field, found.value, found.portion) == ("From", "Jane Roe <x81@mail.example>", "Jane Roe")


def test_the_detail_names_the_characters_that_deceive():
    """By code point and name, so that a person can find them."""
    (found,) = judged("From: J\u0430ne Roe <x81@mail.example>", knowledge_of(JANE)).findings
    assert "U+0430 CYRILLIC SMALL LETTER A" in found.detail


def test_an_alert_is_raised_once_for_a_pair():
    """Of an entry and an address: the second message is flagged as the first was, and alerts nobody."""
    first = judged(STRANGER, knowledge_of(JANE))
    assert first.flagged
    assert first.alert
    again = judged(STRANGER, knowledge_of(JANE, history=History(alerted=[("1", "X81@mail.example")])))
    assert again == first._replace(alert=False)
    other = judged(
        "From: Jane Roe <x82@mail.example>", knowledge_of(JANE, history=History(alerted=[("1", "x81@mail.example")]))
    )
    assert other.alert


def test_what_does_not_count_raises_no_alert():
    """A remark is not flagged, and an exempt finding neither."""
    exempt = exemptions([policy("x81@mail.example", is_trusted_sender=True)])
    verdict = judged(STRANGER, knowledge_of(JANE, exemptions=exempt), Envelope())
    assert verdict.findings
    assert not verdict.flagged
    assert not verdict.alert


def test_history_lowers_and_never_exempts():
    """A known pair stays in the findings, with a lower score and the reason."""
    known = History([Acquaintance("Jane Roe", "jane@roe.example", 40, 40, sent=3)])
    knowledge = knowledge_of(JANE, history=known)
    verdict = judged(f"From: Jane Roe <jane@roe.example>\n{PASSED.format('roe.example')}", knowledge)
    assert [one.name for one in verdict.exemptions] == ["history"]
    assert 0 < verdict.score < judged(STRANGER, knowledge).score
    assert not verdict.flagged


def test_unauthenticated_mail_trains_nothing():
    """A thousand messages that nobody vouched for leave the score as it was."""
    forged = History([Acquaintance("Jane Roe", "x81@mail.example", 1000, 0)])
    assert judged(STRANGER, knowledge_of(JANE, history=forged)) == judged(STRANGER, knowledge_of(JANE))


def test_history_does_not_help_mail_that_fails():
    """Whoever borrows a known private address is not known."""
    known = History([Acquaintance("Jane Roe", "jane@roe.example", 40, 40)])
    mail = f"From: Jane Roe <jane@roe.example>\n{FAILED.format('roe.example')}"
    assert judged(mail, knowledge_of(JANE, history=known)) == judged(mail, knowledge_of(JANE))
