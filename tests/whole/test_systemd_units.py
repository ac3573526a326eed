"""The units of docs/deployment.md are units, and shut in what they start."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "deployment.md"
SERVICES = ("sosie-serve.service", "sosie-milter.service")
EXPOSURE = 20  # tenths of 10


def unit_of_the_page(name: str) -> str:
    """A file of /etc/systemd/system."""
    (found,) = re.findall(rf"`/etc/systemd/system/{re.escape(name)}`:\n\n```ini\n(.*?)```", PAGE.read_text(), re.DOTALL)
    return found


def analyze(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("there is no systemd-analyze (Debian: systemd)")
    return subprocess.run([program, *map(str, arguments)], capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture
def units(tmp_path) -> Path:
    """A folder of the units, which name a program that is there."""
    program = shutil.which("true")
    for name in (*SERVICES, "sosie-milter.service.d/chroot.conf"):
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(unit_of_the_page(name).replace("/usr/local/bin/sosie", str(program)))
    return tmp_path


@pytest.mark.parametrize("name", SERVICES)
def test_a_unit_has_no_fault(units, name):
    """systemd says nothing about it: no setting unknown, no value out of place; with the addition for a chroot."""
    found = analyze("verify", "--man=no", units / name)
    said = [line for line in found.stderr.splitlines() if "sosie" in line]
    assert (found.returncode, said) == (0, []), found.stderr


def test_a_fault_would_be_seen(units):
    """A misspelt setting is told of."""
    file = units / SERVICES[0]
    file.write_text(file.read_text().replace("NoNewPrivileges", "NoNewPrivilege"))
    assert "NoNewPrivilege" in analyze("verify", "--man=no", file).stderr


@pytest.mark.parametrize("name", SERVICES)
def test_a_unit_shuts_its_process_in(units, name):
    """By systemd's own reckoning it is exposed by a fifth at the most."""
    found = analyze("security", "--offline=true", f"--threshold={EXPOSURE}", "--no-pager", units / name)
    assert found.returncode == 0, found.stdout[-3000:]
    print(found.stdout.splitlines()[-1])


def test_both_units_are_shut_in_alike():
    """What one has learnt, the other has too."""
    first, second = (
        {
            line
            for line in unit_of_the_page(name).splitlines()
            if re.match(r"Protect|Private|Restrict|System|No|Lock", line)
        }
        for name in SERVICES
    )
    assert first == second
    assert len(first) > 15


@pytest.mark.parametrize("name", SERVICES)
def test_a_unit_may_write_the_file_of_alerts(name):
    """That which logrotate is told of: of all folders only those that a unit names can be written to."""
    (folder,) = re.findall(r"^/var/log/(\w+)/alerts.jsonl \{$", (PAGE.parent / "alerts.md").read_text(), re.MULTILINE)
    assert f"LogsDirectory={folder}" in unit_of_the_page(name).splitlines()
