"""A create that is repeated because its answer was lost makes one entry, and answers it again."""

from __future__ import annotations

import asyncio

import pytest

from sosie.store import accounts, entries
from support.registry import deed, new_account, person


def _create(database, account, fields, this, *, repeated=False):
    return database.write(lambda session: entries.create_once(session, account, fields, this, repeated=repeated))


def test_the_same_key_makes_one_entry(opened, account):
    """Whatever happened to the entry since, the answer is that of the first time."""
    run, database = opened
    first = run(_create(database, account, person(), deed("key")))
    assert run(_create(database, account, person(), deed("key"))) == first
    run(database.write(lambda session: entries.delete(session, account, first.id, deed())))
    assert run(_create(database, account, person(), deed("key"))) == first
    assert run(accounts.counts(database.reader, account)).total == 0


def test_a_key_is_its_callers_and_its_accounts_own(opened, account):
    """Two callers may use one key, and one caller in two accounts."""
    run, database = opened
    other = run(new_account(database, "other"))
    made = [
        run(_create(database, account, person(), deed("key", actor="a"))),
        run(_create(database, account, person(), deed("key", actor="b"))),
        run(_create(database, other, person(), deed("key", actor="a"))),
    ]
    assert len({one.id for one in made}) == 3


def test_a_key_of_an_edit_or_a_deletion_is_none_of_a_create(opened, account):
    """They do no harm when they are repeated, so their keys are not kept."""
    run, database = opened
    made = run(_create(database, account, person(), deed()))
    for _ in range(2):
        run(
            database.write(lambda session: entries.edit(session, account, made.id, lambda one: one.fields, deed("key")))
        )
    run(database.write(lambda session: entries.delete(session, account, made.id, deed("key"))))
    assert run(_create(database, account, person(), deed("key"))).id != made.id


def test_without_a_key_a_repetition_is_known_by_its_fields(opened, account):
    """Where the client says that it repeats, for two minutes."""
    run, database = opened
    then = deed()
    first = run(_create(database, account, person(), then))
    assert run(_create(database, account, person(), then, repeated=True)) == first
    assert run(_create(database, account, person("Other"), then, repeated=True)) != first
    assert run(_create(database, account, person(), then)) != first
    late = then._replace(moment_us=then.moment_us + (entries.RETRY_SECONDS + 10) * 1_000_000)
    assert run(_create(database, account, person(comments="late"), late, repeated=True)) != first


@pytest.mark.parametrize("key", ["key", None])
def test_a_repetition_waits_for_the_first_that_is_under_way(opened, account, key):
    """Ten at once make one entry."""
    run, database = opened

    async def ten():
        tries = [_create(database, account, person(), deed(key), repeated=key is None) for _ in range(10)]
        return await asyncio.gather(*tries)

    assert len({one.id for one in run(ten())}) == 1
    assert run(accounts.counts(database.reader, account)).total == 1
