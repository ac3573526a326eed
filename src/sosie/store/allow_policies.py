"""Allow policies: what is kept of them, and where."""

from __future__ import annotations

from sosie.registry.allow_policy import AllowPolicy
from sosie.store.database import Session
from sosie.store.small_lists import SmallList

ALLOW_POLICIES = SmallList(
    noun="allow_policy",
    title="Allow policy",
    table="allow_policies",
    kind=AllowPolicy,
    columns=AllowPolicy._fields,
    searched=("pattern", "comments"),
    booleans=frozenset(name for name in AllowPolicy._fields if name.startswith(("is_", "verify_"))),
)


async def read_all(session: Session, account_no: int) -> list[AllowPolicy]:
    """Every allow policy of the account, in order of creation."""
    return await ALLOW_POLICIES.read_all(session, account_no)
