"""An account as the tests use it: short names for what they do in nearly every line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx

from support.server import Tenant

PLAIN = {"name": "Jane Roe", "email": "jane.roe@example.com", "is_email_regex": False}


@dataclass
class Account:
    """`path` is the registry's, `tokens` that of the account's tokens; `client` holds the writing token."""

    client: httpx.Client
    tenant: Tenant

    @property
    def path(self) -> str:
        return f"/accounts/{self.tenant.account_id}/email-security/settings/impersonation_registry"

    @property
    def tokens(self) -> str:
        return f"/accounts/{self.tenant.account_id}/tokens"

    def create(self, **fields: Any) -> dict[str, Any]:
        """The entry that was created of PLAIN and `fields`."""
        answer = self.client.post(self.path, json=PLAIN | fields)
        assert answer.status_code == 201, answer.text
        return answer.json()["result"]

    def edit(self, entry: dict[str, Any], **changes: Any) -> httpx.Response:
        return self.client.patch(f"{self.path}/{entry['id']}", json=changes)

    def get(self, identifier: str) -> httpx.Response:
        return self.client.get(f"{self.path}/{identifier}")

    def list(self, **parameters: Any) -> dict[str, Any]:
        """The whole answer of a list."""
        answer = self.client.get(self.path, params=parameters)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def names(self, **parameters: Any) -> list[str]:
        return [entry["name"] for entry in self.list(**parameters)["result"]]

    def manager(self) -> dict[str, str]:
        """Headers of the token that may manage tokens."""
        return {"Authorization": f"Bearer {self.tenant.manage_token}"}


def errors(answer: httpx.Response) -> list[tuple[int, str | None]]:
    """(code, pointer) of every error of a failure."""
    return [(error["code"], error.get("source", {}).get("pointer")) for error in answer.json()["errors"]]


def pointers(answer: httpx.Response) -> list[str | None]:
    """The pointers of a 400 whose errors all are 1001."""
    assert answer.status_code == 400, answer.text
    found = errors(answer)
    assert {code for code, _ in found} == {1001}, found
    return [pointer for _, pointer in found]
