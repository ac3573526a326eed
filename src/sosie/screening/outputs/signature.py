"""The signature of a webhook, as Standard Webhooks 1.0.0 (standardwebhooks.com) defines it, with a symmetric secret.

What is signed is `{id}.{timestamp}.{body}`, with HMAC-SHA256; a signature reads `v1,` and base64. A secret is written
as `whsec_` and the base64 of 24 to 64 octets. Several secrets give several signatures, separated by a space: so a
secret is changed without a moment in which the receiver knows neither.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Sequence
from pathlib import Path

from sosie.screening.outputs.alert import BadOutput

PREFIX = "whsec_"
LEAST, MOST = 24, 64
HOW = "printf 'whsec_%s\\n' \"$(openssl rand -base64 32)\" makes one"


def read_secrets(file: Path) -> tuple[bytes, ...]:
    """The secrets of a file, one a line; empty lines and those that begin with # are none. Raises BadOutput."""
    try:
        lines = file.read_text(encoding="ascii").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it holds more than ASCII"
        raise BadOutput(f"SOSIE_WEBHOOK_SECRET_FILE: cannot read {file}: {reason}") from None
    secrets = tuple(_secret(line.strip(), file) for line in lines if line.strip() and not line.startswith("#"))
    if not secrets:
        raise BadOutput(f"SOSIE_WEBHOOK_SECRET_FILE: there is no secret in {file}; {HOW}")
    return secrets


def sign(secrets: Sequence[bytes], identifier: str, timestamp: int, body: bytes) -> str:
    """The value of `webhook-signature`."""
    signed = f"{identifier}.{timestamp}.".encode() + body
    digests = (hmac.digest(secret, signed, "sha256") for secret in secrets)
    return " ".join(f"v1,{base64.b64encode(digest).decode()}" for digest in digests)


def _secret(text: str, file: Path) -> bytes:
    try:
        secret = base64.b64decode(text.removeprefix(PREFIX), validate=True) if text.startswith(PREFIX) else b""
    except binascii.Error:
        secret = b""
    if not LEAST <= len(secret) <= MOST:
        wanted = f"{PREFIX} and the base64 of {LEAST} to {MOST} octets"
        raise BadOutput(f"SOSIE_WEBHOOK_SECRET_FILE: a secret in {file} must read {wanted}; {HOW}")
    return secret
