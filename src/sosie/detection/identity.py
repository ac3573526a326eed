"""What an entry protects, as detection sees it."""

from __future__ import annotations

from dataclasses import dataclass

from sosie.registry.email_pattern import EmailPattern
from sosie.registry.entry import Entry


@dataclass(frozen=True, slots=True)
class Identity:
    """A protected name and the addresses that may bear it. `email` is what the entry says, for people to read."""

    entry_id: str
    name: str
    email: str
    legitimate: EmailPattern

    @classmethod
    def from_entry(cls, entry: Entry) -> Identity:
        """The identity of an entry. Raises EmailPatternError for one that breaks the registry's rules."""
        legitimate = EmailPattern.from_text(entry.email, is_regex=entry.is_email_regex)
        return cls(entry.id, entry.name, entry.email, legitimate)
