"""A real Dovecot of its own that does nothing but check passwords for a mail server (its SASL service)."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Self

import pytest

from support.postfix import wait_for

PROGRAM = shutil.which("dovecot")
PASSWORD = "invented"  # everybody's, in these tests alone

_SETTINGS = """\
protocols =
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
ssl = no
disable_plaintext_auth = no
auth_mechanisms = plain
default_internal_user = nobody
default_internal_group = nogroup
default_login_user = nobody
passdb {{
  driver = static
  args = password={password}
}}
"""


class Dovecot:
    """`settings` are added to dovecot.conf; `listens` is the socket that they make. Skips the test on a machine that
    has none."""

    def __init__(self, settings: str, listens: Path) -> None:
        if PROGRAM is None or os.geteuid() != 0:
            pytest.skip("there is no Dovecot (Debian: dovecot-imapd), or this is not root, who alone can start one")
        self.folder = Path(tempfile.mkdtemp(prefix="sosie-dovecot-", dir="/tmp"))
        self.folder.chmod(0o755)
        self._listens = listens
        self._file = self.folder / "dovecot.conf"
        self._file.write_text(_SETTINGS.format(folder=self.folder, password=PASSWORD) + settings)

    def __enter__(self) -> Self:
        self._process = subprocess.Popen([str(PROGRAM), "-F", "-c", str(self._file)], start_new_session=True)
        wait_for(self._answers, "Dovecot to listen")
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait(30)
        shutil.rmtree(self.folder, ignore_errors=True)

    def log(self) -> str:
        """All that it has said."""
        file = self.folder / "log"
        return file.read_text(errors="replace") if file.exists() else ""

    def _answers(self) -> bool:
        assert self._process.poll() is None, self.log()
        return self._listens.is_socket()
