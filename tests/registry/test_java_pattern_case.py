"""The tables of case folding, held against the running Python's and against RE2's."""

import pytest
import re2

from sosie.registry.java_pattern_sets import CASED_BLOCKS, complement, fold_character, fold_range, merge

EVERY_CHARACTER = [code for code in range(0x110000) if not 0xD800 <= code <= 0xDFFF]


def test_no_letter_with_case_is_left_out() -> None:
    """The blocks hold every character that Python changes when it changes case."""
    cased = {code for code in EVERY_CHARACTER if not chr(code).lower() == chr(code) == chr(code).upper()}
    assert cased <= {code for first, last in CASED_BLOCKS for code in range(first, last + 1)}


def test_folding_is_mutual() -> None:
    """If one character is another but for case, so is the other the one."""
    cased = [code for first, last in CASED_BLOCKS for code in range(first, last + 1)]
    assert all(fold_character(other) == fold_character(code) for code in cased for other in fold_character(code))


def test_ascii_letters_fold_within_ascii() -> None:
    """An ASCII letter has two cases and nothing else."""
    assert all(fold_character(code) == (code - 32, code) for code in range(ord("a"), ord("z") + 1))


def test_folding_is_almost_that_of_re2() -> None:
    """RE2's own folding differs in the four letters that are left alone, and in a few that newer Unicode joins."""
    left_alone = {0x130, 0x131, 0x17F, 0x212A, *map(ord, "kKsS")}
    joined_later = {0x390, 0x1FD3, 0x3B0, 0x1FE3, 0xFB05, 0xFB06}
    for first, last in CASED_BLOCKS:
        for code in range(first, last + 1):
            if code in left_alone | joined_later:
                continue
            engine = re2.compile(f"(?i)\\x{{{code:x}}}")
            assert all(engine.fullmatch(chr(other)) for other in fold_character(code))


@pytest.mark.parametrize(
    ("first", "last", "also"),
    [
        ("a", "c", "ABC"),
        ("A", "C", "abc"),
        ("0", "9", ""),
        ("X", "b", "xyzAB"),
        ("@", "[", "abcdefghijklmnopqrstuvwxyz"),
        ("é", "é", "É"),
        ("\u039c", "\u039c", "\u00b5\u03bc"),
    ],
)
def test_a_range(first: str, last: str, also: str) -> None:
    """A range takes in the other cases of all its letters, and nothing else."""
    folded = {code for low, high in fold_range(ord(first), ord(last)) for code in range(low, high + 1)}
    assert folded == {*range(ord(first), ord(last) + 1), *map(ord, also)}


def test_ranges_are_merged_and_complemented() -> None:
    """Merged ranges are sorted and do not touch; a complement twice is the set itself."""
    merged = merge([(5, 6), (1, 2), (3, 3), (9, 12), (10, 11), (7, 7)])
    assert merged == ((1, 3), (5, 7), (9, 12))
    assert complement(complement(merged)) == merged
    assert complement(()) == ((0, 0x10FFFF),)
    assert complement(((0, 0x10FFFF),)) == ()
