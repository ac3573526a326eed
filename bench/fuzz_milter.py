"""Look for a milter conversation that ends in anything but an answer, or an error that ends it.

    python bench/fuzz_milter.py --runs 100000 [--seconds 600] [--seed 1] [--limit-ms 50] [FOLDER...]

Conversations of a mail server about letters (of the tests, and of the FOLDERs given) are changed at random: octets and
packets are taken out, doubled, changed and moved, lengths lie. Each is given to a session in pieces of any length.
Looked for are exceptions other than MilterError, faults that the gate was told of, replies that are no packets, more
memory or time than the limits; and after each an honest conversation on a new session must end as ever. A finding is
written beside the present folder as `fuzz-milter-<digest>` and ends the run with status 1.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import struct
import sys
from collections.abc import Iterable
from pathlib import Path
from time import monotonic, process_time

from sosie.milter.incoming import FIELD_COST, MAX_HEADER
from sosie.milter.protocol import MAX_PACKET, MilterError, read_packets
from sosie.milter.session import Door, Session
from sosie.observe.observations import MessageUnscreened, Observation
from sosie.registry.entry import read_new_entry
from sosie.screening.gate import ALL, Gate
from sosie.screening.standalone import snapshot_of

LETTERS = Path(__file__).parents[1] / "tests" / "letters"
ENTRIES = [
    read_new_entry({"name": name, "email": email, "is_email_regex": False})
    for name, email in (("Jane Roe", "jane.roe@example.com"), ("John Doe", "john.doe@example.com"))
]
OFFERS = [
    struct.pack(">III", *offer)
    for offer in ((6, 0x1FF, 0x1FFFFF), (2, 0x3F, 0x7F), (4, 0xFF, 0x3FF), (6, 0x1, 0x0), (6, 0xFFFFFFFF, 0xFFFFFFFF))
]
MAX_HELD = MAX_HEADER + MAX_PACKET + FIELD_COST + (1 << 16)  # and the body that is asked for

FRAGMENTS = (
    b"X-Sosie-Finding\0 x\0",
    b"X-CFEmailSecurity-Disposition\0NONE\0",
    b"\0",
    b"\n",
    b"\r\n\r\n",
    b"{auth_authen}\0jane\0",
    b"<@:@>\0",
    b"4\0\x19192.0.2.1\0",
    b"\xff\xfe",
    b"From\0 Jane Roe <x@example.net>\0",
)
NUMBERS = (0, 1, 2, 0x7F, 0xFF, 0xFFFF, 0x10000, MAX_PACKET, MAX_PACKET + 1, 0x7FFFFFFF, 0xFFFFFFFF)


class Finding(Exception):
    """What is wrong."""


def packet(content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + content


HONEST = b"".join(map(packet, (b"O" + OFFERS[0], b"M<>\0", b"LFrom\0 Richard <r@partner.example>\0", b"E")))


def conversation(letter: bytes, dice: random.Random) -> list[bytes]:
    """What a mail server says about a letter."""
    header, _, body = letter.replace(b"\r\n", b"\n").partition(b"\n\n")
    fields: list[bytes] = []
    for line in header.split(b"\n"):
        if line[:1] in (b" ", b"\t") and fields:
            fields[-1] += b"\n" + line
        else:
            fields.append(line)
    said = [b"O" + dice.choice(OFFERS), b"DCj\0mx.example.com\0", b"Cclient.example.net\x004\0\x19192.0.2.1\0", b"Hx\0"]
    said += [b"DMi\x001\0", b"M<stranger@example.net>\0SIZE=1\0", b"R<staff@example.com>\0", b"T"]
    before = [b"DLi\x001\0"] * dice.randrange(2)  # Postfix sends the queue id before each field
    for name, _, value in (field.partition(b":") for field in fields):
        said += [*before, b"L%b\0%b\0" % (name, value)]
    return [*said, b"N", b"B" + body[:4096], b"DEi\x001\0", b"E", b"A", b"K", b"Q"]


def changed(said: list[bytes], dice: random.Random) -> bytes:
    """The same with up to six faults, as octets."""
    said = list(said)
    for _ in range(dice.randrange(4)):
        place = dice.randrange(len(said))
        kind = dice.randrange(6)
        if kind == 0:
            del said[place]
        elif kind == 1:
            said[place:place] = [said[place]] * int(1 + dice.expovariate(0.05))
        elif kind == 2:
            other = dice.randrange(len(said))
            said[place], said[other] = said[other], said[place]
        elif kind == 3:
            said[place] = said[place][: dice.randrange(len(said[place]) + 1)]
        elif kind == 4:
            said[place] += dice.choice(FRAGMENTS) * int(1 + dice.expovariate(0.1))
        else:
            said[place] = dice.choice(said)[:1] + dice.choice(FRAGMENTS)
        said = said or [b"Q"]
    octets = bytearray(b"".join(map(packet, said)))
    for _ in range(dice.randrange(3)):
        place = dice.randrange(max(1, len(octets) - 4))
        if dice.random() < 0.3:
            octets[place : place + 4] = struct.pack(">I", dice.choice(NUMBERS))
        else:
            octets[place : place + 1] = dice.randbytes(dice.randrange(3))
    return bytes(octets)


class Milter:
    """Sessions to one gate, and what the gate was told."""

    def __init__(self) -> None:
        snapshot = snapshot_of(ENTRIES)
        self.faults: list[str] = []
        self.gate = Gate(lambda _: snapshot, self._observe, kept=ALL, raw_kept=1000)

    def _observe(self, observation: Observation) -> None:
        if isinstance(observation, MessageUnscreened) and "Traceback" in observation.fault:
            self.faults.append(observation.fault)

    def converse(self, octets: bytes, dice: random.Random) -> bytes:
        """Say it in pieces; what is answered. Raises Finding."""
        session = Session(Door(self.gate, "account", "[FRAUD?]", dice.choice((0, 0, 100, 1 << 16))))
        answers, rest, start = b"", b"", 0
        while start < len(octets) and not session.over:
            end = start + int(1 + dice.expovariate(0.002))
            rest += octets[start:end]
            start = end
            try:
                packets, taken = read_packets(rest)
                answers += session.receive(packets)
            except MilterError:
                break
            rest = rest[taken:]
            if session.message.held > MAX_HELD:
                raise Finding(f"{session.message.held} octets are held")
        whole, taken = read_packets(answers)
        if taken != len(answers) or any(one[0] not in b"Oacsyhimq" for one in whole):
            raise Finding("answers that are none")
        if self.faults:
            raise Finding(self.faults.pop())
        return answers


def read_letters(folders: Iterable[Path]) -> list[bytes]:
    return [file.read_bytes()[:16384] for folder in folders for file in sorted(folder.rglob("*.eml"))]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folders", nargs="*", type=Path, metavar="FOLDER", help="further letters to begin with")
    parser.add_argument("--runs", type=int, default=100_000)
    parser.add_argument("--seconds", type=int, default=3600, help="stop after this time")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--limit-ms", type=float, default=50)
    options = parser.parse_args()
    dice = random.Random(options.seed)
    letters = read_letters([LETTERS, *options.folders])
    milter, ends, answered = Milter(), monotonic() + options.seconds, 0
    runs = 0
    while runs < options.runs and monotonic() < ends:
        octets = changed(conversation(dice.choice(letters), dice), dice)
        try:
            answered += examine(milter, octets, dice, options.limit_ms)
        except Exception as error:  # noqa: BLE001 - whatever a conversation raises is what is looked for
            file = Path(f"fuzz-milter-{hashlib.sha256(octets).hexdigest()[:16]}")
            file.write_bytes(octets)
            print(f"{file}: {type(error).__name__}: {error}", file=sys.stderr)
            return 1
        runs += 1
    print(f"{runs} conversations about {len(letters)} letters, {answered} of them answered: no finding")
    return 0


def examine(milter: Milter, octets: bytes, dice: random.Random, limit_ms: float) -> bool:
    """Hold one conversation, and an honest one after it; whether the first was answered. Raises Finding."""
    began = process_time()
    answers = milter.converse(octets, dice)
    took = (process_time() - began) * 1000
    if took > limit_ms and least(milter, octets, dice) > limit_ms:
        raise Finding(f"{took:.0f} ms")
    if not milter.converse(HONEST, dice).endswith(packet(b"a")):
        raise Finding("an honest message after it was not let through")
    return bool(answers)


def least(milter: Milter, octets: bytes, dice: random.Random) -> float:
    """Milliseconds of the fastest of three more: a garbage collection may fall into any of them."""
    times = []
    for _ in range(3):
        began = process_time()
        milter.converse(octets, dice)
        times.append((process_time() - began) * 1000)
    return min(times)


if __name__ == "__main__":
    sys.exit(main())
