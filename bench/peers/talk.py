"""Clients, one message at a time on a connection that stays open: HTTP, spamd's protocol, and a mail server's milters.

And wrk, which asks as fast as it can.
"""

from __future__ import annotations

import re
import shutil
import socket
import struct
import subprocess
from pathlib import Path

from processes import NotInstalled

from letters import HEADS, HEARTS, STRANGER, TAILS

# The letter of a stranger is sent under another new name each time: a long run is not one of the same letters.
LUA = """\
local heads, hearts, tails = {HEADS}, {HEARTS}, {TAILS}
local letters, at = {}, 0
local files = io.popen("ls " .. os.getenv("LETTERS"))
for name in files:lines() do
  local file = io.open(os.getenv("LETTERS") .. "/" .. name, "rb")
  local letter = file:read("*a")
  local _, before = string.find(letter, "\\nFrom: ", 1, true)
  local line = before and string.find(letter, "\\n", before + 1, true)
  local after = before and string.find(letter:sub(1, line), " <STRANGER", before, true)
  letters[#letters + 1] = after and {letter:sub(1, before), letter:sub(after)} or letter
  file:close()
end
at = tonumber(os.getenv("FIRST")) % #letters
math.randomseed(os.time() + at)
local function one_of(texts) return texts[math.random(#texts)] end
local function word() return one_of(heads) .. one_of(hearts) .. one_of(hearts) .. one_of(tails) end
request = function()
  at = at % #letters + 1
  local letter = letters[at]
  if type(letter) == "table" then letter = letter[1] .. word() .. " " .. word() .. letter[2] end
  return wrk.format("POST", nil, nil, letter)
end
"""
# What Postfix 3.7 offers (sendmail's mfdef.h): all actions, all protocol steps.
VERSION, ACTIONS, STEPS = 6, 0x1FF, 0x1FFFFF
# The bits by which a milter declines a command (SMFIP_NO...), or its turn to answer one (SMFIP_NR_...).
DECLINED = {b"C": 0x1, b"H": 0x2, b"M": 0x4, b"R": 0x8, b"B": 0x10, b"L": 0x20, b"N": 0x40, b"T": 0x200}
SILENT = {b"C": 0x1000, b"H": 0x2000, b"M": 0x4000, b"R": 0x8000, b"T": 0x10000, b"L": 0x80, b"N": 0x40000, b"B": 0x80000}  # fmt: skip # noqa: E501
FINAL = b"acdrty"  # accept, continue, discard, reject, tempfail, own reply
CHUNK = 65_535


class HttpClient:
    """`fields` are sent with every request, each with its line end."""

    def __init__(self, port: int, path: str, fields: str = "") -> None:
        self._port = port
        self._head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{fields}".encode()
        self._socket: socket.socket | None = None

    def ask(self, body: bytes) -> bytes:
        """The body of the answer. Raises OSError, where it was refused too."""
        request = b"%bContent-Length: %d\r\n\r\n%b" % (self._head, len(body), body)
        if self._socket is None:
            self._socket = socket.create_connection(("127.0.0.1", self._port), 30)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            self._socket.sendall(request)
            return self._answer()
        except OSError:
            self._socket = None
            raise

    def _answer(self) -> bytes:
        assert self._socket is not None
        got = b""
        while b"\r\n\r\n" not in got:
            got += _some(self._socket)
        head, _, body = got.partition(b"\r\n\r\n")
        if b" 200 " not in head[:16]:
            raise OSError(f"refused: {head[:200]!r} {body[:300]!r}")
        length = int(re.search(rb"(?i)content-length: *(\d+)", head)[1])
        while len(body) < length:
            body += _some(self._socket)
        if b"connection: close" in head.lower():
            self._socket.close()
            self._socket = None
        return body


class SpamdClient:
    """The client of spamd: a connection for every message."""

    def __init__(self, port: int) -> None:
        self._port = port

    def ask(self, body: bytes) -> bytes:
        """The names of the rules that hit."""
        with socket.create_connection(("127.0.0.1", self._port), 60) as connection:
            connection.sendall(b"SYMBOLS SPAMC/1.5\r\nContent-length: %d\r\n\r\n%b" % (len(body), body))
            connection.shutdown(socket.SHUT_WR)
            got = b""
            while chunk := connection.recv(65536):
                got += chunk
        return got


class MilterClient:
    """A mail server with one client that sends letter after letter. As Postfix does, it sends what needs no answer
    together with what does, and the macros of a message once more before each of its fields."""

    def __init__(self, address: str | tuple[str, int]) -> None:
        self._socket = socket.socket(socket.AF_UNIX if isinstance(address, str) else socket.AF_INET)
        self._socket.settimeout(60)
        self._socket.connect(address)
        self._unsent: list[bytes] = []
        self._unread = b""
        self._put(b"O" + struct.pack(">III", VERSION, ACTIONS, STEPS))
        _, offer = self._get()
        (self._wanted,) = struct.unpack(">I", offer[8:12])
        self._say(b"C", b"mail.example.net\x004" + struct.pack(">H", 4242) + b"192.0.2.7\x00")
        self._say(b"H", b"mail.example.net\x00")

    def ask(self, body: bytes) -> bytes:
        """What it answered at the end of the message, one letter for each reply."""
        head, _, text = body.partition(b"\n\n")
        self._put(b"DM" + b"i\x004X1a2b\x00")
        self._say(b"M", b"<bounce@elsewhere.example>\x00")
        self._say(b"R", b"<accounts@firm.example>\x00")
        self._say(b"T")
        for field in re.sub(rb"\n(?=[ \t])", b"\x01", head).split(b"\n"):
            name, _, value = field.partition(b":")
            self._put(b"DLi\x004X1a2b\x00")
            self._say(b"L", name + b"\x00" + value.lstrip(b" ").replace(b"\x01", b"\n") + b"\x00")
        self._say(b"N")
        if not self._wanted & DECLINED[b"B"]:
            text = text.replace(b"\n", b"\r\n")
            for at in range(0, len(text), CHUNK):
                self._say(b"B", text[at : at + CHUNK])
        self._put(b"E")
        replies = b""
        while not replies or replies[-1:] not in FINAL:
            replies += self._get()[0]
        self._put(b"A")
        return replies

    def _say(self, command: bytes, data: bytes = b"") -> None:
        if self._wanted & DECLINED.get(command, 0):
            return
        self._put(command + data)
        if not self._wanted & SILENT.get(command, 0):
            reply, _ = self._get()
            assert reply == b"c", (command, reply)

    def _put(self, packet: bytes) -> None:
        self._unsent.append(struct.pack(">I", len(packet)) + packet)

    def _get(self) -> tuple[bytes, bytes]:
        if self._unsent:
            self._socket.sendall(b"".join(self._unsent))
            self._unsent.clear()
        while len(self._unread) < 4 or len(self._unread) < 4 + int.from_bytes(self._unread[:4]):
            self._unread += _some(self._socket)
        end = 4 + int.from_bytes(self._unread[:4])
        packet, self._unread = self._unread[4:end], self._unread[end:]
        return packet[:1], packet[1:]


class Wrk:
    """wrk with eight connections, over the letters of a folder, round and round."""

    def __init__(self, place: Path) -> None:
        if shutil.which("wrk") is None:
            raise NotInstalled("wrk (Debian: wrk)")
        self._script = place / "letters.lua"
        script = LUA.replace("STRANGER", STRANGER)
        for name, syllables in (("HEADS", HEADS), ("HEARTS", HEARTS), ("TAILS", TAILS)):
            script = script.replace(f"{{{name}}}", "{" + ",".join(f'"{one}"' for one in syllables) + "}")
        self._script.write_text(script, encoding="ascii")
        self._first = 0

    def ask(self, port: int, path: str, fields: str, letters: Path, seconds: int) -> int:
        """How many messages were answered. Raises RuntimeError where one was not, or with an error."""
        headers = [part for field in fields.split("\r\n") if field for part in ("-H", field)]
        self._first += 997
        done = subprocess.run(
            ["wrk", "-t1", "-c8", f"-d{seconds}s", "-s", str(self._script), *headers, f"http://127.0.0.1:{port}{path}"],
            env={"PATH": "/usr/bin:/bin", "LETTERS": str(letters), "FIRST": str(self._first)},
            capture_output=True,
            text=True,
            check=True,
        )
        if "Non-2xx" in done.stdout or "Socket errors" in done.stdout:
            raise RuntimeError(done.stdout)
        return int(re.search(r"(\d+) requests in", done.stdout)[1])


def _some(connection: socket.socket) -> bytes:
    chunk = connection.recv(262_144)
    if not chunk:
        raise ConnectionResetError("the connection was closed")
    return chunk
