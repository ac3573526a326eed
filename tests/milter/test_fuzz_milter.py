"""The program that looks for conversations that end badly runs, and says so where it finds one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PROGRAM = Path(__file__).parents[2] / "bench" / "fuzz_milter.py"


def fuzz(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(PROGRAM), "--runs", "1500", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_conversations_changed_at_random_end_well(tmp_path):
    """Fifteen hundred of them; most are long enough for answers."""
    finished = fuzz(tmp_path, "--limit-ms", "1000")
    assert finished.returncode == 0, finished.stderr
    assert "1500 conversations" in finished.stdout
    assert int(finished.stdout.split(",")[1].split()[0]) > 1000
    assert not list(tmp_path.iterdir())


def test_a_finding_is_written_down(tmp_path):
    """None is answered within no time at all: the file it leaves is that conversation."""
    finished = fuzz(tmp_path, "--limit-ms", "0")
    assert finished.returncode == 1
    (found,) = tmp_path.iterdir()
    assert found.name.startswith("fuzz-milter-")
    assert found.name in finished.stderr
