"""Databases to measure on: 100,000 entries in the account that is asked for, 30,000 in another; made by the store.

The entries are invented, the same in every run. WORDS says what is searched for: `payroll` and `treasury` are held by
few and many of any kind, `smi` by names anywhere; `contoso` by the newest 3,000, whose names come last too, which is
the worst place for whoever walks a list; `example` by every address.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from pathlib import Path

from sosie.registry.entry import EntryFields
from sosie.registry.moments import now_us
from sosie.registry.provenance import PROVENANCES
from sosie.store import accounts, entries
from sosie.store.audit import Deed
from sosie.store.database import Database
from support.postgresql import PostgreSQL
from support.server import Storage, Tenant, make_tenant

MINE, OTHERS = 100_000, 30_000
WORDS = {  # and how many of the entries hold them
    "quixote": 1,
    "smi": 650,
    "payroll": 1_900,
    "treasury": 2_100,
    "contoso": 3_000,
    "office": 20_000,
    "example": 100_000,
}
POSTGRESQL = (
    "-c fsync=on -c synchronous_commit=on -c listen_addresses='' -c max_connections=100 -c shared_buffers=128MB "
    "-c autovacuum=off"  # it would run whenever it likes, within somebody's measurement
)
FIRST = (
    "Ada Alan Amina Anders Ana Andrei Aoife Arjun Ben Beatriz Bjorn Carla Chen Chloe Dana David Diego Dilek Elena "
    "Emeka Emma Erik Eva Farah Felix Fatima Gabriel Giulia Grace Hana Hassan Helen Hugo Ines Ingrid Ivan Jack Jane "
    "Jin John Jonas Julia Kemal Kofi Lars Laura Lea Leila Lin Lucas Maria Marta Mei Mia Milan Nadia Nina Noah Nora "
    "Olga Oliver Omar Paula Pedro Petra Priya Rahul Rosa Ruth Said Sara Simon Sofia Tara Thomas Ugo Uma Vera Victor "
    "Wanda Wei Yara Yusuf Zofia"
).split()
SYLLABLES = (
    "ba be bo da der do fa fel ga gar ha hol ka ker kov la lan ler ma mar mon na nor pa per ra ros sa sen son ta ter "
    "to va ven wa wil za"
).split()
COMMENTS = 0.2, 0.019, 0.021  # office, payroll, treasury: shares of the entries


def invented(count: int) -> Iterator[EntryFields]:
    """`count` entries, the same every time."""
    chance = random.Random(20260701)
    comments = ["office of the board"] * int(count * COMMENTS[0])
    comments += ["payroll"] * int(count * COMMENTS[1]) + ["treasury"] * int(count * COMMENTS[2])
    newest = count * 3 // 100
    comments += [None] * (count - newest - len(comments))
    chance.shuffle(comments)
    sources = chance.choices(PROVENANCES, weights=(50, 10, 30, 10), k=count)
    for place in range(count):
        first = chance.choice(FIRST)
        last = "".join(chance.choices(SYLLABLES, k=chance.choice((2, 3, 3, 4)))).title()
        if chance.random() < 0.0065:
            last = "Smith"
        if place == count // 2:
            last = "Quixote"
        name, comment = f"{first} {last}", None
        if place >= count - newest:
            name, comment = f"zz {name}", "came with Contoso"
        else:
            comment = comments[place]
        email = f"{first}.{last}{place}@example.com".lower()
        yield EntryFields(name, email, False, comment, provenance=sources[place])


def fill(storage: Storage) -> Tenant:
    """Make both accounts and their entries; the tenant of the 100,000."""
    tenant, other = make_tenant(storage, "mine"), make_tenant(storage, "others")

    async def work(database: Database) -> None:
        deed = Deed("bench", "", now_us())
        for account_id, count in ((tenant.account_id, MINE), (other.account_id, OTHERS)):
            account = await accounts.look_up(database.reader, account_id)
            many = list(invented(count))
            for start in range(0, count, 5000):
                part = many[start : start + 5000]
                await database.write(
                    lambda session, no=account.no, part=part: entries.create_many(session, no, part, deed)
                )

    storage.run(work)
    return tenant


def copied(storage: Storage, folder: Path, postgresql: PostgreSQL | None) -> Storage:
    """Another storage with the same bytes in it, so that one contender's writes are not in the other's way."""
    shutil.copytree(storage.data_dir, folder)
    if postgresql is None:
        return Storage(folder)
    return Storage(folder, postgresql.create_database(storage.url.partition("@/")[2].partition("?")[0]))
