"""Many literals and patterns at once give the answer that each gives alone."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sosie.registry import pattern_set
from sosie.registry.java_pattern import compile_pattern
from sosie.registry.pattern_set import PatternSet

PATTERNS = (
    r"jane@example\.com", r".*@example\.com", r"(?:[a-z]+\.)*example\.net", r"J\w{2,4}", r".*", r"a|b|ab",
    r"[^@]+@(?:[a-z0-9-]+\.)*ex.mple\.com", r"é+", r"(?i)STRASSE", r"\Qa.b\E", r"a.{3,9}b", r"^x$",
)  # fmt: skip
COMPILED = tuple(map(compile_pattern, PATTERNS))
TEXTS = st.one_of(
    st.text(max_size=20),
    st.sampled_from(("jane@example.com", "JANE@EXAMPLE.COM", "a.example.net", "straße", "ab", "É", "a.b", "", "\n")),
    st.text(alphabet="janexmpl@.b", max_size=20),
)


@given(TEXTS, st.sets(st.integers(0, len(PATTERNS) - 1)))
def test_together_is_as_one_by_one(text, chosen):
    """Whole text, without case, no line breaks, any text."""
    together = PatternSet([], [(COMPILED[place], place) for place in sorted(chosen)])
    assert together.find(text, text) == [place for place in sorted(chosen) if COMPILED[place].matches(text)]


def test_literals_are_found_in_their_compared_form():
    """All values of one literal; before the patterns."""
    kept = PatternSet([("a@example.com", 1), ("a@example.com", 2), ("b@example.com", 3)], [(COMPILED[1], 4)])
    assert kept.find("A@Example.com", "a@example.com") == [1, 2, 4]
    assert kept.find("c@example.net", "c@example.net") == []
    assert kept
    assert not PatternSet([], [])


def test_a_set_that_does_not_fit_is_divided(monkeypatch):
    """With a 64th of the memory there are several, and they give the same answers."""
    sources = [rf".*{chr(97 + n % 16)}.{{{n % 9}}}example{n}" for n in range(200)]
    compiled = [(compile_pattern(source), n) for n, source in enumerate(sources)]
    whole = PatternSet([], compiled)
    monkeypatch.setattr(pattern_set, "MAX_MEMORY", pattern_set.MAX_MEMORY // 64)
    divided = PatternSet([], compiled)
    assert len(whole._sets) == 1 < len(divided._sets)
    for text in ("xaexample0", "k123example170", "nothing", "oo" * 100 + "example14"):
        assert whole.find(text, text) == divided.find(text, text)


@pytest.mark.parametrize("text", ["a" * 320, "a" * 321])
def test_a_text_that_is_longer_than_any_address_matches_no_pattern(text):
    """It is not looked at."""
    assert PatternSet([], [(COMPILED[4], "all")]).find(text, text) == (["all"] if len(text) == 320 else [])


def test_a_literal_costs_the_same_among_ten_thousand():
    """At most three times what it costs among ten."""
    sets = [PatternSet([(f"p{n}.example", n) for n in range(size)], []) for size in (10, 10_000)]

    def best(kept: PatternSet[int]) -> float:
        times = []
        for _ in range(20):
            started = time.perf_counter()
            for _ in range(500):
                kept.find("nobody.example", "nobody.example")
            times.append(time.perf_counter() - started)
        return min(times)

    small, large = map(best, sets)
    assert large < 3 * small
