"""The order in which characters stand on the screen (UAX 9), as far as overrides change it.

An override tells a program to lay letters out against their own direction: RIGHT-TO-LEFT OVERRIDE before `eoD nhoJ`
shows `John Doe`. Embeddings, isolates and marks do not turn letters around; without an override a text stays as it is.
"""

from __future__ import annotations

from unicodedata import bidirectional, category

BIDI_OVERRIDES = frozenset("\u202d\u202e")
# Characters that are looked at, here and beside: ten times what `visible` keeps, and at most some milliseconds. More
# is no name; that it is there shows, because `invisible` names the padding.
MAX_LOOKED_AT = 10_000
MAX_DEPTH = 125  # UAX 9, BD2; deeper ones start anew here, where no honest text is

_RLO, _LRO, _PDF, _PDI = "\u202e", "\u202d", "\u202c", "\u2069"
_EMBEDDINGS = frozenset("\u202a\u202b") | BIDI_OVERRIDES
_ISOLATES = frozenset("\u2066\u2067\u2068")
_MARKS = frozenset("\u061c\u200e\u200f")
_ENDS = frozenset("\n\r\x1c\x1d\x1e\x85\u2029")  # of a paragraph: Bidi_Class B
_MIRRORED = str.maketrans("()[]{}<>«»‹›", ")(][}{><»«›‹")  # UAX 9, L4


class _Scope:
    """What stands between a control and its end: pieces, each a character with its marks or a whole inner scope."""

    def __init__(self, opener: str) -> None:
        self.opener = opener
        self.pieces: list[str] = []

    def add(self, character: str) -> None:
        """A mark belongs to the letter before it, on which it is drawn (UAX 9, L3)."""
        if category(character)[0] == "M" and self.pieces:
            self.pieces[-1] += character
        else:
            self.pieces.append(character)

    def in_order(self) -> str:
        """From left to right, but letters of right-to-left scripts as they are read."""
        if self.opener == _RLO:
            mirrored = [one.translate(_MIRRORED) if len(one) == 1 else one for one in reversed(self.pieces)]
            return "".join(_turned(mirrored))
        if self.opener == _LRO:
            return "".join(_turned(self.pieces))
        return "".join(self.pieces)


def displayed(text: str) -> str:
    """The text in the order in which it is shown: what overrides turn around is turned around, controls are gone.

    A text without U+202D and U+202E comes back as it is. Letters of right-to-left scripts keep the order in which they
    are read, so that a Hebrew name within a right-to-left override is the same name. Of a longer text, the first
    `MAX_LOOKED_AT` characters.
    """
    if BIDI_OVERRIDES.isdisjoint(text):
        return text
    scopes = [_Scope("")]
    for character in text[:MAX_LOOKED_AT]:
        _take(scopes, character)
    _close_all(scopes)
    return scopes[0].in_order()


def _take(scopes: list[_Scope], character: str) -> None:
    """One step: a control opens or ends scopes, anything else stands in the innermost one."""
    if character in _EMBEDDINGS or character in _ISOLATES:
        scopes.append(_Scope(character))
        if len(scopes) > MAX_DEPTH:
            _close_all(scopes)
    elif character in (_PDF, _PDI):
        _close(scopes, character)
    elif character in _ENDS:
        _close_all(scopes)
        scopes[0].pieces.append(character)
    elif character not in _MARKS:
        scopes[-1].add(character)


def _close_all(scopes: list[_Scope]) -> None:
    while len(scopes) > 1:
        _close_one(scopes)


def _close(scopes: list[_Scope], closer: str) -> None:
    """POP DIRECTIONAL FORMATTING ends the last embedding, not past an isolate; an isolate's end ends all within it."""
    if closer == _PDF:
        if scopes[-1].opener in _EMBEDDINGS:
            _close_one(scopes)
    elif any(scope.opener in _ISOLATES for scope in scopes):
        while scopes[-1].opener not in _ISOLATES:
            _close_one(scopes)
        _close_one(scopes)


def _close_one(scopes: list[_Scope]) -> None:
    scope = scopes.pop()
    if scope.pieces:
        scopes[-1].pieces.append(scope.in_order())


def _turned(pieces: list[str]) -> list[str]:
    """Pieces from left to right, with each run of right-to-left letters turned into the order of reading."""
    turned: list[str] = []
    run: list[str] = []  # from a right-to-left letter on
    tail: list[str] = []  # what came after its last right-to-left letter
    for piece in pieces:
        direction = bidirectional(piece[0])
        if direction in ("R", "AL"):
            run += [*tail, piece]
            tail = []
        elif run and direction != "L":
            tail.append(piece)
        else:
            turned += [*reversed(run), *tail, piece]
            run, tail = [], []
    return [*turned, *reversed(run), *tail]
