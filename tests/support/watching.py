"""While strangers do what they like, somebody else's letters are judged, and the process is weighed."""

from __future__ import annotations

import asyncio
import re
import resource
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from support.server import Server
from support.wire import Wire
from support.writers import registry_of

FORGED = (
    b"From: Jane Roe <jane.roe@bulk.example>\r\nTo: ann@example.com\r\nMessage-ID: <1@bulk.example>\r\n\r\nHello\r\n"
)
LOOK_SECONDS = 0.05


@dataclass
class Watched:
    """What was seen: megabytes (PSS), and seconds of the slowest verdict."""

    before: float
    most: float = 0.0
    slowest: float = 0.0
    verdicts: int = 0

    @property
    def grown(self) -> float:
        return self.most - self.before


def megabytes(pid: int) -> float:
    """Of memory, what is shared with other processes divided among them (PSS)."""
    return int(re.search(r"^Pss:\s+(\d+) kB", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)[1]) / 1024


def register(server: Server, name: str, email: str) -> None:
    """One more entry of the tenant, through the API."""
    document = {"name": name, "email": email, "is_email_regex": False}
    headers = {"Authorization": f"Bearer {server.tenant.write_token}"}
    answer = httpx.post(server.url + registry_of(server.tenant.account_id), json=document, headers=headers)
    assert answer.status_code == 201, answer.text


def _peak(pid: int, *, forget: bool = False) -> float:
    """The most that was resident since it was last forgotten, in megabytes; what is shared does not grow."""
    if forget:
        Path(f"/proc/{pid}/clear_refs").write_text("5")  # proc(5)
    return int(re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())[1]) / 1024


def screen_of(server: Server) -> str:
    """The path to which letters are sent, after /client/v4."""
    return f"/accounts/{server.tenant.account_id}/email-security/screen"


def request(server: Server, body: bytes, path: str = "", **headers: str) -> bytes:
    """A request to judge a letter, or JSON where `content_type` says so; without a length where `framing` says another
    way."""
    headers = {"content_type": "message/rfc822", **headers}
    framing = headers.pop("framing", f"content-length: {len(body)}")
    head = Wire(server.port, server.tenant.read_token).request("POST", path or screen_of(server), **headers)
    return head[:-2] + framing.encode() + b"\r\n\r\n" + body


@asynccontextmanager
async def watched(server: Server, most_megabytes: float, seconds: float = 5) -> AsyncIterator[Watched]:
    """Meanwhile every letter of somebody else is flagged, within so many seconds, and the process grows by no more."""
    seen = Watched(megabytes(server.process.pid))
    peak_before = _peak(server.process.pid, forget=True)
    stop = asyncio.Event()
    wire = Wire(server.port)
    asking = request(server, FORGED)

    async def look() -> None:
        while not stop.is_set():
            began = time.monotonic()
            await wire.send(asking)
            reply = await wire.read()
            assert reply.status == 200, reply
            assert reply.result["findings"]
            seen.slowest = max(seen.slowest, time.monotonic() - began)
            seen.verdicts += 1
            await asyncio.sleep(LOOK_SECONDS)

    looking = asyncio.create_task(look())
    try:
        yield seen
    finally:
        stop.set()
        await looking
        seen.most = seen.before + _peak(server.process.pid) - peak_before
        wire.close()
    print(f"\n{seen.grown:+.1f} MB, {seen.verdicts} verdicts meanwhile, the slowest {seen.slowest * 1000:.0f} ms")
    assert server.process.poll() is None
    assert seen.grown < most_megabytes
    assert seen.slowest < seconds


@contextmanager
def descriptors(wanted: int) -> Iterator[int]:
    """As many of them as this process may have, `wanted` at most."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(wanted, hard)), hard))
    try:
        yield resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
