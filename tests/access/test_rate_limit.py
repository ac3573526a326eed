"""So many requests per window and credential, counted in memory that several processes share."""

from __future__ import annotations

import mmap
import os
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sosie.access.errors import RateLimited
from sosie.access.rate_limit import BYTES, PROBES, SLOTS, RateLimit, tag_of

NOW = 1_800_000_000


def _mark(number: int) -> int:
    """A credential's tag; those whose numbers differ by SLOTS begin at one slot."""
    return tag_of(f"{number:016x}" + "0" * 48)


def test_the_window_begins_with_the_first_request():
    """The figures of the headers count down, and after the window everything is as at first."""
    limit = RateLimit(3, 60)
    first = [limit.spend(_mark(7), NOW + second) for second in (0, 10, 59)]
    assert [(one.remaining, one.reset) for one in first] == [(2, 60), (1, 50), (0, 1)]
    with pytest.raises(RateLimited) as error:
        limit.spend(_mark(7), NOW + 59)
    assert (error.value.limit, error.value.window, error.value.retry_after) == (3, 60, 1)
    again = limit.spend(_mark(7), NOW + 60)
    assert (again.remaining, again.reset) == (2, 60)


def test_refused_requests_are_not_counted():
    """Who goes on asking is let in when the window ends, and not later."""
    limit = RateLimit(1, 10)
    limit.spend(_mark(1), NOW)
    for second in range(1, 10):
        with pytest.raises(RateLimited):
            limit.spend(_mark(1), NOW + second)
    limit.spend(_mark(1), NOW + 10)


def test_a_clock_that_goes_back_locks_nobody_out():
    """A window that has not begun yet is none."""
    limit = RateLimit(1, 60)
    limit.spend(_mark(1), NOW)
    limit.spend(_mark(1), NOW - 3600)


def test_credentials_of_one_slot_are_told_apart():
    """As many as there are places to look at; one more takes the place of the oldest."""
    limit = RateLimit(5, 60)
    marks = [_mark(9 + SLOTS * number) for number in range(1, PROBES + 1)]
    for second, mark in enumerate(marks):
        assert limit.spend(mark, NOW + second).remaining == 4
    assert [limit.spend(mark, NOW + 10).remaining for mark in marks] == [3] * PROBES
    newcomer = _mark(9 + SLOTS * 99)
    assert limit.spend(newcomer, NOW + 11).remaining == 4
    assert [limit.spend(mark, NOW + 12).remaining for mark in marks[1:]] == [2] * (PROBES - 1)


def test_a_place_whose_window_has_ended_is_free():
    """It is taken before anybody's who still counts."""
    limit = RateLimit(5, 10)
    limit.spend(_mark(3), NOW)
    later = [_mark(3 + SLOTS * number) for number in range(1, PROBES)]
    for mark in later:
        limit.spend(mark, NOW + 8)
    limit.spend(_mark(3 + SLOTS * 50), NOW + 12)
    assert [limit.spend(mark, NOW + 12).remaining for mark in later] == [3] * len(later)


@settings(max_examples=200)
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 30)), max_size=60), st.integers(1, 4), st.integers(1, 40))
def test_a_plain_count_says_the_same(steps, limit, window):
    """Few credentials in many slots: exactly the requests that fixed windows let through."""
    counted = RateLimit(limit, window)
    plain: dict[int, tuple[int, int]] = {}
    now = NOW
    for who, seconds in steps:
        now += seconds
        began, count = plain.get(who, (now, 0))
        if now >= began + window:
            began, count = now, 0
        try:
            remaining = counted.spend(_mark(who * 977 + 1), now).remaining
        except RateLimited:
            remaining = None
        assert remaining == (limit - count - 1 if count < limit else None)
        plain[who] = (began, count + (count < limit))


def test_many_strangers_are_let_through():
    """Where there are more credentials than slots, nobody is counted for another."""
    limit = RateLimit(2, 60)
    chance = random.Random(1)
    for number in range(3 * SLOTS):
        limit.spend(_mark(chance.getrandbits(64)), NOW + number // 1000)


def test_two_processes_count_together():
    """In one block of memory, mapped before the fork."""
    memory = mmap.mmap(-1, BYTES)
    limit = RateLimit(100, 60, memoryview(memory))
    limit.spend(_mark(5), NOW)
    child = os.fork()
    if not child:
        for _ in range(40):
            limit.spend(_mark(5), NOW + 1)
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    assert limit.spend(_mark(5), NOW + 2).remaining == 100 - 42
