"""A real Postfix hands over letters longer than what is kept of them: their signatures are verified all the same."""

from __future__ import annotations

import os

import pytest

from sosie.screening.verifying.gate import VerifyingGate
from sosie.screening.verifying.open import BODY_WANTED
from support.milter import Kept, Listening
from support.postfix import Postfix
from support.server import free_ports
from support.verifying import LETTER, signed, world

__all__ = ["world"]

# As mail programs write it, and 20 MB: lines that end in blanks, or begin with a dot.
LONG = LETTER + (os.urandom(27).hex() + " \t\r\n.. \r\n") * 330_000 + "\r\n\r\n"


@pytest.mark.parametrize(("protocol", "form"), [("2", b"simple"), ("6", b"relaxed")])
def test_a_long_letter_is_verified(world, protocol, form):
    """Of three, that is hers which is signed to its end; a milter of the oldest protocol cannot be told to skip."""
    from sosie.screening.verifying.verifier import Verifier

    kept, verifier = Kept(), Verifier(world.resolver, tell=pytest.fail)
    door = kept.door(body_wanted=BODY_WANTED, verifying=VerifyingGate(kept.gate, verifier))
    address = f"127.0.0.1:{free_ports(1)[0]}"
    settings = {"smtpd_milters": f"inet:{address}", "smtpd_authorized_xclient_hosts": "127.0.0.1"}
    postfix = Postfix(**settings, milter_protocol=protocol, message_size_limit="52428800")
    letters = (signed(LONG, canonicalize=(form, form)), signed(LONG) + b"Pay.\r\n", LONG.encode())
    with Listening(door, f"inet:{address}"), postfix:
        for letter in letters:
            with postfix.client() as client:
                client.ehlo()
                assert client.docmd("XCLIENT", "ADDR=203.0.113.9")[0] == 220
                client.ehlo("evil.example")
                client.sendmail("bounce@evil.example", ["x@example.com"], letter)
    verifier.close()
    assert [record.verdict.disposition for record in kept.records] == ["NONE", "SPOOF", "SPOOF"]
    assert [record.dmarc for record in kept.records] == ["pass", "fail", "fail"]
    assert kept.faults == []
