"""Bodies are kept where they are wanted, as far as there is room; a letter is judged without, where there is none."""

from __future__ import annotations

import socket
from contextlib import ExitStack

import pytest

from sosie.milter import server
from sosie.milter.incoming import SHED_TO
from support.milter import FORGED, OFFER, Kept, Listening, header, packet

PIECES = [b"Pay this.\r\n" * 5_000] * 4
BODY = b"".join(PIECES)
ROOM = 600_000
CONTINUE, SKIP, ACCEPT = packet("c"), packet("s"), packet("a")


def _receive(connection: socket.socket, *ends: bytes) -> bytes:
    got = b""
    while not got.endswith(ends):
        got += connection.recv(4000)
    return got


def _begin(connection: socket.socket) -> None:
    connection.sendall(packet("O", OFFER))
    connection.recv(1000)
    connection.sendall(packet("M", b"<a@x.example>\0") + b"".join(header(FORGED)))
    for piece in PIECES:
        connection.sendall(packet("B", piece))
        if _receive(connection, CONTINUE, SKIP) == SKIP:
            break


def test_more_bodies_at_once_than_there_is_room_for(monkeypatch, tmp_path):
    """Every letter is judged and answered all the same, by its header; nobody is shut out."""
    monkeypatch.setattr(server, "MAX_HELD", ROOM)
    kept = Kept(raw_kept=2 * len(BODY))
    path = f"{tmp_path}/milter"
    with Listening(kept.door(body_wanted=1 << 20), f"unix:{path}"), ExitStack() as open_:
        many = [open_.enter_context(socket.socket(socket.AF_UNIX)) for _ in range(8)]
        for one in many:
            one.connect(path)
            _begin(one)
        for one in many:
            one.sendall(packet("E"))
            assert b"X-CFEmailSecurity-Disposition" in _receive(one, ACCEPT)
    assert kept.faults == []
    sizes = [len(record.raw) for record in kept.records]
    assert len(sizes) == 8
    assert max(sizes) > len(BODY) > min(sizes)
    assert sum(sizes) < ROOM + 8 * len(PIECES[0])


@pytest.mark.parametrize("size", [0, 10, SHED_TO, SHED_TO + 1])
def test_what_is_left_of_a_body_that_is_let_go(size):
    """Its beginning, so that it counts as one; and what comes later is not taken."""
    message = Kept().session(body_wanted=1 << 20).message
    message.take_body(b"x" * size, 1 << 20)
    before = message.held
    message.shed_body()
    assert message.take_body(b"y" * 100, 1 << 20)
    assert not message.is_whole
    assert message.held == before - max(0, size - SHED_TO)
