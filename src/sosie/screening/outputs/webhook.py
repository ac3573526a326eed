"""Alerts posted to a URL as JSON, signed (Standard Webhooks 1.0.0).

    {"type": "message.flagged", "timestamp": "…", "account_id": "…", "data": {…as the Logpush dataset…}}

An answer of 2xx is success. After 429, 5xx, 408, 425 or none at all it is tried again. Any other answer would be the
same the next time, and so would a redirect, which is never followed: what is signed for one place is not sent to
another. What was given up goes to the dead letters.
"""

from __future__ import annotations

import email.utils
import http.client
import socket
import ssl
import threading
import time
from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import urlsplit

from sosie import __version__
from sosie.screening.outputs.alert import Alert, BadOutput, Undelivered
from sosie.screening.outputs.alert_file import json_line
from sosie.screening.outputs.dead_letters import DeadLetters, Letter
from sosie.screening.outputs.logpush import to_document
from sosie.screening.outputs.signature import sign

CONNECT_SECONDS = 10.0  # for each step: connect, TLS, send, each piece of the answer
WHOLE_SECONDS = 20.0  # for all of them: the 15 to 30 that Standard Webhooks recommends
MOST_RETRY_AFTER = 3600.0
_AGAIN = (408, 425, 429)


class Target(NamedTuple):
    """Where it is posted. `path` has the query in it."""

    secure: bool
    host: str
    port: int
    path: str


def read_url(url: str) -> Target:
    """Raises BadOutput."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if not host or parts.scheme not in ("https", "http") or "@" in parts.netloc or not url.isascii():
        raise BadOutput("SOSIE_WEBHOOK_URL must read https://HOST/PATH, in ASCII and without a password")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if not path.isprintable() or " " in path:
        raise BadOutput("SOSIE_WEBHOOK_URL must hold no spaces or control characters")
    secure = parts.scheme == "https"
    return Target(secure, host, port or (443 if secure else 80), path)


class Webhook:
    """Every alert is a connection of its own: they are rare, and a connection kept open for hours is mostly dead."""

    kind = "webhook"

    def __init__(self, target: Target, secrets: Sequence[bytes], dead_letters: DeadLetters) -> None:
        self._target = target
        self._secrets = tuple(secrets)
        self._dead_letters = dead_letters
        self._tls = ssl.create_default_context() if target.secure else None  # of the system, or of SSL_CERT_FILE

    def deliver(self, alert: Alert) -> None:
        """Post it. Raises Undelivered."""
        self.post(alert.record.id, body_of(alert))

    def give_up(self, alert: Alert, reason: str) -> None:
        """Keep it among the dead letters. Raises OSError."""
        self._dead_letters.append(Letter(alert.record.id, reason, body_of(alert)))

    def post(self, identifier: str, body: bytes) -> None:
        """Post a body under this id. Raises Undelivered."""
        now = int(time.time())
        headers = {
            "content-type": "application/json",
            "user-agent": f"sosie/{__version__}",
            "webhook-id": identifier,
            "webhook-timestamp": str(now),
            "webhook-signature": sign(self._secrets, identifier, now, body),
        }
        try:
            status, retry_after = self._exchange(body, headers)
        except ssl.SSLCertVerificationError as error:
            raise Undelivered(f"the certificate cannot be trusted: {error.verify_message}") from None
        except (OSError, http.client.HTTPException) as error:
            reason = getattr(error, "strerror", None) or str(error) or "it hung up"
            raise Undelivered(f"no answer: {type(error).__name__}: {reason}") from None
        if not 200 <= status <= 299:
            again = status in _AGAIN or status >= 500
            raise Undelivered(_words(status), for_good=not again, retry_after=_seconds(retry_after))

    def close(self) -> None:
        """Nothing is open between alerts."""

    def _exchange(self, body: bytes, headers: dict[str, str]) -> tuple[int, str]:
        """The status, and Retry-After. Raises OSError, HTTPException."""
        target = self._target
        connected = socket.create_connection((target.host, target.port), CONNECT_SECONDS)
        connection = http.client.HTTPConnection(target.host, target.port)
        if self._tls is not None:  # by hand, so that the watchdog sees a handshake that goes on for ever
            connection.default_port = 443
            connected = self._tls.wrap_socket(connected, server_hostname=target.host, do_handshake_on_connect=False)
        watchdog = threading.Timer(WHOLE_SECONDS, _hang_up, [connected])
        watchdog.daemon = True
        watchdog.start()
        try:
            if isinstance(connected, ssl.SSLSocket):
                connected.do_handshake()
            connection.sock = connected
            connection.request("POST", target.path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.getheader("retry-after", "")
        finally:
            watchdog.cancel()
            connected.close()
            connection.close()


def body_of(alert: Alert) -> bytes:
    """What is posted."""
    record = alert.record
    document = {
        "type": "message.flagged",
        "timestamp": record.at,
        "account_id": alert.account_id,
        "data": to_document(record),
    }
    return json_line(document)


def _hang_up(connection: socket.socket) -> None:
    """A server that sends an octet now and then keeps within every time limit but this one."""
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return


def _words(status: int) -> str:
    if 300 <= status <= 399:
        return f"it answered {status}, a redirect, which is not followed"
    return f"it answered {status}"


def _seconds(retry_after: str) -> float:
    """Retry-After (RFC 9110, 10.2.3): seconds, or a moment."""
    text = retry_after.strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:9]), MOST_RETRY_AFTER)
    try:
        until = email.utils.parsedate_to_datetime(text).timestamp()
    except (ValueError, TypeError, OverflowError):
        return 0.0
    return min(max(0.0, until - time.time()), MOST_RETRY_AFTER)
