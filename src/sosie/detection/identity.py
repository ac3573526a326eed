"""What an entry protects, as detection sees it."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from sosie.registry.email_pattern import EmailPattern
from sosie.registry.provenance import is_directory_synced

if TYPE_CHECKING:
    from sosie.registry.entry import Entry


class Identity(NamedTuple):
    """A protected name and the addresses that may bear it. `email` is what the entry says, for people to read.

    A million of them are kept, so they hold text only; `legitimate` is worked out for those a message asks about.
    """

    entry_id: str
    name: str
    email: str
    is_regex: bool
    synced: bool = False

    @property
    def legitimate(self) -> EmailPattern:
        """The addresses that are truly this person's."""
        return _pattern(self.email, is_regex=self.is_regex)

    def addresses(self) -> frozenset[str]:
        """The literal ones, in the form in which addresses are compared. Raises EmailPatternError for an entry that
        breaks the registry's rules."""
        return EmailPattern.from_text(self.email, is_regex=self.is_regex).addresses

    @classmethod
    def from_entry(cls, entry: Entry) -> Identity:
        """The identity of an entry."""
        return cls(entry.id, entry.name, entry.email, entry.is_email_regex, is_directory_synced(entry.provenance))


@lru_cache(maxsize=4096)
def _pattern(email: str, *, is_regex: bool) -> EmailPattern:
    return EmailPattern.from_text(email, is_regex=is_regex)
