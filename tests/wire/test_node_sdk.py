"""The official TypeScript SDK from npm against a real server: tests/wire/node, run by Node's own test runner."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from support.server import Server, Storage, Tenant, start_server

from .crowd import SIZE, make_crowd
from .recorded import record_messages

FOLDER = Path(__file__).parent / "node"
CACHE = Path(sys.prefix) / ".cache"

pytestmark = pytest.mark.skipif(
    not (shutil.which("node") and shutil.which("npm")), reason="there is no node and npm to run the TypeScript SDK with"
)


@pytest.fixture(scope="session")
def node() -> Path:
    """A folder with the program and the packages that its lock names, installed once for each lock."""
    lock = hashlib.sha256((FOLDER / "package-lock.json").read_bytes()).hexdigest()[:16]
    folder = CACHE / f"node-{lock}"
    shutil.copytree(FOLDER, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("node_modules"))
    if not (folder / "installed").exists():
        # A request that hangs is given up after 20 s and made again; nobody needs to be asked about audits.
        patience = ["--fetch-timeout=20000", "--fetch-retries=5", "--fetch-retry-mintimeout=1000"]
        quiet = ["--ignore-scripts", "--no-progress", "--no-audit", "--no-fund", "--no-update-notifier"]
        command = ["npm", "ci", *quiet, *patience, "--cache", str(CACHE / "npm")]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=300)
        assert done.returncode == 0, done.stdout + done.stderr
        (folder / "installed").touch()
    return folder


def _run(folder: Path, program: str, server: Server, tenant: Tenant, **more: str) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CLOUDFLARE")}
    environment |= {
        "SOSIE_BASE_URL": server.url,
        "SOSIE_ACCOUNT_ID": tenant.account_id,
        "SOSIE_OTHER_ACCOUNT_ID": server.other.account_id,
        "SOSIE_TOKEN": tenant.write_token,
        "SOSIE_READ_TOKEN": tenant.read_token,
        "SOSIE_EMAIL": tenant.email,
        "SOSIE_API_KEY": tenant.api_key,
        "SOSIE_SIZE": str(SIZE),
        **more,
    }
    done = subprocess.run(
        ["node", "--test", "--test-reporter=tap", program],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "# fail 0" in done.stdout


def test_the_scenario_of_the_typescript_sdk(served, node):
    """Create, get, edit, delete, pages in every order, errors by type, and a lost answer that makes no second entry."""
    _run(node, "scenario.test.mjs", served, make_crowd(served))


def test_recorded_messages_with_the_typescript_sdk(served, node):
    """Every message once, in pages; one of them in detail; and what is refused."""
    recorded = record_messages(served, served.tenant.account_id)
    _run(node, "investigate.test.mjs", served, served.tenant, SOSIE_RECORDS=",".join(recorded))


def test_the_typescript_sdk_obeys_the_rate_limit(node, tmp_path):
    """429, then a pause of Retry-After seconds, then success."""
    server = start_server(Storage(tmp_path), SOSIE_RATE_LIMIT_REQUESTS="5", SOSIE_RATE_LIMIT_SECONDS="3")
    try:
        _run(node, "rate_limit.test.mjs", server, server.tenant)
    finally:
        server.stop()
