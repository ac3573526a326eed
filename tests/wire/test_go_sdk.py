"""The official Go SDK against a real server: tests/wire/go, built here and run."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from .recorded import record_messages

FOLDER = Path(__file__).parent / "go"
CACHE = Path(sys.prefix) / ".cache" / "go"

pytestmark = pytest.mark.skipif(not shutil.which("go"), reason="there is no go to build the program of the Go SDK with")


@pytest.fixture(scope="session")
def program() -> Path:
    """The program; Go builds again only what changed."""
    CACHE.mkdir(parents=True, exist_ok=True)
    built = CACHE / "sdk"
    done = subprocess.run(
        ["go", "build", "-mod=readonly", "-o", str(built), "."], cwd=FOLDER, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return built


def test_the_scenario_of_the_go_sdk(served, program):
    """Create as the reference page does, pages in every order, get, edit, delete, recorded messages, and the errors by
    type."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CLOUDFLARE")}
    environment |= {
        "SOSIE_BASE_URL": served.url,
        "SOSIE_ACCOUNT_ID": served.tenant.account_id,
        "SOSIE_TOKEN": served.tenant.write_token,
        "SOSIE_RECORDS": ",".join(record_messages(served, served.tenant.account_id)),
    }
    done = subprocess.run([program], env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
