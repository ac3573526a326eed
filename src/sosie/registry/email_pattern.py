"""The addresses that are truly a person's: literal ones, separated by commas, or one regular expression.

A literal is an addr-spec (RFC 5322, 3.4.1; internationalised by RFC 6532). A regular expression is Java's syntax,
run in linear time and always against the whole address: see `java_pattern`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from sosie.mail.address import Address, AddressError

if TYPE_CHECKING:
    from sosie.registry.java_pattern import AddressPattern

MAX_LENGTH = 320  # characters of an address that is looked at; none is longer (RFC 5321, 4.5.3.1: 64 + 1 + 255)
MAX_ADDRESSES = 100  # per entry: more than that is a group, and a group is several entries or a pattern


class EmailPatternError(ValueError):
    """Not an address, a list of addresses or a usable pattern; the message continues "email …"."""


class EmailPattern(NamedTuple):
    """Either `addresses`, in the form in which addresses are compared, or `pattern`."""

    addresses: frozenset[str]
    pattern: AddressPattern | None = None

    @classmethod
    def from_text(cls, text: str, *, is_regex: bool) -> EmailPattern:
        """Read an entry's `email`. Raises EmailPatternError."""
        if is_regex:
            return cls(frozenset(), _compiled(text))
        parts = list(_comma_separated(text))
        if len(parts) > MAX_ADDRESSES:
            raise EmailPatternError(f"must hold at most {MAX_ADDRESSES} addresses, not {len(parts)}")
        return cls(frozenset(_compared(part) for part in parts))

    def covers(self, address: str) -> bool:
        """Whether `address` (`local@domain`) is one of the person's own."""
        if len(address) > MAX_LENGTH:
            return False
        if self.pattern is not None:
            return self.pattern.matches(address)
        try:
            return Address.from_text(address).compared in self.addresses
        except AddressError:
            return address.casefold() in self.addresses


def _compiled(text: str) -> AddressPattern:
    from sosie.registry.java_pattern import PatternError, compile_pattern  # noqa: PLC0415 - few entries are patterns

    try:
        return compile_pattern(text)
    except PatternError as error:
        raise EmailPatternError(f"cannot be used as a regular expression: {error}") from None


def _compared(text: str) -> str:
    if not text:
        raise EmailPatternError("holds an empty place where an address should stand: look at its commas")
    try:
        return Address.from_text(text).compared
    except AddressError as error:
        shown = text if len(text) <= 80 else text[:77] + "…"
        raise EmailPatternError(f"{shown!r} is not an email address: {error}") from None


def _comma_separated(text: str) -> Iterator[str]:
    """The parts between commas, without the white space around them; a comma within quotes does not separate."""
    if '"' not in text:
        yield from (part.strip() for part in text.split(","))
        return
    start = 0
    quoted = escaped = False
    for position, character in enumerate(text):
        if escaped:
            escaped = False
        elif quoted and character == "\\":
            escaped = True
        elif character == '"':
            quoted = not quoted
        elif character == "," and not quoted:
            yield text[start:position].strip()
            start = position + 1
    yield text[start:].strip()
