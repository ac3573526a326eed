"""Routes as data: one table routes requests and is what the OpenAPI document is made of."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from sosie.api.errors import MethodNotAllowed, NoRoute
from sosie.api.parameters import Parameter

if TYPE_CHECKING:
    from sosie.api.call import Call

PREFIX = "/client/v4"
_PREFIX = PREFIX.strip("/").split("/")


class Page(NamedTuple):
    """An answer for people instead of the envelope; a browser lets nothing run in it, and nobody frame it."""

    body: bytes
    content_type: bytes
    policy: bytes = b"default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'"


@dataclass(frozen=True, slots=True)
class Route:
    """One operation. `needs`: permission groups of which the caller must have one on the account of the path; None asks
    for a valid credential alone. `result` names the schema of the result (`list` of them with `paged`)."""

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


@dataclass(slots=True)
class _Node:
    literals: dict[str, _Node] = field(default_factory=dict)
    parameter: _Node | None = None
    methods: dict[str, Route] = field(default_factory=dict)


class Router:
    """Finds the route of a method and path; a literal segment wins over a parameter."""

    def __init__(self, routes: Sequence[Route]) -> None:
        self._root = _Node()
        for route in routes:
            node = self._root
            for segment in filter(None, route.path.split("/")):
                if segment.startswith("{"):
                    node.parameter = node.parameter or _Node()
                    node = node.parameter
                else:
                    node = node.literals.setdefault(segment, _Node())
            node.methods[route.method] = route

    def find(self, method: str, path: str) -> tuple[Route, list[str]]:
        """The route and the values of its path parameters. HEAD is GET. Raises NoRoute, MethodNotAllowed."""
        node: _Node | None = self._root
        values: list[str] = []
        segments = [segment for segment in path.split("/") if segment]  # doubled and trailing slashes are tolerated
        for segment in segments[2:] if segments[:2] == _PREFIX else segments:
            known = node.literals.get(segment) if node else None
            if known is None and node is not None and node.parameter is not None:
                values.append(segment)
                known = node.parameter
            node = known
        if node is None or not node.methods:
            raise NoRoute(path[:200])
        route = node.methods.get("GET" if method == "HEAD" else method)
        if route is None:
            raise MethodNotAllowed(allowed_methods(node.methods))
        return route, values


def allowed_methods(methods: Sequence[str] | dict[str, Route]) -> str:
    """The value of Allow."""
    known = [*methods, "OPTIONS", *(["HEAD"] if "GET" in methods else [])]
    return ", ".join(sorted(known))
