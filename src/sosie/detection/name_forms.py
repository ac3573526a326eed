"""Other forms that one name takes, each as the words or the key under which it is looked up by `NearNames`."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from itertools import pairwise

from sosie.likeness.edit_distance import edit_distance
from sosie.likeness.nicknames import other_forms
from sosie.likeness.person_name import INITIALS, Reading, is_title, written_words

MIN_WORD = 3  # letters of the name beside an initial
MIN_GIVEN = 4  # letters of a given name with the initial of the family name
MIN_LONE = 6  # letters of a name of one word that is looked for among others
MAX_WINDOW = 4
MAX_INITIALS = 3
# Small words before a family name, which people leave out and abbreviate.
PARTICLES = frozenset(
    "van von der den de del della di da do dos das du la le ter ten zu zum zur af av al el bin ibn y e vd".split()
)

_ENDINGS = frozenset("aeiouyj")  # Nikola and Nikolay, Maria and Mario: what tells names apart

Words = tuple[str, ...]


def initial(word: str) -> str:
    """The first letter of a folded word, as it is folded alone (m is folded to rn)."""
    return "rn" if word.startswith("rn") else word[:1]


def written_names(names: Iterable[Reading]) -> list[tuple[Words, Words]]:
    """Names in folded words and in words as they are written."""
    return [(reading.words, tuple(written_words(reading.text))) for reading in names]


def spelt_names(names: list[tuple[Words, Words]]) -> dict[Words, None]:
    """The same without titles and initials, as they are written: an edit is one of what is written."""
    return dict.fromkeys(words for _, written in names if (words := as_spelt(written)))


def as_spelt(written: Words) -> Words:
    """The written words of a name without titles and initials."""
    words = [word for word in written if len(word) > 1]
    plain = [word for word in words if not is_title(word)]
    return tuple(plain if len(plain) > 1 else words)


def without_middle(words: Words, long: Words) -> list[Words]:
    """A name of folded words without its initials, and without the names in its middle."""
    found = [long] if 1 < len(long) < len(words) else []
    return [*found, (long[0], long[-1])] if len(long) > 2 else found


def short_forms(long: Words, known: Container[str]) -> list[Words]:
    """With one word in another of its forms; of a name of three words also without one of the last two. Only such as
    are all known words."""
    if not 1 < len(long) <= MAX_WINDOW:
        return []
    found: list[Words] = []
    for place, word in enumerate(long):
        others = [other for other in (*long[:place], *long[place + 1 :]) if other in known]
        whole = len(others) == len(long) - 1
        if not whole and (place or len(long) != 3):
            continue
        for form in other_forms(word) if others else ():
            if form in known:
                found += [(form, *others)] if whole else []
                found += [(form, other) for other in others] if not place and len(long) == 3 else []
    return found


def windows(words: Words, known: Container[str]) -> list[Words]:
    """Words that stand side by side, and each that is long enough to be a name by itself. Only known ones."""
    size = len(words)
    found: list[Words] = []
    for start, word in enumerate(words):
        if word not in known or size == 1:
            continue
        if len(word) >= MIN_LONE:
            found.append((word,))
        for end in range(start + 2, min(start + MAX_WINDOW, size) + 1):
            if words[end - 1] not in known:
                break
            if end - start < size:
                found.append(words[start:end])
    return found


def joined(long: Words) -> tuple[str, ...]:
    """A name of two words in one, the other way round: a registered `roejane`."""
    if len(long) != 2 or len(long[0]) + len(long[1]) < MIN_LONE:
        return ()
    return long[1] + long[0], long[0] + long[1]


def as_initials(words: Words) -> Iterator[Words]:
    """An initial before a name (`J. Roe`, `J. van der Roe`), or behind it and a comma (`Roe, J.`)."""
    for one, other in pairwise(words):
        if one in INITIALS and len(other) >= MIN_WORD:
            yield one, other
    if len(words) > 2 and words[0] in INITIALS and PARTICLES.issuperset(words[1:-1]):
        yield words[0], words[-1]
    if len(words) == 2 and words[1] in INITIALS and len(words[0]) >= MIN_WORD:
        yield words[1], words[0]


def is_slip(one: str, other: str) -> bool:
    """Whether a word may be another one with one slip in it."""
    return edit_distance(one, other, 1) == 1 and not _ends_otherwise(one, other)


def _ends_otherwise(one: str, other: str) -> bool:
    """Whether words differ in a last vowel alone, which makes another name of them."""
    longer, shorter = (one, other) if len(one) >= len(other) else (other, one)
    if len(longer) > len(shorter):
        return longer[-1] in _ENDINGS and longer[:-1] == shorter
    return one[:-1] == other[:-1] and {one[-1], other[-1]} <= _ENDINGS


def shortened(words: Words) -> Iterator[str]:
    """What a name of written words is shortened to: `jroe`, `roej`, `janer`, `jane r`, `j roe`, `jane qr`, `jq roe`."""
    if not 1 < len(words) <= MAX_INITIALS + 1 or not all(words):
        return
    first, last = words[0], words[-1]
    if len(last) >= MIN_WORD:
        yield first[0] + last
        yield last + first[0]
        yield f"{first[0]} {last}"
    if len(first) >= MIN_GIVEN:
        yield first + last[0]
        yield f"{first} {last[0]}"
        if len(words) > 2:
            yield f"{first} {''.join(word[0] for word in words[1:])}"
    if len(words) > 2 and len(last) >= MIN_WORD:
        yield f"{''.join(word[0] for word in words[:-1])} {last}"


def as_shortened(words: Words) -> str:
    """The written words as one that `shortened` may give; empty for others."""
    if len(words) == 1:
        return words[0] if len(words[0]) > MIN_WORD else ""
    if not 1 < len(words) <= MAX_INITIALS + 1 or (len(words[0]) > MAX_INITIALS < len(words[-1])):
        return ""
    if len(words[-1]) >= MIN_WORD and (letters := _initials(words[:-1])):
        return f"{letters} {words[-1]}"
    letters = _initials(words[1:])
    return f"{words[0]} {letters}" if letters and len(words[0]) >= MIN_WORD else ""


def _initials(words: Words) -> str:
    """The letters of words that are initials, each its own word or all of them one; empty for other words."""
    letters = "".join(words)
    return letters if len(letters) <= MAX_INITIALS and len(words) in (1, len(letters)) else ""
