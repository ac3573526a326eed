"""sosie as it is delivered: authentication, metrics, record and history on, SQLite, one process."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from processes import Program
from talk import HttpClient, MilterClient

from letters import AUTHSERV_ID, write_csv
from support.server import Storage, Tenant, free_ports, make_tenant

SOSIE = str(Path(sys.executable).with_name("sosie"))
FLAGGED = b"Protected Name"


class Sosie:
    """An account with so many people, and the programs that work for it."""

    def __init__(self, place: Path, people: int) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix=f"sosie-{people}-", dir=place))
        self.folder.chmod(0o755)
        self.storage = Storage(self.folder / "data")
        self.storage.data_dir.mkdir()
        self.tenant: Tenant = make_tenant(self.storage, "peers")
        self.port, self.milter_port, self.admin_port = free_ports(3)
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("SOSIE_")},
            **self.storage.environment,
            "SOSIE_ACCOUNT_ID": self.tenant.account_id,
            "SOSIE_MILTER_ACCOUNT": self.tenant.account_id,
            "SOSIE_AUTHSERV_IDS": AUTHSERV_ID,
            "SOSIE_LISTEN": f"127.0.0.1:{self.port}",
            "SOSIE_ADMIN_LISTEN": f"127.0.0.1:{self.admin_port}",
        }
        self.registry = write_csv(self.folder / "people.csv", people)
        subprocess.run([SOSIE, "entry", "import", str(self.registry)], env=self.environment, check=True, capture_output=True)  # fmt: skip # noqa: E501
        self.started: list[Program] = []

    @property
    def path(self) -> str:
        """Where messages are judged."""
        return f"/client/v4/accounts/{self.tenant.account_id}/email-security/screen"

    @property
    def entries_path(self) -> str:
        """Where entries are added."""
        return f"/client/v4/accounts/{self.tenant.account_id}/email-security/settings/impersonation_registry"

    @property
    def fields(self) -> str:
        """Header fields of a request."""
        return f"Authorization: Bearer {self.tenant.write_token}\r\nContent-Type: message/rfc822\r\n"

    @property
    def milter_path(self) -> str:
        """The socket of its milter."""
        return f"{self.folder}/milter"

    def client(self) -> HttpClient:
        """A connection of its own."""
        return HttpClient(self.port, self.path, self.fields)

    def start(self, probe: bytes) -> tuple[Program, float]:
        """`sosie serve`, and the seconds until it finds the forged letter."""
        program = self._start("serve")
        return program, program.wait_for(lambda: FLAGGED in self.client().ask(probe))

    def start_milter(self, probe: bytes, *, inet: bool = False) -> tuple[Program, float]:
        """`sosie milter` on its socket or over TCP, and the seconds until it marks the forged letter."""
        address = ("127.0.0.1", self.milter_port) if inet else self.milter_path
        listen = f"inet:127.0.0.1:{self.milter_port}" if inet else f"unix:{self.milter_path}"
        program = self._start("milter", "--listen", listen, "--socket-mode", "0666")
        return program, program.wait_for(lambda: b"i" in MilterClient(address).ask(probe))

    def stop(self) -> None:
        """End what it started."""
        for program in self.started:
            program.stop()
        self.started.clear()

    def _start(self, *arguments: str) -> Program:
        program = Program([SOSIE, *arguments], self.folder / "log", env=self.environment)
        self.started.append(program)
        return program
