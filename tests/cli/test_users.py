"""`sosie user create`."""

from __future__ import annotations

import pytest

from cli.conftest import ACCOUNT


def test_a_user_is_made_with_a_key_of_our_making(embedded):
    """The key is the only thing on standard output; JSON tells all."""
    assert embedded("user", "create", "jane@example.com").stdout.startswith("sosiek_")
    told = embedded("user", "create", "bob@example.com", "--json").json
    assert told["api_key"].startswith("sosiek_")
    assert told["accounts"] == [ACCOUNT]
    assert (told["is_new_user"], told["is_new_member"]) == (True, True)


def test_a_user_who_is_there_becomes_a_member_and_keeps_the_key(embedded):
    """It is said, and no key is printed; a second time nothing is changed."""
    embedded("user", "create", "jane@example.com")
    other = embedded("account", "create").lines[0]
    joined = embedded("user", "create", "JANE@example.com", "--account", other)
    assert joined.stdout == ""
    assert "the API key is unchanged" in joined.stderr
    again = embedded("user", "create", "jane@example.com", "--account", other)
    assert "already; nothing was changed" in again.stderr
    told = embedded("user", "create", "jane@example.com", "--account", other, "--json").json
    assert told["accounts"] == [ACCOUNT, other]
    assert "api_key" not in told
    assert [record["action"] for record in embedded("audit", "--account", other, "--json").documents] == [
        "user.join",
        "account.create",
    ]


def test_a_key_that_is_brought_along_is_not_printed(embedded):
    """Whoever brings it has it."""
    assert embedded("user", "create", "a@example.com", "--api-key-stdin", stdin="k" * 200).stdout == ""
    assert "api_key" not in embedded("user", "create", "b@example.com", "--api-key-stdin", "--json", stdin="x").json


@pytest.mark.parametrize("key", ["", "\n", "two words\n", "k" * 201, "ключ"])
def test_a_key_is_visible_ascii_of_limited_length(bare_embedded, key):
    """What no header can carry is refused."""
    ran = bare_embedded("user", "create", "a@example.com", "--api-key-stdin", stdin=key, status=2)
    assert "must be 1 to 200 visible ASCII characters" in ran.stderr


@pytest.mark.parametrize("email", ["jane", "jane@", "jürgen@example.com", "a b@example.com"])
def test_a_user_has_an_address_that_a_header_can_carry(bare_embedded, email):
    """Anything else is refused."""
    assert bare_embedded("user", "create", email, status=2).stderr.startswith("sosie: ")
