"""What a scan costs: microseconds of CPU a message with the start of the program, on one core and on two, and memory.

A Maildir of 2,000 messages of some 3.5 kB is scanned with registries of 100, 1,000 and 10,000 people, whose indexes an
earlier scan has kept, by turns with one job and with two; then a mailbox file with a million messages, while the memory
of all its processes is looked at. What is kept for the words of names fills up in the first half of it, so growth
counts from there. With --cluster the million is scanned once more on a Dask cluster of two workers, one of which is
killed in the middle, and compared line by line.
Run: python bench/scan.py [--mail FOLDER] [--rounds N] [--million N] [--cluster]
"""

from __future__ import annotations

import argparse
import csv
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import islice, zip_longest
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from figures import Figure, median_of, print_table
from quality.compose import AUTHSERV_ID, compose, mailbox
from quality.namesakes import SEED, namesakes, rare_name
from sosie.detection.verdict import NONE, Verdict
from sosie.scan.judging import to_line
from sosie.scan.scanning import cuts_of
from sosie.scan.sources import source_of

SOSIE = Path(sys.executable).with_name("sosie")
SIZES = 100, 1_000, 10_000
MESSAGES, MILLION = 2_000, 1_000_000
START = 45.0  # ms, with 100 people
BESIDE = 15.0  # µs a message beside parsing and judging it
CPU = 80.0  # µs a message, with 100 people and the start
FASTER = 1.7  # on two cores than on one
GROWTH = 10.0  # MiB from the fifth tenth of a million messages to the ninth
TRACE = b"Received: from relay%d.mail.example (relay%d.mail.example [192.0.2.%d])\r\n\tby mx%d.firm.example with ESMTPS id %08x\r\n\tfor <accounts@firm.example>; Tue, 14 Nov 2023 22:13:20 +0000\r\n"  # fmt: skip # noqa: E501
BODY = b"Dear all, this is one of the lines that a body is made of, and nobody looks at it.\r\n" * 25


def main() -> None:
    """Measure and print."""
    options = _options()
    with tempfile.TemporaryDirectory(prefix="sosie-scan-bench-") as folder:
        place = Path(folder)
        os.environ["SOSIE_SNAPSHOT_DIR"] = str(place / "kept")
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed program is compiled already
        mail = options.mail or _maildir(place / "mail")
        figures = [_start(place, _registry(place, SIZES[0]), options.rounds), _beside(mail, options.rounds)]
        figures += [one for size in SIZES for one in _cost(mail, _registry(place, size), size, options.rounds)]
        if options.million:
            figures += _million(place, options.million, cluster=options.cluster)
    print_table("Scanning", figures)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scan", description=__doc__.partition("\n")[0])
    parser.add_argument("--mail", metavar="FOLDER", help="scan this instead of invented mail")
    parser.add_argument("--rounds", type=int, default=5, metavar="N")
    parser.add_argument("--million", type=int, default=MILLION, metavar="N", help="messages of the large mailbox file")
    parser.add_argument("--cluster", action="store_true", help="scan the large mailbox file on a Dask cluster too")
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


def _start(place: Path, registry: Path, rounds: int) -> Figure:
    """A scan of one letter."""
    (place / "one").mkdir()
    (place / "one/0.eml").write_bytes(next(_letters(BODY)))
    spent = []
    _run(_command(place / "one", registry, 1))
    for _ in range(4 * rounds):
        before = _spent()
        _run(_command(place / "one", registry, 1))
        spent.append((_spent() - before) * 1e3)
    value, spread = median_of(spent)
    return Figure("scan", "", f"one message, {SIZES[0]} people: CPU", value, "ms", START, spread)


def _beside(mail: Path | str, rounds: int) -> Figure:
    """Finding and reading letters, and a line of JSON for each."""
    verdict = Verdict("<1@mail.example>", NONE, 0.0, ())
    spent = []
    for _ in range(rounds):
        before = time.process_time()
        cuts = cuts_of([("mail", source_of(str(mail)))], None, lambda *_: None)
        lines = [to_line(letter.source, verdict) for cut in cuts for letter in cut.piece.letters()]
        spent.append((time.process_time() - before) / len(lines) * 1e6)
    value, spread = median_of(spent)
    return Figure("scan", "", "a message beside parsing and judging: CPU", value, "µs", BESIDE, spread)


def _cost(mail: Path | str, registry: Path, size: int, rounds: int) -> Iterator[Figure]:
    cpu: dict[int, list[float]] = {1: [], 2: []}
    wall: dict[int, list[float]] = {1: [], 2: []}
    messages = _run(_command(mail, registry, 1)).stdout.count(b"\n")
    for _ in range(rounds):
        for jobs in (1, 2):
            began, before = time.perf_counter(), _spent()
            _run(_command(mail, registry, jobs))
            cpu[jobs].append((_spent() - before) / messages * 1e6)
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


class _Scan(NamedTuple):
    output: Path
    seconds: float  # of the clock
    sizes: list[float]  # MiB of all processes, ten times a second


def _run(command: list[str]) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(command, capture_output=True, check=False)


def _spent() -> float:
    """Seconds of CPU of the programs that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _million(place: Path, count: int, *, cluster: bool) -> Iterator[Figure]:
    """How memory grows, how much faster two cores are where the start no longer counts, and what a cluster says."""
    archive = place / "archive.mbox"
    with archive.open("wb") as stream:
        for raw in islice(_letters(b"Yes.\r\n"), count):
            stream.write(b"From desk@mail.example Tue Nov 14 22:13:20 2023\n" + raw + b"\n")
    registry = place / f"{SIZES[0]}.csv"
    scans = {jobs: _scan(_command(archive, registry, jobs), place / f"out.{jobs}") for jobs in (2, 1)}
    for jobs, done in scans.items():
        tenth = max(len(done.sizes) // 10, 1)
        second, fifth, ninth = (max(done.sizes[n * tenth : (n + 1) * tenth]) for n in (1, 4, 8))
        yield Figure("scan", "", f"{count:,} messages, {jobs} jobs: memory (PSS)", ninth, "MiB",
                     more={"second tenth": f"{second:.1f}", "fifth": f"{fifth:.1f}", "seconds": f"{done.seconds:.0f}"})  # fmt: skip # noqa: E501
        yield Figure("scan", "", f"{count:,} messages, {jobs} jobs: growth", ninth - fifth, "MiB", GROWTH)
    yield Figure("scan", "", f"{count:,} messages: time on one beside two", scans[1].seconds / scans[2].seconds, "×",
                 more={"at least": FASTER})  # fmt: skip
    yield _compared(f"{count:,} messages: lines that two jobs say otherwise than one", scans[1], scans[2])
    if cluster:
        yield from _on_a_cluster(_command(archive, registry, 1), place / "out.cluster", scans[1])


def _scan(command: list[str], output: Path, meanwhile: Callable[[], None] = lambda: None) -> _Scan:
    sizes = []
    began = time.perf_counter()
    with output.open("wb") as stream:
        running = subprocess.Popen(command, stdout=stream)
        while running.poll() is None:
            sizes.append(_proportional(running.pid))
            meanwhile()
            time.sleep(0.1)
    return _Scan(output, time.perf_counter() - began, sizes)


def _compared(what: str, one: _Scan, other: _Scan) -> Figure:
    """How many lines differ; there must be some."""
    with one.output.open("rb") as mine, other.output.open("rb") as others:
        same = [left == right for left, right in zip_longest(mine, others)]
    assert same, "nothing was scanned"
    more = {"of": f"{len(same):,}", "seconds": f"{other.seconds:.0f}"}
    return Figure("scan", "", what, float(same.count(False)), "", 0.0, more=more)


def _on_a_cluster(command: list[str], output: Path, alone: _Scan) -> Iterator[Figure]:
    """Two workers of one thread each, in processes of their own; one is killed when half of the output is there."""
    import distributed  # noqa: PLC0415 - few ask for it

    killed: list[int] = []

    def kill_one(client: Any) -> None:
        if not killed and output.stat().st_size * 2 > alone.output.stat().st_size:
            busy = next((worker for worker, pieces in client.processing().items() if pieces), None)
            if busy is not None:
                killed.append(client.run(os.getpid, workers=[busy])[busy])
                os.kill(killed[0], signal.SIGKILL)

    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=None, host="127.0.0.1"
        ) as cluster,
        distributed.Client(cluster, set_as_default=False) as client,
    ):
        done = _scan([*command, "--cluster", cluster.scheduler_address], output, lambda: kill_one(client))
    assert killed, "no worker was killed: the scan was too short"
    yield _compared("lines that a cluster says otherwise, one worker of two killed midway", alone, done)


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
