"""The official Python SDK's own tests of this resource pass against a real server, as they were published."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from support.server import SOSIE, Server

from .official_suite import TESTS, unpacked
from .reseed_plugin import ACCOUNT_ID

EMAIL, API_KEY = "user@example.com", "144c9defac04969c7bfad8efaa8ea194"  # as its conftest.py has them

# What it skips, it skips everywhere: edits with an empty body ("HTTP 422 error from prism", says its source).
EXPECTED = {"passed": 90, "skipped": 25}


def _command(server: Server, *arguments: str, typed: str = "") -> None:
    environment = os.environ | server.storage.environment
    subprocess.run([SOSIE, *arguments], env=environment, input=typed, text=True, check=True, capture_output=True)


def test_the_official_suite_passes(served):
    """90 passed, none failed. The server has no mode for this: account, user and key come in by the command line."""
    suite = unpacked()
    _command(served, "account", "create", "--id", ACCOUNT_ID, "--name", "official suite")
    _command(served, "user", "create", EMAIL, "--account", ACCOUNT_ID, "--api-key-stdin", typed=API_KEY)
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("CLOUDFLARE", "PYTEST"))}
    environment |= served.storage.environment
    environment |= {"TEST_API_BASE_URL": served.url, "PYTHONPATH": str(Path(__file__).parent)}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", TESTS, "-q", "-n", "0", "-p", "reseed_plugin", "-p", "no:cacheprovider"],
        cwd=suite,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    counts = {what: int(number) for number, what in re.findall(r"(\d+) (passed|failed|skipped|error)", done.stdout)}
    assert counts == EXPECTED, done.stdout + done.stderr
    assert done.returncode == 0
