"""Permissions: what a token can be allowed, in Cloudflare's names.

The two "Cloud Email Security" groups are those of the registry's API. Cloudflare's own ids for them are published
nowhere, so these are ours, and they never change.
"""

from __future__ import annotations

from dataclasses import dataclass

ACCOUNT_SCOPE = "com.cloudflare.api.account"


@dataclass(frozen=True, slots=True)
class PermissionGroup:
    """A permission as the wire shows it: `id` is 32 hex digits."""

    id: str
    name: str
    category: str


EMAIL_READ = PermissionGroup("50510513e5ec4a3ea05e000000000001", "Cloud Email Security: Read", "email_and_messaging")
EMAIL_WRITE = PermissionGroup("50510513e5ec4a3ea05e000000000002", "Cloud Email Security: Write", "email_and_messaging")
TOKENS_READ = PermissionGroup("50510513e5ec4a3ea05e000000000003", "Account API Tokens Read", "account_and_billing")
TOKENS_WRITE = PermissionGroup("50510513e5ec4a3ea05e000000000004", "Account API Tokens Write", "account_and_billing")

PERMISSION_GROUPS = (EMAIL_READ, EMAIL_WRITE, TOKENS_READ, TOKENS_WRITE)
BY_ID = {group.id: group for group in PERMISSION_GROUPS}

# Which groups open a door: Write includes Read, as every "Accepted Permissions (at least one required)" list says.
ANY_EMAIL = frozenset((EMAIL_READ.id, EMAIL_WRITE.id))
EMAIL_WRITERS = frozenset((EMAIL_WRITE.id,))
ANY_TOKENS = frozenset((TOKENS_READ.id, TOKENS_WRITE.id))
TOKENS_WRITERS = frozenset((TOKENS_WRITE.id,))
