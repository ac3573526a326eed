"""What every process that serves does to itself."""

from __future__ import annotations

import asyncio
import resource
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, TypeVar

T = TypeVar("T")

# As many as may be, up to this: one per connection; the usual 1,024 are for programs with select().
DESCRIPTORS = 65_536


def raise_descriptor_limit() -> None:
    """Allow so many connections."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = DESCRIPTORS if hard == resource.RLIM_INFINITY else min(DESCRIPTORS, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def run(main: object) -> None:
    """Run a coroutine to its end."""
    import uvloop  # noqa: PLC0415 - half of the start-up time of a command that never serves

    uvloop.run(main)  # type: ignore[arg-type]  # one name for the coroutines of all processes


async def unless_stopped(work: Coroutine[Any, Any, T], stop: asyncio.Event) -> T | None:
    """What comes of the work, or None where a stop comes first. Raises what the work raises."""
    working, stopping = asyncio.create_task(work), asyncio.create_task(stop.wait())
    await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if working.done():
        return working.result()
    working.cancel()
    with suppress(asyncio.CancelledError):
        await working
    return None
