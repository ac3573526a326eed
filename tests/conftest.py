"""Fixtures: both databases, a server on each, an HTTP client."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from sosie.store.open import open_database
from support.postgresql import PostgreSQL
from support.server import Server, Storage, start_server

BACKENDS = ("sqlite", "postgresql")


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQL]:
    """One real PostgreSQL server for the whole run."""
    server = PostgreSQL()
    yield server
    server.close()


def make_storage(backend: str, folder: Path, request: pytest.FixtureRequest) -> Storage:
    url = request.getfixturevalue("postgresql").create_database() if backend == "postgresql" else ""
    return Storage(folder, url)


@pytest.fixture(params=BACKENDS)
def storage(request, tmp_path) -> Storage:
    """An empty place to keep entries: every test that asks for it runs on both databases."""
    return make_storage(request.param, tmp_path, request)


@pytest.fixture
def opened(storage):
    """(run, database): an opened database and the function that runs coroutines with it."""
    with asyncio.Runner() as runner:
        database = runner.run(open_database(storage.url, storage.data_dir, storage.secret_key))
        yield runner.run, database
        runner.run(database.close())


@pytest.fixture(scope="module", params=BACKENDS)
def served(request, tmp_path_factory) -> Iterator[Server]:
    """A running server for the tests of one file: every test runs on both databases."""
    server = start_server(make_storage(request.param, tmp_path_factory.mktemp("served"), request))
    yield server
    server.stop()


@pytest.fixture
def client(served) -> Iterator[httpx.Client]:
    """A client of that server with the tenant's writing token; paths are relative to /client/v4."""
    headers = {"Authorization": f"Bearer {served.tenant.write_token}"}
    with httpx.Client(base_url=served.url, headers=headers, timeout=30) as one:
        yield one


@pytest.fixture
def registry(served) -> str:
    """The path of the tenant's registry, for `client`."""
    return f"/accounts/{served.tenant.account_id}/email-security/settings/impersonation_registry"


_skipped: list[str] = []


def pytest_runtest_logreport(report):
    """Remember what was skipped."""
    if report.skipped and not hasattr(report, "wasxfail"):
        _skipped.append(f"{report.nodeid}: {report.longrepr[2] if isinstance(report.longrepr, tuple) else ''}")


def pytest_sessionfinish(session, exitstatus):
    """Where everything is installed nothing may be skipped: SOSIE_TEST_NOTHING_SKIPPED=1 says that it is."""
    if os.environ.get("SOSIE_TEST_NOTHING_SKIPPED") and _skipped and exitstatus == 0:
        session.exitstatus = 1


def pytest_terminal_summary(terminalreporter):
    """Say so."""
    if os.environ.get("SOSIE_TEST_NOTHING_SKIPPED") and _skipped:
        terminalreporter.section("skipped, where nothing may be")
        for line in _skipped:
            terminalreporter.line(line)
