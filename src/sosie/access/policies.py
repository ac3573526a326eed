"""Policies: which permissions a token has on which accounts.

Evaluation (Cloudflare, "API token policies"): an explicit deny wins over an explicit allow, and what nothing allows is
denied. Resources: `com.cloudflare.api.account.<id>` for one account, `com.cloudflare.api.account.*` for all; values
are "*" or, for resources nested in an account, a map, which says nothing of the account as a whole.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from sosie.access.permissions import ACCOUNT_SCOPE

ALL_ACCOUNTS = f"{ACCOUNT_SCOPE}.*"


class Policy(NamedTuple):
    """`groups` are permission group ids in the order given; `resources` maps names to "*" or a nested map."""

    id: str
    effect: str
    groups: tuple[str, ...]
    resources: dict[str, Any]


def account_resource(account_id: str) -> str:
    """The resource name of one account."""
    return f"{ACCOUNT_SCOPE}.{account_id}"


def permits(policies: Iterable[Policy], account_id: str, any_of: frozenset[str]) -> bool:
    """Whether at least one of the permission groups `any_of` is allowed on the account."""
    allowed: set[str] = set()
    denied: set[str] = set()
    names = (account_resource(account_id), ALL_ACCOUNTS)
    for policy in policies:
        if any(policy.resources.get(name) == "*" for name in names):
            (allowed if policy.effect == "allow" else denied).update(policy.groups)
    return bool((any_of & allowed) - denied)


def named_accounts(policies: Iterable[Policy]) -> tuple[frozenset[str], bool]:
    """The ids of the accounts that some policy allows something on, and whether one says all accounts."""
    names = {
        name
        for policy in policies
        if policy.effect == "allow"
        for name, value in policy.resources.items()
        if value == "*"
    }
    prefix = f"{ACCOUNT_SCOPE}."
    return frozenset(name[len(prefix) :] for name in names if name.startswith(prefix)), ALL_ACCOUNTS in names
