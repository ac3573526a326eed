"""Bodies of tokens, and what they are used for, in few words."""

from __future__ import annotations

from typing import Any

import httpx

from sosie.access.permissions import EMAIL_READ, EMAIL_WRITE, TOKENS_READ, TOKENS_WRITE

from .account import Account
from .conftest import bearer

GROUPS = {"read": EMAIL_READ, "write": EMAIL_WRITE, "tokens read": TOKENS_READ, "tokens write": TOKENS_WRITE}


def policy(account: Account, *groups: str, effect: str = "allow", resource: str = "") -> dict[str, Any]:
    """A policy on the account, or on `resource`."""
    name = resource or f"com.cloudflare.api.account.{account.tenant.account_id}"
    return {
        "effect": effect,
        "permission_groups": [{"id": GROUPS[group].id} for group in groups],
        "resources": {name: "*"},
    }


def body(account: Account, *groups: str, **more: Any) -> dict[str, Any]:
    """The body of a token that allows `groups`."""
    return {"name": "a token", "policies": [policy(account, *(groups or ("write",)))]} | more


def make(account: Account, *groups: str, **more: Any) -> dict[str, Any]:
    """A new token with its value."""
    answer = account.client.post(account.tokens, json=body(account, *groups, **more), headers=account.manager())
    assert answer.status_code == 200, answer.text
    return answer.json()["result"]


def listing(account: Account, value: str, **headers: str) -> httpx.Response:
    """What the registry's list answers to a token."""
    return account.client.get(account.path, headers=bearer(value) | headers)
