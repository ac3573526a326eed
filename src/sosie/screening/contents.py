"""What a snapshot is made of, as plain values: read from the database or from a file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sosie.detection.actions import ActionRule
from sosie.detection.identity import Identity
from sosie.registry.allow_policy import AllowPolicy
from sosie.registry.trusted_domain import TrustedDomain
from sosie.store import accounts, actions, allow_policies, changes, entries, protected_domains, trusted_domains
from sosie.store.changes import Mark
from sosie.store.database import Session


class Rules(NamedTuple):
    """What an administrator has set beside the entries: at most some thousands of each."""

    domains: tuple[str, ...] = ()
    allow_policies: tuple[AllowPolicy, ...] = ()
    trusted_domains: tuple[TrustedDomain, ...] = ()
    actions: tuple[ActionRule, ...] = ()


class Contents(NamedTuple):
    """`mark` is the place in the audit that all of this is as of."""

    account_no: int
    revision: int
    mark: Mark
    identities: Sequence[Identity]
    rules: Rules


async def read_contents(session: Session, account_no: int) -> Contents:
    """All of it, in one state of the database if that is what the session sees. Raises NoSuchAccount."""
    counts = await accounts.counts(session, account_no)
    mark = await changes.latest(session, account_no)
    rules = await read_rules(session, account_no)
    kept = [Identity.from_entry(entry) for entry in await entries.read_all(session, account_no)]
    return Contents(account_no, counts.revision, mark, kept, rules)


async def read_rules(session: Session, account_no: int) -> Rules:
    """The rules alone."""
    return Rules(
        tuple(one.domain for one in await protected_domains.read_all(session, account_no)),
        tuple(await allow_policies.read_all(session, account_no)),
        tuple(await trusted_domains.read_all(session, account_no)),
        tuple(await actions.read_all(session, account_no)),
    )
