"""Short and pet forms of given names."""

from __future__ import annotations

import runpy
from importlib import resources
from pathlib import Path

import pytest

from sosie.likeness.nicknames import other_forms
from sosie.likeness.person_name import fold
from sosie.likeness.tables import nicknames

GENERATE = Path(__file__).parents[2] / "generate/nickname_table.py"


@pytest.mark.parametrize(
    ("one", "other"), [("robert", "bob"), ("bob", "bobby"), ("alexander", "sascha"), ("giovanni", "gianni")]
)
def test_either_stands_for_the_other(one, other):
    """A name for its short form, a short form for its name, and one short form for another."""
    assert fold(other) in other_forms(fold(one))
    assert fold(one) in other_forms(fold(other))


@pytest.mark.parametrize("word", ["", "vargapell", "Robert", "robert bob", "bob,robert"])
def test_most_words_have_no_other_form(word):
    """Nor do words that are not folded, and no words at all."""
    assert other_forms(word) == ()


def test_no_word_stands_for_half_of_mankind():
    """A short form of very many names says nothing, and no word is its own other form."""
    for row in nicknames.ROWS.split(","):
        word, *forms = row.split(" ")
        assert 0 < len(forms) <= 40
        assert other_forms(word) == tuple(forms)
        assert word not in forms


def test_the_table_is_what_the_program_writes():
    """Of this version of the dataset and of the folds."""
    assert resources.files("nicknames").is_dir()
    assert runpy.run_path(str(GENERATE))["document"]() == Path(nicknames.__file__).read_text(encoding="utf-8")
