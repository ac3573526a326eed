"""Records wait in memory within a number and within a size, whatever strangers put into them."""

from __future__ import annotations

from sosie.screening import waiting
from sosie.screening.waiting import Waiting
from support.records import ACCOUNT, record


def test_what_is_large_counts_for_more(monkeypatch):
    """By its octets as they came and by its header; what is taken makes room, and what is put back takes it again."""
    monkeypatch.setattr(waiting, "MAX_HELD_OCTETS", 1_000_000)
    for one in (record(raw=b"x" * 90_000, header=()), record(raw=b"", header=(("Subject", "x" * 90_000),))):
        held = Waiting()
        while held.add((ACCOUNT, one)):
            continue
        assert len(held) == 10
        batch = held.take(4)
        assert held.add((ACCOUNT, one))
        held.put_back(batch)
        assert not held.add((ACCOUNT, one))
        assert len(held.take(100).kept) == 11
        assert held.octets == 0


def test_no_more_than_a_number(monkeypatch):
    """Small ones cost what Python needs for each; to let go of all makes room for as many."""
    monkeypatch.setattr(waiting, "MAX_HELD", 3)
    held = Waiting()
    for _ in range(2):
        assert [held.add((ACCOUNT, record())) for _ in range(4)] == [True, True, True, False]
        held.clear()
        assert (len(held), held.octets, held.seconds()) == (0, 0, 0.0)
