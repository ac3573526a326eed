"""Names that are like a protected one without being the same: short forms, initials, slips of the finger.

Theory of operation. Each way of being like is turned into equality of keys: a short form is put in place of a word, a
middle name is left out, a word is exchanged for one of the registry's own words that is one edit away (found by what is
left of it without one letter). So nothing is compared with every name; but what is found grows with the registry, until
nearly every stranger is like somebody. Hence it is only kept up to MAX_IDENTITIES, one edit counts only where the rest
of the name is rare, and two only in long words.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
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
from sosie.detection.keyed import (
    Column,
    listed,
    put,
    take,
    to_column,
    to_numbers,
    to_texts,
    values,
    values_of,
)
from sosie.detection.name_forms import (
    MAX_WINDOW,
    Words,
    as_initials,
    as_shortened,
    as_spelt,
    initial,
    is_slip,
    joined,
    short_forms,
    shortened,
    spelt_names,
    windows,
    without_middle,
    written_names,
)
from sosie.likeness.edit_distance import deletions, edit_distance
from sosie.likeness.foreign_names import (
    east_asian_among,
    is_latin,
    latin_spellings,
    near_foreign_keys,
    near_latin_keys,
    spelling_key,
)
from sosie.likeness.nicknames import other_forms
from sosie.likeness.person_name import INITIALS, Reading, fold, shown, untitled, written_words

MAX_IDENTITIES = 20_000
MIN_EDITED = 5  # letters of a word that may be mistyped, whatever stands beside it
MIN_EDITED_BESIDE_RARE = 3  # beside a word of MIN_RARE letters that no other name of the registry has
MIN_RARE = 4
MIN_TWICE_EDITED = 7  # letters of a word with two slips; beside a rare one
MIN_BOTH_EDITED = 6  # letters of each of two words with one slip
MIN_ROMANISED = 9  # letters of a name whose romanisation may follow another system
MIN_CUT, MAX_CUT = 3, 8  # letters of a given name that is cut short
MAX_TRIES = 60  # words that are put in place of others for one name
_DOUBTFUL = "w"  # the kind of key under which other names meet, too
_NUMBERED = (
    "names", "ends", "initials", "shortened", "only_short", "latin", "foreign", "east_asian", "folded", "spelt",
)  # fmt: skip

Numbered = dict[str, int | list[int]]  # numbers of identities
Worded = dict[str, str | list[str]]
Found = tuple[str, set[int]] | None  # how a name is like others, and whose they are


class NearNames:
    """The names of a small registry, by number of their identity."""

    def __init__(self) -> None:
        self._names: Numbered = {}
        self._ends: Numbered = {}
        self._initials: Numbered = {}
        self._shortened: Numbered = {}
        self._only_short: Numbered = {}  # who is registered with an initial
        self._latin: Numbered = {}
        self._foreign: Numbered = {}
        self._kinds: set[str] = set()  # of the keys of names of other scripts
        self._east_asian: Numbered = {}
        self._folded: Numbered = {}
        self._spelt: Numbered = {}
        self._names_with: Worded = {}  # different names, by each of their words
        self._left: Worded = {}  # words, by what is left of them without a letter

    def add(self, number: int, name: str, protected: Iterable[Reading]) -> None:
        """Look for this name too, which protects these names: see `names_of`."""
        names = written_names(protected)
        for table, keys in self._keys(name, names):
            put(table, keys, number)
            if table is self._foreign:
                self._kinds.update(key[:1] for key in keys)
        for words in spelt_names(names):
            key = _key(words)
            self._meet(words, key)
            put(self._spelt, (key,), number)

    def _meet(self, words: Words, key: str) -> None:
        """Somebody has this name."""
        joined_words = " ".join(words)
        if key in self._spelt and joined_words in values(self._names_with, words[0]):
            return
        for word in words:
            if word not in self._names_with:
                put(self._left, _rests(word), word)
        put(self._names_with, words, joined_words)

    def remove(self, number: int, name: str, protected: Iterable[Reading]) -> None:
        """Look for it no longer."""
        names = written_names(protected)
        for table, keys in self._keys(name, names):
            for key in keys:
                take(table, key, number)
        for words in spelt_names(names):
            take(self._spelt, _key(words), number)
            if (key := _key(words)) not in self._spelt:
                gone = [one for one in values(self._names_with, words[0]) if _key(tuple(one.split(" "))) == key]
                for name_in_any_order, word in product(gone, words):
                    self._forget(word, name_in_any_order)

    def _forget(self, word: str, joined_words: str) -> None:
        """Nobody has this name any more, of which the word is one."""
        take(self._names_with, word, joined_words)
        if word not in self._names_with:
            for rest in _rests(word):
                take(self._left, rest, word)

    def to_columns(self) -> dict[str, Column]:
        """All of it, laid out: see `keyed`."""
        words = {word: number for number, word in enumerate(self._names_with)}
        names = {name: number for number, name in enumerate(_distinct(self._names_with))}
        columns = {f"near_{name}": to_column(getattr(self, f"_{name}"), int) for name in _NUMBERED}
        columns["near_names_with"] = to_column(self._names_with, names.__getitem__)
        columns["near_left"] = to_column(self._left, words.__getitem__)
        columns["near_words"] = listed(words)
        columns["near_whole_names"] = listed(names)
        return columns

    @classmethod
    def from_columns(cls, columns: Mapping[str, Column]) -> NearNames:
        """What was laid out. Raises KeyError, ValueError and IndexError for what was not."""
        near = cls()
        for name in _NUMBERED:
            setattr(near, f"_{name}", to_numbers(columns[f"near_{name}"]))
        near._names_with = to_texts(columns["near_names_with"], columns["near_whole_names"].keys)
        near._left = to_texts(columns["near_left"], columns["near_words"].keys)
        near._kinds = {key[:1] for key in near._foreign}
        return near

    def like(self, read_as: Iterable[Reading]) -> tuple[str, list[int], str] | None:
        """How the first reading that is like other names is so, whose they are, and its text; the surest way of it."""
        tried: list[tuple[Words, str]] = []
        for reading in read_as:
            words, text = untitled(reading).words, reading.text
            found = None
            if (words, text) not in tried:  # with a title and without it, a name is read twice
                tried.append((words, text))
                found = self._in_another_script(text) or self._of_words(words, tuple(written_words(text)))
            found = found or self._spelt_otherwise(reading)
            if found:
                return found[0], sorted(found[1]), text
        return None

    def _of_words(self, words: Words, written: Words) -> Found:
        """How the words of a name, folded and as they are written, are like others."""
        if len(words) == len(written) == 1:
            return self._of_short(written)
        spelt = as_spelt(written)
        long = words if INITIALS.isdisjoint(words) else tuple(word for word in words if word not in INITIALS)
        if any(map(self._folded.__contains__, words)) and (like := self._of_known_words(words, long, spelt)):
            return like
        if found := values_of(self._names, joined(long)):
            return JOINED, found
        if short := self._of_short(written):
            return short
        found = values_of(self._spelt, map(_key, self._edited_twice(spelt)))
        return (TWO_EDITS, found) if found else None

    def _of_short(self, written: Words) -> Found:
        """Whose name it is with one or several words cut down to a letter, here or there."""
        if (short := as_shortened(written)) in self._shortened and self._is_rare(short):
            return SHORTENED, values_of(self._shortened, (short,))
        if not self._only_short:
            return None
        found = values_of(self._only_short, filter(self._is_rare, shortened(written)))
        return (SHORTENED, found) if found else None

    def _of_known_words(self, words: Words, long: Words, spelt: Words) -> Found:
        """The same by the ways where one of the words at least is one of the registry's."""
        if len(words) > 2 and (found := values_of(self._names, map(_key, without_middle(words, long)))):
            return WITHOUT_MIDDLE, found
        if len(long) > 1 and (found := values_of(self._ends, (_key((long[0], long[-1])),))):
            return WITHOUT_MIDDLE, found
        if short := list(map(_key, short_forms(long, self._folded))):
            found = values_of(self._names, short) or values_of(self._ends, short if len(long) == 2 else ())
            if found:
                return SHORT_FORM, found
        if found := values_of(self._names, map(_key, windows(words, self._folded))):
            return AMONG_WORDS, found
        if long is not words and (found := values_of(self._initials, map(" ".join, as_initials(words)))):
            return ONLY_INITIALS, found
        if found := values_of(self._spelt, map(_key, self._cut(spelt))):
            return SHORT_FORM, found
        return (ONE_EDIT, found) if (found := self._edited(spelt)) else None

    def _in_another_script(self, text: str) -> Found:
        """Whose names are spellings of a name of another script, or the other way round."""
        keys, there = () if text.isascii() else near_foreign_keys(text), self._latin
        if not keys and self._foreign:
            keys, there = near_latin_keys(text, self._kinds), self._foreign
        if not keys:
            return None
        if found := values_of(there, [key for key in keys if key[:1] != _DOUBTFUL]):
            return TRANSLITERATED, found
        found = values_of(there, [key for key in keys if key[:1] == _DOUBTFUL])
        return (OTHER_SPELLING, found) if found else None

    def _keys(self, name: str, names: list[tuple[Words, Words]]) -> Iterator[tuple[Numbered, Sequence[str]]]:
        """The tables that know of a name, and its keys in each."""
        text = shown(name)
        latin = near_latin_keys(text)
        yield self._latin, latin
        yield self._east_asian, east_asian_among(latin)
        if not text.isascii():
            yield self._foreign, near_foreign_keys(text)
        for words, written in names:
            yield self._folded, words
            yield self._names, (_key(words),)
            if len(words) > 1:
                yield from self._keys_of_several(words, written, turned="," in name)

    def _keys_of_several(
        self, words: Words, written: Words, *, turned: bool
    ) -> Iterator[tuple[Numbered, Sequence[str]]]:
        if len(words) > 2:
            yield self._ends, tuple(map(_key, ((words[0], words[-1]), (words[0], words[1]), (words[-2], words[-1]))))
        yield self._initials, (f"{initial(words[0])} {words[-1]}",)
        if turned:
            yield self._initials, (f"{initial(words[-1])} {words[0]}",)
        yield self._shortened, tuple(shortened(written))
        if 1 in map(len, written) and (key := as_shortened(written)):
            yield self._only_short, (key,)

    def _spelt_otherwise(self, reading: Reading) -> Found:
        words = reading.words
        if not self._latin or sum(map(len, words)) < MIN_ROMANISED or not is_latin(reading.text):
            return None
        found = values_of(self._east_asian, latin_spellings(reading.text)) if self._east_asian else set()
        if len(words) == 2 and reading.text.isascii():
            found.update(values(self._latin, spelling_key(reading.text)))
        return (OTHER_SPELLING, found) if found else None

    def _is_unique(self, word: str) -> bool:
        """Whether only one name of the registry has the word, though several may have that name."""
        return isinstance(self._names_with.get(word), str)

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
        longer = islice(values(self._left, f"{word}*"), MAX_TRIES)
        shorter = (word[:end] for end in range(MIN_CUT, len(word) - 1) if word[:end] in self._names_with)
        for candidate in (*longer, *shorter):
            yield (candidate, *others)

    def _edited(self, words: Words) -> set[int]:
        """Whose name it is with a slip in one word, where all others are the registry's."""
        unknown = [word for word in words if word not in self._names_with]
        if len(unknown) != 1 or not 1 < len(words) <= MAX_WINDOW:
            return set()
        (word,) = unknown
        others = tuple(other for other in words if other != word)
        if not self._may_be_mistyped(word, others):
            return set()
        known = ((one, _key((one, *others))) for one in self._near(word))
        return values_of(self._spelt, [key for one, key in known if key in self._spelt and is_slip(one, word)])

    def _near(self, word: str) -> list[str]:
        """The registry's words that may be one edit away."""
        return sorted(values_of(self._left, deletions(word)))[:MAX_TRIES]

    def _one_edit_away(self, word: str) -> list[str]:
        """The registry's words that this may be a slip for."""
        return [one for one in self._near(word) if is_slip(one, word)]

    def _edited_twice(self, words: Words) -> Iterator[Words]:
        """With one slip in each of two long words, or with two in one beside a rare one."""
        if len(words) != 2 or len(words[0]) + len(words[1]) < MIN_TWICE_EDITED + MIN_RARE:
            return
        if not any(word in self._names_with for word in words):
            if all(len(word) >= MIN_BOTH_EDITED and not other_forms(fold(word)) for word in words):
                first = self._one_edit_away(words[0])
                yield from product(first, self._one_edit_away(words[1]) if first else ())
            return
        for word, other in (words, words[::-1]):
            if len(word) < MIN_TWICE_EDITED or len(other) < MIN_RARE or not self._is_unique(other):
                continue
            if word in self._names_with or other_forms(fold(word)):
                continue
            for name in values(self._names_with, other):
                meant = [one for one in name.split(" ") if one != other]
                if len(meant) == 1 and len(meant[0]) >= MIN_TWICE_EDITED and edit_distance(meant[0], word, 2) <= 2:
                    yield tuple(name.split(" "))

    def _may_be_mistyped(self, word: str, others: Words) -> bool:
        if word in self._names_with or other_forms(fold(word)):
            return False  # a name of its own
        if len(word) >= MIN_EDITED or len(word) < MIN_EDITED_BESIDE_RARE:
            return len(word) >= MIN_EDITED
        return any(len(other) >= MIN_RARE and self._is_unique(other) for other in others)


def _rests(word: str) -> list[str]:
    """What is left of a word that is mistyped, or cut short (with a star behind it)."""
    return deletions(word) + [f"{word[:end]}*" for end in range(MIN_CUT, min(len(word) - 1, MAX_CUT))]


def _distinct(names_with: Worded) -> dict[str, None]:
    """All names, in the order in which they are first found by their words."""
    return dict.fromkeys(name for word in names_with for name in values(names_with, word))


def _key(words: Words) -> str:
    return " ".join(sorted(words))
