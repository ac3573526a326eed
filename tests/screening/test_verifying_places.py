"""Whoever sends letters that take long to verify takes his own places by it, and not those of others."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest

from sosie.detection.exemptions import Envelope
from sosie.mail.message import Message
from sosie.screening.verifying.places import Places, sources_of
from support.verifying import EVIL_IP, IP, LETTER, signed, world

__all__ = ["world"]

SECONDS = 2.0
OWN = Envelope("bounce@elsewhere.example", (), IP)
MANY = 100


def results_of_the_last(
    world, slow: list[tuple[str, str]], return_path: str = "", seconds: float = SECONDS
) -> list[str]:
    """DMARC of four letters that come behind slow ones, of which the author's domain and the client are given."""
    from sosie.screening.verifying.verifier import Verifier

    world.dns.slow["slow.example"] = 2 * seconds
    verifier = Verifier(world.resolver, seconds, tell=pytest.fail)

    async def all_of_them() -> list[str]:
        loop = asyncio.get_running_loop()
        others = [
            loop.create_task(verifier.results_of(letter_of(domain), Envelope(return_path, (), ip), "mx.evil.example"))
            for domain, ip in slow
        ]
        await asyncio.sleep(0.1)  # they are under way, or wait
        honest = await asyncio.gather(*(verifier.results_of(signed(), OWN) for _ in range(4)))
        for task in others:
            task.cancel()
        return [one.dmarc for one in honest]

    try:
        return asyncio.run(all_of_them())
    finally:
        verifier.close()


def letter_of(domain: str) -> bytes:
    return LETTER.replace("jane.roe@example.com", f"jane.roe@{domain}").encode()


def test_a_network_that_sends_slow_letters(world):
    """However many domains it writes as, letters from elsewhere are verified meanwhile."""
    slow = [(f"a{number}slow.example", EVIL_IP) for number in range(MANY)]
    assert results_of_the_last(world, slow) == ["pass"] * 4


def test_a_slow_domain_that_many_networks_write_as(world):
    """Letters of other domains are verified meanwhile."""
    slow = [(f"host{number}.slow.example", f"198.51.{number}.7") for number in range(MANY)]
    assert results_of_the_last(world, slow) == ["pass"] * 4


def test_a_network_that_hides_behind_two_authors(world):
    """The domain of the one that is not slow is none the worse for it."""
    both = "example.com>, <x@slow.example"
    slow = [(both, f"198.51.{number}.7") for number in range(MANY)]
    assert results_of_the_last(world, slow) == ["pass"] * 4


def test_many_networks_that_write_as_the_same_domain_with_slow_return_paths(world):
    """While others wait, what does not decide about the author gets little time."""
    forged = [("example.com", f"198.51.{number}.7") for number in range(80)]
    assert results_of_the_last(world, forged, "x@slow.example", 5.0) == ["pass"] * 4


@pytest.mark.parametrize(
    ("author", "ip", "sources"),
    [
        ("<x@mail.example.com>", "192.0.2.77", ("192.0.2.0/24", "@example.com")),
        ("<x@EXAMPLE.com>", "2001:db8:0:1:2::7", ("2001:db8:0:1::/64", "@example.com")),
        ("<x@example.com>", "::ffff:192.0.2.77", ("192.0.2.0/24", "@example.com")),
        ("<x@example.com>, <y@www.example.com>", "", ("@example.com",)),
        ("<x@example.com>, <y@example.net>", "unknown", ("@several",)),
        ("nobody", "fe80::1%eth0", ("fe80::/64", "@several")),
    ],
)
def test_whose_a_letter_is(author, ip, sources):
    """The network's that one sender is given, and the registrable domain's of the author."""
    assert sources_of(Message.from_bytes(f"From: {author}\r\n\r\n".encode()), ip) == sources


async def those_let_in(places: Places, *sources: tuple[str, ...]) -> list[asyncio.Task]:
    tasks = [asyncio.create_task(places.take(one)) for one in sources]
    for _ in range(3):
        await asyncio.sleep(0)
    return tasks


def let_in(tasks: list[asyncio.Task]) -> list[bool]:
    return [task.done() and not task.cancelled() and task.result() for task in tasks]


async def given_up(tasks: list[asyncio.Task]) -> None:
    for task in tasks:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def test_one_source_gets_half_of_the_places():
    """Two get two thirds; whoever has none yet gets one."""

    async def run() -> None:
        places = Places(6, 100)
        first = await those_let_in(places, *[("net a", "@one")] * 6)
        assert let_in(first) == [True] * 3 + [False] * 3
        second = await those_let_in(places, *[("net b", "@two")] * 6)
        assert let_in(second) == [True] * 2 + [False] * 4
        assert let_in(await those_let_in(places, ("net c", "@three"))) == [True]
        assert places.is_crowded(("net a", "@other"))
        assert not places.is_crowded(("net d", "@other"))
        await given_up([*first, *second])

    asyncio.run(run())


def test_the_next_is_who_has_fewest():
    """Not who came first: the network of whoever waits longest has had its share."""

    async def run() -> None:
        places = Places(2, 100)
        held = await those_let_in(places, ("net a", "@one"), ("net b", "@two"))
        waiting = await those_let_in(places, ("net b", "@four"), ("net c", "@three"))
        assert let_in(waiting) == [False, False]
        places.give_back(("net a", "@one"))
        assert let_in(await those_let_in(places)) == []
        assert let_in(waiting) == [False, True]
        await given_up([*held, *waiting])

    asyncio.run(run())


def test_whoever_gives_up_leaves_nothing_behind():
    """While he waits, or in the very moment in which it is his turn."""

    async def run() -> None:
        places = Places(2, 4)
        for turn_comes in (False, True):
            (held,) = await those_let_in(places, ("net a", "@one"))
            (waits,) = await those_let_in(places, ("net a", "@one"))
            assert (held.done(), waits.done()) == (True, False)
            if turn_comes:
                places.give_back(("net a", "@one"))
            waits.cancel()
            with suppress(asyncio.CancelledError):
                await waits
            if not turn_comes:
                places.give_back(("net a", "@one"))
        assert not places.is_crowded(("net a", "@one"))
        again = await those_let_in(places, ("net a", "@one"), ("net b", "@two"), ("net a", "@one"))
        assert let_in(again) == [True, True, False]
        await given_up(again)

    asyncio.run(run())


def test_nobody_waits_who_could_not_be_let_in_in_time():
    """Of those who wait, too, one source gets half."""

    async def run() -> None:
        places = Places(1, 4)
        tasks = await those_let_in(places, *[("net a", "@one")] * 3, ("net b", "@two"))
        assert [task.done() for task in tasks] == [True, False, True, False]
        assert tasks[2].result() is False
        await given_up(tasks)

    asyncio.run(run())
