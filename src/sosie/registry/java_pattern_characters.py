r"""Reads the part of Java's pattern syntax that stands for single characters: escapes, properties, square brackets."""

from __future__ import annotations

from typing import Final

from sosie.registry.java_pattern_reader import Reader, Refused
from sosie.registry.java_pattern_sets import (
    LAST_CODE_POINT,
    PREDEFINED,
    CharacterSet,
    Range,
    fold_character,
    fold_range,
    merge,
    named_set,
)

# Every range beyond ASCII costs a walk through the case tables, up to 0.1 ms. No address needs many: the letters of the
# Latin script with accents are six ranges, [à-öø-ÿ] and its like for other scripts one or two.
MAX_WIDE_RANGES: Final = 64

_CONTROLS: Final = {"t": 0x09, "n": 0x0A, "r": 0x0D, "f": 0x0C, "a": 0x07, "e": 0x1B}
_HEXADECIMAL: Final = frozenset("0123456789abcdefABCDEF")
_OCTAL: Final = frozenset("01234567")

_BOUNDARY = (
    "is a word boundary, and what counts as a word differs between releases of Java; a pattern is held against the "
    "whole address, so leave it out at the start and the end, or write the characters that may stand beside the word"
)
_REFUSED_ESCAPES: Final = {
    **dict.fromkeys("123456789", "is a back-reference, which cannot run in linear time; write the text again instead"),
    "k": "is a back-reference, which cannot run in linear time; write the text again instead",
    "b": _BOUNDARY,
    "B": _BOUNDARY,
    "G": "is the end of the previous match, and a pattern is matched once, against the whole address; leave it out",
    "X": "is a grapheme cluster, which is not supported; write `.` or the characters themselves",
    "N": r"names a character by its Unicode name, which is not supported; write its number, such as `\x{e9}`",
    "E": r"ends a quotation that no `\Q` has begun",
    "C": r"is an escape that Java does not have; for any character write `.`",
}
_VERTICAL_BEFORE_HYPHEN = (
    r"Java takes `\v` before a hyphen for one character, and for several elsewhere; put the hyphen first"
)

_ONLY_OUTSIDE: Final = {
    **dict.fromkeys("AzZ", "is an anchor and has no meaning between square brackets"),
    "R": "is a line break of one or two characters and cannot stand between square brackets",
}


def read_escape(reader: Reader, *, in_class: bool) -> int | CharacterSet:
    """Read an escape, its backslash first, that stands for one character (its code point) or for any of a set."""
    start = reader.at
    letter = reader.peek(1)
    reader.at += 2
    if letter == "":
        raise reader.refusal(start, "a backslash at the end escapes nothing; write two for a backslash")
    if letter in ("p", "P"):
        return _read_property(reader, start)
    if letter in _NUMBERED:
        return _NUMBERED[letter](reader, start)
    if letter in _CONTROLS:
        return _CONTROLS[letter]
    if letter in PREDEFINED:
        return PREDEFINED[letter]
    if in_class and letter in _ONLY_OUTSIDE:
        raise reader.refusal(start, f"`\\{letter}` {_ONLY_OUTSIDE[letter]}")
    if letter in _REFUSED_ESCAPES:
        raise reader.refusal(start, f"`\\{letter}` {_REFUSED_ESCAPES[letter]}")
    if letter.isascii() and letter.isalnum():
        raise reader.refusal(start, f"`\\{letter}` is an escape that Java does not have")
    return ord(letter[-1])


def _read_octal(reader: Reader, start: int) -> int:
    digits = ""
    while len(digits) < 3 and reader.peek() in _OCTAL and int(digits + reader.peek(), 8) <= 0o377:
        digits += reader.peek()
        reader.at += 1
    if not digits:
        raise reader.refusal(start, r"`\0` needs one to three octal digits after it, at most 377")
    return int(digits, 8)


def _read_hexadecimal(reader: Reader, start: int) -> int:
    if reader.peek() != "{":
        return _read_digits(reader, start, 2, r"`\x` needs two hexadecimal digits, or up to six in braces")
    reader.at += 1
    digits = ""
    while reader.peek() in _HEXADECIMAL:
        digits = (digits + reader.peek()).lstrip("0") or "0"
        reader.at += 1
        if int(digits, 16) > LAST_CODE_POINT:
            raise reader.refusal(start, "there is no such character: the last one is 10FFFF")
    if not digits or reader.peek() != "}":
        raise reader.refusal(start, r"`\x{` needs hexadecimal digits and a closing brace")
    reader.at += 1
    return _not_a_surrogate(reader, start, int(digits, 16))


def _read_utf16(reader: Reader, start: int) -> int:
    needed = r"`\u` needs four hexadecimal digits"
    code_point = _read_digits(reader, start, 4, needed, surrogate=True)
    if 0xD800 <= code_point <= 0xDBFF and reader.text(2) == "\\u":
        reader.at += 2
        low = _read_digits(reader, start, 4, needed, surrogate=True)
        if 0xDC00 <= low <= 0xDFFF:
            return 0x10000 + ((code_point - 0xD800) << 10) + (low - 0xDC00)
    return _not_a_surrogate(reader, start, code_point)


def _read_digits(reader: Reader, start: int, count: int, needed: str, *, surrogate: bool = False) -> int:
    digits = reader.text(count)
    if len(digits) != count or not _HEXADECIMAL.issuperset(digits):
        raise reader.refusal(start, needed)
    reader.at += count
    return int(digits, 16) if surrogate else _not_a_surrogate(reader, start, int(digits, 16))


def _not_a_surrogate(reader: Reader, start: int, code_point: int) -> int:
    if 0xD800 <= code_point <= 0xDFFF:
        raise reader.refusal(start, r"this is half of a character; write the whole one, such as `\x{1F600}`")
    return code_point


def _read_control(reader: Reader, start: int) -> int:
    letter = reader.peek()
    reader.at += 1
    if len(letter) == 1 and (letter in "@]^_?[" or "A" <= letter <= "Z"):
        return ord(letter) ^ 64
    raise reader.refusal(start, r"`\c` needs a capital letter after it: Java makes something else of a small one")


_NUMBERED: Final = {"0": _read_octal, "x": _read_hexadecimal, "u": _read_utf16, "c": _read_control}


def _read_property(reader: Reader, start: int) -> CharacterSet:
    negated = reader.peek(-1) == "P"
    name = reader.peek()
    reader.at += 1
    if name == "{":
        begin = reader.at
        while reader.peek() not in ("}", ""):
            reader.at += 1
        if reader.peek() == "":
            raise reader.refusal(start, "the name of a property needs a closing brace", begin)
        name = reader.pattern[reader.offset(begin) : reader.offset(reader.at)]
        reader.at += 1
    found = named_set(name)
    if found is None:
        raise reader.refusal(start, _why_not(name))
    return found.negate() if negated else found


def _why_not(name: str) -> str:
    if name.startswith("In") or name.partition("=")[0].lower() in ("blk", "block"):
        return r"Unicode blocks are not supported; write a range, `[\x{370}-\x{3ff}]`, or a script, `\p{IsGreek}`"
    if name.upper() in ("ISALPHABETIC", "ISALPHA", "ISALNUM", "JAVAALPHABETIC"):
        return r"this property has no exact equal here; write `\p{L}` for letters, `\p{Nd}` for digits"
    if name.upper() in ("ISLOWERCASE", "ISUPPERCASE", "ISLOWER", "ISUPPER", "JAVALOWERCASE", "JAVAUPPERCASE"):
        return r"this property has no exact equal here; write `\p{LC}`, for case makes no difference here"
    if name in ("C", "Cn", "Cs", "IsC", "IsCn", "IsCs"):
        return r"unassigned characters and surrogates cannot be named; write `\p{Cc}`, `\p{Cf}` or `\p{Co}`"
    return r"this property is unknown here; categories such as `\p{L}` and scripts such as `\p{IsGreek}` are known"


# Square brackets


class _Members:
    """What stands between square brackets, case folding done."""

    def __init__(self) -> None:
        self.singles: set[int] = set()
        self.ranges: list[Range] = []
        self.properties: dict[str, None] = {}
        self.empty = True

    def add_set(self, added: CharacterSet) -> None:
        self.ranges.extend(added.ranges)
        self.properties.update(dict.fromkeys(added.properties))

    def to_set(self, *, negated: bool) -> CharacterSet:
        singles = {same for single in self.singles for same in fold_character(single)}
        return CharacterSet(merge([*((one, one) for one in singles), *self.ranges]), tuple(self.properties), negated)


def read_class(reader: Reader) -> CharacterSet:
    """Read ``[...]`` with the reader at its opening bracket. Unions and intersections (``&&``) are refused."""
    start = reader.at
    reader.at += 1
    negated = reader.peek() == "^"
    reader.at += negated
    members = _Members()
    while reader.peek() != "]" or members.empty:
        if reader.peek() == "":
            raise reader.refusal(start, "this square bracket is never closed", start + 1)
        _read_member(reader, members)
        members.empty = False
    reader.at += 1
    return members.to_set(negated=negated)


def _read_member(reader: Reader, members: _Members) -> None:
    start = reader.at
    first = _read_one(reader)
    if isinstance(first, CharacterSet):
        added = first.without_negation()
        if added is None:
            raise reader.refusal(start, "this property cannot be negated between square brackets; name what is meant")
        members.add_set(added)
        return
    if reader.peek() != "-" or reader.peek(1) in ("]", "[", ""):
        members.singles.add(first)
        return
    reader.at += 1
    last = _read_one(reader)
    if isinstance(last, CharacterSet):
        raise reader.refusal(start, r"a range ends in one character; for a literal hyphen write `\-`")
    if last < first:
        raise reader.refusal(start, "this range runs backwards")
    if last >= 0x80:
        reader.wide_ranges += 1
    if reader.wide_ranges > MAX_WIDE_RANGES:
        raise reader.refusal(start, f"a pattern may have at most {MAX_WIDE_RANGES} ranges beyond ASCII")
    members.ranges.extend(fold_range(first, last))


def _read_one(reader: Reader) -> int | CharacterSet:
    start, now = reader.at, reader.peek()
    if now == "\\":
        found = read_escape(reader, in_class=True)
        if reader.peek(-1) == "v" and reader.peek() == "-":
            raise reader.refusal(start, _VERTICAL_BEFORE_HYPHEN)
        return found
    if now == "[":
        raise _nested_class(reader)
    if now == "&" and reader.peek(1) == "&":
        reader.at += 2
        raise reader.refusal(start, "`&&` is an intersection, which is not supported; list what is left of it")
    reader.at += 1
    return ord(now[-1])


def _nested_class(reader: Reader) -> Refused:
    start = reader.at
    posix = reader.text(20).partition(":]")[0]
    if posix.startswith("[:") and posix[2:].isalpha():
        reader.at += len(posix) + 2
        name = posix[2:].capitalize().replace("Xdigit", "XDigit")
        return reader.refusal(start, rf"Java takes this as a class within a class; write `\p{{{name}}}`")
    return reader.refusal(start, r"a class within a class is not supported; put all in one, or write `\[`", start + 1)
