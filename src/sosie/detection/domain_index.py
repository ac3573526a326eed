"""From a domain in a message to the protected domains it resembles: some look-ups, whatever the size of the registry.

Candidates come from hash tables of forms of the protected domains' labels; `likeness` then judges each of them, so that
a table may promise too much, but must not forget one:

- by `coarse` form: what looks the same, other suffixes, hyphens, and the name as a label of a stranger's subdomain;
- by hashes of the label with one letter left out: one edit, or two in long labels (a deletion neighbourhood);
- by `folded` form: what stands within a label, and what a dot divides.

A domain is counted as often as it was added. About 1.3 kB per protected domain.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import TypeVar

from sosie.likeness.domain_forms import DomainForms, coarse_form, folded_form, joined_labels
from sosie.likeness.domain_likeness import MIN_EDITED_ACROSS, MIN_EDITED_TWICE, DomainLikeness, likeness_of_forms
from sosie.likeness.domain_name import registrable_domain
from sosie.likeness.domain_parts import parts_of
from sosie.likeness.edit_distance import deletions

MAX_CANDIDATES = 32  # judged for one domain; so many neighbours of a short label say nothing any more
MAX_LIKENESSES = 8  # handed out, surest first
MAX_SOUGHT = 32  # protected labels that are looked for within a label one by one, which is faster for some tens
_REMEMBERED = 4096  # domains whose answer is kept: most mail comes from few domains
_MAX_REMEMBERED = 255  # octets of each (RFC 1035, 2.3.4); a header may hold one of 256 KiB

K = TypeVar("K")


class DomainIndex:
    """The protected domains. Domains without a registrable part (IP addresses, public suffixes) are not protected."""

    def __init__(self, protected: Iterable[str] = ()) -> None:
        self._counts: dict[str, int] = {}  # by registrable domain
        self._by_coarse: dict[str, tuple[str, ...]] = {}
        self._by_folded: dict[str, tuple[str, ...]] = {}
        self._by_deletion: dict[int, tuple[str, ...]] = {}
        self._sizes = Counter[int]()  # letters of the words that a letter is left out of
        self._remembered: dict[str, tuple[DomainLikeness, ...]] = {}
        for domain in protected:
            self.add(domain)

    def __len__(self) -> int:
        """How many registrable domains are protected."""
        return len(self._counts)

    def __contains__(self, domain: str) -> bool:
        """Whether the domain is a protected one, or lies below one."""
        return registrable_domain(domain) in self._counts

    def add(self, domain: str) -> None:
        """Protect a domain, once more if it is protected already."""
        registrable = registrable_domain(domain)
        if not registrable:
            return
        count = self._counts.get(registrable, 0)
        self._counts[registrable] = count + 1
        if count == 0:
            self._remembered.clear()
            forms, alone = DomainForms.from_registrable(registrable), (registrable,)
            _enter(self._by_coarse, forms.coarse, alone)
            _enter(self._by_folded, forms.folded, alone)
            self._sizes[_size_of_protected(forms)] += 1
            for key in _keys_of_protected(forms):
                _enter(self._by_deletion, key, alone)

    def discard(self, domain: str) -> None:
        """Take back one `add`; nothing happens for a domain that is not protected."""
        registrable = registrable_domain(domain)
        count = self._counts.get(registrable, 0)
        if count > 1:
            self._counts[registrable] = count - 1
        elif count == 1:
            del self._counts[registrable]
            self._remembered.clear()
            forms = DomainForms.from_registrable(registrable)
            _strike(self._by_coarse, forms.coarse, registrable)
            _strike(self._by_folded, forms.folded, registrable)
            size = _size_of_protected(forms)
            self._sizes[size] -= 1
            if not self._sizes[size]:
                del self._sizes[size]
            for key in _keys_of_protected(forms):
                _strike(self._by_deletion, key, registrable)

    def lookalikes(self, domain: str) -> tuple[DomainLikeness, ...]:
        """What the domain resembles, surest first, at most 8; nothing for a protected domain and what lies below it."""
        known = self._remembered.get(domain)
        if known is None:
            known = self._look_up(domain)
            if len(domain) > _MAX_REMEMBERED:
                return known
            if len(self._remembered) >= _REMEMBERED:
                self._remembered.clear()
            self._remembered[domain] = known
        return known

    def _look_up(self, domain: str) -> tuple[DomainLikeness, ...]:
        forms = DomainForms.from_domain(domain)
        if not forms.registrable or forms.registrable in self._counts:
            return ()
        candidates = dict.fromkeys(islice(self._candidates(forms), MAX_CANDIDATES))
        if not candidates:
            return ()
        judged = (likeness_of_forms(forms, DomainForms.from_registrable(candidate)) for candidate in candidates)
        found = [one for one in judged if one is not None]
        found.sort(key=lambda one: (-one.confidence, one.protected))
        return tuple(found[:MAX_LIKENESSES])

    def _candidates(self, forms: DomainForms) -> Iterator[str]:
        """Protected domains that the claimed one may resemble, some of them twice."""
        yield from self._by_coarse.get(forms.coarse, ())
        for keys in _keys_of_claimed(forms, self._is_near):
            for key in keys:
                if key in self._by_deletion:
                    yield from self._by_deletion[key]
        yield from self._around(forms.plain)
        for joined, _ in joined_labels(forms):
            yield from self._by_folded.get(folded_form(joined), ())
        for label in forms.host:
            yield from self._by_coarse.get(coarse_form(label), ())
            yield from self._around(label)

    def _is_near(self, size: int) -> bool:
        """Whether a word of so many letters and a protected one may share what is left of them without one."""
        return size in self._sizes or size - 1 in self._sizes or size + 1 in self._sizes

    def _around(self, label: str) -> Iterator[str]:
        folded = folded_form(label)
        if len(self._by_folded) <= MAX_SOUGHT and not any(map(folded.__contains__, self._by_folded)):
            return
        for start, end, _ in parts_of(label):
            core = folded[start:end]
            if core in self._by_folded:
                yield from self._by_folded[core]


# The deletion neighbourhood in three parts, as `likeness` judges edits: short labels below one suffix only, middling
# ones below any, long ones with similar letters taken for one. Kept apart by marks that no label holds. Hashes, because
# they take half the room of the words; whoever judges the candidates sees through a clash.


def _short_keys(forms: DomainForms) -> list[int]:
    return [hash(f"{word}.{forms.suffix}") for word in deletions(forms.plain)]


def _middling_keys(forms: DomainForms) -> list[int]:
    return [hash(word) for word in deletions(forms.plain)]


def _long_keys(forms: DomainForms) -> list[int]:
    return [hash(word + "~") for word in deletions(forms.folded)]


def _keys_of_protected(forms: DomainForms) -> list[int]:
    size = len(forms.plain)
    if size < MIN_EDITED_ACROSS:
        return _short_keys(forms) if size > 2 else []
    return _middling_keys(forms) if size < MIN_EDITED_TWICE else _long_keys(forms)


def _size_of_protected(forms: DomainForms) -> int:
    """The letters of that form of a label of which `_keys_of_protected` leaves one out."""
    size = len(forms.plain)
    return size if size < MIN_EDITED_TWICE else len(forms.folded)


def _keys_of_claimed(forms: DomainForms, is_near: Callable[[int], bool]) -> Iterator[list[int]]:
    """The keys of every part in which a label that is one edit away may be, or two edits in the last part; of those
    parts that hold words of such a size."""
    size = len(forms.plain)
    if is_near(size):
        if size <= MIN_EDITED_ACROSS:
            yield _short_keys(forms)
        if MIN_EDITED_ACROSS - 1 <= size <= MIN_EDITED_TWICE:
            yield _middling_keys(forms)
    if size >= MIN_EDITED_TWICE - 2 and is_near(len(forms.folded)):
        yield _long_keys(forms)


def _enter(table: dict[K, tuple[str, ...]], key: K, alone: tuple[str]) -> None:
    known = table.get(key)
    if known is None:
        table[key] = alone  # one tuple for all keys of a domain
    elif alone[0] not in known:
        table[key] = known + alone


def _strike(table: dict[K, tuple[str, ...]], key: K, registrable: str) -> None:
    left = tuple(one for one in table.get(key, ()) if one != registrable)
    if left:
        table[key] = left
    else:
        table.pop(key, None)
