"""The domains of the registry: those that an administrator protects, and those of the entries' addresses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from sosie.detection.domain_index import DomainIndex
from sosie.likeness.domain_likeness import DomainLikeness
from sosie.likeness.domain_name import a_label_domain, registrable_domain


class OwnDomains:
    """Counts the entries of each domain; knows what looks like one of them.

    `own` are the protected domains (`settings/domains`): mail in their name is ours. A domain that is merely that of an
    entry's address may be a private one, or shared with strangers.
    """

    def __init__(self) -> None:
        self.own: set[str] = set()
        self.protected: set[str] = set()  # the same as they were given
        self.changes = 0  # how often they changed
        self._counts: Counter[str] = Counter()
        self._index = DomainIndex()

    def __contains__(self, domain: str) -> bool:
        """Whether the domain is one of an entry or protected, or lies below one."""
        return domain in self._index

    def protect(self, domain: str) -> None:
        """Take this domain for ours."""
        if domain not in self.protected:
            self.changes += 1
            self.protected.add(domain)
            self.own.add(a_label_domain(domain))
            self._index.add(domain)

    def unprotect(self, domain: str) -> None:
        """Take it for ours no longer."""
        if domain in self.protected:
            self.changes += 1
            self.protected.discard(domain)
            self.own = {a_label_domain(one) for one in self.protected}
            self._index.discard(domain)

    def owns(self, domain: str) -> bool:
        """Whether the domain is ours, or lies below one that is."""
        if not self.own:
            return False
        labels = a_label_domain(domain).split(".")
        return any(".".join(labels[place:]) in self.own for place in range(len(labels)))

    def add_addresses(self, addresses: Iterable[str]) -> None:
        """The addresses of one more entry."""
        for domain in _domains(addresses):
            if not self._counts[domain]:
                self._index.add(domain)
            self._counts[domain] += 1

    def counts(self) -> dict[str, int]:
        """How many entries have an address there, by registrable domain."""
        return dict(+self._counts)

    def add_counts(self, counts: Mapping[str, int]) -> None:
        """The addresses of many more entries, counted: what `counts` told of them."""
        for domain, count in counts.items():
            if not self._counts[domain]:
                self._index.add(domain)
            self._counts[domain] += count

    def discard_addresses(self, addresses: Iterable[str]) -> None:
        """Those of an entry that goes."""
        for domain in _domains(addresses):
            self._counts[domain] -= 1
            if not self._counts[domain]:
                del self._counts[domain]
                self._index.discard(domain)

    def lookalikes(self, domain: str) -> tuple[DomainLikeness, ...]:
        """What the domain resembles, surest first."""
        return self._index.lookalikes(domain)


def _domains(addresses: Iterable[str]) -> set[str]:
    found = {registrable_domain(address.rpartition("@")[2]) for address in addresses}
    return {domain for domain in found if domain}
