"""What stands within a label: the names that it may have been built around.

`secure-example`, `examplemail` and `my-example-group` are built around `example`. A label has few such parts, and they
can be looked up; so the cost does not depend on how many names are protected.
"""

from __future__ import annotations

from sosie.likeness.domain_words import AFFIXES, COMMON

MIN_LETTERS = 5  # of a name that may stand beside any letters at all: shorter ones stand within too many words
MIN_LETTERS_APART = 3  # of a name that a hyphen, a digit or a known word sets apart
_MAX_EDGES = 6  # hyphens and digits that are looked at from either end: names have two or three
_SHORT_AFFIXES = {"hr", "my"}  # of two letters, the ones that stand before a name without a hyphen
_JOINED = frozenset(word for word in AFFIXES if len(word) > 2) | _SHORT_AFFIXES
_LENGTHS = tuple(sorted({len(word) for word in _JOINED}))


# A place within a label without its hyphens: where it starts and ends, and whether a known word, a hyphen or a digit
# sets it apart. A bare tuple, because there are thirty of them in a label.
Part = tuple[int, int, bool]


def parts_of(plain: str) -> list[Part]:
    """The places in a label (form `plain`) where a name may stand; those set apart first. The whole label is none,
    and words of their own, such as `security`, are built around nothing."""
    if plain in COMMON:
        return []
    bare = plain.replace("-", "")
    size = len(bare)
    edges = _edges(plain) if len(plain) != size or not bare.isalpha() else []
    starts = [0, *edges, *(length for length in _LENGTHS if bare[:length] in _JOINED)]
    ends = [size, *edges, *(size - length for length in _LENGTHS if bare[-length:] in _JOINED)]
    parts = [(start, end, True) for start in starts for end in ends if MIN_LETTERS_APART <= end - start < size]
    if size > MIN_LETTERS:
        parts += [(0, end, False) for end in range(MIN_LETTERS, size)]
        parts += [(start, size, False) for start in range(1, size - MIN_LETTERS + 1)]
    return parts


def is_affix(text: str) -> bool:
    """Whether the text beside a name is a known word, a number, both or nothing."""
    word = text.strip("0123456789")
    return not word or word in AFFIXES


def _edges(plain: str) -> list[int]:
    """Where hyphens stood and digits begin or end, as places in the label without its hyphens."""
    edges: list[int] = []
    place = 0
    before = ""
    for character in plain:
        if character == "-" or (before and before != "-" and before.isdigit() != character.isdigit()):
            edges.append(place)
        place += character != "-"
        before = character
    edges = list(dict.fromkeys(edges))
    return edges if len(edges) <= 2 * _MAX_EDGES else edges[:_MAX_EDGES] + edges[-_MAX_EDGES:]
