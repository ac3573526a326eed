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
