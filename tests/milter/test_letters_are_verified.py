"""Where nobody else has verified a letter, the milter does, by all of it that came."""

from __future__ import annotations

import asyncio

import pytest

from sosie.milter.protocol import MilterError
from sosie.milter.session import Door, Session
from sosie.screening.verifying.gate import VerifyingGate
from support.milter import OFFER, Kept, header, packet, replies, say
from support.verifying import LETTER, signed, world

__all__ = ["world"]

CONNECT = packet("C", b"evil.example\x004\0\x19203.0.113.9\0")
NO_KEY_OF_HERS = signed(LETTER.replace("See you at noon.\r\n", "")).replace(b"Minutes", b"Invoice")


def answer(world, letter: bytes, body: bytes) -> list[bytes]:
    """The replies to a letter that evil.example brings; without a body, none is sent, as Postfix does."""
    from sosie.screening.verifying.verifier import Verifier

    kept = Kept()
    verifier = Verifier(world.resolver, tell=pytest.fail)
    conversation = Session(Door(kept.gate, "account", body_wanted=1000, verifying=VerifyingGate(kept.gate, verifier)))
    fields = header(letter.partition(b"\r\n\r\n")[0].replace(b"\r\n", b"\n") + b"\n")
    pieces = [packet("B", body)] if body else []
    say(conversation, packet("O", OFFER), CONNECT, packet("M", b"<bounce@evil.example>\0"))
    say(conversation, *fields, *pieces, packet("E"))
    try:
        return replies(asyncio.run(_waited_for(conversation)))
    finally:
        verifier.close()


LONG = "From the minutes: \t nothing  was decided. \r\n" * 70_000 + "\r\n\r\n"
PIECE = 60_001  # octets; it ends in the midst of lines
SKIP, SPOOF = [b"s"], b"X-CFEmailSecurity-Disposition\0 SPOOF"


@pytest.fixture
def conversation(world):
    """A session of a milter that keeps 100 kB of a body, in which a letter from evil.example begins."""
    from sosie.screening.verifying.verifier import Verifier

    kept = Kept()
    verifier = Verifier(world.resolver, tell=pytest.fail)
    session = Session(Door(kept.gate, "account", body_wanted=100_000, verifying=VerifyingGate(kept.gate, verifier)))
    say(session, packet("O", OFFER), CONNECT, packet("M", b"<bounce@evil.example>\0"))
    yield session
    verifier.close()


def send(session, letter: bytes) -> list[list[bytes]]:
    """What is said to each piece of the body."""
    head, _, body = letter.partition(b"\r\n\r\n")
    say(session, *header(head.replace(b"\r\n", b"\n") + b"\n"))
    return [say(session, packet("B", body[start : start + PIECE])) for start in range(0, len(body), PIECE)]


@pytest.mark.parametrize("canonicalize", [(b"relaxed", b"relaxed"), (b"simple", b"simple")])
@pytest.mark.parametrize(
    ("length", "added", "is_hers"),
    [(False, b"", True), (False, b"Pay.", False), (True, b"", True), (True, b"x", False)],
)
@pytest.mark.parametrize("with_the_end", [False, True])
def test_a_body_too_long_to_be_kept_is_verified(conversation, canonicalize, length, added, is_hers, with_the_end):
    """It is hashed while it comes in, to its last octet, and a part of it kept."""
    letter = signed(LETTER + LONG, canonicalize=canonicalize, length=length)
    told = send(conversation, letter if with_the_end else letter + added)
    assert not any(SKIP[0] in one for one in told)
    assert conversation.message.held < 110_000
    say(conversation, packet("E", added if with_the_end else b""))
    found = replies(asyncio.run(_waited_for(conversation)))
    assert any(SPOOF in one for one in found) is not is_hers


@pytest.mark.parametrize(
    "letter",
    [
        (LETTER + LONG).encode(),
        signed(LETTER.replace("Jane Roe <jane.roe@example.com>", "Ann Poe <ann@evil.example>") + LONG),
        b"DKIM-Signature: v=1; a=rsa-sha256; c=odd; d=example.com; s=s1; h=from; bh=aaaa; b=aaaa\r\n"
        + (LETTER + LONG).encode(),
    ],
    ids=["not signed", "nobody's", "nonsense"],
)
def test_no_more_of_a_long_body_comes_than_is_needed(conversation, letter):
    """Where its hash decides nothing, the mail server need not send the rest."""
    assert send(conversation, letter)[1] == SKIP


def test_a_long_body_is_verified_where_there_is_no_room(conversation):
    """What is kept of it can be let go: its hash goes on."""
    letter = signed(LETTER + LONG)
    send(conversation, letter[: len(letter) // 2])
    conversation.message.shed_body()
    rest = letter[len(letter) // 2 :]
    assert say(conversation, *(packet("B", rest[at : at + PIECE]) for at in range(0, len(rest), PIECE)))
    assert conversation.message.held < 10_000
    say(conversation, packet("E"))
    assert not any(b"X-CFEmailSecurity" in one for one in replies(asyncio.run(_waited_for(conversation))))


async def _waited_for(conversation) -> bytes:
    assert conversation.pending is not None
    return await conversation.pending


@pytest.mark.parametrize("body", [b"", b"Pay this.\r\n"], ids=["empty", "short"])
def test_a_signature_that_is_wrong_helps_nobody(world, body):
    """Nor where the letter has no body at all: that is a whole one, too."""
    found = answer(world, NO_KEY_OF_HERS, body)
    assert any(one[5:].startswith(b"X-CFEmailSecurity-Disposition\0 SPOOF") for one in found)


def test_who_does_not_wait_for_a_reply_speaks_another_protocol(world):
    """Two messages in one piece: the second must not be taken for the first, nor the first be forgotten in silence."""
    from sosie.screening.verifying.verifier import Verifier

    verifier = Verifier(world.resolver, tell=pytest.fail)
    kept = Kept()
    conversation = Session(Door(kept.gate, "account", body_wanted=1000, verifying=VerifyingGate(kept.gate, verifier)))
    fields = header(NO_KEY_OF_HERS.partition(b"\r\n\r\n")[0].replace(b"\r\n", b"\n") + b"\n")
    message = (packet("M", b"<bounce@evil.example>\0"), *fields, packet("E"))
    say(conversation, packet("O", OFFER), CONNECT)
    with pytest.raises(MilterError, match="before the reply"):
        say(conversation, *message, *message)
    verifier.close()
