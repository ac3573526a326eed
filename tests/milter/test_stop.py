"""A milter that is stopped ends, whatever its mail servers do."""

from __future__ import annotations

import select
import socket

from sosie.milter import server
from support.milter import HONEST, OFFER, Kept, Listening, header, packet


def test_a_client_that_takes_no_replies_keeps_nobody_from_stopping(monkeypatch, tmp_path):
    """Its replies wait to be written, for ever."""
    monkeypatch.setattr(server, "STOP_SECONDS", 0.2)
    messages = (packet("M", b"<a@x.example>\0") + b"".join(header(HONEST)) + packet("E")) * 1000
    with socket.socket(socket.AF_UNIX) as client, Listening(Kept().door(), f"unix:{tmp_path}/milter"):
        client.connect(f"{tmp_path}/milter")
        client.sendall(packet("O", OFFER))
        client.setblocking(False)
        while select.select([], [client], [], 1)[1]:  # until nobody reads what it sends, as it reads nothing
            client.send(messages)
