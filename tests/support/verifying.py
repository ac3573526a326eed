"""Letters that are signed, and the DNS that says whose they are, for the tests of verifying."""

from __future__ import annotations

import base64
import subprocess
from collections.abc import Iterator

import pytest

from sosie.detection.exemptions import Envelope
from sosie.mail.trusted_results import TrustedResults
from sosie.screening.verifying.open import open_resolver

dkim = pytest.importorskip("dkim", reason="verifying needs the extra auth")
pytest.importorskip("spf", reason="verifying needs the extra auth")
nacl = pytest.importorskip("nacl.signing", reason="verifying needs the extra auth")

LETTER = (
    "From: Jane Roe <jane.roe@example.com>\r\n"
    "To: John Doe <john.doe@example.net>\r\n"
    "Subject: Minutes\r\n"
    "Message-ID: <1@example.com>\r\n"
    "\r\n"
    "See you at noon.\r\n"
)
IP = "192.0.2.1"  # from which example.com sends
EVIL_IP = "203.0.113.9"
HELO = "mx.example.com"

_SEED = bytes(range(32))
ED25519 = base64.b64encode(_SEED)
ED25519_RECORD = f"v=DKIM1; k=ed25519; p={base64.b64encode(bytes(nacl.SigningKey(_SEED).verify_key)).decode()}"


def rsa_key(bits: int) -> tuple[bytes, str]:
    """A new key in PEM, and its record."""
    pem = subprocess.run(["openssl", "genrsa", "-traditional", str(bits)], capture_output=True, check=True).stdout
    made = subprocess.run(
        ["openssl", "rsa", "-pubout", "-outform", "DER"], input=pem, capture_output=True, check=True
    ).stdout
    return pem, f"v=DKIM1; k=rsa; p={base64.b64encode(made).decode()}"


def signed(letter: str = LETTER, domain: str = "example.com", *, key: bytes = ED25519, **how: object) -> bytes:
    """The letter under one more signature of the selector `s1`."""
    how.setdefault("signature_algorithm", b"ed25519-sha256" if key is ED25519 else b"rsa-sha256")
    how.setdefault("include_headers", [b"from", b"to", b"subject", b"from"])
    raw = letter.encode()
    return dkim.sign(raw, b"s1", domain.encode(), key, **how) + raw


def header_of(raw: bytes) -> bytes:
    """The letter without its body."""
    return raw.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"


def honest_zone():
    """example.com with a key, SPF and a policy; evil.example with a key and SPF, and no policy."""
    from support.dns_server import DnsServer

    server = DnsServer()
    server.text("_dmarc.example.com", "v=DMARC1; p=reject")
    for domain, ip in (("example.com", IP), ("evil.example", EVIL_IP)):
        server.text(f"s1._domainkey.{domain}", ED25519_RECORD)
        server.text(domain, "some-site-verification=0123456789", f"v=spf1 ip4:{ip} -all")
    return server


class World:
    """A DNS and a resolver of it."""

    def __init__(self) -> None:
        self.dns = honest_zone()
        self.resolver = open_resolver("{}:{}".format(*self.dns.address))

    def verify(
        self, raw: bytes | str, envelope: Envelope | None = None, *, seconds: float = 5.0, whole: bool = True
    ) -> TrustedResults:
        """By default, what evil.example's host sends in its own name."""
        from sosie.screening.verifying.body_hash import NO_HASHES
        from sosie.screening.verifying.resolver import Questions
        from sosie.screening.verifying.verifier import results_now

        envelope = envelope or Envelope("bounce@evil.example", (), EVIL_IP)
        octets = raw.encode() if isinstance(raw, str) else raw
        return results_now(octets, envelope, HELO, Questions(self.resolver, seconds), None if whole else NO_HASHES)

    def names_asked(self) -> set[str]:
        """Of which names the DNS was asked."""
        return {name for name, _ in self.dns.asked}


@pytest.fixture
def world() -> Iterator[World]:
    """A new one, in which nothing was asked."""
    one = World()
    yield one
    one.dns.close()
