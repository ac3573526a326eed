"""`sosie allow`, `sosie trusted`, `sosie domain`: add, list, remove."""

from __future__ import annotations

import pytest

GOOD = {
    "allow": ("news@example.com", "--type", "email", "--acceptable", "--comments", "weekly"),
    "trusted": ("examp1e.example", "--similar"),
    "domain": ("example.com",),
}
SHOWN = {
    "allow": ["news@example.com", "EMAIL", "acceptable, verified", "weekly"],
    "trusted": ["examp1e.example", "domain", "similar", ""],
    "domain": ["example.com"],
}


@pytest.mark.parametrize("command", sorted(GOOD))
def test_what_is_added_is_listed_and_removed(sosie, command):
    """The id is what is printed; JSON is the API's."""
    (made,) = sosie(command, "add", *GOOD[command]).lines
    second = sosie(command, "add", *GOOD[command], "--json").json
    assert second["id"] != made
    table = sosie(command, "list")
    assert [line.split("  ")[0] for line in table.lines[1:]] == [made, second["id"]]
    for text in SHOWN[command]:
        assert text in table.lines[1]
    assert sosie(command, "list", "--json").documents[1] == second
    assert sosie(command, "list", "--search", "EXAMP").stderr == "2 of 2\n"
    assert sosie(command, "list", "--search", "nothing").stdout == ""
    assert sosie(command, "remove", made.upper(), second["id"], "--json").documents == [
        {"id": made},
        {"id": second["id"]},
    ]
    assert sosie(command, "list").stdout == ""


@pytest.mark.parametrize("command", sorted(GOOD))
def test_one_that_is_not_there_removes_none(embedded, command):
    """All that are named, or none."""
    (made,) = embedded(command, "add", *GOOD[command]).lines
    for nowhere in ("f174e90a-fafe-4643-bbbc-4a0ed4fc8415", "7"):
        ran = embedded(command, "remove", made, nowhere, status=2)
        assert ran.stderr.endswith("not found\n")
    assert len(embedded(command, "list", "--json").documents) == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("allow", "add", "example.com", "--type", "email", "--trusted"), "is not an email address"),
        (("allow", "add", "10.0.0.0/8", "--type", "ip", "--trusted"), "not globally routable"),
        (("allow", "add", "a@example.com", "--type", "email"), "--trusted, --acceptable or --recipient"),
        (("allow", "add", "a@example.com", "--trusted"), "--type"),
        (("trusted", "add", "example.com"), "--similar or --recent"),
        (("trusted", "add", "(", "--regex", "--recent"), "regular expression"),
        (("domain", "add", "*.example.com"), "asterisk"),
    ],
)
def test_what_breaks_a_rule_is_said_in_one_line(embedded, arguments, words):
    """And nothing is added."""
    ran = embedded(*arguments, status=2)
    assert words in ran.stderr.splitlines()[0]
    assert embedded(arguments[0], "list", "--json").documents == []


def test_an_audit_shows_who(embedded):
    """The user of the operating system."""
    (made,) = embedded("trusted", "add", *GOOD["trusted"]).lines
    newest = embedded("audit", "--json").documents[0]
    assert (newest["action"], newest["subject"]) == ("trusted_domain.create", made)
    assert newest["actor"].startswith("cli:")
