"""The body's hash is that of the two canonical forms of RFC 6376, and takes no more time than its length asks for."""

from __future__ import annotations

import hashlib
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sosie.screening.verifying import body_hash as module
from sosie.screening.verifying.body_hash import MAX_LINE, BodyTooOdd, body_hash
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


@given(
    body=st.lists(st.sampled_from([b"a", b" ", b"\t", b"\r\n", b"\n", b"\r", b"bc", b" \r\n"]), max_size=60).map(
        b"".join
    ),
    relaxed=st.booleans(),
    piece=st.integers(1, 20),
)
def test_the_same_as_another_verifier(body, relaxed, piece):
    """However small the pieces are in which it goes through."""
    whole = b"\r\n".join(dkim.re.split(b"\r?\n", body))
    policy = dkim.CanonicalizationPolicy.from_c_value(b"simple/relaxed" if relaxed else b"simple/simple")
    before = module.PIECE
    module.PIECE = piece
    try:
        assert body_hash(body, relaxed=relaxed) == hash_of(policy.canonicalize_body(whole))
    finally:
        module.PIECE = before


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


def test_an_endless_line_is_refused():
    """No mail server sends one."""
    with pytest.raises(BodyTooOdd):
        body_hash(b"x" * (MAX_LINE + 1), relaxed=True)
