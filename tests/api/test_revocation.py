"""A token that was revoked anywhere opens nothing from then on."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from sosie.access.errors import UnknownCredentials
from sosie.access.rate_limit import RateLimit
from sosie.api import authentication
from sosie.api.authentication import Authenticator
from sosie.store import tokens

from .conftest import BACKENDS, bearer, client_of, open_account
from .token_bodies import body, listing, make


def _until_refused(account, value, seconds=1.0):
    """How long the token still opened the door."""
    began = time.monotonic()
    while listing(account, value).status_code != 403:
        assert time.monotonic() - began < seconds
    return time.monotonic() - began


def test_it_stops_at_once_where_another_process_revokes_it(account, served):
    """The process that serves has the token in memory and is told by nobody but the database."""
    token = make(account)
    for _ in range(3):
        assert listing(account, token["value"]).status_code == 200

    async def revoke(database):
        await database.write(lambda session: tokens.delete(session, token["id"]))

    served.storage.run(revoke)
    _until_refused(account, token["value"])


@pytest.mark.parametrize("backend", BACKENDS)
def test_it_stops_in_every_worker(start, backend):
    """Revoked through one worker of three, refused by all of them, on connections that are open already."""
    server = start(backend, "--workers", "3")
    with open_account(server) as account:
        token = make(account)
        clients = [client_of(server.url, headers=bearer(token["value"])) for _ in range(12)]
        assert {client.get(account.path).status_code for client in clients} == {200}
        account.client.delete(f"{account.tokens}/{token['id']}", headers=account.manager())
        time.sleep(0.3 if backend == "postgresql" else 0)  # a notification is under way
        assert {client.get(account.path).status_code for client in clients} == {403}
        for client in clients:
            client.close()


def test_it_stops_while_it_is_in_use(account):
    """Requests on eight connections; none that begins after the revocation was answered gets through."""
    token = make(account)
    revoked = []

    def use(_):
        with client_of(account.client.base_url, headers=bearer(token["value"])) as client:
            late = 0
            for _ in range(60):
                after = bool(revoked) and time.monotonic() > revoked[0] + 0.3
                status = client.get(account.path).status_code
                late += after and status != 403
                if status == 403:
                    break
            return late, status

    with ThreadPoolExecutor(8) as pool:
        running = [pool.submit(use, number) for number in range(8)]
        account.client.delete(f"{account.tokens}/{token['id']}", headers=account.manager())
        revoked.append(time.monotonic())
        assert {one.result() for one in running} == {(0, 403)}


def test_it_stops_soon_where_no_word_comes(account, served, monkeypatch):
    """The database's word that a credential changed is a hint; without it a token is believed for five seconds."""
    token = make(account)
    clock = [1_800_000_000]
    monkeypatch.setattr(authentication.time, "time", lambda: clock[0])
    monkeypatch.setattr(served.storage.database, "access_stamp", lambda: 1)
    authenticator = Authenticator(served.storage.database, served.storage.secret_key, RateLimit(0, 1))

    def admitted():
        headers = {b"authorization": f"Bearer {token['value']}".encode()}
        return served.storage.runner.run(authenticator.admit(headers, "127.0.0.1"))

    assert admitted().caller.token.id == token["id"]
    account.client.delete(f"{account.tokens}/{token['id']}", headers=account.manager())
    clock[0] += 4
    assert admitted().caller.token.id == token["id"]
    clock[0] += 1
    with pytest.raises(UnknownCredentials):
        admitted()


def test_less_permission_counts_at_once(account):
    """A token that was replaced by a lesser one has the lesser permission at its next request."""
    token = make(account, "write")
    assert account.client.post(account.path, json={}, headers=bearer(token["value"])).status_code == 400
    account.client.put(f"{account.tokens}/{token['id']}", json=body(account, "read"), headers=account.manager())
    assert account.client.post(account.path, json={}, headers=bearer(token["value"])).status_code == 403
