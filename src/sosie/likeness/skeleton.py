"""Skeletons (UTS 39, section 4): two texts that look the same have one skeleton.

A skeleton is a key, never shown: `m` becomes `rn` and `0` becomes `O` in every text, honest ones too. Case matters,
as it does to the eye: `I` looks like `l`, `i` does not. Whoever compares without case wants two keys, because each
alone misses what the other finds: the skeleton of the case-folded text, and the skeleton of the case-folded skeleton
(for `paypaI`, and for `Μaria` with a Greek capital; once more at the end, because a skeleton keeps `M` and turns `m`).
"""

from __future__ import annotations

from functools import cache
from unicodedata import normalize

from sosie.likeness.visible_text import within_bounds

# The table's few rows that are about ASCII; none of their prototypes holds the source of another.
ASCII_ROWS = (("`", "'"), ("|", "l"), ("1", "l"), ("I", "l"), ("0", "O"), ('"', "''"), ("%", "°/₀"), ("m", "rn"))


@cache
def _mapping() -> dict[int, str | None]:
    """From code points to prototypes, and from what shows nothing by default to nothing. Most texts are ASCII."""
    from sosie.likeness.tables.confusables import (  # noqa: PLC0415 - see above
        DEFAULT_IGNORABLE,
        PROTOTYPES,
        SEVERAL,
        SOURCES,
    )

    mapping: dict[int, str | None] = {ord(source): target for source, target in zip(SOURCES, PROTOTYPES, strict=True)}
    mapping.update((ord(row[0]), row[1:]) for row in SEVERAL.split("\n"))
    for first, last in DEFAULT_IGNORABLE:
        mapping.update(dict.fromkeys(range(first, last + 1)))
    return mapping


def skeleton(text: str) -> str:
    """The text decomposed (NFD), without default-ignorable characters, as prototypes, decomposed again.

    UTS 39, section 4, `skeleton(X)`; the table is of Unicode 18.0.0, the decompositions are those of the running
    Python. Of a text longer than `MAX_CHARACTERS`, what `within_bounds` leaves of it.
    """
    if text.isascii():
        for source, prototype in ASCII_ROWS:
            text = text.replace(source, prototype)
        return text
    return normalize("NFD", normalize("NFD", within_bounds(text)).translate(_mapping()))
