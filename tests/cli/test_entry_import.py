"""`sosie entry import`: a file is taken whole, in one write, or not at all."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import time

import pytest

from support.server import SOSIE

HEADER = "Display_Name,Email\n"


def _count(shell) -> int:
    """Entries that are there."""
    (account,) = shell("account", "list").lines[1:]
    return int(account.split()[2])


def test_a_file_of_ten_thousand_is_taken_in_one_write(sosie, tmp_path):
    """One revision, in the order of the file, each entry with a record in the audit."""
    file = tmp_path / "people.CSV"
    file.write_text(
        HEADER + "".join(f"Person {n:05},p{n}@example.com\r\n" for n in range(10_000)), encoding="utf-8-sig"
    )
    ran = sosie("entry", "import", str(file))
    assert ran.stdout == ""
    assert ran.stderr.startswith("10000 entries added to account ")
    assert ran.stderr.count("\n") == 1
    last = sosie("entry", "list", "--page", "10", "--per-page", "1000", "--json").documents[-1]
    assert last["name"] == "Person 09999"
    records = sosie("audit", "--limit", "10001", "--json").documents
    assert {record["revision"] for record in records[:-1]} == {2}
    assert [records[-1]["action"], len(records)] == ["account.create", 10_001]


def test_one_bad_row_and_nothing_is_taken(sosie, tmp_path):
    """Every fault of every bad row is named with its line."""
    file = tmp_path / "people.csv"
    file.write_text(HEADER + "Jane,jane@example.com\n,bob\nCarol,carol@\nDave,dave@example.com\n")
    ran = sosie("entry", "import", str(file), status=2)
    assert ran.stderr.splitlines() == [
        f"{file}:3: name must not be blank",
        f"{file}:3: email 'bob' is not an email address: it has no @",
        f"{file}:4: email 'carol@' is not an email address: nothing stands after the @",
        "sosie: 2 rows of 4 cannot be taken, so none was taken (--keep-going takes the others)",
    ]
    assert _count(sosie) == 0


def test_keep_going_takes_the_good_rows(sosie, tmp_path):
    """And ends with status 1, having listed the bad ones; without bad ones with 0."""
    file = tmp_path / "people.csv"
    file.write_text(HEADER + "Jane,jane@example.com\n,bob@example.com\nDave,dave@example.com\n")
    ran = sosie("entry", "import", str(file), "--keep-going", status=1)
    assert f"{file}:3: name must not be blank" in ran.stderr
    assert "2 entries added" in ran.stderr
    assert "1 row refused" in ran.stderr
    told = sosie("entry", "import", str(file), "--keep-going", "--json", status=1).json
    assert told["created"] == 2
    assert told["refused"] == [{"faults": ["name must not be blank"], "line": 3}]
    assert _count(sosie) == 4


def test_what_is_refused_is_told_in_json(filled):
    """Also where nothing is taken, and where everything is bad."""
    document = '{"name": "N", "email": "n@example.com"}\n'
    refused = [{"faults": ["is_email_regex is required"], "line": 1}]
    for extra, status in (([], 2), (["--keep-going"], 1)):
        told = filled("entry", "import", "-", "--format", "jsonl", "--json", *extra, stdin=document, status=status).json
        assert (told["created"], told["refused"]) == (0, refused)


@pytest.mark.parametrize(
    ("arguments", "stdin", "reason"),
    [
        (["-"], "", "say what the file is: --format csv or --format jsonl"),
        (["people.txt"], "", "say what the file is"),
        (["/nowhere/people.csv"], "", "/nowhere/people.csv: No such file or directory"),
        (["-", "--format", "csv", "--keep-going"], "Name,Mail\n", "standard input:1: the first line must be"),
        (["-", "--format", "csv"], "Display_Name,Email,Notes\n", "standard input:1: the header has 3 columns"),
        (["-", "--format", "csv"], "", "standard input:1: the first line must be"),
    ],
)
def test_a_file_that_cannot_be_read_is_an_error(bare_embedded, arguments, stdin, reason):
    """In one line, before anything is taken."""
    ran = bare_embedded("entry", "import", *arguments, stdin=stdin, status=2)
    assert ran.stderr.startswith(f"sosie: {reason}")


def test_a_file_without_entries_is_taken(embedded):
    """And makes no revision."""
    for form, document in (("csv", HEADER), ("jsonl", "\n")):
        assert embedded("entry", "import", "-", "--format", form, "--json", stdin=document).json["created"] == 0
    assert len(embedded("audit", "--json").documents) == 1


def test_an_import_that_is_interrupted_or_killed_takes_nothing(sosie, tmp_path):
    """Interrupted, it says nothing and ends with 130; whenever it comes, no entry is there."""
    file = tmp_path / "people.jsonl"
    line = json.dumps({"name": "N", "email": "n@example.com", "is_email_regex": False})
    file.write_text(f"{line}\n" * 60_000)
    for number, status in ((signal.SIGINT, 130), (signal.SIGKILL, -signal.SIGKILL)):
        process = subprocess.Popen([SOSIE, "entry", "import", str(file)], env=sosie.environment, stderr=subprocess.PIPE)
        time.sleep(1.0)
        process.send_signal(number)
        _, stderr = process.communicate(timeout=60)
        assert (process.returncode, stderr.strip()) == (status, b"")
    assert _count(sosie) == 0


def test_a_terminal_sees_a_bar(embedded, tmp_path):
    """Where standard error is one."""
    file = tmp_path / "people.csv"
    file.write_text(HEADER + "Jane,jane@example.com\n" * 6000)
    master, slave = pty.openpty()
    subprocess.run([SOSIE, "entry", "import", str(file)], env=embedded.environment, stderr=slave, check=True)
    os.close(slave)
    shown = os.read(master, 100_000).decode()
    os.close(master)
    assert "Reading" in shown
    assert "Writing" in shown
    assert "100%" in shown
    assert "6000 entries added" in shown
