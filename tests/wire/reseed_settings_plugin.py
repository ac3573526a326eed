"""A pytest plugin for the official Python SDK's own suite: puts the allow policy, the trusted domain and the protected
domain that its tests name back before each of them. See `reseed_plugin`, whose server and account it shares."""

from __future__ import annotations

from typing import Any

import pytest

from sosie.registry.allow_policy import read_new_policy
from sosie.registry.moments import now_us
from sosie.registry.protected_domain import read_new_domain
from sosie.registry.trusted_domain import read_new_trusted_domain
from sosie.store import accounts
from sosie.store.allow_policies import ALLOW_POLICIES
from sosie.store.audit import Deed
from sosie.store.database import Session
from sosie.store.protected_domains import PROTECTED_DOMAINS
from sosie.store.small_lists import Batch, SmallList
from sosie.store.trusted_domains import TRUSTED_DOMAINS

ACCOUNT_ID = "023e105f4ecef8ad9ca31a8372d0c353"
ID = "f174e90a-fafe-4643-bbbc-4a0ed4fc8415"
POLICY = read_new_policy(
    {
        "pattern": "test@example.com",
        "pattern_type": "EMAIL",
        "is_regex": False,
        "is_acceptable_sender": False,
        "is_exempt_recipient": False,
        "is_trusted_sender": True,
        "verify_sender": True,
    }
)
TRUSTED = read_new_trusted_domain(
    {"pattern": "example.com", "is_regex": False, "is_recent": True, "is_similarity": False}
)
DOMAIN = read_new_domain(
    {
        "domain": "example.com",
        "allowed_delivery_modes": ["DIRECT"],
        "drop_dispositions": [],
        "ip_restrictions": [],
        "regions": ["GLOBAL"],
    }
)
KEPT: tuple[tuple[SmallList[Any], Any], ...] = (
    (ALLOW_POLICIES, POLICY),
    (TRUSTED_DOMAINS, TRUSTED),
    (PROTECTED_DOMAINS, DOMAIN),
)


@pytest.fixture(autouse=True)
def reseeded_settings(opened) -> None:
    """One of each is there."""
    run, database = opened
    run(database.write(_put_back))


async def _put_back(session: Session) -> None:
    account_no = (await accounts.look_up(session, ACCOUNT_ID)).no
    for kept, fields in KEPT:
        known = f"SELECT 1 FROM {kept.table} WHERE account_no = $1 AND id = $2"
        if await session.fetch_one(known, account_no, ID) is None:
            done = await kept.apply(session, account_no, Batch(posts=[fields]), Deed("test", "", now_us()))
            await session.execute(f"UPDATE {kept.table} SET id = $2 WHERE id = $1", done.posts[0].id, ID)
