"""Other forms of a name: those that a registry cannot have are left out, and no other ones."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sosie.detection.name_forms import as_shortened, is_slip, short_forms, windows

WORDS = ("robert", "bob", "kate", "katherine", "thistlernarch", "roe", "j", "de")
names = st.lists(st.sampled_from(WORDS), max_size=6).map(tuple)


class Everything:
    """Words of which all are known."""

    def __contains__(self, word: object) -> bool:
        return True


@given(names, st.sets(st.sampled_from((*WORDS, "rob", "bobby", "kathy", "katie"))))
def test_only_known_words_are_put_together(name, known):
    """What holds another word is left out, whatever stands beside it."""
    for forms in (short_forms, windows):
        wanted = {form for form in forms(name, Everything()) if known.issuperset(form)}
        assert set(forms(name, known)) == wanted


def test_what_may_stand_for_a_name():
    """Its words in other forms, two or more that are neighbours, and those that are long enough to stand alone."""
    assert ("robert", "roe") in short_forms(("bob", "roe"), Everything())
    assert {("robert", "de"), ("robert", "roe")} <= {*short_forms(("bob", "de", "roe"), Everything())}
    assert {*windows(("j", "kate", "thistlernarch"), Everything())} == {
        ("j", "kate"),
        ("kate", "thistlernarch"),
        ("thistlernarch",),
    }
    assert windows(("thistlernarch",), Everything()) == short_forms(("bob",), Everything()) == []


@pytest.mark.parametrize(
    ("written", "short"),
    [
        ("jane r", "jane r"), ("j roe", "j roe"), ("jane qr", "jane qr"), ("jane q r", "jane qr"), ("jq roe", "jq roe"),
        ("jroe", "jroe"), ("jane roe", "jane roe"), ("jane roed", ""), ("roe", ""), ("jane quin roed", ""),
    ],
)  # fmt: skip
def test_what_may_be_a_shortened_name(written, short):
    """A word beside some initials, in one word or in several, and a lone word that is long enough."""
    assert as_shortened(tuple(written.split())) == short


@pytest.mark.parametrize(
    ("one", "other", "slip"),
    [
        ("thistle", "thistel", True),
        ("thistle", "thistl", False),
        ("maria", "mario", False),
        ("thistle", "tistel", False),
    ],
)
def test_a_slip(one, other, slip):
    """One edit, but none by which a name ends otherwise."""
    assert is_slip(one, other) is is_slip(other, one) is slip
