"""Every end has its status and, where it is an error, one line that says why."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from cli.conftest import Shell
from support.server import SOSIE, Storage


@pytest.mark.parametrize(
    ("arguments", "reason", "hint"),
    [
        (["frob"], "No such command 'frob'.", "sosie"),
        (["entry", "frob"], "No such command 'frob'.", "sosie entry"),
        (["entry", "add", "--name", "x"], "Missing option '--email'.", "sosie entry add"),
        (["entry", "remove"], "Missing argument 'ID...'.", "sosie entry remove"),
        (["entry", "list", "--page", "x"], "Invalid value for '--page': 'x' is not a valid integer range.",
         "sosie entry list"),
    ],
)  # fmt: skip
def test_a_mistyped_command_is_an_error_with_a_hint(bare_embedded, arguments, reason, hint):
    """Status 2."""
    assert bare_embedded(*arguments, status=2).stderr == f"sosie: {reason}\nTry `{hint} --help`.\n"


@pytest.mark.parametrize("arguments", [[], ["entry"]])
def test_a_group_alone_shows_its_help(bare_embedded, arguments):
    """On standard error, status 2; asked for, on standard output, status 0."""
    assert bare_embedded(*arguments, status=2).stderr.startswith("Usage: sosie")
    assert bare_embedded(*arguments, "--help").stdout.startswith("Usage: sosie")


def _one_line(ran) -> str:
    assert ran.stderr.startswith("sosie: ")
    assert ran.stderr.count("\n") == 1
    return ran.stderr


@pytest.mark.parametrize("command", [["entry", "list"], ["serve"]])
def test_a_database_that_is_away_is_an_error(tmp_path, command):
    """For commands and for the server alike."""
    shell = Shell(Storage(tmp_path, "postgresql://127.0.0.1:1/sosie"))
    assert "the database cannot be used: cannot reach PostgreSQL" in _one_line(
        shell(*command, status=2, SOSIE_LISTEN="127.0.0.1:0", SOSIE_ADMIN_LISTEN="", SOSIE_SECRET_KEY="ab" * 32)
    )


@pytest.mark.parametrize("command", [["entry", "list"], ["serve"]])
def test_a_setting_that_cannot_be_used_is_an_error(bare_embedded, command):
    """It is named."""
    assert "SOSIE_LOG_FORMAT" in _one_line(bare_embedded(*command, status=2, SOSIE_LOG_FORMAT="xml"))


def test_another_secret_key_is_an_error(embedded):
    """The database knows its own."""
    assert "secret key" in _one_line(embedded("entry", "list", status=2, SOSIE_SECRET_KEY="ab" * 32))


def test_a_damaged_database_is_an_error(embedded):
    """Not a traceback."""
    (embedded.storage.data_dir / "sosie.sqlite").write_bytes(b"not a database at all" * 1000)
    assert "the database cannot be used" in _one_line(embedded("entry", "list", status=2))


def test_a_mistake_in_sosie_is_one_line(embedded):
    """With the way to more. (A schema that lost a table stands for the mistake.)"""
    import sqlite3

    connection = sqlite3.connect(embedded.storage.data_dir / "sosie.sqlite")
    connection.execute("DROP TABLE audit")
    connection.close()
    assert "no such table: audit" in _one_line(embedded("audit", status=2))


def test_a_full_disk_is_an_error(filled):
    """Where the output goes to one."""
    for arguments in (["entry", "list"], ["entry", "list", "--json"], ["entry", "export"]):
        with Path("/dev/full").open("wb") as full:
            done = subprocess.run(
                [SOSIE, *arguments], env=filled.environment, stdout=full, stderr=subprocess.PIPE, check=False
            )
        assert done.returncode == 2
        assert done.stderr.splitlines()[-1] == b"sosie: No space left on device"


def test_a_reader_who_leaves_is_not_talked_about(embedded):
    """`sosie entry list --all | head -1` prints one line, and nothing on standard error."""
    rows = "".join(f"Name {number},n{number}@example.com\n" for number in range(3000))
    embedded("entry", "import", "-", "--format", "csv", stdin=f"Display_Name,Email\n{rows}")
    for arguments in (
        ["entry", "list", "--all", "--json"],
        ["entry", "export"],
        ["audit", "--limit", "3000"],
        ["account", "list"],
    ):
        reading, writing = os.pipe()
        os.close(reading)
        done = subprocess.run(
            [SOSIE, *arguments], env=embedded.environment, stdout=writing, stderr=subprocess.PIPE, check=False
        )
        os.close(writing)
        assert (done.returncode, done.stderr) == (1, b""), arguments


def test_streams_that_are_closed_from_the_start_do_no_harm(filled):
    """As a careless cron job leaves them."""
    command = f'"{SOSIE}" entry list --json >&- 2>&- <&-; echo $?'
    done = subprocess.run(["sh", "-c", command], env=filled.environment, capture_output=True, check=True)
    assert done.stdout == b"0\n"


def test_names_survive_an_old_terminal(filled):
    """One that knows no Chinese gets escapes instead of an error."""
    ran = filled("entry", "list", PYTHONIOENCODING="ascii")
    assert "\\u5f35\\u5049" in ran.stdout
