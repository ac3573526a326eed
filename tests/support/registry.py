"""Fields, deeds and accounts for the tests of the store, and the naive model that they are compared with."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field

from sosie.registry.entry import Entry, EntryFields
from sosie.registry.moments import now_us
from sosie.registry.provenance import PROVENANCES, source_of
from sosie.store.audit import Deed
from sosie.store.database import Database
from sosie.store.issue import open_account

ORDERS = ("created_at", "name", "email")
SOURCES = (None, *range(len(PROVENANCES)))


def deed(key: str | None = None, actor: str = "test") -> Deed:
    """Something done now."""
    return Deed(actor, "request", now_us(), key)


def person(name: str = "Jane Roe", email: str = "jane@example.com", **more) -> EntryFields:
    """The fields of an entry."""
    return EntryFields(name, email, more.pop("is_email_regex", False), **more)


async def new_account(database: Database, name: str = "test") -> int:
    """A fresh account's number."""
    account = await database.write(lambda session: open_account(session, secrets.token_hex(16), name, deed()))
    return account.no


@dataclass
class Model:
    """The entries of an account, kept in the plainest way there is: in a list, in order of creation."""

    entries: list[Entry] = field(default_factory=list)

    def add(self, many: Iterable[Entry]) -> None:
        self.entries += many

    def replace(self, entry: Entry) -> None:
        self.entries = [entry if kept.id == entry.id else kept for kept in self.entries]

    def remove(self, identifier: str) -> None:
        self.entries = [kept for kept in self.entries if kept.id != identifier]

    def counts(self) -> tuple[int, ...]:
        return tuple(len(self.listed("created_at", source)) for source in range(len(PROVENANCES)))

    def listed(self, order: str, source: int | None, *, descending: bool = False, word: str = "") -> list[Entry]:
        """Ties in order of creation; names and addresses by code point, as far as the database looks at them."""
        keys = {"created_at": lambda _: "", "name": lambda one: one.name[:200], "email": lambda one: one.email[:320]}
        found = [one for one in self.entries if source is None or source_of(one.provenance) == source]
        found = [
            one for one in found if word.casefold() in "\n".join((one.name, one.email, one.comments or "")).casefold()
        ]
        found.sort(key=keys[order])  # a stable sort
        return found[::-1] if descending else found
