"""A door waits for verifying no longer than it was told, and gets an answer whatever happens."""

from __future__ import annotations

import asyncio
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sosie.detection.exemptions import Envelope
from support.verifying import EVIL_IP, IP, LETTER, World, signed, world

__all__ = ["world"]

FROM_EXAMPLE = Envelope("bounce@example.com", (), IP)


def verifier_of(world, seconds=5.0, tell=None):
    from sosie.screening.verifying.verifier import Verifier

    return Verifier(world.resolver, seconds, tell=tell or pytest.fail)


def run(verifier, *letters, envelope=FROM_EXAMPLE):
    async def all_of_them():
        return await asyncio.gather(*(verifier.results_of(raw, envelope, "mx.example.com") for raw in letters))

    try:
        return asyncio.run(all_of_them())
    finally:
        verifier.close()


def test_many_messages_at_once(world):
    """Each has its own results."""
    letters = [signed(), LETTER.encode(), signed(domain="evil.example")] * 20
    results = run(verifier_of(world), *letters)
    assert [one.dkim for one in results] == ["pass", "none", "pass"] * 20
    assert {one.dmarc for one in results} == {"pass"}


def test_a_dead_dns_is_waited_for_no_longer(world):
    """Then nothing is known: temperror, for many messages in the time of one."""
    for name in ("_dmarc.example.com", "example.com"):
        world.dns.zone[name] = "silent"
    began = time.monotonic()
    results = run(verifier_of(world, 0.5), *[LETTER.encode()] * 10)
    assert time.monotonic() - began < 1.5
    assert {(one.dmarc, one.present) for one in results} == {("temperror", True)}


def test_too_many_at_once_are_told_so(world, monkeypatch):
    """None waits for its turn longer than it may."""
    from sosie.screening.verifying import verifier

    monkeypatch.setattr(verifier, "MAX_WAITING", 5)
    results = run(verifier_of(world), *[signed()] * 8)
    assert [one.dmarc for one in results] == ["pass"] * 3 + ["temperror"] * 5  # one sender gets half of them


def test_a_mistake_of_ours_is_told_and_stops_no_mail(world):
    """The traceback goes to who wants to know."""
    told = []
    assert [one.dmarc for one in run(verifier_of(world, tell=told.append), None)] == ["temperror"]
    assert "Traceback" in told[0]


_SHARED = World()
_SIGNED = signed(signed(domain="evil.example").decode())
_PIECES = st.one_of(
    st.sampled_from(
        [b"\r\n", b"\n", b"\r", b" ", b";", b"=", b"b=", b"h=", b"d=", b"\0", b"From:", b"\xff", b"<@>", b":"]
    ),
    st.binary(max_size=4),
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    places=st.lists(st.tuples(st.integers(0, len(_SIGNED)), st.integers(0, 30), _PIECES), max_size=6),
    return_path=st.one_of(
        st.sampled_from(["", "<>", "jane.roe@example.com", "@", '"@"@evil.example']), st.text(max_size=20)
    ),
    ip=st.sampled_from(["", IP, EVIL_IP, "::1", "fe80::1%eth0", "x"]),
    helo=st.one_of(st.just("mx.example.com"), st.text(max_size=10)),
)
def test_damaged_letters(places, return_path, ip, helo):
    """Whatever was done to a letter, there are results, and no new pass."""
    from sosie.screening.verifying.resolver import Questions
    from sosie.screening.verifying.verifier import results_now

    raw = _SIGNED
    for place, gone, added in places:
        raw = raw[:place] + added + raw[place + gone :]
    results = results_now(raw, Envelope(return_path, (), ip), helo, Questions(_SHARED.resolver, 2.0))
    assert results.present
    assert set(results.dkim_pass_domains) <= {"example.com", "evil.example"}
    assert results.dmarc in ("pass", "fail", "none", "temperror", "permerror")


@settings(max_examples=150, deadline=None)
@given(
    key=st.one_of(st.text(max_size=60), st.sampled_from(["v=DKIM1; p=" + "A" * 200, "v=DKIM1; k=ed25519; p=AAAA"])),
    spf=st.lists(
        st.sampled_from(
            "a mx ptr: all -all ip4: / // %{ % include: redirect= exists: exp= 1.2.3.4 :: \x00 {".split(" ")
        ),
        max_size=8,
    ),
    dmarc=st.text(alphabet='vp=DMARC1;psd nyrejct"\\\0', max_size=40),
)
def test_damaged_records(key, spf, dmarc):
    """Whatever a domain publishes, there are results, and no pass."""
    world = World()
    try:
        world.dns.text("s1._domainkey.example.com", key)
        world.dns.text("example.com", "v=spf1 " + "".join(spf))
        world.dns.text("_dmarc.example.com", "v=DMARC1; p=reject" + dmarc)
        results = world.verify(signed(), Envelope("x@example.com", (), EVIL_IP))
        assert results.present
        assert results.dkim == "permerror"
    finally:
        world.dns.close()


@pytest.fixture(scope="module", autouse=True)
def _shared():
    yield
    _SHARED.dns.close()
