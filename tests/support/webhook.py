"""A real HTTP or HTTPS server that takes webhooks, answers as it is told, and remembers what it got."""

from __future__ import annotations

import ssl
import subprocess
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple

SECRET_TEXT = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwb2xlIHNlY3JldA=="


class Got(NamedTuple):
    path: str
    headers: dict[str, str]
    body: bytes


class Receiver:
    """`answers` are (status, headers) in turn, the last of them for ever; "hang", "hang up" and "drip" are others."""

    def __init__(self, *answers, certificate=None):
        self.answers = list(answers) or [(204, {})]
        self.got: list[Got] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                receiver.got.append(Got(self.path, {k.lower(): v for k, v in self.headers.items()}, body))
                receiver.answer(self)

            def log_message(self, *_):
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        scheme = "http"
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
            scheme = "https"
        self.url = f"{scheme}://127.0.0.1:{self.server.server_address[1]}/hook?from=sosie"
        self.ended = threading.Event()
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def answer(self, handler):
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if answer == "hang":
            self.ended.wait(30)
        elif answer == "drip":
            while not self.ended.wait(0.1):
                try:
                    handler.wfile.write(b"H")
                except OSError:
                    return
        elif answer != "hang up":
            status, headers = answer
            handler.send_response(status)
            for name, value in headers.items():
                handler.send_header(name, value)
            handler.end_headers()

    def close(self):
        self.ended.set()
        self.server.shutdown()
        self.server.server_close()


def make_certificate(folder, address="127.0.0.1"):
    """A certificate for this address, signed by itself, and its key: two files."""
    certificate, key = folder / f"{address}.pem", folder / f"{address}.key"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-keyout", key, "-out", certificate, "-subj", "/CN=receiver", "-addext", f"subjectAltName=IP:{address}"],
        check=True,
        capture_output=True,
    )  # fmt: skip
    return certificate, key


def wait_until(condition, seconds=10.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.01)
