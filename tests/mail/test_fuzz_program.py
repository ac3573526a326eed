"""The program that looks for unreadable messages runs, and says so where it finds one."""

import subprocess
import sys
from pathlib import Path

PROGRAM = Path(__file__).parents[2] / "bench" / "fuzz_mail.py"


def fuzz(folder, *arguments):
    command = [sys.executable, str(PROGRAM), "--plain", "--runs", "200", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_letters_changed_at_random_are_read(tmp_path):
    """Two hundred of them, and none is a finding."""
    finished = fuzz(tmp_path, "--limit-ms", "1000")
    assert finished.returncode == 0, finished.stderr
    assert "200 inputs" in finished.stdout
    assert not list(tmp_path.iterdir())


def test_a_finding_is_written_down(tmp_path):
    """No message is read within no time at all: the file it leaves is that message."""
    finished = fuzz(tmp_path, "--limit-ms", "0")
    assert finished.returncode == 1
    (found,) = tmp_path.iterdir()
    assert found.name.startswith("fuzz-mail-slow-")
    assert found.name in finished.stderr
