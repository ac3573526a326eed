"""What every process that serves does to itself."""

from __future__ import annotations

import asyncio
import resource
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from sosie.observe.metrics import Metrics

T = TypeVar("T")

# What asks for a stop; SIGHUP is that the terminal has gone, which `nohup` has programs ignore.
STOPS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)

# As many as may be, up to this: one per connection; the usual 1,024 are for programs with select().
DESCRIPTORS = 65_536


def raise_descriptor_limit() -> None:
    """Allow so many connections."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = DESCRIPTORS if hard == resource.RLIM_INFINITY else min(DESCRIPTORS, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def stops() -> tuple[signal.Signals, ...]:
    """What asks this process for a stop."""
    return tuple(number for number in STOPS if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN)


def run(main: object) -> None:
    """Run a coroutine to its end."""
    import uvloop  # noqa: PLC0415 - half of the start-up time of a command that never serves

    uvloop.run(main)  # type: ignore[arg-type]  # one name for the coroutines of all processes


def told_to_stop() -> asyncio.Event:
    """Set when the process is told to stop; for a running loop."""
    told = asyncio.Event()
    for number in stops():
        asyncio.get_running_loop().add_signal_handler(number, told.set)
    return told


@asynccontextmanager
async def admin_served(
    address: tuple[str, int] | None, metrics: Metrics | None, why_not_ready: Callable[[], Awaitable[str]]
) -> AsyncIterator[None]:
    """/metrics, /livez and /readyz are there meanwhile, at this address; nothing is, where there is none. Raises
    OSError."""
    if address is None or metrics is None:
        yield
        return
    from sosie.api.admin import AdminApp  # noqa: PLC0415 - a web server, for those alone who want it
    from sosie.api.http_server import bind, http_server  # noqa: PLC0415 - the same

    admin = http_server(AdminApp(metrics, why_not_ready))
    serving = asyncio.create_task(admin.serve([bind(address)]))
    try:
        yield
    finally:
        admin.should_exit = True
        await serving


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
