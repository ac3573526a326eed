"""What an account knows, as one process sees it at one revision: replaced as a whole, and never changed."""

from __future__ import annotations

from dataclasses import dataclass

from sosie.detection.exemptions import Exemptions
from sosie.detection.history import History
from sosie.detection.identity import Identity
from sosie.detection.index import Index
from sosie.detection.knowledge import Knowledge
from sosie.registry.allow_policies import AllowPolicies
from sosie.registry.email_pattern import EmailPatternError
from sosie.registry.entry import Entry
from sosie.registry.protected_domain import ProtectedDomain
from sosie.registry.trusted_domain import TrustedDomains
from sosie.store import accounts, allow_policies, entries, history, protected_domains, trusted_domains
from sosie.store.database import Database, Session


@dataclass(frozen=True, slots=True)
class Snapshot:
    """`unusable` are the ids of entries that no longer keep the registry's rules (written by an older version)."""

    revision: int
    knowledge: Knowledge
    unusable: tuple[str, ...] = ()


async def load_snapshot(
    database: Database, account_no: int, trusted_authserv_ids: frozenset[str] = frozenset()
) -> Snapshot:
    """Read all that an account knows in one state of the database. Raises StoreAway, NoSuchAccount."""

    async def work(session: Session) -> tuple[int, list[Entry], list[ProtectedDomain], Exemptions, History]:
        counts = await accounts.counts(session, account_no)
        policies = AllowPolicies(await allow_policies.read_all(session, account_no))
        trusted = TrustedDomains(await trusted_domains.read_all(session, account_no))
        return (
            counts.revision,
            await entries.read_all(session, account_no),
            await protected_domains.read_all(session, account_no),
            Exemptions(policies, trusted),
            await history.read_all(session, account_no),
        )

    revision, kept, domains, exemptions, known = await database.scan(work)
    index = Index()
    unusable = []
    for entry in kept:
        try:
            index.add(Identity.from_entry(entry))
        except EmailPatternError:
            unusable.append(entry.id)
    for domain in domains:
        index.domains.protect(domain.domain)
    index.prepare()
    return Snapshot(revision, Knowledge(index, known, exemptions, trusted_authserv_ids), tuple(unusable))
