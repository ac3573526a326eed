"""`sosie entry add`, `show`, `edit` and `remove`."""

from __future__ import annotations

import pytest

UNKNOWN = "f174e90a-fafe-4643-bbbc-4a0ed4fc8415"


def test_an_entry_is_added_shown_edited_and_removed(sosie):
    """JSON is the API's entry; an edit changes what is named and nothing else."""
    identifier = sosie("entry", "add", "--name", "Jane Roe", "--email", "jane@example.com").lines[0]
    shown = sosie("entry", "show", identifier.upper(), "--json").json
    assert list(shown) == sorted(shown)
    assert shown["provenance"] == "A1S_INTERNAL"
    edited = sosie("entry", "edit", identifier, "--comments", "the boss", "--json").json
    assert edited == {**shown, "comments": "the boss", "modified_at": edited["modified_at"],
                      "last_modified": edited["modified_at"]}  # fmt: skip
    assert edited["modified_at"] > shown["modified_at"]
    sosie("entry", "edit", identifier, "--regex", "--email", r".*@example\.com", "--no-comments")
    assert "regex .*@example\\.com" in sosie("entry", "list").stdout
    for line in ("is_email_regex              True", "comments                    -"):
        assert line in sosie("entry", "show", identifier).lines
    assert sosie("entry", "edit", identifier, "--literal", "--email", "j@example.com", "--json").json["email"] == (
        "j@example.com"
    )
    sosie("entry", "remove", identifier)
    gone = sosie("entry", "show", identifier, status=2)
    assert gone.stderr == f"sosie: there is no entry {identifier} in this account\n"


def test_every_fault_is_named(embedded):
    """In one line."""
    ran = embedded("entry", "add", "--name", " ", "--email", "jane", status=2)
    assert ran.stderr.count("\n") == 1
    assert "name must not be blank; email 'jane' is not an email address" in ran.stderr


def test_an_edit_keeps_the_rules(embedded):
    """What the entry would become is looked at as a whole: an address that stays must fit what it is said to be."""
    identifier = embedded("entry", "add", "--name", "N", "--email", r".*@example\.com", "--regex").lines[0]
    assert "is not an email address" in embedded("entry", "edit", identifier, "--literal", status=2).stderr
    assert embedded("entry", "show", identifier, "--json").json["is_email_regex"] is True


@pytest.mark.parametrize("arguments", [[], ["--comments", "x", "--no-comments"]])
def test_an_edit_says_what_to_change(bare_embedded, arguments):
    """Nothing, or a note that is to be there and not, is refused."""
    assert bare_embedded("entry", "edit", UNKNOWN, *arguments, status=2).stderr.startswith("sosie: ")


def test_an_entry_of_a_directory_is_not_edited(embedded):
    """It can be removed."""
    identifier = embedded(
        "entry", "add", "--name", "N", "--email", "n@example.com", "--provenance", "snoopy-office_365"
    ).lines[0]
    ran = embedded("entry", "edit", identifier, "--name", "M", status=2)
    assert ran.stderr == f"sosie: entry {identifier} is synced from a directory: change it there\n"
    embedded("entry", "remove", identifier)


def test_several_entries_are_removed_together_or_not_at_all(embedded):
    """Where one of them is not there, the others stay."""
    made = [embedded("entry", "add", "--name", "N", "--email", "n@example.com").lines[0] for _ in range(2)]
    embedded("entry", "remove", made[0], UNKNOWN, made[1], status=2)
    assert len(embedded("entry", "list", "--json").documents) == 2
    assert embedded("entry", "remove", *made, made[0], "--json").documents == [{"id": one} for one in made]
    assert embedded("entry", "list", "--json").documents == []


def test_what_is_no_id_is_said_to_be_none(bare_embedded):
    """With an example of one."""
    assert UNKNOWN in bare_embedded("entry", "show", "17", status=2).stderr
