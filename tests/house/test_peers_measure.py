"""The comparison with other programs runs, and prints and keeps what it measured; what is not there is left out."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from support.house import ROOT

LETTERS = ROOT / "tests" / "letters" / "plain"
PYMILTER = any(Path("/usr/lib/python3/dist-packages").glob("Milter*")) and Path("/usr/bin/python3").exists()


def _compare(folder, *arguments):
    """What a short run prints, and the rows that it keeps; other programs are not on its PATH."""
    kept = folder / "rows.json"
    command = [sys.executable, str(ROOT / "bench" / "peers" / "compare.py"), "--people", "100", "--rounds", "1",
               "--seconds", "1", "--letters", str(LETTERS), "--large-letters", str(LETTERS),
               "--json", str(kept), *arguments]  # fmt: skip
    environment = {**os.environ, "PATH": str(Path(sys.executable).parent)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode in {0, 1}, done.stderr
    rows = json.loads(kept.read_text())
    assert done.returncode == any(row["verdict"] == "over" for row in rows)
    return done.stdout, rows


@pytest.mark.skipif(not PYMILTER, reason="needs Debian's package python3-milter")
def test_sosie_is_measured_beside_another_milter(tmp_path):
    """One row, with both figures and the limit; rspamd is left out, and said to be."""
    printed, rows = _compare(tmp_path, "--part", "milter")
    (row,) = rows
    assert (row["part"], row["people"], row["peer"]) == ("milter", 100, "pymilter with a dict")
    assert row["ours"] > 0
    assert row["value"] == pytest.approx(row["theirs"] / row["ours"])
    assert row["verdict"] == ("PASS" if row["value"] >= row["limit"] else "over")
    assert "left out: rspamd (Debian: rspamd) is not installed" in printed
    heading, _, line = (one for one in printed.splitlines() if one.startswith("|"))
    assert [cell.strip() for cell in heading.split("|")][1:4] == ["part", "what", "people"]
    assert [cell.strip() for cell in line.split("|")][1:4] == ["milter", row["what"], "100"]


def test_a_part_whose_program_is_not_installed_is_left_out(tmp_path):
    """With the name of its package; nothing is measured."""
    printed, rows = _compare(tmp_path, "--part", "http")
    assert rows == []
    assert "left out: wrk (Debian: wrk) is not installed" in printed
