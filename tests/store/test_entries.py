"""Entries are created, read, edited and deleted; each write is one revision with its record, or nothing at all."""

from __future__ import annotations

from itertools import pairwise

import pytest

from sosie.registry.errors import DirectorySynced, EntryNotFound
from sosie.registry.provenance import PROVENANCES
from sosie.store import accounts, audit, entries
from support.registry import deed, new_account, person


def test_what_is_created_is_read(opened, account):
    """Every field comes back as it was given, null and 64-bit numbers too."""
    run, database = opened
    fields = person(
        "Зоя \U0001f98a O'Neil", "a@example.com,b@example.com", comments="x\n'\"%_\\", directory_id=2**63 - 1,
        directory_node_id=-(2**63), external_directory_node_id="", provenance=None,
    )  # fmt: skip
    made = run(database.write(lambda session: entries.create(session, account, fields, deed())))
    assert made.fields == fields
    assert made.created_at == made.modified_at
    assert run(entries.get(database.reader, account, made.id)) == made


def test_equal_entries_may_occur_often(opened, account):
    """Neither name nor address is unique."""
    run, database = opened
    ids = {run(database.write(lambda session: entries.create(session, account, person(), deed()))).id for _ in range(3)}
    assert len(ids) == 3


def test_an_edit_changes_what_it_names(opened, account):
    """The other fields, the id and the moment of creation stay."""
    run, database = opened
    made = run(database.write(lambda session: entries.create(session, account, person(comments="a"), deed())))
    edited = run(
        database.write(
            lambda session: entries.edit(session, account, made.id, lambda one: one.fields._replace(name="X"), deed())
        )
    )
    assert edited == made._replace(name="X", modified_at=edited.modified_at)
    assert edited.modified_at > made.modified_at
    assert run(entries.get(database.reader, account, made.id)) == edited


def test_a_deleted_entry_is_gone(opened, account):
    """And its deletion says what it was."""
    run, database = opened
    made = run(database.write(lambda session: entries.create(session, account, person(), deed())))
    assert run(database.write(lambda session: entries.delete(session, account, made.id, deed()))) == made
    with pytest.raises(EntryNotFound):
        run(entries.get(database.reader, account, made.id))


@pytest.mark.parametrize("act", ["get", "edit", "delete"])
def test_another_accounts_entry_is_not_there(opened, account, act):
    """An id opens nothing in another account."""
    run, database = opened
    other = run(new_account(database, "other"))
    made = run(database.write(lambda session: entries.create(session, other, person(), deed())))
    acts = {
        "get": lambda session: entries.get(session, account, made.id),
        "edit": lambda session: entries.edit(session, account, made.id, lambda one: one.fields, deed()),
        "delete": lambda session: entries.delete(session, account, made.id, deed()),
    }
    with pytest.raises(EntryNotFound):
        run(database.write(acts[act]))
    assert run(entries.get(database.reader, other, made.id)) == made


def test_moments_and_ids_increase_strictly(opened, account):
    """Even where the clock stands still or goes back, and between one entry and a thousand at once."""
    run, database = opened
    still = deed()
    made = []
    for back in (0, 0, 1_000_000, 0):
        at = still._replace(moment_us=still.moment_us - back)
        made.append(run(database.write(lambda session, at=at: entries.create(session, account, person(), at))))
    made += run(database.write(lambda session: entries.create_many(session, account, [person()] * 2500, still)))
    made.append(run(database.write(lambda session: entries.create(session, account, person(), still))))
    for earlier, later in pairwise(made):
        assert earlier.created_at < later.created_at
        assert earlier.id < later.id


def test_every_write_bumps_the_revision_once_and_leaves_its_record(opened, account):
    """Created, imported, edited, deleted: one revision each, and a record of what was before and after."""
    run, database = opened

    async def revision():
        return (await accounts.counts(database.reader, account)).revision

    start = run(revision())
    made = run(database.write(lambda session: entries.create(session, account, person(), deed(actor="a"))))
    assert run(revision()) == start + 1
    several = run(
        database.write(lambda session: entries.create_many(session, account, [person()] * 3, deed(actor="b")))
    )
    assert run(revision()) == start + 2
    edited = run(
        database.write(
            lambda session: entries.edit(
                session, account, made.id, lambda one: one.fields._replace(comments="c"), deed(actor="c")
            )
        )
    )
    assert run(revision()) == start + 3
    run(database.write(lambda session: entries.delete(session, account, made.id, deed(actor="d"))))
    assert run(revision()) == start + 4
    records = run(audit.read(database.reader, account, most=6))
    told = [(one.revision - start, one.actor, one.action, one.subject, one.before, one.after) for one in records]
    assert told == [
        (4, "d", "entry.delete", made.id, edited._asdict(), None),
        (3, "c", "entry.edit", made.id, made._asdict(), edited._asdict()),
        *[(2, "b", "entry.create", one.id, None, one._asdict()) for one in reversed(several)],
        (1, "a", "entry.create", made.id, None, made._asdict()),
    ]


@pytest.mark.parametrize("provenance", [None, *PROVENANCES])
def test_a_failing_write_leaves_nothing(opened, account, provenance):
    """Neither a revision nor a record nor a count, wherever in the write it fails."""
    run, database = opened
    made = run(database.write(lambda session: entries.create(session, account, person(provenance=provenance), deed())))

    async def state():
        return (
            await accounts.counts(database.reader, account),
            await audit.read(database.reader, account),
            await entries.read_all(database.reader, account),
        )

    before = run(state())

    async def fails_at_its_end(session):
        await entries.create(session, account, person(), deed())
        raise ZeroDivisionError

    def refuse(_):
        raise DirectorySynced(made.id)

    for work, error in (
        (fails_at_its_end, ZeroDivisionError),
        (lambda session: entries.edit(session, account, made.id, refuse, deed()), DirectorySynced),
        (lambda session: entries.delete(session, account, "no such id", deed()), EntryNotFound),
    ):
        with pytest.raises(error):
            run(database.write(work))
        assert run(state()) == before


def test_an_import_of_nothing_is_no_write(opened, account):
    """It bumps no revision."""
    run, database = opened
    before = run(accounts.counts(database.reader, account))
    assert run(database.write(lambda session: entries.create_many(session, account, [], deed()))) == []
    assert run(accounts.counts(database.reader, account)) == before


def test_an_import_tells_how_far_it_is(opened, account, monkeypatch):
    """In steps that add up to all of it."""
    run, database = opened
    monkeypatch.setattr(entries, "BATCH", 10)
    told = []
    many = [person(f"n{number}") for number in range(25)]
    made = run(database.write(lambda session: entries.create_many(session, account, many, deed(), told.append)))
    assert told == [10, 10, 5]
    assert [one.name for one in run(entries.read_all(database.reader, account))] == [one.name for one in many]
    assert [one.name for one in made] == [one.name for one in many]
