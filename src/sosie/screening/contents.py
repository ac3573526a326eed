"""What a snapshot is made of, as plain values: `reading` has them from the database, `snapshot_file` from a file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from sosie.detection.actions import ActionRule
    from sosie.detection.identity import Identity
    from sosie.registry.allow_policy import AllowPolicy
    from sosie.registry.trusted_domain import TrustedDomain
    from sosie.store.changes import Mark


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
