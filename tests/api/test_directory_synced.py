"""Entries that came from a directory are not edited by hand."""

from __future__ import annotations

import pytest

from .account import errors

SYNCED = ("SNOOPY-CASB_OFFICE_365", "SNOOPY-OFFICE_365", "SNOOPY-GOOGLE_DIRECTORY")


@pytest.mark.parametrize("provenance", SYNCED)
def test_an_edit_is_refused(account, provenance):
    """400 with a code of its own, whatever the edit is; the entry stays as it was, and so does its age."""
    entry = account.create(provenance=provenance, directory_id=7, directory_node_id=8)
    for changes in ({"name": "New"}, {"comments": None}, {"provenance": "A1S_INTERNAL"}, {"provenance": None}):
        answer = account.edit(entry, **changes)
        assert (answer.status_code, errors(answer)) == (400, [(1005, None)])
        assert answer.json()["errors"][0]["message"] == "Directory-synced entries can't be updated"
    assert account.get(entry["id"]).json()["result"] == entry


@pytest.mark.parametrize("provenance", SYNCED)
def test_a_deletion_is_not(account, provenance):
    """Whoever made an entry can remove it (docs/decisions/0004)."""
    entry = account.create(provenance=provenance)
    assert account.client.delete(f"{account.path}/{entry['id']}").status_code == 200
    assert account.names() == []


def test_what_is_wrong_with_the_body_is_said_first(account):
    """A body that breaks rules is told so, for any entry."""
    entry = account.create(provenance=SYNCED[0])
    assert errors(account.edit(entry, name="")) == [(1001, "/name")]
