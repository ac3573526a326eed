"""`search`: a text anywhere in name, address or comments, whatever its case."""

from __future__ import annotations

import itertools

import pytest

from .account import pointers
from .conftest import open_account


@pytest.fixture(scope="module")
def filled(served):
    """A few people, with everything that a search word could trip over."""
    with open_account(served) as account:
        for name, email, comments in (
            ("Jane Roe", "jane.roe@example.com", None),
            ("John DOE", "john@example.net, j.doe@example.org", "Chief 100% officer"),
            ("Ana_Maria O'Hara", "ana@example.com", 'says "hello"'),
            ("王小明", "wang@example.com", "北京办公室"),
            ("Ærøskøbing Straße", "stra@example.com", "back\\slash * [x] ^$ NEAR(a b)"),
            ("İpek", "ipek@example.com", "percent%sign under_score"),
        ):
            account.create(name=name, email=email, comments=comments)
        yield account


FOUND = [
    ("jane", ["Jane Roe"]),
    ("JANE", ["Jane Roe"]),
    ("ane ro", ["Jane Roe"]),
    ("jane.roe@example.com", ["Jane Roe"]),
    ("Jane.Roe@EXAMPLE.com", ["Jane Roe"]),
    ("j.doe@example.org", ["John DOE"]),
    ("doe", ["John DOE"]),
    ("officer", ["John DOE"]),
    ("100%", ["John DOE"]),
    ("%", ["John DOE", "İpek"]),
    ("%%%", []),
    ("%sign", ["İpek"]),
    ("_", ["Ana_Maria O'Hara", "İpek"]),
    ("___", []),
    ("ana_", ["Ana_Maria O'Hara"]),
    ("o'hara", ["Ana_Maria O'Hara"]),
    ("'", ["Ana_Maria O'Hara"]),
    ('"hello"', ["Ana_Maria O'Hara"]),
    ('"', ["Ana_Maria O'Hara"]),
    ('"""', []),
    ("back\\slash", ["Ærøskøbing Straße"]),
    ("\\", ["Ærøskøbing Straße"]),
    ("near(a b)", ["Ærøskøbing Straße"]),
    ("a AND b", []),
    ("jane OR wang", []),
    ("name:jane", []),
    ("jan*", []),
    ("[x]", ["Ærøskøbing Straße"]),
    ("^$", ["Ærøskøbing Straße"]),
    ("^$ ", ["Ærøskøbing Straße"]),
    ("王", ["王小明"]),
    ("小明", ["王小明"]),
    ("王小明", ["王小明"]),
    ("京办", ["王小明"]),
    ("北京办公室", ["王小明"]),
    ("strasse", ["Ærøskøbing Straße"]),
    ("STRASSE", ["Ærøskøbing Straße"]),
    ("ærø", ["Ærøskøbing Straße"]),
    ("İPEK", ["İpek"]),
    ("j", ["Jane Roe", "John DOE"]),
    ("jo", ["John DOE"]),
    ("nobody at all", []),
    ("q", []),
    ("😀😀😀", []),
]


@pytest.mark.parametrize(("word", "names"), FOUND)
def test_what_is_found(filled, word, names):
    """A word of any length, in any script, with any character, is looked for as it is written."""
    found = filled.list(search=word)
    assert [entry["name"] for entry in found["result"]] == names
    assert found["result_info"]["total_count"] == 6
    assert found["result_info"]["count"] == len(names)


@pytest.mark.parametrize("word", ["", " ", "\t"])
def test_an_empty_word_finds_everything(filled, word):
    """As if there were no search."""
    assert len(filled.names(search=word)) == 6


def test_it_does_not_look_across_fields(filled):
    """The end of the name and the beginning of the address are not one word."""
    assert filled.names(search="roejane") == []


@pytest.mark.parametrize("word", ["example", "an", "e"])
@pytest.mark.parametrize(("order", "direction"), [*itertools.product(("name", "email", "created_at"), ("asc", "desc"))])
def test_it_is_ordered_and_paged_like_a_list(filled, word, order, direction):
    """Every hit is on exactly one page, in order, and the page after the last is empty."""
    whole = filled.list(search=word, order=order, direction=direction)["result"]
    paged = []
    for page in range(1, 10):
        paged += filled.list(search=word, order=order, direction=direction, page=page, per_page=2)["result"]
    assert paged == whole
    assert len(whole) >= 2
    keys = [(entry[order], entry["created_at"]) for entry in whole]
    assert keys == sorted(keys, reverse=direction == "desc")


@pytest.mark.parametrize("word", ["example", "e"])
def test_it_goes_with_the_filter(account, word):
    """A search among entries of one provenance."""
    account.create(name="manual")
    account.create(name="null", provenance=None)
    account.create(name="synced", provenance="SNOOPY-OFFICE_365")
    assert account.names(search=word, provenance="SNOOPY-OFFICE_365") == ["synced"]
    assert account.names(search=word, provenance="A1S_INTERNAL") == ["manual", "null"]


def test_it_follows_edits_and_deletions(account):
    """What was edited is found by its new words and no more by its old ones."""
    entry = account.create(name="Old Name", comments="first note")
    account.edit(entry, name="New Name", comments=None)
    assert account.names(search="old name") == []
    assert account.names(search="first note") == []
    assert account.names(search="new name") == ["New Name"]
    account.client.delete(f"{account.path}/{entry['id']}")
    assert account.names(search="new name") == []


def test_other_accounts_are_not_searched(account, served):
    """The index is one for all accounts; what it finds is this account's only."""
    account.create(name="Jane Roe of this account")
    with open_account(served) as other:
        other.create(name="Jane Roe of another account")
        for word in ("jane roe", "ro"):
            assert other.names(search=word) == ["Jane Roe of another account"]
            assert account.names(search=word) == ["Jane Roe of this account"]


def test_a_word_has_a_longest_length(account):
    """256 characters are looked for, more are refused with the reason."""
    assert account.names(search="x" * 256) == []
    assert pointers(account.client.get(account.path, params={"search": "x" * 257})) == ["/query/search"]
