"""The form in which two spellings of one name are the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sosie.likeness.person_name import fold, fold_late, names_of, normal_form, read, readings, written_words
from sosie.likeness.skeleton import skeleton


@pytest.mark.parametrize(
    ("spelling", "name"),
    [
        ("JANE   roe", "Jane Roe"),
        (" Jane\u00a0Roe\t", "Jane Roe"),
        ("Ｊａｎｅ　Ｒｏｅ", "Jane Roe"),
        ("Jose\u0301 Nu\u0301n\u0303ez", "José Núñez"),
        ("Straße", "STRASSE"),
        ("ﬁona", "Fiona"),
    ],
)
def test_spellings_of_one_name(spelling, name):
    """Case, kinds of white space, composition and compatibility characters make no difference."""
    assert normal_form(spelling) == normal_form(name)


@pytest.mark.parametrize("other", ["Jane Row", "Roe Jane", "JaneRoe", "J. Roe", ""])
def test_other_names(other):
    """Another name stays another name."""
    assert normal_form(other) != normal_form("Jane Roe")


@given(st.text())
def test_the_form_is_stable(text):
    """A normal form is its own normal form, whatever the text."""
    form = normal_form(text)
    assert normal_form(form) == form


@given(st.lists(st.text("aAiIlLmMnNoO0123", min_size=1, max_size=5), min_size=1, max_size=6))
def test_words_of_ascii_are_folded_as_all_words_are(words):
    """All at once, but each as its skeleton says: its case folded before that, or before and after."""
    reading = read(" ".join(words))
    assert reading.words == tuple(map(fold, words)) == tuple(skeleton(word.casefold()).casefold() for word in words)
    assert reading.late_words == tuple(map(fold_late, words))
    assert reading.late_words == tuple(skeleton(skeleton(word).casefold()).casefold() for word in words)
    assert written_words(" ".join(words)) == [word.casefold() for word in words]


@pytest.mark.parametrize("cipher", ["J4ne W@ng", "J4n3 Wang", "Jane W4ng", "JANE WANG"])
def test_figures_and_signs_are_read_as_letters(cipher):
    """In place of letters within a word; a number that stands by itself is none."""
    assert ("jane", "wang") in [reading.words for reading in readings(cipher)]
    assert ("jane", "wang", "4") not in [reading.words for reading in readings("Jane Wang A")]


@pytest.mark.parametrize(
    "cipher",
    ["T0b1as 3tt1ng3r", "7o8ias E77inger", "Tob!as Ett!nger", "Tob|as Ett|nger", "TOBIA5 ETTIN6ER", "+obias Ettin9er"],
)
def test_several_figures_and_signs(cipher):
    """A whole name in them, of which some may stand for either of two letters."""
    assert ("tobias", "ettinger") in [reading.words for reading in readings(cipher)]


def test_words_of_figures_are_no_names():
    """A number beside a name says nothing, but `Studio 54` is more than `Studio`."""
    assert ("jane", "roe") in [reading.words for reading in readings("Jane Roe 4711")]
    assert ("roewaldjane",) in [reading.words for reading in names_of("roewaldjane 00015531")]
    assert [reading.words for reading in names_of("Studio 54")] == [readings("Studio 54")[0].words]


def test_a_department_behind_a_name():
    """In East Asian letters a hyphen or slash suffices to part them."""
    assert [reading.text for reading in readings("王岚-软件部")][1] == "王岚"


def test_a_small_l_among_capitals_is_an_i():
    """WlLLIAM is read as WILLIAM."""
    assert readings("WlLLIAM ROE")[0].words != readings("William Roe")[0].words
    assert readings("William Roe")[0].words in [reading.words for reading in readings("WlLLIAM ROE")]


def test_padding_does_not_push_a_name_out_of_sight():
    """Characters that are not seen do not count towards the length that is looked at."""
    assert readings("\u200b" * 900 + "Jane Roe")[0].words == ("jane", "roe")
    assert readings("\xa0" * 900 + "Jane Roe")[0].words == ("jane", "roe")
