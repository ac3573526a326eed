"""What an account knows, as one process sees it at one revision.

A snapshot is replaced as a whole, with one exception: an index of 100,000 identities is not made anew because one entry
changed. `following` adds and removes single identities in place, between two messages and never during one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from sosie.detection.actions import Actions
from sosie.detection.exemptions import Exemptions
from sosie.detection.history import History
from sosie.detection.identity import Identity
from sosie.detection.index import Index
from sosie.detection.knowledge import Knowledge
from sosie.registry.email_pattern import EmailPatternError
from sosie.screening.contents import Contents, Rules

if TYPE_CHECKING:
    from sosie.registry.allow_policies import AllowPolicies
    from sosie.registry.trusted_domain import TrustedDomains


@dataclass(frozen=True)
class Snapshot:
    """`unusable` are the ids of entries that no longer keep the registry's rules (written by an older version)."""

    revision: int
    knowledge: Knowledge
    rules: Rules = field(default_factory=Rules)
    unusable: tuple[str, ...] = ()

    @cached_property
    def actions(self) -> Actions:
        """What is done with a message of each disposition."""
        return Actions(self.rules.actions)


def fill(index: Index, identities: Sequence[Identity], unusable: list[str]) -> Iterator[None]:
    """Protect the identities one by one, so that whoever goes through this can see to other things in between."""
    index.expect(len(identities))
    for identity in identities:
        try:
            index.add(identity)
        except EmailPatternError:
            unusable.append(identity.entry_id)
        yield


def made_of(contents: Contents, known: History, trusted_authserv_ids: frozenset[str]) -> Snapshot:
    """A snapshot of these contents, index and all, at once."""
    index, unusable = Index(), list[str]()
    for _ in fill(index, contents.identities, unusable):
        pass
    index.prepare()
    return snapshot_with(contents, index, known, trusted_authserv_ids, tuple(unusable))


def snapshot_with(
    contents: Contents, index: Index, known: History, trusted_authserv_ids: frozenset[str], unusable: tuple[str, ...]
) -> Snapshot:
    """A snapshot of these contents, whose identities are in the index already."""
    protect(index, contents.rules)
    knowledge = Knowledge(index, known, exemptions_of(contents.rules), trusted_authserv_ids)
    return Snapshot(contents.revision, knowledge, contents.rules, unusable)


def exemptions_of(rules: Rules) -> Exemptions:
    """The rules that exempt."""
    return Exemptions(_allow_policies(rules), _trusted_domains(rules))


def _allow_policies(rules: Rules) -> AllowPolicies | None:
    if not rules.allow_policies:
        return None
    from sosie.registry.allow_policies import AllowPolicies  # noqa: PLC0415 - who has none starts without

    return AllowPolicies(rules.allow_policies)


def _trusted_domains(rules: Rules) -> TrustedDomains | None:
    if not rules.trusted_domains:
        return None
    from sosie.registry.trusted_domain import TrustedDomains  # noqa: PLC0415 - the same

    return TrustedDomains(rules.trusted_domains)


def protect(index: Index, rules: Rules) -> None:
    """Take the domains of the rules for ours, and no others."""
    wanted = {domain.lower() for domain in rules.domains}
    for domain in index.domains.protected - wanted:
        index.domains.unprotect(domain)
    for domain in wanted - index.domains.protected:
        index.domains.protect(domain)
