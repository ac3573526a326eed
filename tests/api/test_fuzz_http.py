"""The program that looks for requests that end badly runs, and says so where it finds one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PROGRAM = Path(__file__).parents[2] / "bench" / "fuzz_http.py"


def fuzz(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(PROGRAM), "--runs", "600", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)


def test_requests_changed_at_random_end_well(tmp_path):
    """Six hundred of them, some of which are still requests."""
    finished = fuzz(tmp_path, "--limit-ms", "5000")
    assert finished.returncode == 0, finished.stderr
    statuses = {
        part.split()[1]: int(part.split()[0]) for part in finished.stdout.split(": ")[1].split(";")[0].split(", ")
    }
    assert sum(statuses.values()) >= 600
    assert statuses["200"] > 30
    assert statuses["400"] > 30
    assert not list(tmp_path.iterdir())


def test_a_finding_is_written_down(tmp_path):
    """Nobody is answered within no time at all: the file it leaves is that request."""
    finished = fuzz(tmp_path, "--limit-ms", "0")
    assert finished.returncode == 1
    (found,) = tmp_path.iterdir()
    assert found.name.startswith("fuzz-http-")
    assert found.name in finished.stderr
