"""The admin address: /metrics, /livez and /readyz, kept apart from what strangers can reach."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from sosie.api.call import Receive, Scope, Send
from sosie.observe.metrics import CONTENT_TYPE, Metrics

_TEXT = b"text/plain; charset=utf-8"


class AdminApp:
    """`why_not_ready` gives a reason, or nothing. `draining` is set when the process has begun to stop: it is then
    not ready, but alive."""

    def __init__(self, metrics: Metrics, why_not_ready: Callable[[], Awaitable[str]]) -> None:
        self._metrics = metrics
        self._why_not_ready = why_not_ready
        self.draining = False

    async def __call__(self, scope: Scope, _: Receive, send: Send) -> None:
        """ASGI 3."""
        if scope["type"] != "http":
            return
        status, body, kind = await self._answer(scope["path"])
        headers = [(b"content-type", kind), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})

    async def _answer(self, path: str) -> tuple[int, bytes, bytes]:
        if path == "/metrics":
            return 200, self._metrics.text(), CONTENT_TYPE
        if path == "/livez":
            return 200, b"alive\n", _TEXT
        if path == "/readyz":
            return await self._ready()
        return 404, b"here are /metrics, /livez and /readyz\n", _TEXT

    async def _ready(self) -> tuple[int, bytes, bytes]:
        if self.draining:
            return 503, b"stopping\n", _TEXT
        fault = await self._why_not_ready()
        return (503, f"{fault}\n".encode(), _TEXT) if fault else (200, b"ready\n", _TEXT)
