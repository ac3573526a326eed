"""`sosie entry list`: order, filter, search, pages; as a table and as JSON lines."""

from __future__ import annotations

import pytest


def _names(ran) -> list[str]:
    return [one["name"][:5] for one in ran.documents]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([], ["Carol", "Alice", "Bob", "Dave", "張偉", "Eve\x1b[", "A nam"]),
        (["--order", "name"], ["A nam", "Alice", "Bob", "Carol", "Dave", "Eve\x1b[", "張偉"]),
        (["--order", "email", "--direction", "desc", "--per-page", "2"], ["Alice", "張偉"]),
        (["--per-page", "3", "--page", "2"], ["Dave", "張偉", "Eve\x1b["]),
        (["--page", "9"], []),
        (["--provenance", "SNOOPY-OFFICE_365"], ["Bob"]),
        (["--search", "EXAMPLE.ORG"], ["Bob"]),
        (["--search", "  "], ["Carol", "Alice", "Bob", "Dave", "張偉", "Eve\x1b[", "A nam"]),
        (["--search", "example", "--all", "--direction", "desc", "--provenance", "A1S_INTERNAL"],
         ["A nam", "Eve\x1b[", "張偉", "Dave", "Alice", "Carol"]),
    ],
)  # fmt: skip
def test_entries_are_listed_as_asked_for(filled, arguments, expected):
    """JSON lines hold the API's entries."""
    listed = filled("entry", "list", "--json", *arguments)
    assert [name.strip() for name in _names(listed)] == [name.strip() for name in (one[:5] for one in expected)]
    assert all(list(one) == sorted(one) for one in listed.documents)


def test_pages_are_listed_one_after_the_other(sosie):
    """--all gives every entry once, in order, past the size of a page."""
    rows = [f"Name {number:04},n{number}@example.com" for number in range(2100)]
    sosie("entry", "import", "-", "--format", "csv", stdin="\n".join(["Display_Name,Email", *rows]))
    every = sosie("entry", "list", "--all", "--json", "--order", "name", "--direction", "desc").documents
    assert [one["name"] for one in every] == [f"Name {number:04}" for number in reversed(range(2100))]
    found = sosie("entry", "list", "--all", "--search", "name 00", "--json").documents
    assert len(found) == 100


def test_a_list_says_beside_it_what_part_it_is(filled):
    """On standard error, so that the table stays a table."""
    assert filled("entry", "list", "--per-page", "3", "--page", "2").stderr == "entries 4 to 6 of 7; 7 in the account\n"
    assert filled("entry", "list", "--page", "5").stderr == "no entry on this page; 7 in the account\n"
    assert filled("entry", "list", "--search", "example.org").stderr == "entries 1 to 1 of 1; 7 in the account\n"


@pytest.mark.parametrize(
    "arguments",
    [["--per-page", "1001"], ["--order", "id"], ["--search", "x" * 257]],
)
def test_limits_are_those_of_the_api(filled, arguments):
    """What the API refuses is refused here."""
    assert filled("entry", "list", *arguments, status=2).stderr.startswith("sosie: ")
