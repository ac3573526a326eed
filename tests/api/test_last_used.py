"""When a token was last used is known, and costs no write per request."""

from __future__ import annotations

import signal
import time

import pytest

from .conftest import BACKENDS, bearer, open_account
from .token_bodies import listing, make


@pytest.mark.parametrize("backend", BACKENDS)
def test_it_is_written_down_when_the_server_stops(start, backend):
    """At the latest; until then it is in memory. A token that nobody used has no such time."""
    server = start(backend)
    with open_account(server) as account:
        used, unused = make(account), make(account)
        before = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        for _ in range(3):
            assert listing(account, used["value"]).status_code == 200
        server.stop(signal.SIGINT)
        server.start()
        shown = [
            account.client.get(f"{account.tokens}/{token['id']}", headers=account.manager()).json()["result"]
            for token in (used, unused)
        ]
        assert shown[0]["last_used_on"] >= before
        assert "last_used_on" not in shown[1]
        assert shown[0]["modified_on"] == used["modified_on"]


def test_reading_writes_nothing(start):
    """A hundred reads leave the files of the database as they were."""
    server = start()
    with open_account(server) as account:
        account.create()
        account.list()
        folder = server.storage.data_dir
        files = [folder / "sosie.sqlite", folder / "sosie.sqlite-wal"]
        before = [(file.stat().st_size, file.stat().st_mtime_ns) for file in files]
        for _ in range(100):
            account.client.get(account.path, headers=bearer(account.tenant.read_token))
        assert [(file.stat().st_size, file.stat().st_mtime_ns) for file in files] == before
