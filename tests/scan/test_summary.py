"""What a person reads: the flagged messages, who was impersonated and how, and how long it still takes."""

from __future__ import annotations

import subprocess
from io import StringIO

from scan.scanner import SOSIE, environment, letter, mbox
from sosie.cli.exit_status import DONE, FAILED, PARTLY
from sosie.scan.progress import Progress


def test_the_summary_counts_people_and_techniques(scan, mail):
    """Flagged messages with their reasons first, then how many of each kind."""
    (mail / "box").write_bytes(mbox(letter(number, forged=number < 3) for number in range(10)))
    lines = scan(mail, status=PARTLY).stdout.splitlines()
    assert lines[0].startswith(f"{mail}/box:0: ")
    assert "Jane Roe should not appear as desk0@freemail.example" in lines[1]
    assert "10 messages, 3 flagged" in lines
    assert "author_name  3" in lines
    assert "Jane Roe  3" in lines


def test_progress_is_for_terminals_and_for_who_asks(scan, mail):
    """Nothing is written where nobody looks; what it shows is messages and a rate."""
    (mail / "a.eml").write_bytes(letter(1))
    assert scan.json(mail).stderr == ""
    assert "1 message, 0 flagged" in scan.json("--progress", mail).stderr


def test_other_peoples_text_steers_no_terminal(scan, mail):
    """Neither in a name of a file nor in a header."""
    (mail / "a\x1b[31m.eml").write_bytes(letter(1, forged=True).replace(b"<desk1@", b"\x1b[2J <desk1@"))
    (mail / "b\x1b[31m.eml").write_bytes(b"")
    ran = scan(mail, status=FAILED)
    assert "\x1b" not in ran.stdout + ran.stderr
    assert "1 flagged" in ran.stdout


def test_without_a_registry_the_database_is_asked(scan, mail, tmp_path):
    """And where there is none, that is said."""
    settings = environment(SOSIE_DATA_DIR=str(tmp_path / "data"))
    (mail / "a.eml").write_bytes(letter(1, forged=True))
    done = subprocess.run([SOSIE, "scan", mail], env=settings, capture_output=True, check=False)
    assert (done.returncode, b"there is no database" in done.stderr) == (FAILED, True)
    for arguments in (
        ["account", "create", "--name", "Ours"],
        ["entry", "import", str(scan.registry)],
    ):
        subprocess.run([SOSIE, *arguments], env=settings, capture_output=True, check=True)
    done = subprocess.run([SOSIE, "scan", mail], env=settings, capture_output=True, check=False)
    assert done.returncode == PARTLY
    assert b"Jane Roe  1" in done.stdout
    (mail / "a.eml").write_bytes(letter(1))
    assert subprocess.run([SOSIE, "scan", mail], env=settings, check=False).returncode == DONE


def test_a_scan_that_goes_on_shows_how_much_of_everything_is_done(monkeypatch):
    """What the first part did counts as done, and the time left is that of the rest alone."""
    now = iter([100.0, 110.0])
    monkeypatch.setattr("time.monotonic", lambda: next(now))
    stream = StringIO()
    Progress(stream, 1000, before=800).add(100, 100)
    assert stream.getvalue() == "\r100 messages, 10 a second, 90% done, 0:10 left"
