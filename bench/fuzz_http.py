"""Look for a request to judge a message that ends in anything but an answer, or the end of the connection.

    python bench/fuzz_http.py --runs 10000 [--seconds 600] [--seed 1] [--limit-ms 500] [FOLDER...]

Requests to /screen, /screen/batch and /checkv2 about letters (of the tests, and of the FOLDERs given) go to a `sosie
serve` of its own, eight at a time. Half of them are changed at random as octets: taken out, doubled, changed, lengths
that lie, and sent in pieces of any length. The other half are whole requests with JSON in which any value may have
become any other. Looked for are answers of 500, answers that are no HTTP or no JSON, a process that ends or grows, and
a failure in its log; and now and then an honest letter must be flagged as ever, within the limit. A finding is
written beside the present folder as `fuzz-http-<digest>` and ends the run with status 1.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import random
import sys
import tempfile
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

TESTS = Path(__file__).resolve().parents[1] / "tests"
sys.path.insert(1, str(TESTS))

from support.server import Server, Storage, start_server  # noqa: E402 - the line above lets it be found
from support.watching import FORGED, megabytes, register, request, screen_of  # noqa: E402
from support.wire import Wire  # noqa: E402

AT_ONCE = 8
EVERY = 100  # requests, an honest one
GROWTH = 60.0  # MB
ANSWER_SECONDS = 5.0
STATUSES = {200, 400, 403, 404, 405, 413, 431, 503}
FRAGMENTS = (
    b"content-length: 7\r\n",
    b"transfer-encoding: chunked\r\n",
    b"expect: 100-continue\r\n",
    b"content-type: application/json\r\n",
    b"upgrade: h2c\r\nconnection: upgrade\r\n",
    b"password: x\r\n",
    b"rcpt: %ff%fe\r\n",
    b"settings-id: 0\r\n",
    b"5\r\nhello\r\n0\r\n\r\n",
    b"?record=true&ip=",
    b"\r\n\r\n",
    b"\xff\xfe",
    b"%00",
    b"\0",
)
VALUES: tuple[Any, ...] = (
    *(None, True, 0, -1, 1 << 70, 1e308, "", "\0", "\ud800", "From: \u202e@", "x" * 5000, "1970-01-01"),
    *([], {}, [[]], ["x"] * 50, {"name": "From"}, [{"name": "From", "value": "a\r\nb"}]),
)


class Finding(Exception):
    """What is wrong."""


def changed(octets: bytes, dice: random.Random) -> bytes:
    """With up to six faults."""
    broken = bytearray(octets)
    for _ in range(dice.randrange(1, 7)):
        place = dice.randrange(len(broken) + 1)
        end = place + int(1 + dice.expovariate(0.1))
        kind = dice.randrange(4)
        if kind == 0:
            del broken[place:end]
        elif kind == 1:
            broken[place:place] = broken[place:end] * int(1 + dice.expovariate(0.2))
        elif kind == 2:
            broken[place:place] = dice.choice(FRAGMENTS)
        else:
            broken[place : place + 1] = dice.randbytes(1)
    return bytes(broken)


def worse(value: Any, dice: random.Random) -> Any:
    """A document of JSON in which any value may have become any other, or be missing, or be there often."""
    if dice.random() < 0.08:
        return dice.choice(VALUES)
    if isinstance(value, list):
        parts = [worse(one, dice) for one in value if dice.random() > 0.05]
        return parts * int(1 + dice.expovariate(1.5))
    if isinstance(value, dict):
        return {name: worse(one, dice) for name, one in value.items() if dice.random() > 0.05}
    return value


def document_of(letter: bytes, dice: random.Random) -> dict[str, Any]:
    """A letter in JSON, as text or by its fields."""
    text = letter.decode("latin-1")
    envelope = {"mail_from": "a@example.net", "rcpt_to": ["ann@example.com"], "ip": "192.0.2.1", "helo": "x"}
    if dice.random() < 0.5:
        return {"message": text, "envelope": envelope, "record": False}
    lines = [line.partition(":") for line in text.partition("\n\n")[0].replace("\r", "").split("\n")]
    return {"headers": [{"name": name, "value": value} for name, _, value in lines], "envelope": envelope}


def asked(server: Server, letter: bytes, dice: random.Random) -> bytes:
    """A request, whole or changed."""
    place = dice.choice(("screen", "batch", "/checkv2"))
    if place == "batch":
        document: Any = {"messages": [document_of(letter, dice) for _ in range(dice.randrange(1, 4))]}
        path = f"{screen_of(server)}/batch"
    else:
        document, path = document_of(letter, dice), screen_of(server)
    as_octets = dice.random() < 0.5
    body = json.dumps(document if as_octets else worse(document, dice)).encode()
    if place == "/checkv2":
        head = f"POST /checkv2 HTTP/1.1\r\nhost: x\r\npassword: {server.tenant.read_token}\r\nrcpt: ann@example.com\r\n"
        whole = f"{head}content-length: {len(letter)}\r\n\r\n".encode() + letter
    elif place == "screen" and dice.random() < 0.5:
        whole = request(server, letter, path)
    else:
        whole = request(server, body, path, content_type="application/json")
    return changed(whole, dice) if as_octets or place == "/checkv2" else whole


async def ask(server: Server, octets: bytes, dice: random.Random) -> int:
    """The status of the first answer, or 0 where there is none. Raises Finding."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    try:
        start = 0
        with suppress(OSError):
            while start < len(octets):
                end = start + int(1 + dice.expovariate(0.001))
                writer.write(octets[start:end])
                await writer.drain()
                start = end
            writer.write_eof()
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                answer = await reader.read()
        except OSError:
            return 0
        except TimeoutError:
            raise Finding(f"neither an answer nor the end within {ANSWER_SECONDS} s") from None
    finally:
        writer.close()
    return status_of(answer) if answer else 0


def status_of(answer: bytes) -> int:
    """Of the first of the answers. Raises Finding where it is none."""
    head, _, rest = answer.partition(b"\r\n\r\n")
    try:
        status = int(head.removeprefix(b"HTTP/1.1 ")[:3])
        if status == 100:
            return status_of(rest) if rest else 0  # it was told to go on, and did not
        fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
        length = int(fields.get(b"content-length", b"0"))
        if length and fields.get(b"content-type", b"").startswith(b"application/json"):
            json.loads(rest[:length])
    except ValueError as error:
        raise Finding(f"an answer that is none: {error}: {answer[:200]!r}") from None
    if status not in STATUSES:
        raise Finding(f"status {status}: {rest[:500]!r}")
    return status


class Run:
    """One server and what came of the requests to it."""

    def __init__(self, server: Server, letters: list[bytes], options: argparse.Namespace) -> None:
        self.server = server
        self.letters = letters
        self.options = options
        self.dice = random.Random(options.seed)
        self.ends = time.monotonic() + options.seconds
        self.statuses: Counter[int] = Counter()
        self.finding: tuple[bytes, str] | None = None
        self.slowest = 0.0
        self.before = megabytes(server.process.pid)

    async def go(self) -> None:
        """Until there are enough, or time is up, or something is found."""
        await asyncio.gather(*(self._client() for _ in range(AT_ONCE)), self._honest())

    def over(self) -> bool:
        """Whether nothing more is asked."""
        enough = self.statuses.total() >= self.options.runs or time.monotonic() > self.ends
        return enough or self.finding is not None

    async def _client(self) -> None:
        while not self.over():
            octets = asked(self.server, self.dice.choice(self.letters), self.dice)
            try:
                self.statuses[await ask(self.server, octets, self.dice)] += 1
            except (Finding, OSError) as error:
                self.finding = octets, f"{type(error).__name__}: {error}"

    async def _honest(self) -> None:
        """Somebody else, whom all that must not concern."""
        wire, due = Wire(self.server.port), 0
        while not self.over():
            await asyncio.sleep(0.01)
            if self.statuses.total() < due:
                continue
            due = self.statuses.total() + EVERY
            began = time.monotonic()
            await wire.send(request(self.server, FORGED))
            reply = await wire.read()
            took = (time.monotonic() - began) * 1000
            self.slowest = max(self.slowest, took)
            if reply.status != 200 or not reply.result["findings"]:
                self.finding = FORGED, f"a letter is not flagged any more: {reply}"
            elif took > self.options.limit_ms:
                self.finding = FORGED, f"a letter waited for {took:.0f} ms"
            elif megabytes(self.server.process.pid) - self.before > GROWTH:
                self.finding = FORGED, f"the process grew from {self.before:.0f} MB by more than {GROWTH:.0f}"
        wire.close()

    def last_look(self) -> None:
        """The log of the server, and whether it is there."""
        log = self.server.log.read_text()
        if "RequestFailed" in log or "Traceback" in log or self.server.process.poll() is not None:
            self.finding = self.finding or (log.encode()[-20_000:], "a failure in the log of the server")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folders", nargs="*", type=Path, metavar="FOLDER", help="further letters to begin with")
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--seconds", type=int, default=3600, help="stop after this time")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--limit-ms", type=float, default=500, help="that an honest letter may wait")
    options = parser.parse_args()
    files = [file for folder in (TESTS / "letters", *options.folders) for file in sorted(folder.rglob("*.eml"))]
    letters = [file.read_bytes()[:16384] for file in files]
    with tempfile.TemporaryDirectory(prefix="sosie-fuzz-") as folder:
        server = start_server(Storage(Path(folder)))
        try:
            register(server, "Jane Roe", "jane@example.com")
            time.sleep(1)  # then it is in force, and known to be
            run = Run(server, letters, options)
            asyncio.run(run.go())
            run.last_look()
        finally:
            if server.process.poll() is None:
                server.stop()
    if run.finding:
        octets, what = run.finding
        file = Path(f"fuzz-http-{hashlib.sha256(octets).hexdigest()[:16]}")
        file.write_bytes(octets)
        print(f"{file}: {what}", file=sys.stderr)
        return 1
    said = ", ".join(f"{count} {status or 'ended'}" for status, count in sorted(run.statuses.items()))
    print(f"{run.statuses.total()} requests about {len(letters)} letters: {said}; an honest letter waited for "
          f"{run.slowest:.0f} ms at most: no finding")  # fmt: skip
    return 0


if __name__ == "__main__":
    sys.exit(main())
