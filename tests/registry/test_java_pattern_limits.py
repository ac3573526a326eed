"""Hostile patterns are refused, or compiled to a program of a stated size; bench/patterns.py says how fast."""

import pytest

from sosie.registry import java_pattern, java_pattern_syntax
from sosie.registry.java_pattern import MAX_PATTERN_BYTES, PatternError, compile_pattern
from support.hostile_patterns import ADDRESSES, HOSTILE, cut, filled

MOST_INSTRUCTIONS = java_pattern_syntax.MAX_WEIGHT * 1.1 + 10


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_pattern(name: str) -> None:
    """Whatever 8 KiB hold, RE2's program stays within its budget, which bounds the time to compile and to match."""
    try:
        compiled = compile_pattern(cut(HOSTILE[name]))
    except PatternError:
        return
    assert java_pattern._compile(compiled.re2_source).programsize <= MOST_INSTRUCTIONS
    assert {compiled.matches(address) for address in ADDRESSES} <= {True, False}


@pytest.mark.parametrize(
    ("pattern", "offset"),
    [
        (r"ceo\pL{1,300}", 6),
        ("((a{1,100}){1,100}){1,100}", 11),
        ("a{1001}", 1),
        ("a{0,1001}", 1),
        ("a{1001,}", 1),
        ("a{99999999999999999999}", 1),
        ("(?:a{32}){32}", 9),
        ("(" * 101 + ")" * 101, 100),
        (filled("[^a]"), 2856),
    ],
)
def test_a_pattern_that_is_too_large(pattern: str, offset: int) -> None:
    """A pattern that RE2 would need much memory for is refused where it becomes too large."""
    with pytest.raises(PatternError) as caught:
        compile_pattern(pattern)
    assert caught.value.offset == offset


def test_eight_kibibytes_of_utf8() -> None:
    """A pattern of 8 KiB is taken; one byte more is refused, at the character that passes the limit."""
    assert compile_pattern("a" * MAX_PATTERN_BYTES)
    for pattern, offset in (("a" * 8191 + "é", 8191), ("a" * 10**7, 8192), ("山" * 2731, 2730)):
        with pytest.raises(PatternError, match="at most 8192 bytes") as caught:
            compile_pattern(pattern)
        assert caught.value.offset == offset


def test_a_long_list_of_addresses() -> None:
    """A list of two hundred addresses is an ordinary pattern."""
    addresses = [f"user.number.{number}@mail{number}.example.com" for number in range(200)]
    compiled = compile_pattern("|".join(address.replace(".", "\\.") for address in addresses))
    assert all(compiled.matches(address.upper()) for address in addresses)
    assert not compiled.matches("user.number.7@mail8.example.com")


def test_re2_is_a_second_fence(monkeypatch: pytest.MonkeyPatch) -> None:
    """Were the scanner's estimate wrong, RE2's own limit of memory would refuse the pattern."""
    monkeypatch.setattr(java_pattern_syntax, "MAX_WEIGHT", 10**9)
    with pytest.raises(PatternError, match="too large") as caught:
        compile_pattern(r"\pL{1,300}")
    assert caught.value.offset == 0


@pytest.mark.parametrize(
    "pattern", ["[^a]*b", r"\p{L}{2}é", "(?:[à-ü]|.){3}@", r"[\W\p{Lu}]x[^\p{N}]", "山😀ß{4}[ab]{7}"]
)
def test_the_estimate_of_a_program(pattern: str) -> None:
    """The scanner's weight is about RE2's number of instructions, and not much below it."""
    scanner = java_pattern_syntax._Scanner(pattern)
    size = java_pattern._compile(scanner.translate().re2_source).programsize
    assert size <= scanner.weight * 1.1 + 10
