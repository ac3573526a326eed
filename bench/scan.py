"""What a scan costs: microseconds of CPU a message with the start of the program, on one core and on two, and memory.

A Maildir of 2,000 messages of some 3.5 kB is scanned with registries of 100, 1,000 and 10,000 people, by turns with one
job and with two; then a mailbox file with a million messages, while the memory of all its processes is looked at.
Run: python bench/scan.py [--mail FOLDER] [--rounds N] [--million N]
"""

from __future__ import annotations

import argparse
import csv
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from random import Random

from figures import Figure, median_of, print_table
from quality.compose import AUTHSERV_ID, compose, mailbox
from quality.namesakes import SEED, namesakes, rare_name

SOSIE = Path(sys.executable).with_name("sosie")
SIZES = 100, 1_000, 10_000
MESSAGES, MILLION = 2_000, 1_000_000
CPU = 80.0  # µs a message, with 100 people
FASTER = 1.7  # on two cores than on one
GROWTH = 10.0  # MiB from the first tenth of a million messages to the last
TRACE = b"Received: from relay%d.mail.example (relay%d.mail.example [192.0.2.%d])\r\n\tby mx%d.firm.example with ESMTPS id %08x\r\n\tfor <accounts@firm.example>; Tue, 14 Nov 2023 22:13:20 +0000\r\n"  # fmt: skip # noqa: E501
BODY = b"Dear all, this is one of the lines that a body is made of, and nobody looks at it.\r\n" * 25


def main() -> None:
    """Measure and print."""
    options = _options()
    with tempfile.TemporaryDirectory(prefix="sosie-scan-bench-") as folder:
        place = Path(folder)
        mail = options.mail or _maildir(place / "mail")
        figures = [one for size in SIZES for one in _cost(mail, _registry(place, size), size, options.rounds)]
        if options.million:
            figures += _memory(place, options.million)
    print_table("Scanning", figures)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scan", description=__doc__.partition("\n")[0])
    parser.add_argument("--mail", metavar="FOLDER", help="scan this instead of invented mail")
    parser.add_argument("--rounds", type=int, default=5, metavar="N")
    parser.add_argument("--million", type=int, default=MILLION, metavar="N", help="messages of the large mailbox file")
    return parser.parse_args()


def _letters(body: bytes) -> Iterator[bytes]:
    """Messages without end, the same ones every time; two of a hundred are attacks."""
    random = Random(SEED)
    people = list(namesakes(SIZES[0]))
    for number, other in enumerate(namesakes(10**9, SEED + 1)):
        kind = random.random()
        if kind < 0.02:
            author = mailbox(random.choice(people).name, f"desk{number}@freemail.example")
        elif kind < 0.2:
            person = random.choice(people)
            author = mailbox(person.name, person.addresses[0])
        elif kind < 0.4:
            author = mailbox(other.name, other.addresses[0])
        else:
            author = mailbox(rare_name(random), f"stranger{number}@elsewhere{number % 1000}.example")
        domain = author.rpartition("@")[2].rstrip(">")
        trace = b"".join(TRACE % (hop, hop, hop, hop, number) for hop in range(1, 6))
        yield trace + compose(author, number, results=[f"dmarc=pass header.from={domain}"]) + body


def _maildir(folder: Path) -> Path:
    for name in ("cur", "new", "tmp"):
        (folder / name).mkdir(parents=True)
    for number, raw in enumerate(islice(_letters(BODY), MESSAGES)):
        (folder / "cur" / f"{number:06}.bench:2,S").write_bytes(raw)
    return folder


def _registry(place: Path, size: int) -> Path:
    file = place / f"{size}.csv"
    with file.open("w", encoding="utf-8", newline="") as stream:
        rows = csv.writer(stream)
        rows.writerow(["Display_Name", "Email"])
        rows.writerows([person.name, ", ".join(person.addresses)] for person in namesakes(size))
    return file


def _command(mail: Path | str, registry: Path, jobs: int) -> list[str]:
    options = ["--json", "--registry", str(registry), "--authserv-id", AUTHSERV_ID, "--jobs", str(jobs)]
    return [str(SOSIE), "scan", *options, str(mail)]


def _cost(mail: Path | str, registry: Path, size: int, rounds: int) -> Iterator[Figure]:
    cpu: dict[int, list[float]] = {1: [], 2: []}
    wall: dict[int, list[float]] = {1: [], 2: []}
    messages = 0
    for _ in range(rounds):
        for jobs in (1, 2):
            began, before = time.perf_counter(), os.times()
            done = subprocess.run(_command(mail, registry, jobs), capture_output=True, check=False)
            after = os.times()
            messages = done.stdout.count(b"\n")
            spent = after.children_user + after.children_system - before.children_user - before.children_system
            cpu[jobs].append(spent / messages * 1e6)
            wall[jobs].append((time.perf_counter() - began) / messages * 1e6)
    for jobs in (1, 2):
        value, spread = median_of(cpu[jobs])
        limit = CPU if (size, jobs) == (SIZES[0], 1) else None
        what = f"{messages:,} messages, {size:,} people, {jobs} jobs: CPU"
        yield Figure("scan", "", what, value, "µs", limit, spread,
                     more={"wall": f"{median_of(wall[jobs])[0]:.1f} µs"})  # fmt: skip
    faster = [one / two for one, two in zip(wall[1], wall[2], strict=True)]
    value, spread = median_of(faster)
    yield Figure("scan", "", f"{size:,} people: faster on two", value, "×", spread=spread)


def _memory(place: Path, count: int) -> Iterator[Figure]:
    """How it grows, and how much faster two cores are where the start no longer counts."""
    archive = place / "archive.mbox"
    with archive.open("wb") as stream:
        for raw in islice(_letters(b"Yes.\r\n"), count):
            stream.write(b"From desk@mail.example Tue Nov 14 22:13:20 2023\n" + raw + b"\n")
    walls = []
    for jobs in (2, 1):
        sizes = []
        began = time.perf_counter()
        with (place / "out").open("wb") as output:
            running = subprocess.Popen(_command(archive, place / f"{SIZES[0]}.csv", jobs), stdout=output)
            while running.poll() is None:
                sizes.append(_proportional(running.pid))
                time.sleep(0.1)
        walls.append(time.perf_counter() - began)
        tenth = max(len(sizes) // 10, 1)
        early, late = max(sizes[tenth : 2 * tenth]), max(sizes[-2 * tenth : -tenth])
        yield Figure("scan", "", f"{count:,} messages, {jobs} jobs: memory (PSS)", late, "MiB",
                     more={"second tenth": f"{early:.1f}", "seconds": f"{walls[-1]:.0f}"})  # fmt: skip
        yield Figure("scan", "", f"{count:,} messages, {jobs} jobs: growth", late - early, "MiB", GROWTH)
    yield Figure("scan", "", f"{count:,} messages: time on one beside two", walls[1] / walls[0], "×",
                 more={"at least": FASTER})  # fmt: skip


def _proportional(pid: int) -> float:
    """MiB of a process and its children, what they share counted once."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    except OSError:
        return 0.0
    return sum(_pss(one) for one in (str(pid), *children)) / 1024


def _pss(pid: str) -> int:
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:")), 0)


if __name__ == "__main__":
    main()
