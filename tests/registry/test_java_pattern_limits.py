"""Hostile patterns: refused at once or compiled soon, and quick to match. Every figure is CPU time."""

from time import process_time

import pytest
import re2

from sosie.registry import java_pattern, java_pattern_syntax
from sosie.registry.java_pattern import MAX_PATTERN_BYTES, PatternError, compile_pattern
from sosie.registry.java_pattern_characters import MAX_WIDE_RANGES
from sosie.registry.java_pattern_sets import fold_character

# The worst that a random search over repeated pieces found takes 30 ms to compile and 12 ms to match. A machine that is
# three times as slow still passes.
MOST_SECONDS_TO_COMPILE = 0.1
MOST_SECONDS_TO_MATCH = 0.05


def filled(piece: str) -> str:
    return piece * (MAX_PATTERN_BYTES // len(piece.encode()))


HOSTILE = {
    **{
        piece: filled(piece)
        for piece in (
            "a?", "a*", "k", ".", ".?", ".*", ".*a", "[ab]?", "[^a]", "[^a]?", "[!-~]", "é", "山?", "😀?", "α|", "a|",
            "|", r"\W", r"\W*", r"\pL", r"\PL?", r"[\pL\pN]", r"\p{IsHan}", r"\R", r"\Qa\E", r"\x{e9}", "(?i)", "^",
            "$|", "()", "(|a)", "(?:a|b)?", "(a*)*", "(?:a?){9}", "(", ")", "[", "[[", "{", "\\", "a{1000}", "[é-ü]",
            "(?:x{3}){4}",
        )
    },
    "nested groups": "(" * 4096 + ")" * 4096,
    "nested repetitions": ("(?:" * 90 + "a" + ")*" * 90) * 20,
    "nested alternatives": ("(?:a|" * 90 + "b" + ")+" * 90) * 10,
    "nested counts": "((a{1,100}){1,100}){1,100}",
    "counted letters": r"\pL{1,300}",
    "counted counts": "(?:.{0,31}){0,31}",
    "a thousand optional ones": "(?:.?){1000}",
    "many states": ".*[ab].{300}",
    "many states at once": "(?:.*a.{10}|.*b.{11}|.*c.{12}|.*d.{13})+",
    "optional four bytes": "(?:😀?😀?){500}x",
    "prefixes": "|".join("a" * length for length in range(127)),
    "suffixes": "|".join("b" * length + "a" for length in range(126)),
    "words": "|".join(f"{number * 2654435761 % 2**32:x}" for number in range(900)),
    "one wide class": "[" + "".join(f"!-{chr(0x10FFFF - number)}" for number in range(1000)) + "]",
    "wide classes": "".join(f"[!-{chr(0x10FFFF - number)}]" for number in range(MAX_WIDE_RANGES)),
    "letters of a class": "[" + "".join(map(chr, range(0x4E00, 0x4E00 + 2600, 2))) + "]",
    "cased letters of a class": "[" + "".join(map(chr, range(0x100, 0x24F))) * 10 + "]",
    "names": "".join(f"(?<n{number}>)" for number in range(900)),
}  # fmt: skip
ADDRESSES = ("a" * 320, "ab" * 160, "😀" * 320, "aé" * 160, "".join(map(chr, range(0x4E00, 0x4E00 + 320))), "!" * 320)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_pattern(name: str) -> None:
    """No pattern of 8 KiB takes long to judge, nor, if it is taken, to match against 320 characters."""
    pattern = HOSTILE[name].encode()[:MAX_PATTERN_BYTES].decode(errors="ignore")
    fold_character(0xE9)  # its table is made once in a process
    compiled, seconds = None, []
    for _ in range(3):
        re2.purge()
        start = process_time()
        try:
            compiled = compile_pattern(pattern)
        except PatternError:
            compiled = None
        seconds.append(process_time() - start)
    assert min(seconds) < MOST_SECONDS_TO_COMPILE
    for address in ADDRESSES if compiled else ():
        start = process_time()
        compiled.matches(address)
        assert process_time() - start < MOST_SECONDS_TO_MATCH


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
