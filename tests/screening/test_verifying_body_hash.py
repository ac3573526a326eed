"""The body's hash is that of the two canonical forms of RFC 6376, and takes no more time than its length asks for."""

from __future__ import annotations

import hashlib
import time
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sosie.screening.verifying import body_hash as module
from sosie.screening.verifying.body_hash import BodyHashes, body_hash
from support.verifying import dkim


def hash_of(octets: bytes) -> tuple[bytes, int]:
    return hashlib.sha256(octets).digest(), len(octets)


@pytest.mark.parametrize(
    ("body", "simple", "relaxed"),
    [
        (b" C \r\nD \t E\r\n\r\n\r\n", b" C \r\nD \t E\r\n", b" C\r\nD E\r\n"),  # RFC 6376, 3.4.5
        (b"", b"\r\n", b""),
        (b"\r\n\r\n", b"\r\n", b""),
        (b" \t\r\n", b" \t\r\n", b""),
        (b"text", b"text\r\n", b"text\r\n"),
        (b"a\nb\n\n", b"a\r\nb\r\n", b"a\r\nb\r\n"),
    ],
)
def test_the_canonical_forms(body, simple, relaxed):
    """Also those of RFC 6376, 3.4.5."""
    assert body_hash(body, relaxed=False) == hash_of(simple)
    assert body_hash(body, relaxed=True) == hash_of(relaxed)


BODIES = st.lists(
    st.sampled_from([b"a", b" ", b"\t", b"\r\n", b"\n", b"\r", b"bc", b" \r\n", b"\r\r\n", b"\xc3\xa9"]), max_size=60
).map(b"".join)


def canonical(body: bytes, *, relaxed: bool) -> bytes:
    """As the library has it."""
    policy = dkim.CanonicalizationPolicy.from_c_value(b"simple/relaxed" if relaxed else b"simple/simple")
    form: bytes = policy.canonicalize_body(b"\r\n".join(dkim.re.split(b"\r?\n", body)))
    return form


@given(body=BODIES, relaxed=st.booleans(), piece=st.integers(1, 20))
def test_the_same_as_another_verifier(body, relaxed, piece):
    """However small the pieces are in which it goes through."""
    before = module.PIECE
    module.PIECE = piece
    try:
        assert body_hash(body, relaxed=relaxed) == hash_of(canonical(body, relaxed=relaxed))
    finally:
        module.PIECE = before


@given(body=BODIES, sizes=st.lists(st.integers(0, 9), min_size=1), lengths=st.lists(st.integers(0, 70)))
def test_wherever_it_is_cut_and_in_all_forms_at_once(body, sizes, lengths):
    """A body that is handed over piece by piece has the hashes that it has as a whole, of its first octets too."""
    forms = [(relaxed, length) for relaxed in (False, True) for length in (None, *lengths)]
    hashes, start = BodyHashes(forms), 0
    for size in (*sizes, len(body)):
        hashes.take(body[start : start + size])
        start += size
    found = hashes.finish()
    for relaxed, length in forms:
        octets = canonical(body, relaxed=relaxed)
        assert found[relaxed, length] == (hash_of(octets[:length])[0], len(octets))


@pytest.mark.parametrize("body", [b"x", b" ", b"\r", b"\n", b" \r\n", b"a \t"], ids=repr)
def test_nothing_is_kept_of_what_has_come(body):
    """However long it gets: an endless line, or nothing but blanks or line ends."""
    piece, hashes = body * (65_536 // len(body)), BodyHashes([(True, None), (False, None), (True, 10**9)])
    hashes.take(piece)
    tracemalloc.start()
    try:
        for _ in range(100):
            hashes.take(piece)
        assert tracemalloc.get_traced_memory()[0] < 4096
        hashes.take(b"x")
        hashes.finish()
        assert tracemalloc.get_traced_memory()[1] < 4 << 20
    finally:
        tracemalloc.stop()


@given(length=st.integers(0, 40))
def test_the_first_octets_alone(length):
    """As `l=` has it."""
    assert (
        body_hash(b"one\r\ntwo\r\nthree\r\n", relaxed=False, length=length)[0]
        == hash_of(b"one\r\ntwo\r\nthree\r\n"[:length])[0]
    )


@pytest.mark.parametrize(
    "body", [b" " * 1_000_000, b"\r\n" * 4_000_000, b" \r\n" * 3_000_000, b"a \t" * 300_000], ids=len
)
def test_blanks_take_no_time(body):
    """What takes quadratic time elsewhere."""
    began = time.thread_time()
    body_hash(body, relaxed=True)
    assert time.thread_time() - began < 2.0
