"""`sosie account`, and how the other commands find the account that is meant."""

from __future__ import annotations

import re

import pytest

from cli.conftest import ACCOUNT


def test_an_account_is_made_and_listed(bare):
    """The id that is printed is the one that is listed; JSON is the API's account."""
    made = bare("account", "create").lines
    assert re.fullmatch("[0-9a-f]{32}", made[0])
    assert len(made) == 1
    second = bare("account", "create", "--id", ACCOUNT.upper(), "--name", "Zwei", "--json").json
    assert second["id"] == ACCOUNT
    assert second["name"] == "Zwei"
    assert second["type"] == "standard"
    assert [account["id"] for account in bare("account", "list", "--json").documents] == [made[0], ACCOUNT]
    table = bare("account", "list").lines
    assert table[0].split() == ["ID", "NAME", "ENTRIES", "CREATED"]
    assert table[2].split()[:3] == [ACCOUNT, "Zwei", "0"]


def test_an_id_is_given_once(embedded):
    """A second account with the same id is an error that names it."""
    ran = embedded("account", "create", "--id", ACCOUNT, status=2)
    assert ran.stderr == f"sosie: there is an account {ACCOUNT} already\n"


@pytest.mark.parametrize(
    ("option", "value"), [("--id", "abc"), ("--id", "g" * 32), ("--id", ""), ("--name", " "), ("--name", "x" * 101)]
)
def test_an_id_and_a_name_keep_their_rules(bare_embedded, option, value):
    """What is no id of 32 hex digits, or no name, is refused before anything is made."""
    ran = bare_embedded("account", "create", option, value, status=2)
    assert ran.stderr.startswith(f"sosie: {option} must be")
    assert not bare_embedded.storage.data_dir.exists()


def test_the_only_account_need_not_be_said(embedded):
    """With one account, commands work without --account."""
    assert embedded("entry", "list", "--json").documents == []


def test_of_several_accounts_one_must_be_said(embedded):
    """The error lists them; --account or SOSIE_ACCOUNT_ID says which, and the option wins."""
    other = embedded("account", "create", "--name", "Other").lines[0]
    refused = embedded("entry", "list", status=2)
    assert f"{ACCOUNT} (Ours)" in refused.stderr
    assert f"{other} (Other)" in refused.stderr
    embedded("entry", "add", "--name", "N", "--email", "n@example.com", "--account", ACCOUNT.upper())
    assert len(embedded("entry", "list", "--json", SOSIE_ACCOUNT_ID=ACCOUNT).documents) == 1
    assert embedded("entry", "list", "--json", "--account", other, SOSIE_ACCOUNT_ID=ACCOUNT).documents == []


def test_an_unknown_account_is_an_error(embedded):
    """It is named."""
    ran = embedded("entry", "list", "--account", "f" * 32, status=2)
    assert ran.stderr == f"sosie: there is no account {'f' * 32}\n"


def test_without_any_account_the_way_to_one_is_said(bare):
    """The error names the command that makes one."""
    assert "sosie account create" in bare("entry", "list", status=2).stderr


def test_a_command_that_reads_makes_no_database(bare_embedded):
    """In a folder without one, it says so and leaves the folder alone."""
    ran = bare_embedded("entry", "list", status=2)
    assert "there is no database in" in ran.stderr
    assert not bare_embedded.storage.data_dir.exists()
