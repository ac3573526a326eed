"""From what a message says to the identities it may mean: hashed keys, looked up, so that the size does not matter.

Theory of operation. Every entry is hashed under a few keys: its name in folded words, sorted, so that their order does
not count; its words joined, so that spaces and dots do not; and its addresses. A message's names are read in several
ways (`likeness.person_name`) and each is looked up. Keys are 64-bit hashes, and what they find is compared again where
it matters. What widens a name to others that are like it (one edit, initials, short forms, words around it) would find
half of mankind in a large directory, so it is kept by `NearNames` and only for a small registry.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from sosie.detection.how import EXACT, JOINED, TRANSLITERATED
from sosie.detection.identity import Identity
from sosie.detection.identity_columns import identities_from_columns, identities_to_columns
from sosie.detection.keyed import Column, put, put_first, take, to_column, to_counts, to_hashed_numbers
from sosie.detection.near_names import MAX_IDENTITIES, NearNames
from sosie.detection.own_domains import OwnDomains
from sosie.likeness.domain_name import registrable_domain
from sosie.likeness.foreign_names import foreign_key, latin_keys
from sosie.likeness.person_name import (
    INITIALS,
    Reading,
    names_of,
    read,
    readings,
    shown,
    umlauts_written_out,
    untitled,
)
from sosie.mail.address import Address

MIN_COMPACT = 5  # letters of joined words: `Al Li` is found anywhere
MIN_COMPACT_EAST_ASIAN = 2  # of which each is a syllable
MIN_SPACED = 4  # words of a part of a name that may be one name spaced out
MAX_BEARERS = 8  # of one name that are looked at one by one, those with a regular expression first
MAX_REMEMBERED = 20_000  # display names with what they mean, some 10 MB
MAX_REMEMBERED_NAME = 256  # characters; longer ones are nobody's, and a header may hold one of 256 KiB

_NAME, _COMPACT, _LATIN, _ADDRESS, _BELOW = "=", "~", "л", "@", "."

GMAIL = ("gmail.com", "googlemail.com")
_AT_GMAIL = tuple(f"@{domain}" for domain in GMAIL)

Numbers = int | list[int]  # of identities, in the order in which they came
Values = tuple[bytes, bytes, bytes]


class NameMatch(NamedTuple):
    """An identity that a name means, and how the name was understood: see `how`."""

    identity: Identity
    how: str
    portion: str


class Index:
    """The identities of an account. An entry that is added or removed costs its own keys."""

    def __init__(self, identities: Iterable[Identity] = ()) -> None:
        self._identities: list[Identity | None] = []
        self._numbers: dict[str, int] | None = None
        self._keys: dict[int, Numbers] = {}
        self._near: NearNames | None = None  # made when the first message asks for it
        self.domains = OwnDomains()
        self._remembered: dict[str, tuple[NameMatch, ...]] = {}
        self._names: dict[str, bool] = {}
        self._kinds: dict[Values, int] = {}
        self._domain_changes = 0
        self._count = 0
        self._foreign = Counter[str]()  # names in another script than Latin, by the kind of their key
        if all_of_them := list(identities):
            self.expect(len(all_of_them))
        for identity in all_of_them:
            self.add(identity)

    def __len__(self) -> int:
        """How many identities there are."""
        return self._count

    @property
    def is_small(self) -> bool:
        """Whether names that are like a protected one are looked for too."""
        return self._count <= MAX_IDENTITIES

    def expect(self, count: int) -> None:
        """Be told how many are about to be added, before the first: of a small registry's names, what is like them is
        then worked out as each comes, so that a name is read once and nothing is left for `prepare`."""
        if not self._identities and count <= MAX_IDENTITIES:
            self._near = NearNames()

    def add(self, identity: Identity) -> None:
        """Protect one more identity. Raises EmailPatternError, and changes nothing, for one that breaks the registry's
        rules."""
        addresses = identity.addresses()
        number = len(self._identities)
        self._identities.append(identity)
        if self._numbers is not None:
            self._numbers[identity.entry_id] = number
        names = names_of(identity.name)
        keys = _keys(identity, addresses, names)
        (put_first if identity.is_regex else put)(self._keys, map(hash, keys), number)
        self._foreign.update(_foreign_kinds(keys))
        self.domains.add_addresses(addresses)
        self._count += 1
        if self._near is not None and self.is_small:
            self._near.add(number, identity.name, names)
        elif not self.is_small:
            self._near = None
        self._forget()

    def remove(self, entry_id: str) -> None:
        """Protect it no longer. Does nothing for one that is not there."""
        number = self._place_of(entry_id)
        identity = None if number is None else self._identities[number]
        if number is None or identity is None:
            return
        self._identities[number] = None
        addresses = identity.addresses()
        names = names_of(identity.name)
        keys = _keys(identity, addresses, names)
        for key in keys:
            take(self._keys, hash(key), number)
        self._foreign.subtract(_foreign_kinds(keys))
        self.domains.discard_addresses(addresses)
        self._count -= 1
        if self._near is not None:
            self._near.remove(number, identity.name, names)
        self._forget()

    def _forget(self) -> None:
        """What was remembered, because it may not be true any more."""
        self._remembered.clear()
        self._names.clear()
        self._kinds.clear()

    def _place_of(self, entry_id: str) -> int | None:
        """Where an identity that goes stands."""
        if self._numbers is None:
            self._numbers = {one.entry_id: number for number, one in enumerate(self._identities) if one is not None}
        return self._numbers.pop(entry_id, None)

    def identities(self) -> Iterator[Identity]:
        """All of them, in the order in which they came."""
        return (one for one in self._identities if one is not None)

    def prepare(self, *, to_change: bool = False) -> None:
        """Do now what the first message would wait for; with `to_change`, what the first removal would."""
        self._near_names()
        if to_change:
            self._place_of("")

    def _near_names(self) -> NearNames | None:
        if self._near is None and self.is_small:
            self._near = NearNames()
            for number, identity in enumerate(self._identities):
                if identity is not None:
                    self._near.add(number, identity.name, names_of(identity.name))
        return self._near

    def to_columns(self) -> dict[str, Column]:
        """All that it takes to have this index again without working it out: see `keyed`. Protected domains are left
        out. As long as making the index."""
        if self._count != len(self._identities):
            return Index(self.identities()).to_columns()
        keys: dict[str, Numbers] = {}
        for number, identity in enumerate(self.identities()):
            found = _keys(identity, identity.addresses(), names_of(identity.name))
            (put_first if identity.is_regex else put)(keys, found, number)
        near = self._near_names()
        return {
            **identities_to_columns(self.identities()),
            "keys": to_column(keys, int),
            "foreign_kinds": to_column(self._foreign, int),
            "domains": to_column(self.domains.counts(), int),
            **({} if near is None else near.to_columns()),
        }

    @classmethod
    def from_columns(cls, columns: Mapping[str, Column]) -> Index:
        """The index that was laid out. Raises KeyError, ValueError, IndexError and TypeError for what is none."""
        index = cls()
        index._identities.extend(identities_from_columns(columns))
        index._count = len(index._identities)
        index._keys = to_hashed_numbers(columns["keys"])
        index._foreign.update(to_counts(columns["foreign_kinds"]))
        index.domains.add_counts(to_counts(columns["domains"]))
        index._near = NearNames.from_columns(columns) if index.is_small else None
        return index

    def remembered_kinds(self) -> dict[Values, int]:
        """What `strangers` remembers of fields, emptied whenever something is protected, or no longer."""
        if self._domain_changes != self.domains.changes:
            self._domain_changes = self.domains.changes
            self._kinds.clear()
        return self._kinds

    def at_address(self, address: Address) -> tuple[Identity, ...]:
        """Those who have this literal address."""
        return tuple(self._found(_ADDRESS + address.compared))

    def at_registrable(self, local_part: str, registrable: str) -> tuple[Identity, ...]:
        """Those who have this local part at this registrable domain or below it."""
        address = Address(local_part, registrable)
        return (*self.at_address(address), *self._found(_BELOW + address.compared))

    def named(self, name: str) -> tuple[NameMatch, ...]:
        """Those whom a display name may mean, all understood in the surest way that finds anybody."""
        known = self._remembered.get(name)
        if known is None:
            known = tuple(self._named(name))
            if len(name) > MAX_REMEMBERED_NAME:
                return known
            if len(self._remembered) >= MAX_REMEMBERED:
                self._remembered.clear()
            self._remembered[name] = known
        return known

    def bearers(self, name: str) -> tuple[Identity, ...]:
        """Those whose name has exactly these words, whatever their order, case or disguise."""
        return tuple(match.identity for match in self.named(name) if match.how == EXACT)

    def may_be_name(self, text: str) -> bool:
        """Whether the whole of a text, and nothing within it, may be somebody's name, exactly or joined; a tenth of the
        work of `named` for a text that is none."""
        known = self._names.get(text)
        if known is None:
            whole = read(shown(text))
            known = any(
                self._exactly(reading) or hash(_COMPACT + "".join(reading.words)) in self._keys
                for reading in (whole, untitled(whole))
                if reading.words
            )
            if len(self._names) >= MAX_REMEMBERED:
                self._names.clear()
            self._names[text] = known
        return known

    def _named(self, name: str) -> list[NameMatch]:
        read_as = readings(name)
        for reading in read_as:
            if found := self._exactly(reading):
                return found
        for reading in read_as:
            compact = "".join(reading.words)
            if len(reading.words) < MIN_SPACED and not _is_whole(reading.text, read_as[0].text):
                continue  # `Fengwei` of `Yin, Fengwei` is not `Feng Wei`
            if len(compact) >= _least(compact) and (found := self._matches(_COMPACT + compact, JOINED, reading)):
                return found
        if found := self._in_another_script(shown(name)):
            return found
        near = self._near_names()
        if near is None:
            return []
        if like := near.like(read_as):
            how, numbers, text = like
            return [NameMatch(one, how, text) for one in self._alive(numbers)]
        return []

    def _in_another_script(self, text: str) -> list[NameMatch]:
        if text.isascii() and not any(self._foreign.values()):
            return []
        foreign = foreign_key(text)
        for key in (foreign,) if foreign else latin_keys(text, self._foreign):
            if found := [NameMatch(one, TRANSLITERATED, text) for one in self._found(_LATIN + key)]:
                return found
        return []

    def _exactly(self, reading: Reading) -> list[NameMatch]:
        found = self._matches(_name_key(reading.words), EXACT, reading)
        if not found and reading.late_words != reading.words:
            found = self._matches(_name_key(reading.late_words), EXACT, reading)
        if not found and len(reading.words) > 2 and not INITIALS.isdisjoint(reading.words):
            long = tuple(word for word in reading.words if word not in INITIALS)
            if len(long) > 1:
                found = self._matches(_name_key(long), EXACT, reading)
        written = umlauts_written_out(reading.text)
        if not found and written is not reading.text:
            found = self._matches(_name_key(read(written).words), EXACT, reading)
        return found

    def _matches(self, key: str, how: str, reading: Reading) -> list[NameMatch]:
        numbers = self._keys.get(hash(key))
        return [] if numbers is None else [NameMatch(one, how, reading.text) for one in self._alive(numbers)]

    def _found(self, key: str) -> list[Identity]:
        numbers = self._keys.get(hash(key))
        return [] if numbers is None else self._alive(numbers)

    def _alive(self, numbers: Numbers) -> list[Identity]:
        some = (numbers,) if isinstance(numbers, int) else numbers[:MAX_BEARERS]
        return [one for one in map(self._identities.__getitem__, some) if one is not None]


def _keys(identity: Identity, addresses: Iterable[str], names: Iterable[Reading]) -> set[str]:
    keys: set[str] = set()
    for reading in names:
        keys.add(_name_key(reading.words))
        if reading.late_words != reading.words:
            keys.add(_name_key(reading.late_words))
        compact = "".join(reading.words)
        if len(compact) >= _least(compact):
            keys.add(_COMPACT + compact)
            if len(reading.words) == 2:
                keys.add(_COMPACT + reading.words[1] + reading.words[0])
    if foreign := foreign_key(shown(identity.name)):
        keys.add(_LATIN + foreign)
    if not identity.is_regex:
        for address in addresses:
            keys.add(_ADDRESS + address)
            if address.endswith(_AT_GMAIL):
                keys.add(_ADDRESS + gmail_form(address))
            local_part, _, domain = address.rpartition("@")
            if domain.count(".") > 1 and (registrable := registrable_domain(domain)) not in ("", domain):
                keys.add(f"{_BELOW}{local_part}@{registrable}")
    return keys


def _foreign_kinds(keys: Iterable[str]) -> list[str]:
    return [key[1] for key in keys if key.startswith(_LATIN)]


def _is_whole(text: str, whole: str) -> bool:
    """Whether a reading leaves nothing out but figures at the end; letters may stand for signs."""
    if len(text) == len(whole):
        return True
    return whole.startswith(text) and not any(map(str.isalpha, whole[len(text) :]))


def _least(compact: str) -> int:
    return MIN_COMPACT_EAST_ASIAN if compact[:1] >= "\u3040" else MIN_COMPACT


def gmail_form(address: str) -> str:
    """The one spelling of a Gmail address for all of them; another address as it is."""
    if not address.endswith(_AT_GMAIL):
        return address
    return address.partition("@")[0].partition("+")[0].replace(".", "") + _AT_GMAIL[0]


def _name_key(words: tuple[str, ...]) -> str:
    return _NAME + (" ".join(sorted(words)) if len(words) > 1 else words[0] if words else "")
