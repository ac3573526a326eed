"""Unset is null, and null stays null: what Terraform needs to come to rest."""

from __future__ import annotations

import pytest

OPTIONAL = {
    "comments": "note",
    "directory_id": 0,
    "directory_node_id": 5,
    "external_directory_node_id": "ext",
    "provenance": "A1S_INTERNAL",
}


def test_an_absent_provenance_is_the_manual_one(account):
    """As the service answers it."""
    assert account.create()["provenance"] == "A1S_INTERNAL"


@pytest.mark.parametrize("field", OPTIONAL)
def test_an_explicit_null_of_a_create_is_kept(account, field):
    """Null is stored and echoed, and read as null ever after."""
    entry = account.create(**{field: None})
    assert entry[field] is None
    assert account.get(entry["id"]).json()["result"] == entry
    assert account.edit(entry, name="John Roe").json()["result"][field] is None


@pytest.mark.parametrize("field", OPTIONAL)
def test_an_explicit_null_of_an_edit_is_kept(account, field):
    """A merge patch that sets null unsets the field and leaves the others."""
    entry = account.create(**OPTIONAL)
    assert {name: entry[name] for name in OPTIONAL} == OPTIONAL
    edited = account.edit(entry, **{field: None}).json()["result"]
    assert {name: edited[name] for name in OPTIONAL} == OPTIONAL | {field: None}
    assert account.get(entry["id"]).json()["result"] == edited


def test_values_that_look_empty_are_values(account):
    """Zero and the empty text are not null."""
    entry = account.create(directory_id=0, directory_node_id=0, comments="", external_directory_node_id="")
    shown = account.get(entry["id"]).json()["result"]
    assert (shown["directory_id"], shown["directory_node_id"]) == (0, 0)
    assert (shown["comments"], shown["external_directory_node_id"]) == ("", "")


def test_a_null_provenance_is_found_as_the_manual_one(account):
    """Null counts as A1S_INTERNAL where entries are filtered, and is still shown as null."""
    account.create(name="null", provenance=None)
    account.create(name="manual")
    found = account.list(provenance="A1S_INTERNAL", order="name")
    assert [(entry["name"], entry["provenance"]) for entry in found["result"]] == [
        ("manual", "A1S_INTERNAL"),
        ("null", None),
    ]
