r"""Sets of characters: what Java's escapes, properties and case folding stand for, and how RE2 is told of them.

Nothing is left to RE2's own reading of a class or to its ``(?i)``: a set is worked out here as ranges of code points,
and only Unicode categories and scripts stay names (``\p{L}``), because RE2's tables hold the same characters.

Case folding is Java's for CASE_INSENSITIVE with UNICODE_CASE (java.util.regex.Pattern, `single` and `CIRangeU`): two
characters are the same when the lower case of their upper case is the same. It differs in four characters, on purpose:
see `_NEVER_FOLDED`.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

import re2

Range = tuple[int, int]

LAST_CODE_POINT = 0x10FFFF

# Java folds these four into an ASCII letter: İ and ı into i, ſ into s, the Kelvin sign into k. An address that differs
# from a registered one in such a letter is a look-alike, and "ı" even makes another domain that can be registered
# (RFC 5892 allows U+0131). A pattern says which addresses are the person's own, so here they stay letters of their own.
_NEVER_FOLDED = frozenset({0x130, 0x131, 0x17F, 0x212A})

# Where Unicode has letters with case, up to Unicode 17; a test holds it against the tables of the running Python.
# Asking these 4,400 code points takes 6 ms once, asking all 1.1 million would take half a second.
CASED_BLOCKS: tuple[Range, ...] = (
    (0x41, 0x5A), (0x61, 0x7A), (0xB5, 0x58F), (0x10A0, 0x10FF), (0x13A0, 0x13FF), (0x1C80, 0x1CBF), (0x1D70, 0x1FFF),
    (0x2120, 0x218F), (0x24B0, 0x24EF), (0x2C00, 0x2D2F), (0xA640, 0xA7FF), (0xAB50, 0xABBF), (0xFB00, 0xFB1F),
    (0xFF21, 0xFF5A), (0x10400, 0x105BF), (0x10C80, 0x10D8F), (0x118A0, 0x118DF), (0x16E40, 0x16EDF),
    (0x1E900, 0x1E94F),
)  # fmt: skip

# RE2 reads UTF-8: a range of ASCII is one instruction, a range that crosses lengths of UTF-8 is up to so many.
_WEIGHT_OF_REST = 12


@dataclass(frozen=True)
class CharacterSet:
    """Characters in any of `ranges` (sorted, disjoint) or `properties` (RE2's spelling, as ``\\p{L}``), or the rest."""

    ranges: tuple[Range, ...] = ()
    properties: tuple[str, ...] = ()
    negated: bool = False

    def negate(self) -> CharacterSet:
        return CharacterSet(self.ranges, self.properties, not self.negated)

    def without_negation(self) -> CharacterSet | None:
        """The same characters said positively, or None where RE2 has no way to say them inside a class."""
        if not self.negated:
            return self
        if not self.properties:
            return CharacterSet(complement(self.ranges))
        if not self.ranges and len(self.properties) == 1:
            return CharacterSet(properties=(self.properties[0].replace("\\p", "\\P"),))
        return None

    def weight(self) -> int:
        """About how many instructions RE2 makes of it, rather more than fewer (a test compares)."""
        sizes = [1 if last < 0x80 else 2 if first == last else _WEIGHT_OF_REST for first, last in self.ranges]
        sizes += [_program_size(name) for name in self.properties]
        return sum(sizes) + (_WEIGHT_OF_REST if self.negated else 0) or 1

    def to_re2(self) -> str:
        if not self.ranges and not self.properties:
            return f"[{'' if self.negated else '^'}\\x{{0}}-\\x{{{LAST_CODE_POINT:X}}}]"
        ranges = (
            literal_to_re2(first) if first == last else f"{literal_to_re2(first)}-{literal_to_re2(last)}"
            for first, last in self.ranges
        )
        return f"[{'^' if self.negated else ''}{''.join(ranges)}{''.join(self.properties)}]"


def literal_to_re2(code_point: int) -> str:
    """One character as RE2 takes it, inside a class and outside."""
    character = chr(code_point)
    if character.isalnum() and code_point < 0x80:
        return character
    if 0x21 <= code_point <= 0x7E:
        return "\\" + character
    return f"\\x{{{code_point:X}}}"


@cache
def _program_size(re2_property: str) -> int:
    size: int = re2.compile(re2_property).programsize
    return size


# Ranges


def merge(ranges: Iterable[Range]) -> tuple[Range, ...]:
    """The same code points in ranges that are sorted and do not touch."""
    merged: list[Range] = []
    for first, last in sorted(ranges):
        if merged and first <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
        else:
            merged.append((first, last))
    return tuple(merged)


def complement(ranges: tuple[Range, ...]) -> tuple[Range, ...]:
    """Every code point that is in none of `ranges`, which are sorted and disjoint."""
    gaps: list[Range] = []
    start = 0
    for first, last in ranges:
        if start < first:
            gaps.append((start, first - 1))
        start = last + 1
    if start <= LAST_CODE_POINT:
        gaps.append((start, LAST_CODE_POINT))
    return tuple(gaps)


# Case


@dataclass(frozen=True)
class _CaseTable:
    """`same[c]`: every character that folds as c does; `targets[i]`: a case of `sources[i]`, sorted by target."""

    same: dict[int, tuple[int, ...]]
    targets: list[int]
    sources: list[int]


def _simple_upper(character: str) -> str:
    """Python has full mappings ("ß" to "SS") only; where one has many letters, title case has the simple one."""
    return next((case for case in (character.upper(), character.title()) if len(case) == 1), character)


@cache
def _case_table() -> _CaseTable:
    folds: dict[int, set[int]] = {}
    pairs: set[tuple[int, int]] = set()
    for first, last in CASED_BLOCKS:
        for code_point in range(first, last + 1):
            upper = _simple_upper(chr(code_point))
            fold = upper.lower() if len(upper.lower()) == 1 else upper
            if code_point not in _NEVER_FOLDED:
                folds.setdefault(ord(fold), set()).add(code_point)
                pairs.update((ord(target), code_point) for target in (upper, fold) if ord(target) != code_point)
    same = {member: tuple(sorted(members)) for members in folds.values() if len(members) > 1 for member in members}
    ordered = sorted(pairs)
    return _CaseTable(same, [target for target, _ in ordered], [source for _, source in ordered])


def fold_character(code_point: int) -> tuple[int, ...]:
    """The character and every other one that is the same but for case."""
    return _case_table().same.get(code_point, (code_point,))


def fold_range(first: int, last: int) -> tuple[Range, ...]:
    """The range, and every character with an upper or a folded case in it, as Java reads a range; unsorted."""
    if last < 0x80:
        capitals = max(first, 0x61) - 0x20, min(last, 0x7A) - 0x20
        small = max(first, 0x41) + 0x20, min(last, 0x5A) + 0x20
        other_cases = (capitals, small)
        return ((first, last), *(other for other in other_cases if other[0] <= other[1]))
    table = _case_table()
    low, high = bisect_left(table.targets, first), bisect_right(table.targets, last)
    others = {source for source in table.sources[low:high] if not first <= source <= last}
    return ((first, last), *((other, other) for other in others))


# Names

_CASED = CharacterSet(properties=("\\p{Lu}", "\\p{Ll}", "\\p{Lt}"))  # what Java makes of Lu, Ll and Lt without case
_LETTER = CharacterSet(properties=("\\p{L}",))
_DIGIT = CharacterSet(properties=("\\p{Nd}",))
_LETTER_OR_DIGIT = CharacterSet(properties=("\\p{L}", "\\p{Nd}"))
_SEPARATOR = CharacterSet(properties=("\\p{Z}",))
_WHITE_SPACE = CharacterSet(((0x09, 0x0D), (0x85, 0x85)), ("\\p{Z}",))
_ASCII_ALPHA = CharacterSet(((0x41, 0x5A), (0x61, 0x7A)))
_ASCII_DIGIT = CharacterSet(((0x30, 0x39),))
_ASCII_SPACE = CharacterSet(((0x09, 0x0D), (0x20, 0x20)))
_HORIZONTAL = CharacterSet(
    merge((code, code) for code in (0x09, 0x20, 0xA0, 0x1680, 0x180E, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000))
)
VERTICAL = CharacterSet(((0x0A, 0x0D), (0x85, 0x85), (0x2028, 0x2029)))
_WORD = CharacterSet(((0x30, 0x39), (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A)))

PREDEFINED: dict[str, CharacterSet] = {
    lower_or_upper: (named.negate() if lower_or_upper.isupper() else named)
    for letter, named in {"d": _ASCII_DIGIT, "s": _ASCII_SPACE, "w": _WORD, "h": _HORIZONTAL, "v": VERTICAL}.items()
    for lower_or_upper in (letter, letter.upper())
}

# Java's C, Cn and Cs are left out: RE2 knows no unassigned characters, and an address holds no surrogates.
_CATEGORIES: dict[str, CharacterSet] = {
    **{
        name: CharacterSet(properties=(f"\\p{{{name}}}",))
        for names in (
            "L Lm Lo",
            "M Mn Mc Me",
            "N Nd Nl No",
            "P Pc Pd Pe Pf Pi Po Ps",
            "S Sc Sk Sm So",
            "Z Zl Zp Zs",
            "Cc Cf Co",
        )
        for name in names.split()
    },
    **dict.fromkeys(("Lu", "Ll", "Lt", "LC"), _CASED),
    "LD": _LETTER_OR_DIGIT,
}

_POSIX_AND_JAVA: dict[str, CharacterSet] = {
    "ASCII": CharacterSet(((0x00, 0x7F),)),
    "L1": CharacterSet(((0x00, 0xFF),)),
    "all": CharacterSet(((0x00, LAST_CODE_POINT),)),
    "Alpha": _ASCII_ALPHA,
    "Lower": _ASCII_ALPHA,  # without case, Java makes Lower and Upper the same
    "Upper": _ASCII_ALPHA,
    "Digit": _ASCII_DIGIT,
    "Alnum": CharacterSet(((0x30, 0x39), (0x41, 0x5A), (0x61, 0x7A))),
    "XDigit": CharacterSet(((0x30, 0x39), (0x41, 0x46), (0x61, 0x66))),
    "Punct": CharacterSet(((0x21, 0x2F), (0x3A, 0x40), (0x5B, 0x60), (0x7B, 0x7E))),
    "Graph": CharacterSet(((0x21, 0x7E),)),
    "Print": CharacterSet(((0x20, 0x7E),)),
    "Blank": CharacterSet(((0x09, 0x09), (0x20, 0x20))),
    "Cntrl": CharacterSet(((0x00, 0x1F), (0x7F, 0x7F))),
    "Space": _ASCII_SPACE,
    "javaLetter": _LETTER,
    "javaDigit": _DIGIT,
    "javaLetterOrDigit": _LETTER_OR_DIGIT,
    "javaSpaceChar": _SEPARATOR,
    "javaISOControl": CharacterSet(((0x00, 0x1F), (0x7F, 0x9F))),
}

# \p{Is...}, in any case. These stand before the categories and mean all of Unicode: \p{IsDigit} is more than \p{Digit}.
_UNICODE: dict[str, CharacterSet] = {
    "LETTER": _LETTER,
    "DIGIT": _DIGIT,
    "PUNCT": CharacterSet(properties=("\\p{P}",)),
    "PUNCTUATION": CharacterSet(properties=("\\p{P}",)),
    "CNTRL": CharacterSet(properties=("\\p{Cc}",)),
    "CONTROL": CharacterSet(properties=("\\p{Cc}",)),
    "SPACE": _WHITE_SPACE,
    "WHITESPACE": _WHITE_SPACE,
    "WHITE_SPACE": _WHITE_SPACE,
    "BLANK": CharacterSet(((0x09, 0x09),), ("\\p{Zs}",)),
}

# Scripts of living languages, by the name and the ISO 15924 code that Java takes for each.
_SCRIPTS: dict[str, str] = {
    alias.upper(): name
    for name, code in (
        ("Arabic", "Arab"), ("Armenian", "Armn"), ("Bengali", "Beng"), ("Bopomofo", "Bopo"), ("Cherokee", "Cher"),
        ("Cyrillic", "Cyrl"), ("Devanagari", "Deva"), ("Ethiopic", "Ethi"), ("Georgian", "Geor"), ("Greek", "Grek"),
        ("Gujarati", "Gujr"), ("Gurmukhi", "Guru"), ("Han", "Hani"), ("Hangul", "Hang"), ("Hebrew", "Hebr"),
        ("Hiragana", "Hira"), ("Kannada", "Knda"), ("Katakana", "Kana"), ("Khmer", "Khmr"), ("Lao", "Laoo"),
        ("Latin", "Latn"), ("Malayalam", "Mlym"), ("Mongolian", "Mong"), ("Myanmar", "Mymr"), ("Oriya", "Orya"),
        ("Sinhala", "Sinh"), ("Syriac", "Syrc"), ("Tamil", "Taml"), ("Telugu", "Telu"), ("Thaana", "Thaa"),
        ("Thai", "Thai"), ("Tibetan", "Tibt"),
    )
    for alias in (name, code)
}  # fmt: skip


def _script(name: str) -> CharacterSet | None:
    known = _SCRIPTS.get(name.upper())
    return CharacterSet(properties=(f"\\p{{{known}}}",)) if known else None


def named_set(name: str) -> CharacterSet | None:
    r"""What Java means by \p{name}, or None where sosie does not know it or RE2 has no exact equal."""
    key, equals, value = name.partition("=")
    if equals and key.lower() in ("sc", "script"):
        return _script(value)
    if equals:
        return _CATEGORIES.get(value) if key.lower() in ("gc", "general_category") else None
    if name.startswith("Is"):
        short = name[2:]
        return _UNICODE.get(short.upper()) or _CATEGORIES.get(short) or _script(short)
    return _CATEGORIES.get(name) or _POSIX_AND_JAVA.get(name)
