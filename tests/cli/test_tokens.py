"""`sosie token`."""

from __future__ import annotations

import pytest

from cli.conftest import ACCOUNT

WRITE, MANAGE = "Cloud Email Security: Write", "Account API Tokens Write"


def test_a_token_is_made_listed_rolled_and_revoked(sosie):
    """Its value is printed when it is made and when it is rolled, and never listed."""
    made = sosie("token", "create", "--permission", "write", "--manage-tokens", "--name", "ours",
                 "--expires", "2040-01-01T01:00:00+01:00", "--json").json  # fmt: skip
    assert made["expires_on"] == "2040-01-01T00:00:00Z"
    assert [group["name"] for group in made["policies"][0]["permission_groups"]] == [WRITE, MANAGE]
    assert made["policies"][0]["resources"] == {f"com.cloudflare.api.account.{ACCOUNT}": "*"}
    value = made.pop("value")
    assert value.startswith("sosie_")
    assert sosie("token", "list", "--json").documents == [made]
    rolled = sosie("token", "roll", made["id"], "--json").json
    assert rolled["value"] != value
    listed = sosie("token", "list").stdout
    assert "ours" in listed
    assert "sosie_" not in listed
    assert "revoked" in sosie("token", "revoke", made["id"].upper()).stderr
    assert sosie("token", "list", "--json").documents == []


def test_a_token_of_the_whole_server_belongs_to_no_account(embedded):
    """It is listed, rolled and revoked with --all-accounts, and is in the server's audit."""
    made = embedded("token", "create", "--permission", "read", "--all-accounts", "--json").json
    assert made["policies"][0]["resources"] == {"com.cloudflare.api.account.*": "*"}
    assert embedded("token", "list", "--json").documents == []
    assert [one["id"] for one in embedded("token", "list", "--all-accounts", "--json").documents] == [made["id"]]
    missed = embedded("token", "revoke", made["id"], status=2)
    assert missed.stderr == f"sosie: there is no token {made['id']} in account {ACCOUNT}\n"
    embedded("token", "roll", made["id"], "--all-accounts")
    embedded("token", "revoke", made["id"], "--all-accounts")
    actions = [record["action"] for record in embedded("audit", "--server", "--json").documents]
    assert actions == ["token.delete", "token.roll", "token.create"]


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--permission", "admin"], "'admin' is not one of 'read', 'write'"),
        ([], "Missing option '--permission'"),
        (["--permission", "read", "--expires", "tomorrow"], "expires_on must be a date-time"),
        (["--permission", "read", "--expires", "2020-01-01T00:00:00Z"], "--expires must be later than now"),
        (["--permission", "read", "--name", " "], "name must not be blank"),
        (["--permission", "read", "--name", "n" * 121], "name must be at most 120 characters"),
    ],
)
def test_a_token_keeps_the_rules_of_the_api(filled, arguments, reason):
    """Permission, time and name."""
    assert reason in filled("token", "create", *arguments, status=2).stderr


def test_a_value_in_place_of_an_id_is_not_repeated(embedded):
    """Who mistakes the one for the other does not find it in a log of errors."""
    value = embedded("token", "create", "--permission", "read").lines[0]
    ran = embedded("token", "revoke", value, status=2)
    assert "TOKEN_ID must be 32 hex digits" in ran.stderr
    assert value not in ran.stderr
