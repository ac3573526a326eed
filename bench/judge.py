"""What the judgement costs: microseconds a message with 100 and with 1,000,000 entries, and what the index takes.

A message is judged from its split header on: whatever facts the judgement asks for are read within the time. Each is
judged once, because a second time it would be remembered; the two registries take turns in one run. Beside it, what
twelve lines take that look the display name up. All of it is CPU time, but for the start.
Run: python bench/judge.py [--entries N] [--messages N]
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from random import Random
from statistics import quantiles

from figures import Figure, print_table
from quality.compose import AUTHSERV_ID, compose, mailbox
from quality.judgement import Knowledge, judge_parsed, snapshot, to_fields
from quality.letters import Person
from quality.namesakes import SEED, namesakes, rare_name
from sosie.mail.message import Message
from sosie.registry.entry import EntryFields

FEW, MANY, START = 100, 1_000_000, 100_000
MEDIAN, P99 = 60.0, 250.0  # µs
RATIO = 1.5
MEMORY, BUILD = 1024.0, 60.0  # MiB, s
READY = 3.0  # s
ROUNDS = 5
SOSIE = Path(sys.executable).with_name("sosie")

# Of a hundred messages: strangers of rare names, strangers who may be called as somebody registered, registered people
# from their own address, and the same from another.
MIX = {"stranger": 60, "namesake": 18, "registered": 20, "attack": 2}


def main() -> None:
    options = _options()
    if options.index:
        print(json.dumps(_build(options.index)))
        return
    figures = [*_judging(options.entries, options.messages), *_index(options.entries), _start()]
    print_table("Judging a message", figures)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="judge", description=__doc__.partition("\n")[0])
    parser.add_argument("--entries", type=int, default=MANY, metavar="N", help="of the large registry")
    parser.add_argument("--messages", type=int, default=10_000, metavar="N", help="judged with each registry")
    parser.add_argument("--index", type=int, metavar="N", help=argparse.SUPPRESS)
    return parser.parse_args()


def _judging(many: int, count: int) -> Iterator[Figure]:
    few = list(_entries(FEW))
    raws = list(islice(_letters(), count))
    naive = partial(_naive, {entry.name.casefold(): entry.email for entry in few})
    knowledge = Knowledge((AUTHSERV_ID,))
    judges: dict[str, Callable[[Message], object]] = {
        "naive, 12 lines": naive,
        f"{FEW} entries": partial(_judge, snapshot(few, knowledge)),
        f"{many:,} entries": partial(_judge, snapshot(_entries(many), knowledge)),
    }
    gc.collect()
    gc.freeze()
    taken = _take_turns(judges, raws)
    percentiles = {name: quantiles(times, n=100) for name, times in taken.items()}
    for name, places in percentiles.items():
        limited = name == f"{many:,} entries"
        yield Figure("judge", "", f"{name}: p50", places[49], "µs", MEDIAN if limited else None)
        yield Figure("judge", "", f"{name}: p99", places[98], "µs", P99 if limited else None)
    few_places, many_places = percentiles[f"{FEW} entries"], percentiles[f"{many:,} entries"]
    yield Figure("judge", "", f"{many:,} beside {FEW}: p50", many_places[49] / few_places[49], "×", RATIO)
    yield Figure("judge", "", f"{many:,} beside {FEW}: p99", many_places[98] / few_places[98], "×", RATIO)


def _take_turns(judges: dict[str, Callable[[Message], object]], raws: Sequence[bytes]) -> dict[str, list[float]]:
    """Microseconds of CPU that each judge took for each message, block by block in turn."""
    taken: dict[str, list[float]] = {name: [] for name in judges}
    block = max(1, len(raws) // 100)
    for start in range(0, len(raws), block):
        for name, judge in judges.items():
            for message in map(Message.from_bytes, raws[start : start + block]):
                began = time.thread_time_ns()
                judge(message)
                taken[name].append((time.thread_time_ns() - began) / 1000)
    return taken


def _judge(held: object, message: Message) -> object:
    return judge_parsed(message, held)


def _naive(known: dict[str, str], message: Message) -> bool:
    return any(
        known.get(mailbox.display_name.casefold(), mailbox.address_text) != mailbox.address_text
        for mailbox in message.author
    )


def _letters() -> Iterator[bytes]:
    """Messages without end, the same ones every time."""
    random = Random(SEED + 1)
    registered = list(namesakes(FEW))
    others = namesakes(10**9, SEED + 2)
    number = 0
    while True:
        number += 1
        (kind,) = random.choices(list(MIX), list(MIX.values()))
        person = random.choice(registered)
        if kind == "stranger":
            person = Person(rare_name(random), (f"stranger{number}@elsewhere{number % 1000}.example",))
        elif kind == "namesake":
            person = Person(next(others).name, (f"somebody{number}@elsewhere{number % 1000}.example",))
        elif kind == "attack":
            person = Person(person.name.upper(), (f"desk{number}@freemail.example",))
        (address,) = person.addresses
        result = f"dmarc=pass header.from={address.rpartition('@')[2]}"
        yield compose(mailbox(person.name, address), number, results=[result])


def _entries(count: int) -> Iterator[EntryFields]:
    return map(to_fields, namesakes(count))


def _index(many: int) -> Iterator[Figure]:
    """In a process of its own, so that its memory is the index's."""
    done = subprocess.run([sys.executable, __file__, "--index", str(many)], capture_output=True, check=True)
    built = json.loads(done.stdout)
    yield Figure("index", "", f"{many:,} entries: memory (RSS)", built["mebibytes"], "MiB", MEMORY)
    yield Figure("index", "", f"{many:,} entries: built (CPU)", built["seconds"], "s", BUILD)


def _build(count: int) -> dict[str, float]:
    began = time.process_time()
    for _ in _entries(count):
        pass
    inventing = time.process_time() - began
    before = _resident()
    began = time.process_time()
    held = snapshot(_entries(count), Knowledge())
    seconds = time.process_time() - began - inventing
    gc.collect()
    figures = {"mebibytes": (_resident() - before) / 2**20, "seconds": seconds}
    assert held is not None
    return figures


def _resident() -> int:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize()


def _start() -> Figure:
    """From the command to the verdict, with a database of 100,000 entries."""
    with tempfile.TemporaryDirectory(prefix="sosie-judge-") as folder:
        place = Path(folder)
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("SOSIE_")}
        environment = {**inherited, "SOSIE_DATA_DIR": str(place / "data")}
        rows = [f'"{person.name}",{person.addresses[0]}' for person in namesakes(START)]
        (place / "people.csv").write_text("\n".join(["Display_Name,Email", *rows]), encoding="utf-8")
        (place / "letter.eml").write_bytes(next(_letters()))
        for command in (["account", "create", "--name", "Bench"], ["entry", "import", str(place / "people.csv")]):
            subprocess.run([SOSIE, *command], env=environment, capture_output=True, check=True)
        times = []
        before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
        for _ in range(ROUNDS):
            began = time.perf_counter()
            subprocess.run(
                [SOSIE, "screen", str(place / "letter.eml")], env=environment, capture_output=True, check=False
            )
            times.append(time.perf_counter() - began)
        cpu = (resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before) / ROUNDS
    return Figure("start", "", f"{START:,} entries: first verdict (wall)", sorted(times)[ROUNDS // 2], "s", READY,
                  (min(times), max(times)), more={"CPU": f"{cpu:.1f} s"})  # fmt: skip


if __name__ == "__main__":
    main()
