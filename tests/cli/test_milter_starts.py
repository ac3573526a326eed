"""`sosie milter` from the command line: an account that is not there must not let all mail in unjudged."""

from __future__ import annotations

import click
import pytest

from sosie.cli.milter import _rule
from sosie.detection.actions import ActionRule


def test_an_account_that_is_not_there_is_an_error(bare_embedded, tmp_path):
    """One line and status 2, instead of a milter that has no registry to judge by."""
    bare_embedded("account", "create", "--name", "Example")
    listen = f"unix:{tmp_path / 'm.sock'}"
    ran = bare_embedded("milter", "--listen", listen, "--account", "f" * 32, status=2)
    assert f"there is no account {'f' * 32}" in ran.stderr


def test_several_accounts_are_an_error(bare_embedded, tmp_path):
    """Unless it is said which."""
    for name in ("One", "Two"):
        bare_embedded("account", "create", "--name", name)
    ran = bare_embedded("milter", "--listen", f"unix:{tmp_path / 'm.sock'}", status=2)
    assert "there are 2 accounts" in ran.stderr


def test_a_folder_without_a_database_is_an_error(bare_embedded, tmp_path):
    """A mistyped SOSIE_DATA_DIR is said, and nothing is made there; whether an account is named or not."""
    listen = f"unix:{tmp_path / 'm.sock'}"
    before = set(tmp_path.rglob("*"))
    for named in ((), ("--account", "f" * 32)):
        ran = bare_embedded("milter", "--listen", listen, *named, status=2)
        assert "there is no database in" in ran.stderr
        assert "SOSIE_DATA_DIR" in ran.stderr
    assert {one for one in set(tmp_path.rglob("*")) - before if not one.name.startswith("m.sock")} == set()


def test_a_domain_in_a_rule_is_one():
    """It is compared as `sosie action` has it, in A-labels; a slip of the finger is said."""
    assert _rule("M\N{LATIN SMALL LETTER U WITH DIAERESIS}nchen.example:spoof=Reject") == ActionRule(
        "xn--mnchen-3ya.example", "SPOOF", "reject"
    )
    assert _rule("NONE=tag") == ActionRule("", "NONE", "tag")
    for text in ("exam ple:SPOOF=reject", "*.example:SPOOF=reject", "@example.org:SPOOF=reject"):
        with pytest.raises(click.UsageError, match="is not a domain"):
            _rule(text)
