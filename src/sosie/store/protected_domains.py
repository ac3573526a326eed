"""Protected domains: what is kept of them, and where."""

from __future__ import annotations

from sosie.registry.protected_domain import ProtectedDomain
from sosie.store.database import Session
from sosie.store.small_lists import SmallList

PROTECTED_DOMAINS = SmallList(
    noun="protected_domain",
    title="Domain",
    table="protected_domains",
    kind=ProtectedDomain,
    columns=ProtectedDomain._fields,
    searched=("domain",),
    booleans=frozenset(("require_tls_inbound", "require_tls_outbound")),
    arrays=frozenset(("allowed_delivery_modes", "drop_dispositions", "ip_restrictions", "regions")),
)


async def read_all(session: Session, account_no: int) -> list[ProtectedDomain]:
    """Every protected domain of the account, in order of creation."""
    return await PROTECTED_DOMAINS.read_all(session, account_no)
