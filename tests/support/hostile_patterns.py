"""Patterns that try to be slow, and addresses to try them on: for the tests and for bench/patterns.py."""

from sosie.registry.java_pattern import MAX_PATTERN_BYTES
from sosie.registry.java_pattern_characters import MAX_WIDE_RANGES


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


def cut(pattern: str) -> str:
    """As much of the pattern as may be one."""
    return pattern.encode()[:MAX_PATTERN_BYTES].decode(errors="ignore")
