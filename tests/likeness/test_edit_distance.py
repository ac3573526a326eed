"""Edit distance: as defined, and cut off where nobody asks any more."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sosie.likeness.edit_distance import deletions, edit_distance

words = st.text("abc", max_size=7) | st.text("abcdef", max_size=6)


def _as_defined(one: str, other: str) -> int:
    """The recursion of the definition, without any short cut."""

    @cache
    def distance(i: int, j: int) -> int:
        if not i or not j:
            return i + j
        ways = [distance(i - 1, j) + 1, distance(i, j - 1) + 1]
        ways.append(distance(i - 1, j - 1) + (one[i - 1] != other[j - 1]))
        if i > 1 and j > 1 and one[i - 1] == other[j - 2] and one[i - 2] == other[j - 1]:
            ways.append(distance(i - 2, j - 2) + 1)
        return min(ways)

    return distance(len(one), len(other))


@given(words, words, st.integers(0, 4))
def test_it_is_the_distance_of_the_definition_up_to_the_limit(one, other, limit):
    """Optimal string alignment; beyond the limit the answer is the limit and one."""
    assert edit_distance(one, other, limit) == min(_as_defined(one, other), limit + 1)


@pytest.mark.parametrize(
    ("one", "other", "distance"),
    [("example", "example", 0), ("example", "exmaple", 1), ("example", "examples", 1), ("ca", "abc", 3), ("", "ab", 2)],
)
def test_known_distances(one, other, distance):
    """An exchange of neighbours is one edit, and what was exchanged is not edited again (`ca` to `abc`)."""
    assert edit_distance(one, other, 5) == distance


@given(words, words)
def test_words_one_edit_apart_share_a_deletion(one, other):
    """What the look-up of edits is built on."""
    if edit_distance(one, other, 1) <= 1:
        assert set(deletions(one)) & set(deletions(other))


@given(words, words)
def test_words_that_share_a_deletion_are_near(one, other):
    """Candidates are few: no word more than two edits away is one."""
    if set(deletions(one)) & set(deletions(other)):
        assert edit_distance(one, other, 2) <= 2
