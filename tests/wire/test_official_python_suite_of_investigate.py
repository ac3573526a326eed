"""The official Python SDK's own tests of recorded messages, as they were published.

What is left out are calls that are refused here: moves, pictures, and jobs that are made, read or ended.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from support.server import SOSIE

from .official_suite import unpacked
from .reseed_plugin import ACCOUNT_ID

EMAIL, API_KEY = "user@example.com", "144c9defac04969c7bfad8efaa8ea194"  # as its conftest.py has them
FOLDER = "tests/api_resources/email_security"
NAMES = ("bulk", "detections", "move", "preview", "raw", "reclassify", "release", "trace")
FILES = [f"{FOLDER}/test_investigate.py", *(f"{FOLDER}/investigate/test_{name}.py" for name in NAMES)]
REFUSED = "(test_move or test_preview or (test_bulk and not list)) and (method or response)"
EXPECTED = {"passed": 215, "deselected": 120}


@pytest.fixture(scope="module")
def environment(served) -> dict[str, str]:
    """The suite's account, user and key, made by the command line, and where it finds the server."""
    mine = os.environ | served.storage.environment
    for arguments, typed in (
        (("account", "create", "--id", ACCOUNT_ID, "--name", "official suite"), ""),
        (("user", "create", EMAIL, "--account", ACCOUNT_ID, "--api-key-stdin"), API_KEY),
    ):
        subprocess.run([SOSIE, *arguments], env=mine, input=typed, text=True, check=True, capture_output=True)
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("CLOUDFLARE", "PYTEST"))}
    return plain | served.storage.environment | {
        "TEST_API_BASE_URL": served.url,
        "PYTHONPATH": str(Path(__file__).parent),
    }  # fmt: skip


def test_the_official_suite_passes(environment):
    """None failed."""
    plugins = ["-p", "reseed_plugin", "-p", "reseed_records_plugin", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *FILES, "-q", "-n", "0", *plugins, "-k", f"not ({REFUSED})"],
        cwd=unpacked(),
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    found = re.findall(r"(\d+) (passed|failed|skipped|deselected|error)", done.stdout)
    assert {what: int(number) for number, what in found} == EXPECTED, done.stdout + done.stderr
    assert done.returncode == 0
