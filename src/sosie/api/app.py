"""The ASGI application: route, authenticate, call the handler, wrap its answer. One place turns errors into answers.

It is written on ASGI itself because a framework's request and response objects cost more than everything that is done
for a request here (docs/decisions/0001).
"""

from __future__ import annotations

import os
import re
import time
import traceback
from itertools import count
from typing import NamedTuple

from sosie.access.client_address import Network, client_address
from sosie.access.credentials import Caller, read_credentials
from sosie.access.errors import Forbidden
from sosie.access.rate_limit import Allowance
from sosie.api.call import Call, Receive, Scope, Send, Services
from sosie.api.envelope import JSON, Answer, Failure, failure, success
from sosie.api.errors import INTERNAL, AccountNotFound, MethodNotAllowed, NoRoute, to_failure
from sosie.api.routes import Page, Route, Router
from sosie.api.table import ROUTES
from sosie.observe.observations import RequestAnswered, RequestFailed, StoreUnreachable
from sosie.store import accounts
from sosie.store.errors import NoSuchAccount, StoreAway

_REQUEST_ID = re.compile(rb"[0-9A-Za-z._-]{1,64}")
_ACCOUNT_ID = re.compile(r"[0-9a-f]{32}")
_NOBODY = Caller("")
_UNROUTED = "(no route)"
MAX_ACCOUNTS_KNOWN = 100_000

Headers = list[tuple[bytes, bytes]]


class _Outcome(NamedTuple):
    """What is sent, and what is observed of it."""

    status: int
    body: bytes
    headers: Headers
    route: str = _UNROUTED
    caller: Caller = _NOBODY
    account_id: str = ""
    code: int = 0


class App:
    """Answers HTTP requests."""

    def __init__(self, services: Services, trusted_proxies: tuple[Network, ...] = ()) -> None:
        self._services = services
        self._router = Router(ROUTES)
        self._trusted_proxies = trusted_proxies
        self._account_numbers: dict[str, int] = {}
        self._name = os.urandom(6).hex()
        self._number = count(1)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI 3."""
        if scope["type"] != "http":
            return  # no websockets; uvicorn refuses the connection
        started = time.perf_counter()
        sent = dict(reversed(scope["headers"]))
        request_id = self._request_id(sent.get(b"x-request-id"))
        outcome = await self._answer(scope, receive, sent, request_id)
        body = outcome.body
        outcome.headers.append((b"content-length", str(len(body)).encode()))
        outcome.headers.append((b"x-request-id", request_id.encode()))
        await send({"type": "http.response.start", "status": outcome.status, "headers": outcome.headers})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})
        self._services.observe(
            RequestAnswered(
                request_id,
                scope["method"] if outcome.route is not _UNROUTED else "",
                outcome.route,
                outcome.status,
                time.perf_counter() - started,
                outcome.account_id,
                outcome.caller.actor,
                outcome.code,
            )
        )

    async def _answer(self, scope: Scope, receive: Receive, sent: dict[bytes, bytes], request_id: str) -> _Outcome:
        allowance: Allowance | None = None
        call = Call(self._services, scope, receive, (), request_id, _NOBODY, self._client_address(scope))
        route: Route | None = None
        try:
            route, call.path = self._router.find(scope["method"], scope["path"])
            if not route.public:
                presented = read_credentials(
                    sent.get(b"authorization"), sent.get(b"x-auth-email"), sent.get(b"x-auth-key")
                )
                call.caller, allowance = await self._services.authenticator.admit(presented, call.client_address)
                await self._enter_account(route, call)
            answer = await route.handler(call)
        except ConnectionResetError:
            return _Outcome(499, b"", [], route.path if route else _UNROUTED)  # the client has gone; nobody reads this
        except Exception as error:  # noqa: BLE001 - the one place where every error becomes an answer
            answer = self._failed(error, scope, route, request_id)
        headers: Headers = []
        if allowance is not None:
            headers.append((b"ratelimit", b'"default";r=%d;t=%d' % (allowance.remaining, allowance.reset)))
            headers.append((b"ratelimit-policy", b'"default";q=%d;w=%d' % (allowance.limit, allowance.window)))
        return _outcome(answer, headers, route, call)

    async def _enter_account(self, route: Route, call: Call) -> None:
        """The number of the account of the path, if the caller may go there. "Not yours" and "not there" look alike."""
        if not route.path.startswith("/accounts/{"):
            return
        account_id = call.account_id
        if not _ACCOUNT_ID.fullmatch(account_id):
            raise NoRoute(call.scope["path"][:200])
        caller = call.caller
        if not (caller.sees(account_id) if route.needs is None else caller.may(account_id, route.needs)):
            raise Forbidden  # before the account is looked for: the time it takes tells nothing either
        number = self._account_numbers.get(account_id)
        if number is None:
            try:
                number = (await accounts.look_up(self._services.database.reader, account_id)).no
            except NoSuchAccount:
                raise AccountNotFound from None
            if len(self._account_numbers) < MAX_ACCOUNTS_KNOWN:
                self._account_numbers[account_id] = number
        call.account_no = number

    def _failed(self, error: Exception, scope: Scope, route: Route | None, request_id: str) -> Answer | Failure:
        if isinstance(error, MethodNotAllowed) and scope["method"] == "OPTIONS":
            return Answer(None, 204, headers=((b"allow", error.allowed.encode()),))
        answer = to_failure(error)
        where = route.path if route else _UNROUTED
        if isinstance(error, StoreAway):
            self._services.observe(StoreUnreachable(where, str(error)))
        elif answer.problems[0].code == INTERNAL.code:
            self._services.observe(RequestFailed(request_id, where, "".join(traceback.format_exception(error))))
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


def _outcome(answer: Answer | Failure | Page, headers: Headers, route: Route | None, call: Call) -> _Outcome:
    where = route.path if route else _UNROUTED
    account_id = call.account_id if call.account_no else ""
    if type(answer) is Page:
        headers.append((b"content-type", answer.content_type))
        headers.append((b"content-security-policy", answer.policy))
        headers.append((b"x-content-type-options", b"nosniff"))
        return _Outcome(200, answer.body, headers, where, call.caller, account_id)
    assert not isinstance(answer, Page)  # noqa: S101 - for the type checker, which does not follow `type(...) is`
    headers.extend(answer.headers)
    if answer.status == 204:
        return _Outcome(204, b"", headers, where, call.caller, account_id)
    headers.append((b"content-type", JSON))
    if isinstance(answer, Failure):
        code = answer.problems[0].code
        return _Outcome(answer.status, failure(answer), headers, where, call.caller, account_id, code)
    return _Outcome(answer.status, success(answer), headers, where, call.caller, account_id)
