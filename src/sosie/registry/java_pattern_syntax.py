r"""Translates Java's pattern syntax (java.util.regex.Pattern, JDK 17) to RE2's, or says which piece of it cannot be.

What comes out means in RE2, read without flags, what the pattern means in Java with CASE_INSENSITIVE and UNICODE_CASE,
for every whole address that is not empty and has no line break. Without line breaks `$`, `\Z` and `\z` are one thing,
and the flags d, m and s make no difference. Only yes or no is asked of a match, so no group captures, and greedy and
reluctant quantifiers are one thing.

The scanner reads once from left to right and keeps open groups on a stack of its own, so depth costs no recursion.
Beside the text it keeps a weight, about the instructions that RE2 will need, and stops when it passes `MAX_WEIGHT`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from sosie.registry.java_pattern_characters import read_class, read_escape
from sosie.registry.java_pattern_groups import read_opening
from sosie.registry.java_pattern_reader import Reader, Refused
from sosie.registry.java_pattern_sets import VERTICAL, CharacterSet, fold_character, literal_to_re2

# About RE2's instructions: one for a letter of ASCII, nine for `.`, 1,200 for \p{L}. A name with its variants weighs 20
# to 100, two words of \p{L}+ weigh 2,400, 8 KiB of plain addresses 8,192. The worst pattern of this weight found takes
# 30 ms to compile, and 12 ms against an address of 320 characters of four bytes; both grow with this number.
MAX_WEIGHT: Final = 10_000

# RE2's own limit (kMaxRepeat), for one quantifier and for quantifiers within each other: x{1000}, (x{100}){10}.
MAX_REPEATS: Final = 1000

# Java reads groups by recursion and fails at a depth of some thousands. Patterns that people write have three or four
# levels, generated ones a dozen.
MAX_DEPTH: Final = 100

_TOO_LARGE = (
    "from here on the pattern is too large; make it shorter, write `+` for a high count, or use several entries"
)
_LINE_BREAK: Final = rf"(?:\r\n|{VERTICAL.to_re2()})"
_ANCHORS: Final = {"^": r"\A", r"\A": r"\A", "$": r"\z", r"\Z": r"\z", r"\z": r"\z"}


@dataclass(frozen=True)
class Translation:
    """`re2_source` is to be run without flags; `origins` has (place in it, offset in the pattern), both ascending."""

    re2_source: str
    origins: tuple[tuple[int, int], ...]


@dataclass
class _Group:
    """An open group, or the whole pattern."""

    start: int
    weight: int = 0
    repeats: int = 1
    anchored: bool = False


@dataclass
class _Atom:
    """What a quantifier would repeat: its first token, and of what is in it the weight, the repetitions, any anchor."""

    start: int
    weight: int
    repeats: int = 1
    anchored: bool = False


def translate(pattern: str) -> Translation:
    """Raises Refused. The pattern has no NUL and no lone surrogate, and its length has been looked at."""
    return _Scanner(pattern).translate()


class _Scanner:
    def __init__(self, pattern: str) -> None:
        self.reader = Reader(pattern)
        self.groups = [_Group(0)]
        self.names: set[str] = set()
        self.atom: _Atom | None = None
        self.after = "nothing stands before it"  # why there is no atom
        self.weight = 0
        self.pieces: list[str] = []
        self.origins: list[tuple[int, int]] = []
        self.length = 0

    def translate(self) -> Translation:
        reader = self.reader
        while reader.at < reader.end:
            _HANDLERS.get(reader.peek(), _Scanner._literal)(self)
        if len(self.groups) > 1:
            start = self.groups[-1].start
            raise reader.refusal(start, "this group is never closed", start + 1)
        return Translation(rf"\A(?:{''.join(self.pieces)})\z", tuple(self.origins))

    def _write(self, start: int, text: str) -> None:
        self.origins.append((self.length + len(r"\A(?:"), self.reader.offset(start)))
        self.pieces.append(text)
        self.length += len(text)

    def _spend(self, weight: int, start: int) -> None:
        self.weight += weight
        self.groups[-1].weight += weight
        if self.weight > MAX_WEIGHT:
            raise self.reader.refusal(start, _TOO_LARGE)

    def _add_atom(self, start: int, text: str, weight: int) -> None:
        self._write(start, text)
        self._spend(weight, start)
        self.atom = _Atom(start, weight)

    def _add_mark(self, start: int, text: str, after: str) -> None:
        """Write something that nothing repeats."""
        self._write(start, text)
        self._spend(1, start)
        self.atom = None
        self.after = after

    # Single characters

    def _literal(self) -> None:
        start = self.reader.at
        self.reader.at += 1
        self._add_character(start, ord(self.reader.peek(-1)[-1]))

    def _add_character(self, start: int, code_point: int) -> None:
        cases = fold_character(code_point)
        if code_point < 0x80:
            text = "".join(map(literal_to_re2, cases))
            self._add_atom(start, f"[{text}]" if len(cases) > 1 else text, 1)
        else:
            self._add_set(start, CharacterSet(tuple((case, case) for case in cases)))

    def _add_set(self, start: int, characters: CharacterSet) -> None:
        self._add_atom(start, characters.to_re2(), characters.weight())

    def _any(self) -> None:
        self.reader.at += 1
        self._add_atom(self.reader.at - 1, ".", 9)

    def _class(self) -> None:
        start = self.reader.at
        self._add_set(start, read_class(self.reader))

    def _backslash(self) -> None:
        start, letter = self.reader.at, self.reader.peek(1)
        if "\\" + letter in _ANCHORS:
            self._anchor()
        elif letter == "R":
            self.reader.at += 2
            self._add_atom(start, _LINE_BREAK, 12)
        elif isinstance(found := read_escape(self.reader, in_class=False), CharacterSet):
            self._add_set(start, found)
        else:
            self._add_character(start, found)

    def _anchor(self) -> None:
        start = self.reader.at
        anchor = self.reader.peek()
        if anchor == "\\":
            anchor = self.reader.text(2)
        self.reader.at += len(anchor)
        self._add_mark(start, _ANCHORS[anchor], "an anchor stands before it")
        self.groups[-1].anchored = True

    # Groups

    def _open(self) -> None:
        reader, start = self.reader, self.reader.at
        if not read_opening(reader, self.names):
            self.atom, self.after = None, "flags stand before it"
            return
        if len(self.groups) > MAX_DEPTH:
            raise reader.refusal(start, f"groups may be at most {MAX_DEPTH} deep")
        self._add_mark(start, "(?:", "nothing stands before it in its group")
        self.groups.append(_Group(start))

    def _close(self) -> None:
        reader, start = self.reader, self.reader.at
        reader.at += 1
        if len(self.groups) == 1:
            raise reader.refusal(start, r"this bracket closes no group; for a literal one write `\)`")
        self._write(start, ")")
        group = self.groups.pop()
        outer = self.groups[-1]
        outer.weight += group.weight
        outer.repeats = max(outer.repeats, group.repeats)
        outer.anchored |= group.anchored
        self.atom = _Atom(group.start, group.weight, group.repeats, group.anchored)

    def _alternative(self) -> None:
        self.reader.at += 1
        self._add_mark(self.reader.at - 1, "|", "nothing stands before it in its alternative")

    # Quantifiers

    def _quantifier(self) -> None:
        reader, start, atom = self.reader, self.reader.at, self.atom
        text, most = self._read_count(start)
        lazy = reader.peek() == "?"
        reader.at += lazy
        if atom is None:
            raise reader.refusal(start, f"this quantifier has nothing to repeat: {self.after}")
        if reader.peek() == "+" and not lazy:
            reader.at += 1
            raise self._possessive(atom, start)
        if atom.anchored and text not in ("?", "{0,1}", "{1,1}"):
            # Java ends a loop at a round that takes nothing, even below the lowest count. It shows only with anchors:
            # (?:^[^@]*?){2} does not match "a" in Java, though an empty round and one for the "a" would do.
            raise reader.refusal(start, "this quantifier repeats an anchor, which holds in one place; move it outside")
        repeats = atom.repeats * max(most, 1)
        if repeats > MAX_REPEATS:
            raise reader.refusal(start, f"at most {MAX_REPEATS} repetitions are taken, quantifiers within it counted")
        self.groups[-1].repeats = max(self.groups[-1].repeats, repeats)
        self._write(start, text)
        self._spend(atom.weight * (max(most, 1) - 1) + 1, start)
        self.atom, self.after = None, r"another quantifier stands before it; for a literal one write a backslash first"

    def _possessive(self, atom: _Atom, start: int) -> Refused:
        reason = "a possessive quantifier cannot run in linear time; leave out the last `+` and see that it still fits"
        refusal = self.reader.refusal(atom.start, reason)
        return refusal if len(refusal.construct) <= 20 else self.reader.refusal(start, reason)

    def _read_count(self, start: int) -> tuple[str, int]:
        """The quantifier as RE2 takes it, and how many copies RE2 makes of what it repeats."""
        reader = self.reader
        reader.at += 1
        sign = reader.peek(-1)
        if sign != "{":
            return sign, 1
        least = self._read_number()
        if least == "":
            raise reader.refusal(start, r"Java needs a number after `{`; for a literal one write `\{`")
        most: str | None = least
        if reader.peek() == ",":
            reader.at += 1
            most = self._read_number() or None
        reader.at += 1
        if reader.peek(-1) != "}":
            raise reader.refusal(
                start, r"this count is not closed as `{2}` or `{2,5}` are; for a literal one write `\{`"
            )
        low, high = int(least), None if most is None else int(most)
        if high is None:
            return f"{{{low},}}", max(low, 1)
        if high < low:
            raise reader.refusal(start, "the highest count of this quantifier is below its lowest")
        return f"{{{low},{high}}}", high

    def _read_number(self) -> str:
        """Decimal digits, without leading zeros, which RE2 would take for text; more than nine are as good as nine."""
        digits = ""
        while "0" <= self.reader.peek() <= "9" and len(self.reader.peek()) == 1:
            digits += self.reader.peek()
            self.reader.at += 1
        return (digits.lstrip("0") or "0")[:9] if digits else ""


_HANDLERS: Final[dict[str, Callable[[_Scanner], None]]] = {
    "(": _Scanner._open,  # noqa: SLF001 - the table of the class above
    ")": _Scanner._close,  # noqa: SLF001
    "|": _Scanner._alternative,  # noqa: SLF001
    "[": _Scanner._class,  # noqa: SLF001
    ".": _Scanner._any,  # noqa: SLF001
    "^": _Scanner._anchor,  # noqa: SLF001
    "$": _Scanner._anchor,  # noqa: SLF001
    "\\": _Scanner._backslash,  # noqa: SLF001
    **dict.fromkeys("?*+{", _Scanner._quantifier),  # noqa: SLF001
}
