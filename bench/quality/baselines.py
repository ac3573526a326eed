"""The detectors one would write first, in the same run on the same messages.

Each flags a From whose display name is like a registered one beside an address that is not one of that person's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from rapidfuzz import process
from rapidfuzz.distance import JaroWinkler, Levenshtein

from quality.letters import Person
from sosie.detection.verdict import Verdict
from sosie.mail.message import Message

FLAGGED = Verdict("", "FLAGGED", 1.0, ())


class Naive:
    """The same name but for case, another address: twelve lines."""

    def __init__(self, people: Iterable[Person]) -> None:
        self.addresses: dict[str, set[str]] = {}
        for person in people:
            known = self.addresses.setdefault(person.name.casefold(), set())
            known.update(address.casefold() for address in person.addresses)

    def __call__(self, raw: bytes) -> Verdict | None:
        for mailbox in Message.from_bytes(raw).author:
            names = self.like(mailbox.display_name.casefold())
            if names and not any(mailbox.address_text.casefold() in self.addresses[name] for name in names):
                return FLAGGED
        return None

    def like(self, name: str) -> list[str]:
        """The registered names that this one is like."""
        return [name] if name in self.addresses else []


class _Scanning(Naive):
    """Looks at every registered name; remembers what it found for a name, which changes nothing but the time."""

    def __init__(self, people: Iterable[Person]) -> None:
        super().__init__(people)
        self.names = list(self.addresses)
        self.found: dict[str, list[str]] = {}

    def like(self, name: str) -> list[str]:
        if name not in self.found:
            self.found[name] = self.scan(name) if name else []
        return self.found[name]

    def scan(self, name: str) -> list[str]:
        raise NotImplementedError


class LevenshteinBelow4(_Scanning):
    """At most three edits away."""

    def scan(self, name: str) -> list[str]:
        close = process.extract(name, self.names, scorer=Levenshtein.distance, score_cutoff=3, limit=None)
        return [found for found, _, _ in close]


class JaroWinkler90(_Scanning):
    """Jaro-Winkler similarity of at least 0.90."""

    def scan(self, name: str) -> list[str]:
        close = process.extract(name, self.names, scorer=JaroWinkler.similarity, score_cutoff=0.90, limit=None)
        return [found for found, _, _ in close]


BASELINES: dict[str, Callable[[Iterable[Person]], Naive]] = {
    "naive": Naive,
    "Lev<4": LevenshteinBelow4,
    "JW>=.90": JaroWinkler90,
}
