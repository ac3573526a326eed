"""Routes as data: one table routes requests and is what the OpenAPI document is made of."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from sosie.api.errors import MethodNotAllowed, NoRoute
from sosie.api.parameters import Parameter

if TYPE_CHECKING:
    from sosie.api.call import Call

PREFIX = "/client/v4"
MAX_KNOWN = 1024  # beginnings of paths that are remembered: one or two for each account
MAX_LENGTH = 200  # characters of each: those of our routes are shorter


class Page(NamedTuple):
    """An answer for people instead of the envelope; a browser lets nothing run in it, and nobody frame it."""

    text: bytes
    content_type: bytes
    policy: bytes = b"default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'"

    @property
    def status(self) -> int:
        """It is there."""
        return 200

    @property
    def code(self) -> int:
        """None."""
        return 0

    @property
    def headers(self) -> tuple[tuple[bytes, bytes], ...]:
        """What a browser is to keep to."""
        return ((b"content-security-policy", self.policy), (b"x-content-type-options", b"nosniff"))

    def body(self) -> bytes:
        """As it stands."""
        return self.text


@dataclass(frozen=True, slots=True)
class Route:
    """One operation. `needs`: permission groups of which the caller must have one on the account of the path; None asks
    for a valid credential alone. `result` names the schema of the result (`list` of them with `paged`), `info` that of
    result_info. With `counted` its requests count for the rate limit. `patient`: it goes on for known callers while the
    database is away; `password`: the credential may stand in the header Password. `at_once` is the handler for a body
    that is there, and answers None where it would have to wait: of routes with an account that are not counted."""

    method: str
    path: str
    handler: Callable[[Call], Awaitable[Any]]
    operation_id: str
    summary: str
    description: str
    tag: str
    result: str = ""
    needs: frozenset[str] | None = None
    public: bool = False
    body: str = ""
    parameters: Sequence[Parameter] = ()
    status: int = 200
    paged: bool = False
    many: bool = False
    deprecated: bool = False
    info: str = "ResultInfo"
    counted: bool = True
    patient: bool = False
    password: bool = False
    at_once: Callable[[Call, bytes], Any | None] | None = None


@dataclass(slots=True)
class _Node:
    literals: dict[str, _Node] = field(default_factory=dict)
    parameter: _Node | None = None
    methods: dict[str, Route] = field(default_factory=dict)


_Place = tuple[_Node | None, tuple[str, ...]]  # where a path leads, and the values of its parameters


class Router:
    """Finds the route of a method and path; a literal segment wins over a parameter."""

    def __init__(self, routes: Sequence[Route]) -> None:
        root = _Node()
        for route in routes:
            node = root
            for segment in filter(None, route.path.split("/")):
                if segment.startswith("{"):
                    node.parameter = node.parameter or _Node()
                    node = node.parameter
                else:
                    node = node.literals.setdefault(segment, _Node())
            node.methods[route.method] = route
        versioned = _Node({"v4": root})
        self._root = _Node({**root.literals, "client": versioned}, root.parameter, root.methods)
        self._reach = lru_cache(maxsize=MAX_KNOWN)(self._follow)

    def find(self, method: str, path: str) -> tuple[Route, tuple[str, ...]]:
        """The route and the values of its path parameters. HEAD is GET. Raises NoRoute, MethodNotAllowed."""
        above, _, last = path.rpartition("/")
        # Remembered, because requests of one client differ in the last segment only.
        node, values = self._reach(above) if len(above) <= MAX_LENGTH else self._follow(above)
        if last and node is not None:
            node, values = _step(node, values, last)
        if node is None or not node.methods:
            raise NoRoute(path[:200])
        route = node.methods.get("GET" if method == "HEAD" else method)
        if route is None:
            raise MethodNotAllowed(allowed_methods(node.methods))
        return route, values

    def _follow(self, path: str) -> _Place:
        place: _Place = (self._root, ())
        for segment in path.split("/"):
            if segment and place[0] is not None:  # doubled and trailing slashes are tolerated
                place = _step(place[0], place[1], segment)
        return place


def _step(node: _Node, values: tuple[str, ...], segment: str) -> _Place:
    following = node.literals.get(segment)
    return (following, values) if following is not None else (node.parameter, (*values, segment))


def allowed_methods(methods: Sequence[str] | dict[str, Route]) -> str:
    """The value of Allow."""
    known = [*methods, "OPTIONS", *(["HEAD"] if "GET" in methods else [])]
    return ", ".join(sorted(known))
