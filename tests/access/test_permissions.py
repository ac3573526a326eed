"""Permission groups: names that the real service uses, and ids that never change."""

from __future__ import annotations

import re

from sosie.access.permissions import (
    ANY_EMAIL,
    ANY_TOKENS,
    BY_ID,
    EMAIL_WRITERS,
    PERMISSION_GROUPS,
    TOKENS_WRITERS,
)

# Tokens are kept with these ids: another id would take the permission from all of them.
KEPT = {
    "50510513e5ec4a3ea05e000000000001": "Cloud Email Security: Read",
    "50510513e5ec4a3ea05e000000000002": "Cloud Email Security: Write",
    "50510513e5ec4a3ea05e000000000003": "Account API Tokens Read",
    "50510513e5ec4a3ea05e000000000004": "Account API Tokens Write",
}


def test_the_ids_are_those_that_tokens_were_made_with():
    """A new group gets a new id."""
    assert {identifier: group.name for identifier, group in BY_ID.items()}.items() >= KEPT.items()
    assert all(re.fullmatch("[0-9a-f]{32}", group.id) for group in PERMISSION_GROUPS)
    assert len(BY_ID) == len(PERMISSION_GROUPS)


def test_write_includes_read():
    """As every list of accepted permissions says."""
    assert EMAIL_WRITERS < ANY_EMAIL
    assert TOKENS_WRITERS < ANY_TOKENS
    assert not ANY_EMAIL & ANY_TOKENS
