"""Signs add up to a score as the page says: each leaves something open, and what speaks against lowers the whole."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sosie.detection.signs import AGAINST, GRAVE, LEAST_OF_GRAVE, WEIGHTS, Sign, score_of, sign
from sosie.detection.verdict import MALICIOUS_BEC, NONE, SUSPICIOUS, THRESHOLDS, disposition_of

SIGNS = st.sampled_from([sign(name) for name in (*WEIGHTS, *AGAINST)])
SEVERAL = st.lists(SIGNS, max_size=8)


def test_one_sign_is_its_weight():
    """A sign alone scores what the table says."""
    for name, weight in WEIGHTS.items():
        assert score_of([sign(name)]) == round(weight, 2)


def test_no_sign_is_no_score():
    """And what speaks against nothing is nothing."""
    assert score_of([]) == 0.0
    assert score_of([sign(name) for name in AGAINST]) == 0.0


def test_two_signs_leave_open_what_both_leave_open():
    """Of one half and one half, three quarters."""
    assert score_of([Sign("one", 0.5), Sign("two", 0.5)]) == 0.75
    assert score_of([Sign("one", 0.5), Sign("two", 0.5), Sign("not", 0.4, against=True)]) == 0.3


@given(SEVERAL)
def test_a_score_is_a_chance_whatever_the_order(signs):
    """From 0 to 1, and the same for the same signs."""
    score = score_of(signs)
    assert 0.0 <= score <= 1.0
    assert score_of(reversed(signs)) == pytest.approx(score, abs=0.011)


def test_what_nearly_proves_fraud_is_lowered_by_one_disposition_at_most():
    """From 0.85 on, the score stays SUSPICIOUS however much speaks against it; below, all can be explained."""
    everything = [sign(name) for name in AGAINST]
    assert score_of([Sign("grave", GRAVE), *everything]) == LEAST_OF_GRAVE
    assert disposition_of(LEAST_OF_GRAVE, THRESHOLDS) == SUSPICIOUS
    assert disposition_of(GRAVE, THRESHOLDS) == MALICIOUS_BEC
    assert disposition_of(score_of([Sign("less", GRAVE - 0.01), *everything]), THRESHOLDS) == NONE


@given(SEVERAL, SIGNS)
def test_one_more_sign_moves_the_score_its_own_way(signs, more):
    """What speaks for fraud never lowers it; what speaks against it never raises it."""
    before, after = score_of(signs), score_of([*signs, more])
    assert after <= before if more.against else after >= before


def test_weights_are_chances_that_prove_nothing_alone():
    """Above 0 and below 1: no sign is proof, none is worthless, and no name stands in both tables."""
    assert all(0 < weight < 1 for weight in (*WEIGHTS.values(), *AGAINST.values()))
    assert WEIGHTS.keys().isdisjoint(AGAINST)


def test_a_sign_knows_which_side_it_is_on():
    """By the table that it stands in; a name of neither is a mistake of ours."""
    assert not sign("exact").against
    assert sign("known pair").against
    with pytest.raises(KeyError):
        sign("a hunch")


def test_a_sign_reads_as_words():
    """Its name, and what was seen."""
    assert str(sign("free mail", "gmail.com")) == "free mail (gmail.com)"
    assert str(sign("exact")) == "exact"
