"""Trusted domains: what is kept of them, and where."""

from __future__ import annotations

from sosie.registry.trusted_domain import TrustedDomain
from sosie.store.database import Session
from sosie.store.small_lists import SmallList

TRUSTED_DOMAINS = SmallList(
    noun="trusted_domain",
    title="Trusted domain",
    table="trusted_domains",
    kind=TrustedDomain,
    columns=TrustedDomain._fields,
    searched=("pattern", "comments"),
    booleans=frozenset(("is_regex", "is_recent", "is_similarity")),
)


async def read_all(session: Session, account_no: int) -> list[TrustedDomain]:
    """Every trusted domain of the account, in order of creation."""
    return await TRUSTED_DOMAINS.read_all(session, account_no)
