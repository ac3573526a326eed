"""A real rspamd of its own: Debian's configuration, with a folder of additions, ports and files of its own."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path
from typing import Any, Self

import httpx
import pytest

from support.postfix import wait_for
from support.server import free_ports

PROGRAM = shutil.which("rspamd")
_STOCK = Path("/etc/rspamd/rspamd.conf")

_OPTIONS = """\
dns {{ timeout = 1s; retransmits = 1; nameserver = ["127.0.0.1:{port}:10"]; }}
disable_monitoring = true;
"""


class Rspamd:
    """`additions` are files of /etc/rspamd by their names, as an administrator writes them. Skips the test on a
    machine that has none."""

    def __init__(self, additions: dict[str, str], name_server_port: int) -> None:
        if PROGRAM is None or not _STOCK.exists():
            pytest.skip("there is no rspamd (Debian: rspamd)")
        self.folder = Path(tempfile.mkdtemp(prefix="sosie-rspamd-", dir="/tmp"))
        self.port, self.milter_port = free_ports(2)
        settings = {
            "local.d/options.inc": _OPTIONS.format(port=name_server_port),
            "override.d/worker-normal.inc": f'bind_socket = "127.0.0.1:{self.port}";\n',
            "override.d/worker-proxy.inc": f'bind_socket = "127.0.0.1:{self.milter_port}";\n'
            'upstream "local" { default = yes; self_scan = yes; }\n',
            "override.d/worker-controller.inc": "enabled = false;\n",
            **additions,
        }
        for name, text in settings.items():
            file = self.folder / name
            file.parent.mkdir(exist_ok=True)
            file.write_text(text)
        self._log = self.folder / "output"

    def __enter__(self) -> Self:
        folders = {"LOCAL_CONFDIR": "", "DBDIR": "db", "RUNDIR": "run", "LOGDIR": "log"}
        for name in folders.values():
            (self.folder / name).mkdir(exist_ok=True)
        variables = [f"--var={name}={self.folder / folder}" for name, folder in folders.items()]
        command = [str(PROGRAM), "--no-fork", "--insecure", "--config", str(_STOCK), *variables]
        with self._log.open("w") as stream:
            self._process = subprocess.Popen(command, stdout=stream, stderr=stream, start_new_session=True)
        wait_for(self._answers, "rspamd to answer", 60)
        return self

    def __exit__(self, *_: object) -> None:
        os.killpg(self._process.pid, signal.SIGTERM)
        self._process.wait(30)
        shutil.rmtree(self.folder, ignore_errors=True)

    def check(self, letter: bytes, headers: list[tuple[str, str]]) -> dict[str, Any]:
        """What it answers about a letter."""
        answer = httpx.post(f"http://127.0.0.1:{self.port}/checkv2", content=letter, headers=headers, timeout=30)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def log(self) -> str:
        """All that it has said."""
        files = [self._log, *(self.folder / "log").glob("*")]
        return "".join(file.read_text(errors="replace") for file in files)

    def _answers(self) -> bool:
        assert self._process.poll() is None, self.log()
        try:
            return httpx.get(f"http://127.0.0.1:{self.port}/ping", timeout=1).status_code == 200
        except httpx.TransportError:
            return False
