"""A message to judge is answered at once where nothing has to be waited for: as it would be in the usual way."""

from __future__ import annotations

import asyncio
import json
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

import pytest

from sosie.access.permissions import EMAIL_READ
from sosie.access.rate_limit import RateLimit
from sosie.access.tokens import Condition
from sosie.api.app import App
from sosie.api.authentication import Authenticator
from sosie.api.call import Services
from sosie.api.http_server import Told
from sosie.api.table import ROUTES
from sosie.config import read_config
from sosie.observe.observations import MessageScreened, Observation, RequestAnswered
from sosie.path_of_mail import open_path
from sosie.registry.moments import now_us
from sosie.store import tokens
from sosie.store.audit import Deed
from sosie.store.issue import Grant, issue_token
from sosie.store.pages import Pages
from support.server import Tenant, make_tenant

FORGED = b"From: Jane Roe <jr@gmail.example>\r\nTo: Ann <ann@example.com>\r\nMessage-ID: <1@x.example>\r\n\r\nHello\r\n"
HONEST = b"From: Jane Roe <jane@example.com>\r\nTo: Ann <ann@example.com>\r\n\r\nHello\r\n"
ENTRY = {"name": "Jane Roe", "email": "jane@example.com", "is_email_regex": False}


@dataclass
class Asked:
    """A request; it is a head in the sense of the server."""

    url: bytes
    headers: list[tuple[bytes, bytes]]
    body: bytes = b""
    client: tuple[str, int] | None = ("127.0.0.1", 5)

    def without(self, name: bytes) -> Asked:
        return Asked(self.url, [one for one in self.headers if one[0] != name], self.body)

    def having(self, name: bytes, value: bytes) -> Asked:
        return Asked(self.url, [*self.headers, (name, value)], self.body)


@dataclass
class House:
    """An application on an open database, two accounts, and what was observed."""

    app: App
    services: Services
    run: Any
    tenant: Tenant
    other: Tenant
    observed: list[Observation] = field(default_factory=list)

    def letter(self, body: bytes, query: str = "", token: str = "", account_id: str = "") -> Asked:
        path = f"/client/v4/accounts/{account_id or self.tenant.account_id}/email-security/screen"
        headers = [
            (b"authorization", f"Bearer {token or self.tenant.write_token}".encode()),
            (b"content-type", b"message/rfc822"),
            (b"content-length", str(len(body)).encode()),
            (b"x-request-id", b"one-and-the-same"),
        ]
        return Asked((path + query).encode(), headers, body)

    def usually(self, asked: Asked) -> Told:
        path, _, query = asked.url.partition(b"?")
        scope = {"type": "http", "method": "POST", "path": path.decode(), "query_string": query}
        scope |= {"headers": asked.headers, "client": asked.client}
        sent: list[dict[str, Any]] = []

        async def receive():
            return {"type": "http.request", "body": asked.body}

        async def send(event):
            sent.append(event)

        self.run(self.app(scope, receive, send))
        return Told(sent[0]["status"], sent[0]["headers"], sent[1]["body"])

    def meet(self, *requests: Asked) -> None:
        """Let them be answered in the usual way until nobody has to be asked about them."""
        for _ in range(100):
            assert {self.usually(one).status for one in requests} == {200}
            if all(map(self.takes, requests)):
                return
            self.run(asyncio.sleep(0.02))
        raise AssertionError("they are not known")

    def takes(self, asked: Asked) -> bool:
        async def take():
            return self.app.take(asked)

        return self.run(take()) is not None

    def at_once(self, asked: Asked) -> Told | None:
        async def take_and_answer():
            taken = self.app.take(asked)
            assert taken is not None
            return self.app.answer(taken, asked.body)

        return self.run(take_and_answer())


@pytest.fixture
def tenants(storage) -> tuple[Tenant, Tenant]:
    """They are there before the database is opened: no word of their making comes later."""
    return make_tenant(storage, "tenant"), make_tenant(storage, "other")


@pytest.fixture
def house(tenants, opened, storage):
    """Both accounts are known, and so are the callers and what they have registered."""
    run, database = opened
    tenant, other = tenants
    config, observed = read_config({"SOSIE_DATA_DIR": str(storage.data_dir)}), []
    stack = AsyncExitStack()
    path = run(stack.enter_async_context(open_path(config, database, observed.append)))
    authenticator = Authenticator(database, storage.secret_key, RateLimit(0, 1))
    parts = (storage.secret_key, observed.append, path.following, path.gate, path.verifying)
    services = Services(database, Pages(database), authenticator, *parts)
    one = House(App(services), services, run, tenant, other, observed)
    entry = one.letter(json.dumps(ENTRY).encode())
    entry.url = entry.url.replace(b"/screen", b"/settings/impersonation_registry")
    assert one.usually(entry).status == 201
    one.meet(one.letter(HONEST), one.letter(HONEST, token=tenant.read_token))
    one.meet(one.letter(HONEST, token=other.write_token, account_id=other.account_id))
    yield one
    run(stack.aclose())


@pytest.mark.parametrize(
    ("body", "query", "status"),
    [
        (FORGED, "", 200),
        (HONEST, "", 200),
        (HONEST, "?", 200),
        (FORGED, "?mail_from=jr%40gmail.example&rcpt_to=ann@example.com&rcpt_to=bo+b@example.com&ip=192.0.2.1", 200),
        (HONEST, "?record=true&helo=mx.example&queue_id=4711", 200),
        (HONEST, "?record=TRUE&record=no", 400),
        (HONEST, "?nobody=knows&&=", 200),
        (HONEST, "?ip=%00&rcpt_to=%00", 400),
        (HONEST, f"?mail_from={'x' * 1001}", 400),
        (HONEST, "?" + "a&" * 1101, 400),
        (b"nothing that is a header", "", 400),
        (b"", "", 400),
        (FORGED + b"x" * 60_000, "", 200),
    ],
)
def test_it_answers_as_ever(house, body, query, status):
    """Status, headers and body, whether there is a verdict or a fault."""
    asked = house.letter(body, query)
    told = house.at_once(asked)
    assert told == house.usually(asked)
    assert told.status == status


def test_it_finds_what_there_is_to_find(house):
    """And not only the same: the verdict is one."""
    verdict = json.loads(house.at_once(house.letter(FORGED)).body)["result"]
    assert (verdict["disposition"], verdict["action"]) == ("SUSPICIOUS", "tag")


def test_it_records_what_is_flagged(house):
    """With a number of its own for each."""
    numbers = {
        json.loads(ask(house.letter(FORGED, "?record=true")).body)["result"]["record_id"]
        for ask in (house.at_once, house.usually, house.at_once)
    }
    assert len(numbers) == 3
    assert None not in numbers


def test_who_only_reads_asks_and_does_not_record(house):
    """Read to ask, Write to record."""
    asked = house.letter(HONEST, token=house.tenant.read_token)
    assert house.at_once(asked) == house.usually(asked)
    recorded = house.letter(HONEST, "?record=true", token=house.tenant.read_token)
    assert house.at_once(recorded) == house.usually(recorded)
    assert house.at_once(recorded).status == 403


def test_it_is_observed_as_ever(house):
    """The request and the message, with all that is told of them but the time."""
    for body, query in ((FORGED, ""), (HONEST, "?record=maybe"), (b"nothing", "")):
        asked, observed = house.letter(body, query), []
        for ask in (house.at_once, house.usually):
            house.observed.clear()
            ask(asked)
            kinds = (RequestAnswered, MessageScreened)
            observed.append([one._replace(seconds=0) for one in house.observed if isinstance(one, kinds)])
        assert observed[0] == observed[1]
        assert observed[0]


def test_what_has_no_number_gets_one(house):
    """A request without x-request-id is told one, another each time."""
    asked = house.letter(HONEST).without(b"x-request-id")
    numbers = {dict(house.at_once(asked).headers)[b"x-request-id"] for _ in range(3)}
    assert len(numbers) == 3


def test_json_goes_the_usual_way(house):
    """It is found out when the body is there, and nothing was begun."""
    asked = house.letter(b'{"message": "From: a@example.com"}').without(b"content-type")
    asked = asked.having(b"content-type", b"Application/JSON; charset=utf-8")
    house.observed.clear()
    assert house.at_once(asked) is None
    assert house.observed == []
    assert house.usually(asked).status == 200
    for unsaid in (asked.without(b"content-type"), house.letter(asked.body), house.letter(b"{x")):
        assert house.at_once(unsaid) is None
    for wrapping in ((b"content-encoding", b"gzip"), (b"content-type", b"multipart/form-data; boundary=x")):
        assert house.at_once(house.letter(HONEST).without(wrapping[0]).having(*wrapping)) is None


def test_whatever_is_out_of_the_ordinary_goes_the_usual_way(house):
    """Nobody is refused here: who is unknown or has no right there, and what is longer than is held for nothing."""
    letter, tenant, other = house.letter(HONEST), house.tenant, house.other
    assert house.takes(letter)
    strange = [
        letter.without(b"authorization"),
        letter.without(b"content-length"),
        letter.without(b"content-length").having(b"content-length", b"65537"),
        letter.without(b"content-length").having(b"content-length", b"9" * 30),
        letter.having(b"transfer-encoding", b"chunked"),
        house.letter(HONEST, "?#ip=5"),
        house.letter(HONEST, token="unknown"),
        house.letter(HONEST, token=tenant.manage_token),  # who has not asked before
        house.letter(HONEST, token=other.write_token),
        house.letter(HONEST, account_id=other.account_id),
        house.letter(HONEST, account_id="0" * 32),
        Asked(letter.url.replace(b"/screen", b"/screen/"), letter.headers),
        Asked(letter.url.replace(b"/screen", b"/screen/batch"), letter.headers),
        Asked(b"http://x.example" + letter.url, letter.headers),
    ]
    assert [house.takes(one) for one in strange] == [False] * len(strange)


def test_an_account_that_is_not_held_goes_the_usual_way(house):
    """There is nothing to judge by yet, and that is waited for."""
    house.services.following._held.clear()
    asked = house.letter(HONEST)
    assert house.at_once(asked) is None
    assert house.usually(asked).status == 200
    assert house.at_once(asked) is not None


@pytest.mark.parametrize("bound", [{"expires_on": "2099-01-01T00:00:00Z"}, {"condition": Condition(("127.0.0.1/32",))}])
def test_a_token_with_conditions_goes_the_usual_way(house, bound):
    """Whether they are met is asked at every request."""
    services = house.services

    async def issue(session):
        grant = Grant("bound", (EMAIL_READ.id,), None)
        issued = await issue_token(session, services.secret_key, grant, Deed("test", "", now_us()))
        await tokens.update(session, issued.token._replace(**bound))
        return issued.value

    asked = house.letter(HONEST, token=house.run(services.database.write(issue)))
    assert house.usually(asked).status == 200
    assert not house.takes(asked)


def test_a_revoked_token_is_refused_there_too(house):
    """As soon as the database says that some credential has changed, which is at once or nearly."""
    database = house.services.database
    asked = house.letter(HONEST)
    caller = house.run(house.services.authenticator.admit(dict(asked.headers), "")).caller
    assert house.takes(asked)
    house.run(database.write(lambda session: tokens.delete(session, caller.token.id)))
    if database.dialect == "postgresql":
        house.run(asyncio.sleep(0.3))  # a notification is under way
    assert not house.takes(asked)
    assert house.usually(asked).status == 403


def test_it_counts_as_use_of_the_token(house):
    """`last_used_on` is written down."""
    house.services.authenticator._used.clear()
    assert house.at_once(house.letter(HONEST)).status == 200
    assert len(house.services.authenticator._used) == 1


def test_only_what_is_not_counted_is_answered_at_once():
    """The rate limit is kept by the usual way alone, and so are credentials in unusual places."""
    routes = [route for route in ROUTES if route.at_once is not None]
    assert [route.path for route in routes] == ["/accounts/{account_id}/email-security/screen"]
    assert not any(route.counted or route.public or route.password or route.needs is None for route in routes)


def test_a_mistake_of_ours_is_an_answer_too(house):
    """500 in an envelope, as ever, and the trace is observed."""
    asked = house.letter(HONEST)
    object.__setattr__(house.services, "gate", None)
    assert house.at_once(asked) == house.usually(asked)
    assert house.at_once(asked).status == 500
