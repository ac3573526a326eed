"""A real `sosie serve` in a process of its own, with an account and tokens made through the store."""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

from sosie.access.permissions import EMAIL_READ, EMAIL_WRITE, TOKENS_WRITE
from sosie.registry.moments import now_us
from sosie.store.audit import Deed
from sosie.store.database import Database
from sosie.store.issue import Grant, add_user, issue_token, open_account
from sosie.store.open import open_database, read_secret_key

SOSIE = str(Path(sys.executable).with_name("sosie"))
COMMAND = [SOSIE]
API_KEY = "0123456789abcdef0123456789abcdef01234"


@dataclass
class Storage:
    """Where a server keeps its entries: SQLite in `data_dir`, or PostgreSQL where `url` is set."""

    data_dir: Path
    url: str = ""

    @property
    def environment(self) -> dict[str, str]:
        return {"SOSIE_DATA_DIR": str(self.data_dir), "SOSIE_DATABASE_URL": self.url}

    @property
    def secret_key(self) -> bytes:
        return read_secret_key("", self.data_dir / "secret.key")

    def run(self, work: Callable[[Database], Awaitable]):
        """Open the database here, do `work` with it, close it; what `work` returned."""

        async def opened():
            database = await open_database(self.url, self.data_dir, self.secret_key)
            try:
                return await work(database)
            finally:
                await database.close()

        return asyncio.run(opened())


@dataclass
class Tenant:
    """An account with its credentials."""

    account_id: str
    write_token: str
    read_token: str
    manage_token: str
    email: str
    api_key: str


@dataclass
class Server:
    """A running `sosie serve`."""

    storage: Storage
    port: int
    admin_port: int
    process: subprocess.Popen
    tenant: Tenant
    other: Tenant
    log: Path
    extra: dict[str, str] = field(default_factory=dict)

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"{self.origin}/client/v4"

    @property
    def admin(self) -> str:
        return f"http://127.0.0.1:{self.admin_port}"

    def workers(self) -> list[int]:
        """The process ids of the workers, where there are several."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return sorted(map(int, children.read_text().split()))

    def stop(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(30)

    def start(self, *arguments: str) -> None:
        """Start it again on the same storage and ports."""
        self.launch(*arguments)
        wait_until_ready(self)

    def launch(self, *arguments: str) -> None:
        """The same, without waiting until it is ready."""
        self.process = _spawn(self.storage, self.port, self.admin_port, self.log, self.extra, arguments)


def make_tenant(storage: Storage, name: str, account_id: str | None = None) -> Tenant:
    """An account with a read, a write and a token-managing token and a user with an API key."""

    async def work(database: Database) -> Tenant:
        deed = Deed("test", "", now_us())
        key = storage.secret_key

        async def write(session):
            account = await open_account(session, account_id or secrets.token_hex(16), name, deed)
            values = [
                (await issue_token(session, key, Grant("t", groups, account), deed)).value
                for groups in ((EMAIL_WRITE.id,), (EMAIL_READ.id,), (EMAIL_WRITE.id, TOKENS_WRITE.id))
            ]
            email = f"{name}@example.com"
            api_key = API_KEY + name
            await add_user(session, key, email, api_key, account, deed)
            return Tenant(account.id, *values, email, api_key)

        return await database.write(write)

    return storage.run(work)


def register_jane(storage: Storage, tenant: Tenant) -> None:
    """Jane Roe is in the tenant's registry, by the command line."""
    environment = {**os.environ, **storage.environment, "SOSIE_ACCOUNT_ID": tenant.account_id}
    command = [SOSIE, "entry", "add", "--name", "Jane Roe", "--email", "jane.roe@example.com"]
    subprocess.run(command, env=environment, check=True, capture_output=True, timeout=30)


def free_ports(count: int = 2) -> list[int]:
    """Ports that nobody listens on."""
    bound = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in bound]
    for one in bound:
        one.close()
    return ports


def start_server(
    storage: Storage, *arguments: str, tenants: tuple[Tenant, Tenant] | None = None, **extra: str
) -> Server:
    """Start `sosie serve`; `extra` are further settings. There is no rate limit unless they set one."""
    tenant, other = tenants or (make_tenant(storage, "tenant"), make_tenant(storage, "other"))
    port, admin_port = free_ports()
    log = storage.data_dir / "server.log"
    process = _spawn(storage, port, admin_port, log, extra, arguments)
    server = Server(storage, port, admin_port, process, tenant, other, log, extra)
    wait_until_ready(server)
    return server


def wait_until_ready(server: Server, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if server.process.poll() is not None:
            raise AssertionError(f"the server ended: {server.log.read_text()[-5000:]}")
        try:
            with urllib.request.urlopen(f"{server.admin}/readyz", timeout=1) as answer:  # noqa: S310 - our own server
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.01)
    raise AssertionError(f"the server did not become ready: {server.log.read_text()[-5000:]}")


def _spawn(
    storage: Storage, port: int, admin_port: int, log: Path, extra: dict[str, str], arguments: tuple[str, ...]
) -> subprocess.Popen:
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("SOSIE_")},
        **storage.environment,
        "SOSIE_LISTEN": f"127.0.0.1:{port}",
        "SOSIE_ADMIN_LISTEN": f"127.0.0.1:{admin_port}",
        "SOSIE_RATE_LIMIT_REQUESTS": "0",
        **extra,
    }
    with log.open("a") as stream:
        return subprocess.Popen(
            [*COMMAND, "serve", *arguments], env=environment, stdout=stream, stderr=stream, stdin=subprocess.DEVNULL
        )
