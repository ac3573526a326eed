"""What a process holds of one account, and how it catches up with what was touched since, in place.

What the audit names is read as it is now, whatever it was in between; so the same may be read and applied again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from sosie.detection.identity import Identity
from sosie.registry.email_pattern import EmailPatternError
from sosie.screening.contents import Rules
from sosie.screening.reading import read_rules
from sosie.screening.snapshot import Snapshot, exemptions_of, protect
from sosie.store import accounts, changes, entries
from sosie.store.changes import Mark, Touched
from sosie.store.database import Session

MOST_CHANGES = 200  # that are read at once: on SQLite a millisecond in which nothing else is done

# What the audit calls a change of something that lies in `Rules`.
_RULES = ("allow_policy", "trusted_domain", "protected_domain", "action")


@dataclass
class Held:
    """What this process holds of one account."""

    account_no: int
    mark: Mark
    snapshot: Snapshot
    written: int = -1  # the revision of the file
    history_revision: int = -1
    history_read: float = 0.0


@dataclass(frozen=True)
class News:
    """What was touched, in its order, and those entries and rules as they are; `more` if that is not all."""

    revision: int
    total: int
    mark: Mark
    touched: list[Touched]
    identities: dict[str, Identity]
    rules: Rules | None
    more: bool


async def read_news(session: Session, held: Held) -> News | None:
    """What was touched, as it is now; None where the audit does not go back so far."""
    counts = await accounts.counts(session, held.account_no)
    if counts.revision < held.snapshot.revision:
        return None
    found = await changes.since(session, held.account_no, held.mark, MOST_CHANGES)
    if found is None:
        return None
    touched, mark = found
    ids = [one.subject for one in touched if one.action.startswith("entry.")]
    kept = {entry.id: Identity.from_entry(entry) for entry in await entries.read_some(session, held.account_no, ids)}
    is_of_rules = any(one.action.partition(".")[0] in _RULES for one in touched)
    rules = await read_rules(session, held.account_no) if is_of_rules else None
    return News(counts.revision, counts.total, mark, touched, kept, rules, len(touched) == MOST_CHANGES)


def apply(held: Held, news: News) -> Iterator[None]:
    """Bring what was touched into force, one by one."""
    index = held.snapshot.knowledge.index
    unusable = set(held.snapshot.unusable)
    for entry_id in dict.fromkeys(one.subject for one in news.touched if one.action.startswith("entry.")):
        index.remove(entry_id)
        unusable.discard(entry_id)
        identity = news.identities.get(entry_id)
        if identity is not None:
            try:
                index.add(identity)
            except EmailPatternError:
                unusable.add(entry_id)
        yield
    held.snapshot = replace(held.snapshot, unusable=tuple(sorted(unusable)))
    if news.rules is not None:
        protect(index, news.rules)
        knowledge = replace(held.snapshot.knowledge, exemptions=exemptions_of(news.rules))
        held.snapshot = replace(held.snapshot, rules=news.rules, knowledge=knowledge)
