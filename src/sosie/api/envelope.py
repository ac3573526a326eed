"""The v4 envelope: what every answer is wrapped in. Keys stand in alphabetical order, as in the real service's answers.

Success: errors, messages, result, result_info (lists only), success. Failure: the first three and success, always all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import orjson

JSON = b"application/json; charset=UTF-8"


@dataclass(slots=True)
class Answer:
    """What a route answers. `info` is the result_info of a list; `headers` are further headers."""

    result: Any
    status: int = 200
    info: dict[str, Any] | None = None
    messages: tuple[dict[str, Any], ...] = ()
    headers: tuple[tuple[bytes, bytes], ...] = ()

    @property
    def code(self) -> int:
        """None."""
        return 0

    @property
    def content_type(self) -> bytes:
        """The envelope's."""
        return JSON

    def body(self) -> bytes:
        """In its envelope."""
        if self.status == 204:
            return b""
        wire: dict[str, Any] = {"errors": (), "messages": self.messages, "result": self.result}
        if self.info is not None:
            wire["result_info"] = self.info
        wire["success"] = True
        return orjson.dumps(wire)


@dataclass(slots=True)
class Plain:
    """An answer without the envelope, for clients of another protocol."""

    text: bytes

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
        """None."""
        return ()

    @property
    def content_type(self) -> bytes:
        """JSON."""
        return b"application/json"

    def body(self) -> bytes:
        """As it stands."""
        return self.text


class Problem(NamedTuple):
    """One error of the envelope. `chain` is the error_chain of the header errors."""

    code: int
    message: str
    pointer: str | None = None
    chain: tuple[dict[str, Any], ...] = ()

    def to_wire(self) -> dict[str, Any]:
        """As it stands in `errors`."""
        wire: dict[str, Any] = {"code": self.code, "message": self.message}
        if self.pointer is not None:
            wire["source"] = {"pointer": self.pointer}
        if self.chain:
            wire["error_chain"] = list(self.chain)
        return wire


class Failure(NamedTuple):
    """An answer that is an error."""

    status: int
    problems: tuple[Problem, ...]
    messages: tuple[dict[str, Any], ...] = ()
    headers: tuple[tuple[bytes, bytes], ...] = ()

    @property
    def code(self) -> int:
        """The first problem's."""
        return self.problems[0].code

    @property
    def content_type(self) -> bytes:
        """The envelope's."""
        return JSON

    def body(self) -> bytes:
        """In its envelope."""
        return orjson.dumps(
            {
                "errors": [problem.to_wire() for problem in self.problems],
                "messages": self.messages,
                "result": None,
                "success": False,
            }
        )
