"""One request on its way to its handler: what was asked, by whom, and the parts of the house a handler works with."""

from __future__ import annotations

import gc
from collections.abc import Awaitable, Callable, Iterator, Mapping, MutableMapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson

from sosie.access.credentials import Caller
from sosie.access.rate_limit import Allowance
from sosie.api.authentication import Authenticator
from sosie.api.errors import BodyTooLarge, NotJson, TooMuchAtOnce
from sosie.api.parameters import Parameter, read_query
from sosie.observe.observations import Observe
from sosie.registry.errors import Fault, InvalidFields
from sosie.registry.moments import now_us
from sosie.screening.following import Following
from sosie.screening.gate import Gate
from sosie.store.audit import Deed
from sosie.store.database import Database
from sosie.store.pages import Pages

if TYPE_CHECKING:
    from sosie.screening.verifying.gate import VerifyingGate

MAX_BODY = 1 << 20  # 1 MiB; the largest valid entry is under 40 KiB

# Octets of bodies held for all requests of a process together: eight of the longest that are taken, or the headers of
# 256 messages. Beyond, those that hold much are refused, and the others served: two hundred clients that send 16 MB and
# wait would hold three gigabytes.
MAX_HELD = 128 << 20
MUCH_HELD = 64 * 1024

MAX_IDEMPOTENCY_KEY = 255  # as other APIs that take one
IDEMPOTENCY_KEY = "/header/Idempotency-Key"
UNROUTED = "(no route)"

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
GoOn = Callable[[bytes], Callable[[bytes], None] | None]


@dataclass(slots=True)
class Load:
    """Octets of bodies that are held for all requests under way."""

    held: int = 0


@dataclass(frozen=True, slots=True)
class Services:
    """What handlers work with."""

    database: Database
    pages: Pages
    authenticator: Authenticator
    secret_key: bytes
    observe: Observe
    following: Following
    gate: Gate
    verifying: VerifyingGate | None = None
    load: Load = field(default_factory=Load)


@dataclass(slots=True)
class Call:
    """`headers` by their names in lower case, of several of one name the first; `where` is the path of the route, and
    `path` holds the values of its parameters in order; `account_no` is 0 for a path without an account; `held` are the
    octets of its body."""

    services: Services
    scope: Scope
    receive: Receive
    headers: Mapping[bytes, bytes]
    request_id: str
    client_address: str
    caller: Caller
    allowance: Allowance | None = None
    where: str = UNROUTED
    path: Sequence[str] = ()
    account_no: int = 0
    held: int = 0

    @property
    def account_id(self) -> str:
        """The account of the path."""
        return self.path[0]

    def query(self, table: Sequence[Parameter]) -> dict[str, Any]:
        """The query's parameters. Raises InvalidFields."""
        return read_query(table, self.scope["query_string"])

    async def json(self, most: int = MAX_BODY) -> Any:
        """The body, whatever type it says it is of. Raises BodyTooLarge, NotJson."""
        body = await self._body(most)
        try:
            with _nothing_collected(len(body)):
                return orjson.loads(body)
        except orjson.JSONDecodeError as error:
            raise NotJson(str(error) if body else "it is empty") from None

    def deed(self) -> Deed:
        """What a write leaves in the audit."""
        return Deed(self.caller.actor, self.request_id, now_us())

    def deed_once(self) -> Deed:
        """The same for a write that is not done again under the same Idempotency-Key: the creation of an entry.

        An edit or a deletion that is repeated does no harm. Raises InvalidFields for a key that cannot be kept.
        """
        key = self.headers.get(b"idempotency-key")
        if key is None:
            return self.deed()
        if not (0 < len(key) <= MAX_IDEMPOTENCY_KEY and key.isascii()):
            raise InvalidFields([Fault(IDEMPOTENCY_KEY, f"must be 1 to {MAX_IDEMPOTENCY_KEY} ASCII characters")])
        return self.deed()._replace(idempotency_key=key.decode())

    async def object(self, most: int = MAX_BODY) -> dict[str, Any]:
        """The same, where it must be an object. Raises InvalidFields too."""
        document = await self.json(most)
        if not isinstance(document, dict):
            raise InvalidFields([Fault("", "the body must be a JSON object")])
        return document

    async def beginning(self, kept: int, most: int, first: int, go_on: GoOn) -> bytes:
        """The first `kept` octets of a body of at most `most`; the others are received and dropped. Once `first` have
        come, `go_on` gets what is there, and says who takes the rest, part by part. Raises BodyTooLarge."""
        return await self._body(most, kept, first, go_on)

    async def _body(self, most: int, kept: int | None = None, first: int = 0, go_on: GoOn | None = None) -> bytes:
        length = self.headers.get(b"content-length")
        if length is not None and length.isdigit() and int(length) > most:
            raise BodyTooLarge(most)
        parts: list[bytes] = []
        size = 0
        take: Callable[[bytes], None] | None = None
        while True:
            event = await self.receive()
            if event["type"] == "http.disconnect":
                raise ConnectionResetError
            part = event.get("body", b"")
            if kept is None or size < kept:
                parts.append(part)
                self._hold(len(part))
            size += len(part)
            if size > most:
                raise BodyTooLarge(most)
            if take is not None:
                take(part)
            elif go_on is not None and size >= first:
                take, go_on = go_on(b"".join(parts)), None
            if not event.get("more_body"):
                body = parts[0] if len(parts) == 1 else b"".join(parts)
                return body if kept is None else body[:kept]

    def _hold(self, octets: int) -> None:
        load = self.services.load
        load.held += octets
        self.held += octets
        if load.held > MAX_HELD and self.held > MUCH_HELD:
            raise TooMuchAtOnce

    def let_go(self) -> None:
        """The request is answered, and its body is held no longer."""
        self.services.load.held -= self.held
        self.held = 0


@contextmanager
def _nothing_collected(octets: int) -> Iterator[None]:
    """While long JSON is read: five million arrays have the collector look at the first of them again and again, for a
    second and more, and there is no garbage among them."""
    if octets <= MAX_BODY or not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
