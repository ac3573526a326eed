"""Lists: order, direction, filter, pages."""

from __future__ import annotations

import pytest

from sosie.registry.provenance import PROVENANCES

from .account import PLAIN, pointers
from .conftest import open_account

ORDERS = ("created_at", "name", "email")


@pytest.fixture(scope="module")
def filled(served):
    """Forty-five entries whose names, addresses and ages are in three different orders, some of them equal."""
    with open_account(served) as account:
        for number in range(45):
            account.create(
                name=f"Name {number * 7 % 23:02}",
                email=f"m{number * 11 % 17:02}@example.com",
                provenance=PROVENANCES[number % 4] if number % 5 else None,
            )
        yield account


def _walked(account, **parameters):
    """Every page until the first empty one, as the official clients do it."""
    found = []
    for page in range(1, 100):
        answer = account.list(page=page, **parameters)
        if not answer["result"]:
            return found
        assert answer["result_info"]["count"] == len(answer["result"])
        assert answer["result_info"]["page"] == page
        found += answer["result"]
    raise AssertionError("the list does not end")


@pytest.mark.parametrize("direction", ["asc", "desc"])
@pytest.mark.parametrize("order", ORDERS)
def test_pages_show_every_entry_once_in_order(filled, order, direction):
    """Ties are broken by age, so that no entry is on two pages or on none."""
    found = _walked(filled, order=order, direction=direction, per_page=7)
    assert len({entry["id"] for entry in found}) == len(found) == 45
    keys = [(entry[order], entry["created_at"]) for entry in found]
    assert keys == sorted(keys, reverse=direction == "desc")


@pytest.mark.parametrize("provenance", PROVENANCES)
@pytest.mark.parametrize("order", ORDERS)
def test_a_filter_shows_one_source(filled, order, provenance):
    """Only entries of that provenance, null counted as A1S_INTERNAL; the totals say of what."""
    found = _walked(filled, order=order, provenance=provenance, per_page=4)
    everything = filled.list(per_page=1000)["result"]
    expected = [entry["id"] for entry in everything if (entry["provenance"] or "A1S_INTERNAL") == provenance]
    assert sorted(entry["id"] for entry in found) == sorted(expected)
    info = filled.list(provenance=provenance, per_page=4)["result_info"]
    assert info["total_count"] == 45
    assert info["total_pages"] == -(-len(expected) // 4)


def test_the_default_is_by_age_twenty_at_a_time(filled):
    """The oldest first."""
    page = filled.list()
    assert page["result_info"] == {"count": 20, "page": 1, "per_page": 20, "total_count": 45, "total_pages": 3}
    assert page == filled.list(order="created_at", direction="asc", page=1, per_page=20)


def test_a_page_past_the_end_is_empty(filled):
    """Not an error: the official clients ask on until a page is empty."""
    for page in (4, 5, 10_000):
        answer = filled.list(page=page)
        assert answer["result"] == []
        assert answer["result_info"]["count"] == 0
        assert answer["result_info"]["total_count"] == 45


def test_an_empty_registry_is_an_empty_list(account):
    """One page of nothing; `result` is a list, never null."""
    assert account.list()["result"] == []
    assert account.list()["result_info"]["total_pages"] == 0


@pytest.mark.parametrize(
    "parameters",
    [{"direction": "DESC"}, {"direction": "Desc"}, {"direction": "desc"}],
)
def test_direction_is_read_in_any_case(filled, parameters):
    """The service's own documentation writes both."""
    assert (
        filled.names(**parameters, per_page=3)
        == [entry["name"] for entry in filled.list(per_page=1000)["result"]][:-4:-1]
    )


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        ("page", 0), ("page", -1), ("page", "x"), ("page", ""), ("page", "1.5"), ("page", "٣"), ("page", "9" * 30),
        ("page", "1e3"), ("page", "+1"), ("page", " 1"), ("per_page", 0), ("per_page", 1001), ("per_page", "-5"),
        ("order", "modified_at"), ("order", "name;--"), ("order", ""), ("direction", "ascending"),
        ("provenance", "SNOOPY"), ("provenance", ""),
    ],
)  # fmt: skip
def test_a_parameter_that_cannot_be_read_is_named(account, parameter, value):
    """400 with the pointer of the parameter."""
    answer = account.client.get(account.path, params={parameter: value})
    assert pointers(answer) == [f"/query/{parameter}"]


def test_unknown_parameters_are_ignored(filled):
    """Clients add their own."""
    assert filled.names(colour="red", **{"page[]": "7"}) == filled.names()


def test_a_thousand_entries_fit_on_a_page(account, served):
    """`per_page=1000` is taken at its word."""
    from sosie.registry.entry import read_new_entry
    from sosie.registry.moments import now_us
    from sosie.store import accounts, entries
    from sosie.store.audit import Deed

    async def work(database):
        number = (await accounts.look_up(database.reader, account.tenant.account_id)).no
        many = [read_new_entry(PLAIN | {"name": f"N{place:04}"}) for place in range(1005)]
        deed = Deed("test", "", now_us())
        await database.write(lambda session: entries.create_many(session, number, many, deed))

    served.storage.run(work)
    assert account.names(per_page=1000) == [f"N{place:04}" for place in range(1000)]
    assert account.names(per_page=1000, page=2) == [f"N{place:04}" for place in range(1000, 1005)]
    assert account.names(per_page=1000, order="name", direction="desc", page=2) == [f"N000{n}" for n in (4, 3, 2, 1, 0)]


def test_names_are_ordered_by_code_point_on_both_databases(account):
    """The same order everywhere, whatever the locale of the server is."""
    names = ["a", "B", "ä", "Z", "z", "é", "Ω", "张", "😀", "_", "10", "9"]
    for name in names:
        account.create(name=name)
    assert account.names(order="name") == sorted(names)


def test_pages_stay_whole_while_entries_come(account):
    """An entry that is added behind the reader is found on a later page, and none is shown twice."""
    for number in range(10):
        account.create(name=str(number))
    first = account.names(per_page=5)
    account.create(name="10")
    second, third = account.names(per_page=5, page=2), account.names(per_page=5, page=3)
    assert first + second + third == [str(number) for number in range(11)]


def test_counts_follow_every_write(account):
    """total_count is kept by every create, edit and delete."""
    entries = [account.create(provenance=provenance) for provenance in (*PROVENANCES, None)]
    assert account.list()["result_info"]["total_count"] == 5
    account.client.delete(f"{account.path}/{entries[1]['id']}")
    account.edit(entries[4], provenance="SNOOPY-OFFICE_365")
    pages = {name: account.list(provenance=name, per_page=1)["result_info"]["total_pages"] for name in PROVENANCES}
    assert pages == dict(zip(PROVENANCES, (1, 0, 2, 1), strict=True))
    assert account.list()["result_info"]["total_count"] == 4
