"""Whatever is done to the entries, in whatever order: the counts are right and every list is in order, page by page."""

from __future__ import annotations

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sosie.registry.provenance import PROVENANCES
from sosie.store import accounts, audit, entries, pages, search
from sosie.store.pages import Listing, Pages
from support.registry import ORDERS, SOURCES, Model, deed, new_account, person

LETTERS = "abcABC%_\\'\"éßIİı\u0301Σς \u2028\U0001f98a"
NAMES = st.text(LETTERS, min_size=1, max_size=6) | st.sampled_from(["Jane Roe", "x" * 250, "x" * 250 + "y", "ab" * 300])
FIELDS = st.builds(
    person,
    NAMES,
    st.sampled_from(["jane@example.com", "J@EXAMPLE.COM", "ß@example.com"]) | NAMES,
    comments=st.none() | NAMES,
    provenance=st.sampled_from((None, *PROVENANCES)),
)
PLACES = st.integers(0, 10**6)
DEEDS = st.lists(
    st.one_of(
        st.tuples(st.just("create"), FIELDS),
        st.tuples(st.just("import"), st.lists(FIELDS, min_size=1, max_size=6)),
        st.tuples(st.just("edit"), PLACES, FIELDS),
        st.tuples(st.just("delete"), PLACES),
        st.tuples(st.just("delete nothing")),
    ),
    min_size=1,
    max_size=12,
)
SLOW = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


async def _do(database, account, model: Model, act) -> int:
    """Do it to the database and the model; how many records it leaves."""
    kind, *rest = act
    if kind == "create":
        made = await database.write(lambda session: entries.create(session, account, rest[0], deed()))
        model.add([made])
        return 1
    if kind == "import":
        made = await database.write(lambda session: entries.create_many(session, account, rest[0], deed()))
        model.add(made)
        return len(made)
    if kind == "delete nothing" or not model.entries:
        return 0
    chosen = model.entries[rest[0] % len(model.entries)].id
    if kind == "edit":
        edited = await database.write(lambda session: entries.edit(session, account, chosen, lambda _: rest[1], deed()))
        model.replace(edited)
    else:
        await database.write(lambda session: entries.delete(session, account, chosen, deed()))
        model.remove(chosen)
    return 1


async def _compare_lists(book: Pages, account: int, model: Model, per_page: int, chance: random.Random) -> None:
    """Every listing, its pages asked for in turn or by chance, through places that are remembered."""
    for order in ORDERS:
        for source in SOURCES:
            for descending in (False, True):
                expected = model.listed(order, source, descending=descending)
                offsets = list(range(0, len(expected) + 2 * per_page, per_page))
                if chance.random() < 0.5:
                    chance.shuffle(offsets)
                for offset in offsets:
                    listing = Listing(account, order, source)
                    page = await book.read(listing, descending=descending, offset=offset, most=per_page)
                    assert page.entries == expected[offset : offset + per_page]
                    assert (page.matching, page.total) == (len(expected), len(model.entries))


@SLOW
@given(acts=DEEDS, per_page=st.integers(1, 7), seed=st.integers(0, 2**32))
def test_lists_and_counts_are_those_of_a_plain_list(opened, monkeypatch, acts, per_page, seed):
    """Any order, source, direction and page size, with the places of the pages before it remembered or forgotten."""
    run, database = opened
    monkeypatch.setattr(pages, "STEP", seed % 3)
    monkeypatch.setattr(pages, "MAX_PLACES", 1 + seed % 4)
    chance = random.Random(seed)

    async def live() -> None:
        account = await new_account(database)
        model, book = Model(), Pages(database)
        before = await accounts.counts(database.reader, account)
        for act in acts:
            records = await _do(database, account, model, act)
            counts = await accounts.counts(database.reader, account)
            assert counts.by_source == model.counts()
            assert counts.revision == before.revision + (records > 0)
            assert len(await audit.read(database.reader, account, most=records + 1)) > records
            before = counts
            if chance.random() < 0.2:
                await _compare_lists(book, account, model, per_page, chance)
        assert await entries.read_all(database.reader, account) == model.entries
        await _compare_lists(book, account, model, per_page, chance)

    run(live())


@SLOW
@given(many=st.lists(FIELDS, min_size=1, max_size=12), words=st.lists(NAMES, max_size=3), seed=st.integers(0, 2**32))
def test_search_finds_what_a_plain_search_finds(opened, monkeypatch, many, words, seed):
    """In any case and anywhere in name, address and comments; few hits or more than are put into order."""
    run, database = opened
    chance = random.Random(seed)
    monkeypatch.setattr(search, "FEW", chance.choice((0, 2, 2000)))

    async def live() -> None:
        account, other = await new_account(database), await new_account(database, "other")
        model = Model()
        model.add(await database.write(lambda session: entries.create_many(session, account, many, deed())))
        await database.write(lambda session: entries.create_many(session, other, many, deed()))
        texts = [one.name for one in many] + [one.email for one in many]
        for word in (*words, *_pieces(texts, chance), "example", "xxx"):
            order, source, descending = chance.choice(ORDERS), chance.choice(SOURCES), chance.random() < 0.5
            expected = model.listed(order, source, descending=descending, word=word)
            found = []
            while True:
                listing = Listing(account, order, source)
                page = await search.search(database, listing, word, descending=descending, offset=len(found), most=3)
                assert page.matching in (None, len(expected))
                assert page.total == len(model.entries)
                if not page.entries:
                    break
                found += page.entries
            assert found == expected

    run(live())


def _pieces(texts: list[str], chance: random.Random) -> list[str]:
    """Parts of the texts, in any case."""
    found = []
    for _ in range(4):
        text = chance.choice(texts)
        start = chance.randrange(len(text))
        piece = text[start : start + chance.randint(1, 8)]
        found.append(chance.choice((piece, piece.upper(), piece.lower(), piece.swapcase())))
    return found


def test_a_remembered_place_is_of_one_revision(opened, account, monkeypatch):
    """An entry that goes before a remembered place moves everything behind it by one."""
    run, database = opened
    monkeypatch.setattr(pages, "STEP", 0)
    many = [person(f"n{number:03}") for number in range(60)]
    made = run(database.write(lambda session: entries.create_many(session, account, many, deed())))
    book = Pages(database)
    listing = Listing(account, "name")
    for offset in range(0, 60, 5):
        run(book.read(listing, descending=False, offset=offset, most=5))
    run(database.write(lambda session: entries.delete(session, account, made[0].id, deed())))
    page = run(book.read(listing, descending=False, offset=30, most=5))
    assert [one.name for one in page.entries] == [f"n{number:03}" for number in range(31, 36)]


def test_what_is_remembered_is_bounded(opened, account, monkeypatch):
    """So many places a list, so many lists; the newest stay."""
    run, database = opened
    monkeypatch.setattr(pages, "STEP", 0)
    monkeypatch.setattr(pages, "MAX_PLACES", 8)
    monkeypatch.setattr(pages, "MAX_LISTS", 3)
    run(database.write(lambda session: entries.create_many(session, account, [person()] * 200, deed())))
    book = Pages(database)
    for order in ORDERS:
        for source in (None, 0):
            for offset in range(0, 200, 10):
                run(book.read(Listing(account, order, source), descending=False, offset=offset, most=10))
    assert len(book._known) == 3
    for places in book._known.values():
        assert len(places.at) == len(places.keys) == 8
        assert sorted(places.keys) == places.at
        assert places.at[-1] == 199


STRANGE = ("a_c", "abc", "a%c", "a\\c", 'a"c', "a'c", "a*c", "a c", "a-c", "^ac", "ac$", "(ac", "___", "%%%", "\\\\\\",
           '"""', "abc AND abd")  # fmt: skip


@pytest.mark.parametrize("word", STRANGE)
def test_no_letter_of_a_search_means_anything_else(opened, account, word):
    """Not to LIKE, and not to the language of the index."""
    run, database = opened
    run(
        database.write(
            lambda session: entries.create_many(session, account, [person(name) for name in STRANGE], deed())
        )
    )
    page = run(search.search(database, Listing(account, "name"), word, descending=False, offset=0, most=100))
    assert [one.name for one in page.entries] == sorted(name for name in STRANGE if word in name)
