"""The official Python SDK's own tests of allow policies, trusted domains and protected domains, as they were published.

What is left out are batches that its mock takes and the documentation does not: the patches and puts of policies and
trusted domains without the id that says of which, and a batch of domains that edits what it has deleted before.
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
FOLDER = "tests/api_resources/email_security/settings"
LEFT_OUT = "not (test_method_batch or test_raw_response_batch or test_streaming_response_batch)"
EXPECTED = {
    "test_allow_policies.py": {"passed": 95, "skipped": 25, "deselected": 15},
    "test_trusted_domains.py": {"passed": 70, "skipped": 50, "deselected": 15},
    "test_domains.py": {"passed": 165, "deselected": 15},
}


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


@pytest.mark.parametrize("file", sorted(EXPECTED))
def test_the_official_suite_passes(environment, file):
    """None failed; what it skips, it skips everywhere."""
    plugins = ["-p", "reseed_plugin", "-p", "reseed_settings_plugin", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", f"{FOLDER}/{file}", "-q", "-n", "0", *plugins, "-k", LEFT_OUT],
        cwd=unpacked(),
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    found = re.findall(r"(\d+) (passed|failed|skipped|deselected|error)", done.stdout)
    assert {what: int(number) for number, what in found} == EXPECTED[file], done.stdout + done.stderr
    assert done.returncode == 0
