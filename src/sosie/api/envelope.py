"""The v4 envelope: what every answer is wrapped in. Keys stand in alphabetical order, as in the real service's answers.

Success: errors, messages, result, result_info (lists only), success. Failure: the first three and success, always all.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import orjson

JSON = b"application/json; charset=UTF-8"


class Answer(NamedTuple):
    """What a route answers. `info` is the result_info of a list; `headers` are further headers."""

    result: Any
    status: int = 200
    info: dict[str, int] | None = None
    messages: tuple[dict[str, Any], ...] = ()
    headers: tuple[tuple[bytes, bytes], ...] = ()


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


def success(answer: Answer) -> bytes:
    """The body of an answer."""
    wire: dict[str, Any] = {"errors": (), "messages": answer.messages, "result": answer.result}
    if answer.info is not None:
        wire["result_info"] = answer.info
    wire["success"] = True
    return orjson.dumps(wire)


def failure(answer: Failure) -> bytes:
    """The body of a failure."""
    return orjson.dumps(
        {
            "errors": [problem.to_wire() for problem in answer.problems],
            "messages": answer.messages,
            "result": None,
            "success": False,
        }
    )
