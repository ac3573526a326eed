"""Gets the official Python SDK's source package, which carries its tests, by name, version and hash."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tarfile
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).parents[2]
CACHE = Path(sys.prefix) / ".cache" / "cloudflare"
TESTS = "tests/api_resources/email_security/settings/test_impersonation_registry.py"


def unpacked() -> Path:
    """The folder of the source package of the version that is installed; fetched once."""
    name = f"cloudflare-{version('cloudflare')}"
    folder = CACHE / name
    if not folder.exists():
        archive = CACHE / f"{name}.tar.gz"
        if not archive.exists():
            _fetch(name)
        assert _is_locked(archive), f"{archive} is not the one of requirements-dev.lock"
        with tarfile.open(archive) as opened:
            opened.extractall(CACHE / "new", filter="data")
        (CACHE / "new" / name).rename(folder)
    return folder


def _fetch(name: str) -> None:
    command = ["download", "--quiet", "--no-binary", "cloudflare", "--no-deps", "--disable-pip-version-check"]
    requirement = name.replace("-", "==")
    subprocess.run([sys.executable, "-m", "pip", *command, "--dest", str(CACHE), requirement], check=True)


def _is_locked(archive: Path) -> bool:
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    return f"sha256:{digest}" in (ROOT / "requirements-dev.lock").read_text()
