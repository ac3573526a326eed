"""The ASGI application: route, authenticate, call the handler, wrap its answer. One place turns errors into answers.

It is written on ASGI itself because a framework's request and response objects cost more than everything that is done
for a request here (docs/decisions/0001).
"""

from __future__ import annotations

import os
import re
import time
import traceback
from collections.abc import Callable, Mapping, MutableMapping
from functools import cache
from itertools import count
from typing import Any, NamedTuple

from sosie.access.client_address import Network, client_address
from sosie.access.credentials import Caller
from sosie.access.errors import Forbidden
from sosie.access.rate_limit import Allowance
from sosie.api.call import MUCH_HELD, UNROUTED, Call, Receive, Scope, Send, Services
from sosie.api.envelope import Answer, Failure, Plain
from sosie.api.errors import INTERNAL, AccountNotFound, MethodNotAllowed, NoRoute, to_failure
from sosie.api.http_server import WHOLE_ANSWER, Head, Told
from sosie.api.routes import PREFIX, Page, Route, Router
from sosie.api.table import ROUTES
from sosie.observe.observations import RequestAnswered, RequestFailed, StoreUnreachable
from sosie.store import accounts
from sosie.store.errors import NoSuchAccount, StoreAway

_REQUEST_ID = re.compile(rb"[0-9A-Za-z._-]{1,64}")
_ACCOUNT_ID = re.compile(r"[0-9a-f]{32}")
_NOBODY = Caller("")
_CHUNKED = b"transfer-encoding"
_DIGITS = len(str(MUCH_HELD))
MAX_ACCOUNTS_KNOWN = 100_000

Reply = Answer | Failure | Page | Plain
_GONE = Answer(None, 499)  # nginx's number for a client that has not waited; nobody reads this


class _Place(NamedTuple):
    """Where a path leads that answers at once: how the known accounts are written there."""

    route: Route
    handler: Callable[[Call, bytes], Reply | None]
    path: str
    account_id: str
    account_no: int


class _Taken(NamedTuple):
    """A request that only its body is missing from."""

    call: Call
    handler: Callable[[Call, bytes], Reply | None]
    began: float


class App:
    """Answers HTTP requests."""

    def __init__(self, services: Services, trusted_proxies: tuple[Network, ...] = ()) -> None:
        self._services = services
        self._router = Router(ROUTES)
        self._trusted_proxies = trusted_proxies
        self._account_numbers: dict[str, int] = {}
        self._at_once = [(route, route.at_once) for route in ROUTES if route.at_once is not None]
        self._places: dict[bytes, _Place] = {}
        self._name = os.urandom(6).hex()
        self._number = count(1)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI 3."""
        if scope["type"] != "http":
            return  # no websockets; uvicorn refuses the connection
        began = time.perf_counter()
        received = dict(reversed(scope["headers"]))
        request_id = self._request_id(received.get(b"x-request-id"))
        call = Call(self._services, scope, receive, received, request_id, self._client_address(scope), _NOBODY)
        reply, body = await self._reply(call)
        headers = _headers(call, reply, body)
        if scope["method"] == "HEAD":
            body = b""
        answer = scope.get("extensions", {}).get(WHOLE_ANSWER)
        if answer is not None:
            await answer(reply.status, headers, body)
        else:
            await send({"type": "http.response.start", "status": reply.status, "headers": headers})
            await send({"type": "http.response.body", "body": body})
        self._observe(call, reply, time.perf_counter() - began)

    def take(self, head: Head) -> _Taken | None:
        """A request that a known caller sends to a known account, with a short body and for a route that answers at
        once. Whatever else it is, or is refused for, is found out in the usual way."""
        path, _, query = head.url.partition(b"?")
        place = self._places.get(path)
        if place is None or b"#" in query:
            return None
        began = time.perf_counter()
        received = dict(reversed(head.headers))
        if not _is_short(received):
            return None
        caller = self._services.authenticator.recall(received)
        if caller is None or not _may_enter(place.route, caller, place.account_id):
            return None
        scope: Scope = {"method": "POST", "path": place.path, "query_string": query, "headers": head.headers,
                        "client": head.client}  # fmt: skip
        request_id = self._request_id(received.get(b"x-request-id"))
        call = Call(self._services, scope, _come_whole, received, request_id, self._client_address(scope), caller)
        call.where, call.path, call.account_no = place.route.path, (place.account_id,), place.account_no
        return _Taken(call, place.handler, began)

    def answer(self, taken: _Taken, body: bytes) -> Told | None:
        """Its answer, unless there is something to wait for."""
        call, handler, began = taken
        reply: Reply | None
        try:
            reply = handler(call, body)
            if reply is None:
                return None
            text = reply.body()
        except Exception as error:  # noqa: BLE001 - as below
            reply = self._failed(error, call)
            text = reply.body()
        self._observe(call, reply, time.perf_counter() - began)
        return Told(reply.status, _headers(call, reply, text), text)

    def _observe(self, call: Call, reply: Reply, seconds: float) -> None:
        self._services.observe(
            RequestAnswered(
                call.request_id,
                call.scope["method"] if call.where is not UNROUTED else "",
                call.where,
                reply.status,
                seconds,
                call.account_id if call.account_no else "",
                call.caller.actor,
                reply.code,
            )
        )

    async def _reply(self, call: Call) -> tuple[Reply, bytes]:
        """What is answered, and its body."""
        reply: Reply
        try:
            route, call.path = self._router.find(call.scope["method"], call.scope["path"])
            call.where = route.path
            if not route.public:
                call.caller, call.allowance = await self._services.authenticator.admit(
                    _with_password(call.headers) if route.password else call.headers,
                    call.client_address,
                    counted=route.counted,
                    patient=route.patient,
                )
                if route.path.startswith("/accounts/{"):
                    call.account_no = self._enter_account(route, call) or await self._look_up(call.account_id)
            reply = await route.handler(call)
            return reply, reply.body()
        except ConnectionResetError:
            return _GONE, b""
        except Exception as error:  # noqa: BLE001 - the one place where every error becomes an answer
            reply = self._failed(error, call)
            return reply, reply.body()
        finally:
            if call.held:
                call.let_go()

    def _enter_account(self, route: Route, call: Call) -> int | None:
        """The number of the account of the path, if it is known, and the caller may go there. "Not yours" and "not
        there" look alike."""
        account_id = call.account_id
        number = self._account_numbers.get(account_id)
        if number is None and not _ACCOUNT_ID.fullmatch(account_id):
            raise NoRoute(call.scope["path"][:200])
        if not _may_enter(route, call.caller, account_id):
            raise Forbidden  # before the account is looked for: the time it takes tells nothing either
        return number

    async def _look_up(self, account_id: str) -> int:
        try:
            number = (await accounts.look_up(self._services.database.reader, account_id)).no
        except NoSuchAccount:
            raise AccountNotFound from None
        if len(self._account_numbers) < MAX_ACCOUNTS_KNOWN:
            self._account_numbers[account_id] = number
            for route, handler in self._at_once:
                path = PREFIX + route.path.replace("{account_id}", account_id)
                self._places[path.encode()] = _Place(route, handler, path, account_id, number)
        return number

    def _failed(self, error: Exception, call: Call) -> Answer | Failure:
        if isinstance(error, MethodNotAllowed) and call.scope["method"] == "OPTIONS":
            return Answer(None, 204, headers=((b"allow", error.allowed.encode()),))
        answer = to_failure(error)
        if isinstance(error, StoreAway):
            self._services.observe(StoreUnreachable(call.where, str(error)))
        elif answer.problems[0].code == INTERNAL.code:
            self._services.observe(
                RequestFailed(call.request_id, call.where, "".join(traceback.format_exception(error)))
            )
        return answer

    def _request_id(self, sent: bytes | None) -> str:
        if sent is not None and _REQUEST_ID.fullmatch(sent):
            return sent.decode()
        return f"{self._name}-{next(self._number):x}"

    def _client_address(self, scope: Scope) -> str:
        client = scope.get("client")
        peer = str(client[0]) if client else ""
        if not self._trusted_proxies:
            return peer
        forwarded = [value for name, value in scope["headers"] if name == b"x-forwarded-for"]
        return client_address(peer, forwarded, self._trusted_proxies)


async def _come_whole() -> MutableMapping[str, Any]:
    raise AssertionError("the body of what is answered at once is there")


def _is_short(headers: Mapping[bytes, bytes]) -> bool:
    """Whether the body is of known length, and so short that nobody counts it."""
    length = headers.get(b"content-length", b"")
    return len(length) <= _DIGITS and length.isdigit() and int(length) <= MUCH_HELD and _CHUNKED not in headers


def _may_enter(route: Route, caller: Caller, account_id: str) -> bool:
    return caller.sees(account_id) if route.needs is None else caller.may(account_id, route.needs)


def _headers(call: Call, reply: Reply, body: bytes) -> list[tuple[bytes, bytes]]:
    headers = list(reply.headers) if call.allowance is None else [*_limits(call.allowance), *reply.headers]
    if body:
        headers.append((b"content-type", reply.content_type))
    if reply.status != 204:
        headers.append((b"content-length", b"%d" % len(body)))
    headers.append((b"x-request-id", call.request_id.encode()))
    return headers


def _with_password(headers: Mapping[bytes, bytes]) -> Mapping[bytes, bytes]:
    password = headers.get(b"password")
    return headers if password is None else {**headers, b"authorization": b"Bearer " + password}


def _limits(allowance: Allowance) -> tuple[tuple[bytes, bytes], ...]:
    left = b'"default";r=%d;t=%d' % (allowance.remaining, allowance.reset)
    return (b"ratelimit", left), (b"ratelimit-policy", _policy(allowance.limit, allowance.window))


@cache
def _policy(limit: int, window: int) -> bytes:
    return b'"default";q=%d;w=%d' % (limit, window)
