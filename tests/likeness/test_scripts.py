"""Which script a character belongs to, and which words mix scripts."""

from __future__ import annotations

from unicodedata import category

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sosie.likeness.scripts import mixes_scripts, one_writing, script_of, scripts_of, words_that_mix
from support.icu import ask, require_icu

# Characters of Unicode 15.0 that have another script in 18.0.
MOVED: set[str] = set()


def test_every_character_against_icu():
    """The script of every character that ICU knows is the one it says."""
    require_icu()
    theirs = ask("scripts")
    assert len(set(theirs)) > 150
    other = {
        chr(point)
        for point, script in enumerate(theirs)
        if script != "Unknown" and script_of(chr(point)) != script and category(chr(point)) != "Cs"
    }
    assert other == MOVED


@pytest.mark.parametrize(
    ("text", "scripts"),
    [
        ("Jane Roe-Doe 3rd", {"Latin"}),
        ("12 - 34", set()),
        ("", set()),
        ("Иван Ivan", {"Cyrillic", "Latin"}),
        ("山田 たろう タロー", {"Han", "Hiragana", "Katakana"}),
        ("e\u0301", {"Latin"}),
        ("\udc80\U000e0fff", set()),
    ],
)
def test_scripts_of_a_text(text, scripts):
    """Signs, digits, marks and what is no character have none."""
    assert scripts_of(text) == scripts


@pytest.mark.parametrize(
    "word", ["Jоhn", "Dое", "pаypal", "υniswap", "O’Сonnor", "Ꭻohn", "𝐉о𝐡𝐧", "Aрмен", "J\u200bо\u200bhn"]
)
def test_words_that_mix(word):
    """A letter of another script among Latin ones is found, behind an apostrophe or among styled letters too."""
    assert mixes_scripts(word)
    assert mixes_scripts(f"Jane {word}, CEO")


@pytest.mark.parametrize(
    "text",
    [
        "Jane", "Élodie", "Иван", "Χρήστος", "山田たろうABC", "김ABC三", "Иван(Ivan)", "Иван/Ivan", "IT-отдел",
        "Ivan Иванов", "µTorrent", "Дом№5", "Компания™", "Room101", "ПОП3", "محمد", "दीपक", "Jane_Roe", "",
    ],
)  # fmt: skip
def test_words_that_do_not_mix(text):
    """One script with digits and signs, the scripts of East Asia together, and two words side by side are honest."""
    assert not mixes_scripts(text)


def test_the_words_are_named():
    """Each once, in the order of the text."""
    assert words_that_mix("Jоhn Dое aka Jоhn Roe") == ("Jоhn", "Dое")


def test_writings():
    """Latin with Han and either kana or Hangul, but not both."""
    assert one_writing(frozenset({"Latin", "Han", "Hangul"}))
    assert not one_writing(frozenset({"Hiragana", "Hangul"}))


@given(st.text(st.characters()))
def test_never_raises(text):
    """A text has scripts whatever is in it; a word that mixes is a part of it."""
    assert isinstance(scripts_of(text), frozenset)
    assert all(word in text for word in words_that_mix(text))
