"""One server on each database for all of these files, and a fresh account for whoever asks."""

from __future__ import annotations

import asyncio
import secrets
import signal
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx
import pytest

from conftest import BACKENDS, make_storage
from sosie.access.permissions import EMAIL_WRITE, TOKENS_WRITE
from sosie.registry.moments import now_us
from sosie.store.audit import Deed
from sosie.store.database import Database
from sosie.store.issue import Grant, issue_token
from sosie.store.open import open_database
from support.server import Server, Storage, make_tenant, start_server

from .account import Account


@dataclass
class KeptStorage(Storage):
    """Keeps the database open: most tests make an account of their own there."""

    runner: asyncio.Runner | None = None
    database: Database | None = None

    def run(self, work):
        return self.runner.run(work(self.database))


NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # httpx makes one for each client, which takes longer
ANYBODY = httpx.Client(verify=NO_TLS, timeout=30)  # without credentials


@pytest.fixture(scope="session", params=BACKENDS)
def served(request, tmp_path_factory) -> Iterator[Server]:
    """A running server; every test that asks for it runs on both databases."""
    storage = make_storage(request.param, tmp_path_factory.mktemp("served"), request)
    with asyncio.Runner() as runner:
        database = runner.run(open_database(storage.url, storage.data_dir, storage.secret_key))
        server = start_server(KeptStorage(storage.data_dir, storage.url, runner, database))
        yield server
        server.stop(signal.SIGINT)
        runner.run(database.close())


@pytest.fixture
def account(served) -> Iterator[Account]:
    """An account of this test's own, with a client that holds its writing token."""
    with open_account(served) as opened:
        yield opened


@contextmanager
def open_account(server: Server) -> Iterator[Account]:
    tenant = make_tenant(server.storage, f"t{secrets.token_hex(4)}")
    with client_of(server.url, headers=bearer(tenant.write_token)) as client:
        yield Account(client, tenant)


def client_of(url: str | httpx.URL, headers: dict[str, str] | None = None) -> httpx.Client:
    return httpx.Client(base_url=url, headers=headers, timeout=30, verify=NO_TLS)


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


@pytest.fixture
def start(request, tmp_path):
    """Start a server with settings of its own, on a database of the given kind; it is stopped after the test."""
    started = []

    def begin(backend: str = "sqlite", *arguments: str, **settings: str) -> Server:
        folder = tmp_path / str(len(started))
        folder.mkdir()
        server = start_server(make_storage(backend, folder, request), *arguments, **settings)
        started.append(server)
        return server

    yield begin
    for server in started:
        if server.process.poll() is None:
            server.stop(signal.SIGKILL)  # what a stop does is tested elsewhere, and takes its time


@pytest.fixture
def server_token(served) -> str:
    """The value of a token for every account of the server."""

    async def work(database):
        deed = Deed("test", "", now_us())
        grant = Grant("whole server", (EMAIL_WRITE.id, TOKENS_WRITE.id), None)
        issued = await database.write(lambda session: issue_token(session, served.storage.secret_key, grant, deed))
        return issued.value

    return served.storage.run(work)
