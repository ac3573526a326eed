"""The three resources under settings/ as the tests use them: where they are, and a body that each takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx

from .account import Account

NOWHERE = "f174e90a-fafe-4643-bbbc-4a0ed4fc8415"
POLICY = {
    "pattern": "news@example.com",
    "pattern_type": "EMAIL",
    "is_regex": False,
    "is_acceptable_sender": False,
    "is_exempt_recipient": False,
    "is_trusted_sender": True,
    "verify_sender": True,
}
TRUSTED = {"pattern": "examp1e.example", "is_regex": False, "is_recent": False, "is_similarity": True}
DOMAIN = {
    "domain": "example.com",
    "allowed_delivery_modes": ["DIRECT"],
    "drop_dispositions": ["MALICIOUS"],
    "ip_restrictions": ["192.0.2.0/24", "2001:db8::/32"],
    "regions": ["GLOBAL"],
}
BODIES = {"allow_policies": POLICY, "trusted_domains": TRUSTED, "domains": DOMAIN}
KEYS = {"allow_policies": "pattern", "trusted_domains": "pattern", "domains": "domain"}
NOUNS = {"allow_policies": "allow_policy", "trusted_domains": "trusted_domain", "domains": "protected_domain"}


@dataclass
class Settings:
    """One resource of one account."""

    account: Account
    name: str

    @property
    def path(self) -> str:
        return f"/accounts/{self.account.tenant.account_id}/email-security/settings/{self.name}"

    @property
    def key(self) -> str:
        return KEYS[self.name]

    def post(self, headers: dict[str, str] | None = None, **fields: Any) -> httpx.Response:
        return self.account.client.post(self.path, json=BODIES[self.name] | fields, headers=headers)

    def create(self, **fields: Any) -> dict[str, Any]:
        answer = self.post(**fields)
        assert answer.status_code == 201, answer.text
        return answer.json()["result"]

    def get(self, identifier: str) -> httpx.Response:
        return self.account.client.get(f"{self.path}/{identifier}")

    def edit(self, identifier: str, **changes: Any) -> httpx.Response:
        return self.account.client.patch(f"{self.path}/{identifier}", json=changes)

    def delete(self, identifier: str) -> httpx.Response:
        return self.account.client.delete(f"{self.path}/{identifier}")

    def list(self, **parameters: Any) -> dict[str, Any]:
        answer = self.account.client.get(self.path, params=parameters)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def keys(self, **parameters: Any) -> list[str]:
        return [one[self.key] for one in self.list(**parameters)["result"]]

    def batch(self, **arrays: Any) -> httpx.Response:
        body = {"deletes": [], "patches": [], "puts": [], "posts": []} | arrays
        return self.account.client.post(f"{self.path}/batch", json=body)
