"""Many literals and many regular expressions asked at once.

Theory of operation. Literals stand in a dictionary, so that thousands of them cost one hash look-up. The regular
expressions run together as one RE2 set: one automaton that says which of them match the whole text, in time linear in
the text. A set whose program or automaton would not fit into its memory is divided in two until it does. RE2 says
nothing where an automaton cannot even begin, it then matches nothing: a sentinel in every set tells.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final, Generic, TypeVar

from sosie.registry.java_pattern import AddressPattern

T = TypeVar("T")

MAX_MEMORY: Final = 32 << 20  # bytes of one set: 1,000 usual patterns take one or two MiB; it is taken only when needed
MAX_TEXT: Final = 320  # characters that are looked at: no address and no domain is longer (RFC 5321, 4.5.3.1)
_SENTINEL: Final = "\\x01"
_LINE_BREAKS = frozenset("\n\r\x85\u2028\u2029")


class PatternSet(Generic[T]):
    """Values by literal, in the form in which they are compared, and by pattern."""

    def __init__(self, literals: Iterable[tuple[str, T]], patterns: Iterable[tuple[AddressPattern, T]]) -> None:
        self._literals: dict[str, list[T]] = {}
        for literal, value in literals:
            self._literals.setdefault(literal, []).append(value)
        self._sets = _sets(list(patterns))

    def __bool__(self) -> bool:
        return bool(self._literals or self._sets)

    def find(self, text: str, compared: str) -> list[T]:
        """The values whose literal is `compared`, and those whose pattern matches all of `text`, whatever its case."""
        found = list(self._literals.get(compared, ()))
        if self._sets and 0 < len(text) <= MAX_TEXT and _LINE_BREAKS.isdisjoint(text):
            try:
                octets = text.encode()
            except UnicodeEncodeError:  # a lone surrogate
                return found
            for one in self._sets:
                found += one.find(octets)
        return found


class _Together(Generic[T]):
    """Patterns that run as one."""

    def __init__(self, engine: Any, values: Sequence[T]) -> None:
        self._engine = engine
        self._values = values

    def find(self, octets: bytes) -> list[T]:
        return [self._values[place] for place in sorted(self._engine.Match(octets) or ()) if place < len(self._values)]


def _sets(patterns: Sequence[tuple[AddressPattern, T]]) -> list[_Together[T]]:
    if not patterns:
        return []
    engine = _compile([pattern.re2_source for pattern, _ in patterns])
    if engine is None:
        half = len(patterns) // 2
        return _sets(patterns[:half]) + _sets(patterns[half:])
    return [_Together(engine, [value for _, value in patterns])]


def _compile(sources: Sequence[str]) -> Any:
    """None where they do not fit together. One alone always does: it was compiled with less memory before."""
    import re2  # noqa: PLC0415 - it is loaded with the first pattern: see `java_pattern`

    options = re2.Options()
    options.max_mem = MAX_MEMORY
    options.log_errors = False
    engine = re2.Set.FullMatchSet(options)
    for source in (*sources, _SENTINEL):
        engine.Add(source)
    try:
        engine.Compile()
        begins = len(sources) in (engine.Match(b"\x01") or ())
    except re2.error:
        begins = False
    return engine if begins or len(sources) == 1 else None
