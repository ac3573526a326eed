"""The snapshot that messages are judged on, on both databases."""

from __future__ import annotations

from sosie.detection.index import Index
from sosie.registry.entry import EntryFields
from sosie.registry.moments import now_us
from sosie.screening.corridor import screen
from sosie.screening.reading import load_contents
from sosie.screening.snapshot import fill, made_of
from sosie.store import entries
from sosie.store.audit import Deed
from sosie.store.issue import open_account
from support.judgement import people

FORGED = b"From: Jane Roe <jr@gmail.example>\r\nMessage-ID: <1@x.example>\r\n\r\n"


def make_account(run, database, number: int, *people: EntryFields) -> int:
    deed = Deed("test", "", now_us())

    async def work(session):
        account = await open_account(session, f"{number:032x}", "a", deed)
        await entries.create_many(session, account.no, list(people), deed)
        return account.no

    return run(database.write(work))


def test_each_account_has_a_registry_of_its_own(opened):
    """A name that another account protects protects nobody here."""
    run, database = opened
    mine = make_account(run, database, 1, EntryFields("Jane Roe", "jane@example.com", False))
    theirs = make_account(run, database, 2, EntryFields("John Doe", "john@example.com", False))
    assert screen(FORGED, made_of(*run(load_contents(database, mine)), frozenset())).flagged
    assert not screen(FORGED, made_of(*run(load_contents(database, theirs)), frozenset())).flagged


def test_an_entry_that_breaks_the_rules_stops_nobody(opened):
    """An entry that no longer keeps today's rules is named, and the others go on protecting."""
    run, database = opened
    account = make_account(
        run,
        database,
        1,
        EntryFields("Broken", "(?<=look)behind", True),
        EntryFields("Jane Roe", "jane@example.com", False),
    )
    snapshot = made_of(*run(load_contents(database, account)), frozenset())
    assert len(snapshot.unusable) == 1
    assert screen(FORGED, snapshot).findings[0].portion == "Jane Roe"


def test_an_index_is_filled_in_steps_that_leave_nothing_for_the_end():
    """One for each entry, what is like its name included: no message waits for all of them at once."""
    index = Index()
    identities = people(("Jane Roe", "jane@example.com"), ("Ottoline Vargapell", "ov@example.com"))
    steps = fill(index, identities, [])
    next(steps)
    assert len(index) == 1
    assert len(list(steps)) == 1
    kept = index._near
    index.prepare()
    assert kept is index._near is not None
    assert index.to_columns() == Index(identities).to_columns()
