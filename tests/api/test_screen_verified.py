"""Over HTTP, too, a letter that carries nobody's results is verified, however long it is."""

from __future__ import annotations

import asyncio
import json
from contextlib import AsyncExitStack

import pytest

from sosie.access.rate_limit import RateLimit
from sosie.api.app import App
from sosie.api.authentication import Authenticator
from sosie.api.call import Services
from sosie.config import read_config
from sosie.path_of_mail import open_path
from sosie.store.pages import Pages
from support.server import make_tenant
from support.verifying import EVIL_IP, LETTER, signed, world

__all__ = ["world"]

ENTRY = {"name": "Jane Roe", "email": "jane.roe@example.com", "is_email_regex": False}
QUERY = f"?ip={EVIL_IP}&mail_from=bounce@evil.example"
LONG = LETTER + "Nothing was \t decided. \r\n" * 150_000
PART = 65_000  # octets


@pytest.fixture
def post(storage, opened, world):
    """Posts to an account with Jane, in parts, and gives the answer's result."""
    from sosie.screening.verifying.gate import VerifyingGate
    from sosie.screening.verifying.verifier import Verifier

    tenant = make_tenant(storage, "tenant")
    run, database = opened
    stack = AsyncExitStack()
    path = run(stack.enter_async_context(open_path(read_config({"SOSIE_DATA_DIR": str(storage.data_dir)}), database,
                                                   lambda _: None)))  # fmt: skip
    verifier = Verifier(world.resolver, tell=pytest.fail)
    authenticator = Authenticator(database, storage.secret_key, RateLimit(0, 1))
    verifying = VerifyingGate(path.gate, verifier)
    app = App(Services(database, Pages(database), authenticator, storage.secret_key, lambda _: None, path.following,
                       path.gate, verifying))  # fmt: skip

    def post(where: str, body: bytes, kind: str = "application/json") -> dict:
        parts = [body[start : start + PART] for start in range(0, len(body), PART)]
        headers = [
            (b"authorization", f"Bearer {tenant.write_token}".encode()),
            (b"content-type", kind.encode()),
        ]
        url, _, query = where.partition("?")
        path = f"/client/v4/accounts/{tenant.account_id}/email-security/{url}"
        scope = {"type": "http", "method": "POST", "path": path, "query_string": query.encode(), "headers": headers}
        sent = []

        async def receive():
            return {"type": "http.request", "body": parts.pop(0), "more_body": bool(parts)}

        async def send(event):
            sent.append(event)

        run(app(scope | {"client": ("127.0.0.1", 5)}, receive, send))
        return json.loads(sent[1]["body"])["result"]

    post("settings/impersonation_registry", json.dumps(ENTRY).encode())
    for _ in range(100):  # until the account is followed
        if post("screen" + QUERY, LETTER.encode(), "message/rfc822")["disposition"] == "SPOOF":
            break
        run(asyncio.sleep(0.02))
    yield post
    verifier.close()
    run(stack.aclose())


@pytest.mark.parametrize(("added", "disposition"), [(b"", "NONE"), (b"Pay.\r\n", "SPOOF")])
@pytest.mark.parametrize("letter", [LETTER, LONG], ids=["short", "long"])
def test_a_letter_as_it_stands(post, letter, added, disposition):
    """Its signature decides, to the last octet, and a long one is not kept for it."""
    assert post("screen" + QUERY, signed(letter) + added, "message/rfc822")["disposition"] == disposition


@pytest.mark.parametrize(("added", "disposition"), [("", "NONE"), ("Pay.\r\n", "SPOOF"), ("\u00e9", "SUSPICIOUS")])
def test_a_whole_letter_in_json(post, added, disposition):
    """It has its body; unless it is plain ASCII, nobody knows which octets were signed."""
    envelope = {"ip": EVIL_IP, "mail_from": "bounce@evil.example"}
    asked = {"message": signed().decode() + added, "envelope": envelope}
    assert post("screen", json.dumps(asked).encode())["disposition"] == disposition
