"""Names that are like a protected one without being the same: short forms, initials, one slip of the finger.

Theory of operation. Each way of being like is turned into equality of keys: a short form is put in place of a word, a
middle name is left out, a word is exchanged for one of the registry's own words that is one edit away (found by what is
left of it without one letter). So nothing is compared with every name; but what is found grows with the registry, until
nearly every stranger is like somebody. Hence it is only kept up to MAX_IDENTITIES, and one edit counts only where the
rest of the name is rare.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import islice, pairwise

from sosie.detection.how import AMONG_WORDS, ONE_EDIT, ONLY_INITIALS, OTHER_SPELLING, SHORT_FORM, WITHOUT_MIDDLE
from sosie.likeness.edit_distance import deletions, edit_distance
from sosie.likeness.nicknames import other_forms
from sosie.likeness.person_name import (
    INITIALS,
    Reading,
    fold,
    is_title,
    latin_keys,
    names_of,
    shown,
    spelling_key,
    untitled,
    written_words,
)

MAX_IDENTITIES = 20_000
MIN_EDITED = 5  # letters of a word that may be mistyped, whatever stands beside it
MIN_EDITED_BESIDE_RARE = 3  # beside a word of MIN_RARE letters that no other name of the registry has
MIN_RARE = 4
MIN_WORD = 3  # letters of the name beside an initial
MIN_ROMANISED = 9  # letters of a name whose romanisation may follow another system
MIN_CUT, MAX_CUT = 3, 8  # letters of a given name that is cut short
MIN_LONE = 6  # letters of a name of one word that is looked for among others
MAX_WINDOW = 4
MAX_TRIES = 60  # words that are put in place of others for one name

Words = tuple[str, ...]


class NearNames:
    """The names of a small registry, by number of their identity."""

    def __init__(self) -> None:
        self._names: dict[str, set[int]] = defaultdict(set)
        self._ends: dict[str, set[int]] = defaultdict(set)
        self._initials: dict[str, set[int]] = defaultdict(set)
        self._latin: dict[str, set[int]] = defaultdict(set)
        self._folded: dict[str, set[int]] = defaultdict(set)
        self._spelt: dict[str, set[int]] = defaultdict(set)
        self._words: Counter[str] = Counter()
        self._left: dict[str, dict[str, None]] = defaultdict(dict)  # in the order in which they came

    def add(self, number: int, name: str) -> None:
        """Look for this name too."""
        for keys, key in self._keys(name):
            keys[key].add(number)
        for words in _spelt(name):
            self._spelt[_key(words)].add(number)
            for word in words:
                if not self._words[word]:
                    for rest in _rests(word):
                        self._left[rest][word] = None
                self._words[word] += 1

    def remove(self, number: int, name: str) -> None:
        """Look for it no longer."""
        for keys, key in self._keys(name):
            keys[key].discard(number)
            if not keys[key]:
                del keys[key]
        for words in _spelt(name):
            self._spelt[_key(words)].discard(number)
            for word in words:
                self._words[word] -= 1
                if not self._words[word]:
                    del self._words[word]
                    for rest in _rests(word):
                        self._left[rest].pop(word, None)
                        if not self._left[rest]:
                            del self._left[rest]

    def like(self, reading: Reading) -> Iterator[tuple[str, list[int]]]:
        """How the name that was read is like others, and whose they are; the surest first."""
        words = untitled(reading).words
        if not any(word in self._folded for word in words):
            if spelt := self._romanised(reading):
                yield OTHER_SPELLING, spelt
            return
        long = tuple(word for word in words if word not in INITIALS)
        for how, keys, tried in (
            (WITHOUT_MIDDLE, self._names, _without_middle(words, long)),
            (WITHOUT_MIDDLE, self._ends, _ends(long)),
            (SHORT_FORM, self._names, _short_forms(long)),
            (AMONG_WORDS, self._names, _windows(words)),
            (ONLY_INITIALS, self._initials, _as_initials(words)),
            (SHORT_FORM, self._spelt, self._cut(_as_spelt(reading.text))),
            (ONE_EDIT, self._spelt, self._edited(_as_spelt(reading.text))),
        ):
            join = " ".join if how is ONLY_INITIALS else _key
            found = {number for one in tried for number in keys.get(join(one), ())}
            if found:
                yield how, sorted(found)
        if spelt := self._romanised(reading):
            yield OTHER_SPELLING, spelt

    def in_latin(self, foreign: str) -> list[int]:
        """Whose names in Latin letters are spellings of the name of another script with this key."""
        return sorted(self._latin.get(foreign, ()))

    def _keys(self, name: str) -> Iterator[tuple[dict[str, set[int]], str]]:
        for key in latin_keys(shown(name)):
            yield self._latin, key
        for reading in names_of(name):
            words = reading.words
            for word in words:
                yield self._folded, word
            yield self._names, _key(words)
            if len(words) < 2:
                continue
            if len(words) > 2:
                yield self._ends, _key((words[0], words[-1]))
                yield self._ends, _key((words[0], words[1]))
                yield self._ends, _key((words[-2], words[-1]))
            yield self._initials, f"{initial(words[0])} {words[-1]}"
            if "," in name:
                yield self._initials, f"{initial(words[-1])} {words[0]}"

    def _romanised(self, reading: Reading) -> list[int]:
        words = reading.words
        if len(words) != 2 or sum(map(len, words)) < MIN_ROMANISED or not reading.text.isascii():
            return []
        return sorted(self._latin.get(spelling_key(reading.text), ())) if self._latin else []

    def _cut(self, words: Words) -> Iterator[Words]:
        """With a given name that begins another one, or the other way round (Alex, Alexandra), beside a rare name."""
        if not 1 < len(words) <= MAX_WINDOW:
            return
        word, *others = words
        if len(word) < MIN_CUT or not any(len(one) >= MIN_RARE and self._words[one] == 1 for one in others):
            return
        longer = islice(self._left.get(f"{word}*", ()), MAX_TRIES)
        shorter = (word[:end] for end in range(MIN_CUT, len(word) - 1) if word[:end] in self._words)
        for candidate in (*longer, *shorter):
            yield (candidate, *others)

    def _edited(self, words: Words) -> Iterator[Words]:
        if not 1 < len(words) <= MAX_WINDOW:
            return
        tries = 0
        for place, word in enumerate(words):
            others = words[:place] + words[place + 1 :]
            if not all(other in self._words for other in others) or not self._may_be_mistyped(word, others):
                continue
            for candidate in sorted({one for rest in deletions(word) for one in self._left.get(rest, ())}):
                tries += 1
                if tries > MAX_TRIES:
                    return
                if candidate != word and edit_distance(candidate, word, 1) == 1:
                    yield (*words[:place], candidate, *words[place + 1 :])

    def _may_be_mistyped(self, word: str, others: Words) -> bool:
        if word in self._words or other_forms(fold(word)):
            return False  # a name of its own
        rare = any(len(other) >= MIN_RARE and self._words[other] == 1 for other in others)
        return len(word) >= (MIN_EDITED_BESIDE_RARE if rare else MIN_EDITED)


def _rests(word: str) -> list[str]:
    """What is left of a word that is mistyped, or cut short (with a star behind it)."""
    return [*deletions(word), *(f"{word[:end]}*" for end in range(MIN_CUT, min(len(word) - 1, MAX_CUT)))]


def initial(word: str) -> str:
    """The first letter of a folded word, as it is folded alone (m is folded to rn)."""
    return "rn" if word.startswith("rn") else word[:1]


def _spelt(name: str) -> set[Words]:
    """The names that an entry's name protects, in words as they are written: an edit is one of what is written."""
    return {words for reading in names_of(name) if (words := _as_spelt(reading.text))}


def _as_spelt(text: str) -> Words:
    words = [word for word in written_words(text) if len(word) > 1]
    plain = [word for word in words if not is_title(word)]
    return tuple(plain if len(plain) > 1 else words)


def _without_middle(words: Words, long: Words) -> Iterator[Words]:
    if 1 < len(long) < len(words):
        yield long
    if len(long) > 2:
        yield long[0], long[-1]


def _ends(long: Words) -> Iterator[Words]:
    if len(long) > 1:
        yield long[0], long[-1]


def _short_forms(long: Words) -> Iterator[Words]:
    if not 1 < len(long) <= MAX_WINDOW:
        return
    for place, word in enumerate(long):
        for form in other_forms(word):
            yield (*long[:place], form, *long[place + 1 :])


def _windows(words: Words) -> Iterator[Words]:
    for width in range(2, min(MAX_WINDOW, len(words) - 1) + 1):
        for start in range(len(words) - width + 1):
            yield words[start : start + width]
    if len(words) > 1:
        yield from ((word,) for word in words if len(word) >= MIN_LONE)


def _as_initials(words: Words) -> Iterator[Words]:
    """An initial before a name (`J. Roe`), or behind it and a comma (`Roe, J.`)."""
    for one, other in pairwise(words):
        if one in INITIALS and len(other) >= MIN_WORD:
            yield one, other
    if len(words) == 2 and words[1] in INITIALS and len(words[0]) >= MIN_WORD:
        yield words[1], words[0]


def _key(words: Words) -> str:
    return " ".join(sorted(words))
