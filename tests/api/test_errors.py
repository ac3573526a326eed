"""Every error of the table: its status, its code, its words. A row without a request here fails."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
from dataclasses import dataclass
from typing import Any

import orjson
import pytest

from sosie.api.app import App
from sosie.api.call import Services
from sosie.api.envelope import Answer
from sosie.api.errors import ERRORS, INTERNAL, to_failure
from sosie.api.routes import Route, Router
from sosie.store.errors import AlreadyThere
from support.postgresql import PostgreSQL
from support.server import Storage, start_server

from .account import PLAIN, errors
from .conftest import ANYBODY, bearer, open_account

NOWHERE = "f174e90a-fafe-4643-bbbc-4a0ed4fc8415"
NOBODY = "sosie_" + "0" * 44


@dataclass
class Case:
    """One request and what it must be answered. `{path}`, `{tokens}`, `{settings}` and `{id}` (a stored entry's) are
    filled in."""

    status: int
    code: int
    path: str = "{path}"
    method: str = "GET"
    headers: dict[str, str] | None = None
    json: Any = None
    content: bytes | None = None
    words: str = ""


CASES = {
    "no credentials": Case(400, 9106, headers={}, words="Missing X-Auth-Key, X-Auth-Email or Authorization headers"),
    "an address alone": Case(400, 9106, headers={"X-Auth-Email": "user@example.com"}),
    "a key alone": Case(400, 9106, headers={"X-Auth-Key": "0" * 37}),
    "no bearer": Case(400, 6003, headers={"Authorization": "Basic dTpw"}, words="Invalid request headers"),
    "a bearer of nothing": Case(400, 6003, headers={"Authorization": "Bearer"}),
    "a bearer with a space": Case(400, 6003, headers={"Authorization": "Bearer a b"}),
    "a key with a space": Case(400, 6003, headers={"X-Auth-Email": "user@example.com", "X-Auth-Key": "a b"}),
    "no address": Case(400, 6003, headers={"X-Auth-Email": "user", "X-Auth-Key": "0" * 37}),
    "an unknown token": Case(403, 10000, headers=bearer(NOBODY), words="Authentication error"),
    "an unknown key": Case(
        403,
        9103,
        headers={"X-Auth-Email": "user@example.com", "X-Auth-Key": "0" * 37},
        words="Unknown X-Auth-Key or X-Auth-Email",
    ),
    "no permission": Case(403, 10000, "{tokens}", words="Authentication error"),
    "an invalid token to verify": Case(401, 1000, "/user/tokens/verify", headers=bearer(NOBODY)),
    "no such path": Case(404, 7003, "/zones", words="Could not route to /client/v4/zones, perhaps your object"),
    "no such path of an account": Case(404, 7003, "{path}/batch/x"),
    "an account id that is none": Case(404, 7003, "/accounts/123/email-security/settings/impersonation_registry"),
    "an entry id that is none": Case(404, 7003, "{path}/12444788"),
    "a token id that is none": Case(404, 7003, "{tokens}/12", headers={"manager": ""}),
    "no such method": Case(405, 10405, "{path}", "PUT", words="Method not allowed"),
    "no such entry": Case(404, 1002, "{path}/" + NOWHERE, words="Impersonation registry entry not found"),
    "no such entry to edit": Case(404, 1002, "{path}/" + NOWHERE, "PATCH", json={"name": "x"}),
    "no such entry to delete": Case(404, 1002, "{path}/" + NOWHERE, "DELETE"),
    "no such policy": Case(404, 1007, "{settings}/allow_policies/" + NOWHERE, words="Allow policy not found"),
    "no such trusted domain": Case(404, 1007, "{settings}/trusted_domains/" + NOWHERE, words="Trusted domain"),
    "no such domain": Case(404, 1007, "{settings}/domains/" + NOWHERE, "DELETE", words="Domain not found"),
    "no such token": Case(404, 1003, "{tokens}/" + "0" * 32, headers={"manager": ""}),
    "a field that breaks a rule": Case(400, 1001, "{path}", "POST", json=PLAIN | {"name": ""}),
    "an edit of nothing": Case(400, 1001, "{path}/{id}", "PATCH", json={}),
    "no JSON": Case(400, 1004, "{path}", "POST", content=b"name=Jane"),
    "an empty body": Case(400, 1004, "{path}", "POST", content=b""),
    "too long a body": Case(413, 1013, "{path}", "POST", content=b" " * (1 << 20) + b"1"),
}  # fmt: skip

# Rows whose case needs more than one request to a common server; each has a test of its own below, or where it says.
ELSEWHERE = {
    1005: "test_directory_synced.py",
    1006: "a token of the whole server",
    1008: "test_investigate.py",
    1009: "two requests in one instant",
    1010: "test_investigate.py",
    1011: "test_investigate.py",
    1012: "test_investigate.py",
    1014: "test_http_server.py",
    1015: "test_http_server.py",
    1016: "test_screen.py",
    1503: "a database that goes away",
    1504: "whole/test_http_screening_under_abuse.py",
    9109: "test_token_conditions.py",
    10429: "test_rate_limit.py",
}


@pytest.mark.parametrize("name", CASES)
def test_error(name, account):
    """Status, code and words are those of the service wherever they are known, and stay what they are."""
    case = CASES[name]
    fill = {"path": account.path, "tokens": account.tokens, "settings": account.path.rpartition("/")[0]}
    if "{id}" in case.path:
        fill["id"] = account.create()["id"]
    headers = bearer(account.tenant.write_token) if case.headers is None else case.headers
    if "manager" in headers:
        headers = account.manager()
    del account.client.headers["authorization"]
    answer = account.client.request(
        case.method, case.path.format(**fill), headers=headers, json=case.json, content=case.content
    )
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (case.status, case.code)
    assert answer.json()["errors"][0]["message"].startswith(case.words)
    assert answer.json()["success"] is False
    assert answer.json()["result"] is None


def test_every_row_has_a_request():
    """No error is added without a request that gets it."""
    rows = {row.code for row in ERRORS}
    assert rows <= {case.code for case in CASES.values()} | set(ELSEWHERE)


@pytest.mark.parametrize(
    ("headers", "code", "name"),
    [
        ({"Authorization": "Token abc"}, 6111, "Authorization"),
        ({"X-Auth-Email": "user@example.com", "X-Auth-Key": "a b"}, 6103, "X-Auth-Key"),
        ({"X-Auth-Email": "a b", "X-Auth-Key": "0" * 37}, 6102, "X-Auth-Email"),
    ],
)
def test_a_malformed_header_is_named(account, headers, code, name):
    """The chain of a 6003 says which header it is."""
    answer = ANYBODY.get(f"{account.client.base_url}{account.path}", headers=headers)
    assert answer.json()["errors"][0]["error_chain"] == [{"code": code, "message": f"Invalid format for {name} header"}]


def test_an_address_alone_is_told_about_the_environment(account):
    """CLOUDFLARE_EMAIL makes the official Python SDK send no token; nobody would find that out alone."""
    alone = ANYBODY.get(f"{account.client.base_url}{account.path}", headers={"X-Auth-Email": "user@example.com"})
    assert "CLOUDFLARE_EMAIL" in alone.json()["messages"][0]["message"]
    nothing = ANYBODY.get(f"{account.client.base_url}{account.path}")
    assert nothing.json()["messages"] == []


def test_only_what_should_be_repeated_is_409():
    """The official SDKs repeat every 409, so it is kept for the one error that passes when repeated."""
    assert [row.meaning for row in ERRORS if row.status == 409] == [AlreadyThere]


def test_what_nobody_foresaw_is_500_and_tells_nothing():
    """An unknown error shows neither its message nor its type."""
    shown = to_failure(RuntimeError("the password is swordfish"))
    assert (shown.status, shown.problems[0].code) == (500, INTERNAL.code)
    assert "swordfish" not in shown.problems[0].message


def test_an_answer_that_cannot_be_written_is_500_too():
    """An envelope, no half answer; and the log gets the reason under the request's id."""
    seen, sent = [], []

    async def handler(_):
        return Answer(2**100, headers=((b"x-half", b"an answer"),))

    async def send(event):
        sent.append(event)

    app = App(Services(None, None, None, b"", seen.append, None, None))
    app._router = Router((Route("GET", "/x", handler, "x", "", "", "", public=True),))
    scope = {"type": "http", "method": "GET", "path": "/x", "query_string": b"", "headers": [(b"x-request-id", b"r1")]}
    asyncio.run(app(scope, None, send))
    assert sent[0]["status"] == 500
    assert b"x-half" not in dict(sent[0]["headers"])
    assert orjson.loads(sent[1]["body"])["errors"][0]["code"] == INTERNAL.code
    failed, answered = seen
    assert (failed.request_id, answered.status) == ("r1", 500)
    assert "Integer exceeds 64-bit range" in failed.trace


def test_an_account_that_is_not_there_for_a_token_of_the_whole_server(served, server_token):
    """Whoever may see every account is told that there is no such one; nobody else is."""
    path = f"/accounts/{'0' * 32}/email-security/settings/impersonation_registry"
    answer = ANYBODY.get(served.url + path, headers=bearer(server_token))
    assert (answer.status_code, errors(answer)) == (404, [(1006, None)])


def test_a_database_that_goes_away_is_503(tmp_path):
    """503 with Retry-After and the envelope, not a traceback; and well again when the database is."""
    postgresql = PostgreSQL()
    server = start_server(Storage(tmp_path, postgresql.create_database()))
    try:
        with open_account(server) as account:
            entry = account.create()
            postgresql.stop("immediate")
            for answer in (account.get(entry["id"]), account.client.post(account.path, json=PLAIN)):
                assert (answer.status_code, errors(answer)) == (503, [(1503, None)])
                assert answer.headers["retry-after"] == "1"
            postgresql.start()
            assert account.get(entry["id"]).status_code == 200
    finally:
        server.stop(signal.SIGINT)
        postgresql.close()


def test_a_client_that_goes_away_in_its_body_harms_nobody(account, served):
    """A body that never comes whole creates nothing and leaves no error in the log."""
    head = f"POST /client/v4{account.path} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n"
    head += f"Authorization: Bearer {account.tenant.write_token}\r\n\r\n"
    for _ in range(5):
        with socket.create_connection(("127.0.0.1", served.port)) as connection:
            connection.sendall(head.encode() + b'{"name":')
    assert account.names() == []
    with contextlib.suppress(FileNotFoundError):
        assert '"level":"error"' not in served.log.read_text()
