"""Names that are like a protected one without being the same: short forms, initials, slips of the finger.

Theory of operation. Each way of being like is turned into equality of keys: a short form is put in place of a word, a
middle name is left out, a word is exchanged for one of the registry's own words that is one edit away (found by what is
left of it without one letter). So nothing is compared with every name; but what is found grows with the registry, until
nearly every stranger is like somebody. Hence it is only kept up to MAX_IDENTITIES, one edit counts only where the rest
of the name is rare, and two only in long words.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import islice, product

from sosie.detection.how import (
    AMONG_WORDS,
    JOINED,
    ONE_EDIT,
    ONLY_INITIALS,
    OTHER_SPELLING,
    SHORT_FORM,
    SHORTENED,
    TRANSLITERATED,
    TWO_EDITS,
    WITHOUT_MIDDLE,
)
from sosie.detection.name_forms import (
    MAX_WINDOW,
    Words,
    as_initials,
    as_shortened,
    as_spelt,
    ends,
    initial,
    joined,
    short_forms,
    shortened,
    windows,
    without_middle,
)
from sosie.likeness.edit_distance import deletions, edit_distance
from sosie.likeness.foreign_names import is_latin, latin_spellings, near_foreign_keys, near_latin_keys, spelling_key
from sosie.likeness.nicknames import other_forms
from sosie.likeness.person_name import INITIALS, Reading, fold, names_of, shown, untitled, written_words

MAX_IDENTITIES = 20_000
MIN_EDITED = 5  # letters of a word that may be mistyped, whatever stands beside it
MIN_EDITED_BESIDE_RARE = 3  # beside a word of MIN_RARE letters that no other name of the registry has
MIN_RARE = 4
MIN_TWICE_EDITED = 7  # letters of a word with two slips; beside a rare one
MIN_BOTH_EDITED = 6  # letters of each of two words with one slip
MIN_ROMANISED = 9  # letters of a name whose romanisation may follow another system
MIN_CUT, MAX_CUT = 3, 8  # letters of a given name that is cut short
MAX_TRIES = 60  # words that are put in place of others for one name
_ENDINGS = frozenset("aeiouyj")  # Nikola and Nikolay, Maria and Mario: what tells names apart
_DOUBTFUL = "w"  # the kind of key under which other names meet, too


class NearNames:
    """The names of a small registry, by number of their identity."""

    def __init__(self) -> None:
        self._names: dict[str, set[int]] = defaultdict(set)
        self._ends: dict[str, set[int]] = defaultdict(set)
        self._initials: dict[str, set[int]] = defaultdict(set)
        self._shortened: dict[str, set[int]] = defaultdict(set)
        self._only_short: dict[str, set[int]] = defaultdict(set)  # who is registered with an initial
        self._latin: dict[str, set[int]] = defaultdict(set)
        self._foreign: dict[str, set[int]] = defaultdict(set)
        self._kinds: set[str] = set()  # of the keys of names of other scripts
        self._east_asian: dict[str, set[int]] = defaultdict(set)
        self._folded: dict[str, set[int]] = defaultdict(set)
        self._spelt: dict[str, set[int]] = defaultdict(set)
        self._names_with: dict[str, dict[Words, None]] = defaultdict(dict)  # different ones, by each of their words
        self._left: dict[str, dict[str, None]] = defaultdict(dict)  # in the order in which they came

    def add(self, number: int, name: str) -> None:
        """Look for this name too."""
        for keys, key in self._keys(name):
            keys[key].add(number)
            if keys is self._foreign:
                self._kinds.add(key[:1])
        for words in _spelt(name):
            self._spelt[_key(words)].add(number)
            for word in words:
                if word not in self._names_with:
                    for rest in _rests(word):
                        self._left[rest][word] = None
                self._names_with[word][words] = None

    def remove(self, number: int, name: str) -> None:
        """Look for it no longer."""
        for keys, key in self._keys(name):
            keys[key].discard(number)
            if not keys[key]:
                del keys[key]
        for words in _spelt(name):
            bearers = self._spelt[_key(words)]
            bearers.discard(number)
            if bearers:
                continue
            del self._spelt[_key(words)]
            for word in words:
                self._forget(word, words)

    def _forget(self, word: str, words: Words) -> None:
        """Nobody has this name any more, of which the word is one."""
        self._names_with[word].pop(words, None)
        if self._names_with[word]:
            return
        del self._names_with[word]
        for rest in _rests(word):
            self._left[rest].pop(word, None)
            if not self._left[rest]:
                del self._left[rest]

    def like(self, reading: Reading) -> Iterator[tuple[str, list[int]]]:
        """How the name that was read is like others, and whose they are; the surest first."""
        yield from self._in_another_script(reading.text)
        words = untitled(reading).words
        written = _written(reading)
        spelt = as_spelt(written)
        long = tuple(word for word in words if word not in INITIALS)
        for how, keys, tried in (
            *(self._of_known_words(words, long, spelt) if any(word in self._folded for word in words) else ()),
            (JOINED, self._names, map(_key, joined(long))),
            (SHORTENED, self._shortened, self._rare((as_shortened(written),), self._shortened)),
            (SHORTENED, self._only_short, self._rare(shortened(written), self._only_short)),
            (TWO_EDITS, self._spelt, map(_key, self._edited_twice(spelt))),
        ):
            found = {number for key in tried for number in keys.get(key, ())}
            if found:
                yield how, sorted(found)
        if found := self._spelt_otherwise(reading):
            yield OTHER_SPELLING, sorted(found)

    def _of_known_words(
        self, words: Words, long: Words, spelt: Words
    ) -> Iterator[tuple[str, dict[str, set[int]], Iterable[str]]]:
        """The ways of being like where one of the words at least is one of the registry's."""
        yield WITHOUT_MIDDLE, self._names, map(_key, without_middle(words, long))
        yield WITHOUT_MIDDLE, self._ends, map(_key, ends(long))
        yield SHORT_FORM, self._names, map(_key, short_forms(long))
        yield SHORT_FORM, self._ends, map(_key, short_forms(long) if len(long) == 2 else ())
        yield AMONG_WORDS, self._names, map(_key, windows(words))
        yield ONLY_INITIALS, self._initials, map(" ".join, as_initials(words))
        yield SHORT_FORM, self._spelt, map(_key, self._cut(spelt))
        yield ONE_EDIT, self._spelt, map(_key, self._edited(spelt))

    def _in_another_script(self, text: str) -> Iterator[tuple[str, list[int]]]:
        """Whose names are spellings of a name of another script, or the other way round."""
        keys, there = near_foreign_keys(text), self._latin
        if not keys and self._foreign:
            keys, there = near_latin_keys(text, self._kinds), self._foreign
        for how, some in (
            (TRANSLITERATED, [key for key in keys if key[:1] != _DOUBTFUL]),
            (OTHER_SPELLING, [key for key in keys if key[:1] == _DOUBTFUL]),
        ):
            if found := {number for key in some for number in there.get(key, ())}:
                yield how, sorted(found)

    def _keys(self, name: str) -> Iterator[tuple[dict[str, set[int]], str]]:
        for key in near_latin_keys(shown(name)):
            yield self._latin, key
        for key in latin_spellings(shown(name)):
            yield self._east_asian, key
        for key in near_foreign_keys(shown(name)):
            yield self._foreign, key
        for reading in names_of(name):
            words = reading.words
            yield from ((self._folded, word) for word in words)
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
            written = _written(reading)
            for key in shortened(written):
                yield self._shortened, key
            if any(len(word) == 1 for word in written) and (key := as_shortened(written)):
                yield self._only_short, key

    def _spelt_otherwise(self, reading: Reading) -> set[int]:
        words = reading.words
        if not self._latin or sum(map(len, words)) < MIN_ROMANISED or not is_latin(reading.text):
            return set()
        found = {number for key in latin_spellings(reading.text) for number in self._east_asian.get(key, ())}
        if len(words) == 2 and reading.text.isascii():
            found.update(self._latin.get(spelling_key(reading.text), ()))
        return found

    def _is_unique(self, word: str) -> bool:
        """Whether only one name of the registry has the word, though several may have that name."""
        return len(self._names_with.get(word, ())) == 1

    def _rare(self, keys: Iterable[str], there: dict[str, set[int]]) -> list[str]:
        return [key for key in keys if key in there and self._is_rare(key)] if there else []

    def _is_rare(self, key: str) -> bool:
        """Whether the longer word of a shortened name is one that no other name of the registry has."""
        one, _, other = key.partition(" ")
        longer = (max(one, other, key=len),) if other else (one[1:], one[:-1])
        return any(map(self._is_unique, longer))

    def _cut(self, words: Words) -> Iterator[Words]:
        """With a given name that begins another one, or the other way round (Alex, Alexandra), beside a rare name."""
        if not 1 < len(words) <= MAX_WINDOW:
            return
        word, *others = words
        if len(word) < MIN_CUT or not any(len(one) >= MIN_RARE and self._is_unique(one) for one in others):
            return
        longer = islice(self._left.get(f"{word}*", ()), MAX_TRIES)
        shorter = (word[:end] for end in range(MIN_CUT, len(word) - 1) if word[:end] in self._names_with)
        for candidate in (*longer, *shorter):
            yield (candidate, *others)

    def _edited(self, words: Words) -> Iterator[Words]:
        if not 1 < len(words) <= MAX_WINDOW:
            return
        for place, word in enumerate(words):
            others = words[:place] + words[place + 1 :]
            if all(other in self._names_with for other in others) and self._may_be_mistyped(word, others):
                for candidate in self._one_edit_away(word):
                    yield (*words[:place], candidate, *words[place + 1 :])

    def _one_edit_away(self, word: str) -> list[str]:
        """The registry's words that this may be a slip for."""
        found = sorted({one for rest in deletions(word) for one in self._left.get(rest, ())})[:MAX_TRIES]
        return [one for one in found if edit_distance(one, word, 1) == 1 and not _ends_otherwise(one, word)]

    def _edited_twice(self, words: Words) -> Iterator[Words]:
        """With one slip in each of two long words, or with two in one beside a rare one."""
        if len(words) != 2 or len(words[0]) + len(words[1]) < MIN_TWICE_EDITED + MIN_RARE:
            return
        if not any(word in self._names_with for word in words):
            if all(len(word) >= MIN_BOTH_EDITED and not other_forms(fold(word)) for word in words):
                yield from product(*map(self._one_edit_away, words))
            return
        for word, other in (words, words[::-1]):
            if len(word) < MIN_TWICE_EDITED or len(other) < MIN_RARE or not self._is_unique(other):
                continue
            if word in self._names_with or other_forms(fold(word)):
                continue
            for name in self._names_with[other]:
                meant = [one for one in name if one != other]
                if len(meant) == 1 and len(meant[0]) >= MIN_TWICE_EDITED and edit_distance(meant[0], word, 2) <= 2:
                    yield name

    def _may_be_mistyped(self, word: str, others: Words) -> bool:
        if word in self._names_with or other_forms(fold(word)):
            return False  # a name of its own
        rare = any(len(other) >= MIN_RARE and self._is_unique(other) for other in others)
        return len(word) >= (MIN_EDITED_BESIDE_RARE if rare else MIN_EDITED)


def _ends_otherwise(one: str, other: str) -> bool:
    """Whether words differ in a last vowel alone, which makes another name of them."""
    longer, shorter = (one, other) if len(one) >= len(other) else (other, one)
    if len(longer) > len(shorter):
        return longer[-1] in _ENDINGS and longer[:-1] == shorter
    return one[:-1] == other[:-1] and {one[-1], other[-1]} <= _ENDINGS


def _rests(word: str) -> list[str]:
    """What is left of a word that is mistyped, or cut short (with a star behind it)."""
    return [*deletions(word), *(f"{word[:end]}*" for end in range(MIN_CUT, min(len(word) - 1, MAX_CUT)))]


def _spelt(name: str) -> set[Words]:
    """The names that an entry's name protects, in words as they are written: an edit is one of what is written."""
    return {words for reading in names_of(name) if (words := as_spelt(_written(reading)))}


def _written(reading: Reading) -> Words:
    return tuple(written_words(reading.text))


def _key(words: Words) -> str:
    return " ".join(sorted(words))
