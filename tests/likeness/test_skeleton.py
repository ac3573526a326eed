"""Texts that look the same have one skeleton, as UTS 39 and ICU have it."""

from __future__ import annotations

import random
import time
from pathlib import Path
from unicodedata import category, normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sosie.likeness.skeleton import ASCII_ROWS, skeleton
from sosie.likeness.tables.confusables import DEFAULT_IGNORABLE, PROTOTYPES, SEVERAL, SOURCES
from sosie.likeness.visible_text import MAX_CHARACTERS
from support.icu import ask, require_icu

# Code points whose prototype is another one in the confusables.txt of Unicode 18.0 than in that of 15.0.
CHANGED = Path(__file__).with_name("confusables_changed_since_15.txt")


def changed() -> set[int]:
    lines = (line for line in CHANGED.read_text(encoding="ascii").splitlines() if not line.startswith("#"))
    spans = (span.partition("-") for line in lines for span in line.split())
    return {point for first, _, last in spans for point in range(int(first, 16), int(last or first, 16) + 1)}


def known_to_both() -> list[int]:
    """Code points that are assigned; ICU 72 does not leave default-ignorable ones out as UTS 39 has it since."""
    ignorable = {point for first, last in DEFAULT_IGNORABLE for point in range(first, last + 1)}
    return [point for point in range(0x110000) if category(chr(point)) not in ("Cn", "Cs") and point not in ignorable]


def test_the_rows_of_ascii_are_those_of_the_table():
    """They stand beside the program, so that most texts need no table; none makes what another changes again."""
    rows = [*zip(SOURCES, PROTOTYPES, strict=True), *((row[0], row[1:]) for row in SEVERAL.split("\n"))]
    assert sorted(ASCII_ROWS) == sorted((source, target) for source, target in rows if source.isascii())
    sources = {source for source, _ in ASCII_ROWS}
    assert not any(sources & set(target) for _, target in ASCII_ROWS)


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("Jоhn Dое", "John Doe"),
        ("раураl", "paypal"),
        ("paypaI", "paypal"),
        ("paypa1", "paypal"),
        ("𝐉𝐨𝐡𝐧", "John"),
        ("rnatthew", "matthew"),
        ("J\u200bo\u034fh\U000e0100n", "John"),
        ("Åse", "A\u030ase"),
        ("Ｊohn", "John"),
        ("c|0ud", "clOud"),
    ],
)
def test_what_looks_the_same(text, other):
    """Letters of other scripts, digits, styled letters, invisible characters and composition make no difference."""
    assert skeleton(text) == skeleton(other)


@pytest.mark.parametrize(
    ("text", "other"), [("John", "Joan"), ("Иван", "Ivan"), ("孙毅", "孙艺"), ("é", "e"), ("a", "A")]
)
def test_what_looks_different(text, other):
    """What a reader tells apart has two skeletons."""
    assert skeleton(text) != skeleton(other)


def test_every_code_point_against_icu():
    """Every character has the prototype that ICU knows, but for the listed ones, which Unicode has changed since."""
    require_icu()
    points = known_to_both()
    theirs = ask([chr(point) for point in points])
    other = {point for point, its in zip(points, theirs, strict=True) if skeleton(chr(point)) != normalize("NFD", its)}
    assert len(points) > 140_000
    assert other ^ changed() == set()


def test_texts_against_icu():
    """Characters keep their prototypes, and marks their order, within words."""
    require_icu()
    usual = sorted(set(known_to_both()) - changed())
    chance = random.Random(39)
    dense = [point for point in usual if point < 0x2100]
    texts = ["".join(map(chr, chance.choices(chance.choice((usual, dense)), k=9))) for _ in range(20_000)]
    theirs = ask(texts)
    assert [text for text, its in zip(texts, theirs, strict=True) if skeleton(text) != normalize("NFD", its)] == []


@given(st.text(st.characters(), max_size=100))
def test_a_skeleton_is_its_own_skeleton(text):
    """Whatever the text, lone surrogates and unassigned characters among it."""
    assert skeleton(skeleton(text)) == skeleton(text)


@given(st.text(st.characters(codec="ascii"), max_size=50))
def test_ascii_by_the_same_table(text):
    """The short way for ASCII finds what the long way finds."""
    assert skeleton(text + "é").removesuffix("e\u0301") == skeleton(text)


@pytest.mark.parametrize("mark", ["\u0301", "\u0345\u0301", "\u200b"])
def test_a_long_run_of_marks(mark):
    """100,000 marks take no longer than they are worth: normalizing them all would take minutes."""
    text = "a" + mark * (100_000 // len(mark))
    start = time.perf_counter()
    assert len(skeleton(text)) <= MAX_CHARACTERS
    assert time.perf_counter() - start < 0.05
