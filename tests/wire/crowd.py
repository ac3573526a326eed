"""An account with 2,345 entries, made in one write: more than two pages of the largest size, and not a round number."""

from __future__ import annotations

import secrets

from sosie.registry.entry import read_new_entry
from sosie.registry.moments import now_us
from sosie.registry.provenance import PROVENANCES
from sosie.store import accounts, entries
from sosie.store.audit import Deed
from support.server import Server, Tenant, make_tenant

SIZE = 2345


def make_crowd(server: Server) -> Tenant:
    """The credentials of the new account. Names, addresses and ages are in three different orders, names not unique."""
    tenant = make_tenant(server.storage, f"crowd{secrets.token_hex(4)}")
    many = [
        read_new_entry(
            {
                "name": f"Person {number * 7919 % 1000:04}",
                "email": f"p{number * 104729 % SIZE:04}@example.com",
                "is_email_regex": False,
                "comments": "every tenth" if number % 10 == 0 else None,
                "provenance": PROVENANCES[number % 4],
            }
        )
        for number in range(SIZE)
    ]

    async def fill(database):
        account_no = (await accounts.look_up(database.reader, tenant.account_id)).no
        deed = Deed("test", "", now_us())
        await database.write(lambda session: entries.create_many(session, account_no, many, deed))

    server.storage.run(fill)
    return tenant
