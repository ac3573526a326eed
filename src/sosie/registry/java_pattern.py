"""Judges and runs the regular expressions of entries: Java's syntax, RE2's engine, the whole address, no case.

`compile_pattern` takes a pattern only if RE2, which runs in time linear in the address, can give Java's answer for
every address (java.util.regex.Pattern of JDK 17, `matches`, CASE_INSENSITIVE and UNICODE_CASE). `java_pattern_syntax`
reads and translates it; what cannot be translated is refused with its place, so that a pattern never means something
else than it says. docs/patterns.md is the page for administrators. Both are loaded with the first pattern: most
registries hold none.

The answers differ from Java's in two ways, both on purpose: no pattern matches an empty address or one with a line
break, and four letters outside ASCII that Java folds into i, k and s match only themselves (`java_pattern_sets`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from sosie.mail.fact import fact
from sosie.registry.java_pattern_reader import Refused

# 8 KiB hold a list of 250 addresses of 30 letters, more than one person has, and bound the time of everything below:
# the worst pattern found costs 10 ms to read and 20 ms to compile.
MAX_PATTERN_BYTES: Final = 8 * 1024

# For each pattern RE2 gives two thirds to the program and a third to the states of its automaton. A program may then
# have 43,000 instructions, four times what the scanner lets through (`MAX_WEIGHT`), so this is a second fence, which
# can name no place. More does not make realistic patterns faster: 1.1 to 1.7 µs an address from 256 KiB to 1 MiB.
MAX_MEMORY: Final = 512 * 1024

_SHOWN: Final = 60  # of a construct, in an error: it is there to be found, not to be read again
_LINE_BREAKS: Final = frozenset("\n\r\x85\u2028\u2029")


class PatternError(ValueError):
    """A pattern that is not taken.

    `construct` is the offending piece, at most 60 characters of it, with what cannot be shown written as ``\\x{..}``;
    `offset` is where it begins, in code points from 0; `reason` is a sentence for a person, without a full stop.
    """

    def __init__(self, construct: str, offset: int, reason: str) -> None:
        super().__init__(construct, offset, reason)
        self.construct = construct
        self.offset = offset
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.reason} (at offset {self.offset}: {self.construct})"


@dataclass(frozen=True)
class AddressPattern:
    """A pattern that was taken. `re2_source` is to be run without flags, and anchors itself."""

    source: str
    re2_source: str

    def matches(self, address: str) -> bool:
        """Whether the pattern matches all of `address`, whatever its case. Any text may be asked."""
        if not address or not _LINE_BREAKS.isdisjoint(address):
            return False
        try:
            octets = address.encode()
        except UnicodeEncodeError:  # a lone surrogate
            return False
        return self._engine.fullmatch(octets) is not None

    @fact
    def _engine(self) -> Any:
        return _compile(self.re2_source)


def compile_pattern(pattern: str) -> AddressPattern:
    """Raises PatternError."""
    import re2  # noqa: PLC0415 - see above

    from sosie.registry.java_pattern_syntax import translate  # noqa: PLC0415 - see above

    _measure(pattern)
    try:
        translation = translate(pattern)
    except Refused as refused:
        raise _error(refused.construct, refused.offset, refused.reason) from None
    try:
        _compile(translation.re2_source)
    except re2.error as error:
        raise _from_re2(error, pattern, translation.re2_source, translation.origins) from None
    return AddressPattern(pattern, translation.re2_source)


def _measure(pattern: str) -> None:
    """Look at what would be wrong in any syntax."""
    if not pattern:
        raise PatternError("", 0, "the pattern is empty and would match no address")
    size = 0
    for offset, character in enumerate(pattern):
        if character == "\0":
            raise _error(character, offset, "a pattern holds no NUL character")
        if "\ud800" <= character <= "\udfff":
            raise _error(character, offset, "half of a surrogate pair is no character")
        size += 1 if character < "\x80" else len(character.encode())
        if size > MAX_PATTERN_BYTES:
            reason = f"a pattern is at most {MAX_PATTERN_BYTES} bytes of UTF-8; divide it into several entries"
            raise _error(character, offset, reason)


def _compile(re2_source: str) -> Any:
    import re2  # noqa: PLC0415 - see above

    options = re2.Options()
    options.max_mem = MAX_MEMORY
    options.log_errors = False
    return re2.compile(re2_source, options)


def _from_re2(error: Exception, pattern: str, re2_source: str, origins: Iterable[tuple[int, int]]) -> PatternError:
    """RE2 names a piece of the translation and no place. The scanner leaves it little to say but "too large"."""
    message = error.args[0] if error.args else ""
    said = message.decode(errors="replace") if isinstance(message, bytes) else str(message)
    named = said.partition(": ")[2]
    place = re2_source.find(named) if named else -1
    offset = max((offset for begin, offset in origins if begin <= place), default=0)
    if "too large" in said:
        reason = "the pattern is too large; make it shorter, or several entries"
    else:
        reason = f"the pattern cannot run in linear time: {said}"
    return _error(pattern[offset:], offset, reason)


def _error(construct: str, offset: int, reason: str) -> PatternError:
    shown = "".join(
        character if character.isprintable() else f"\\x{{{ord(character):x}}}" for character in construct[:_SHOWN]
    )
    return PatternError(shown, offset, reason)
