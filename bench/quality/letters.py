"""The folder of letters: real mail to measure on, and attacks made from it. It is not part of the project.

SOSIE_LETTERS names it; the default stands beside the repository. What must be in it:

- `list-*.jsonl.gz`, `sa-*ham*.jsonl.gz`: `{"id": ..., "h": [[header name, raw value], ...]}`, a message a line, octets
  read as Latin-1, folded lines kept;
- `registry_dev.json`: `cut_time` (seconds since 1970; older messages are the past, younger ones the test),
  `people_in_order`, and per person `display` and `addresses` (with their counts);
- `attacks_dev.json`: `[person, class, display name, address, Reply-To, DMARC result or ""]`;
- `identities/*-uids.tsv`: person, tab, `Name (comment) <address>`.
"""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Iterator
from datetime import datetime
from email.utils import parsedate_to_datetime
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

REPOSITORY = Path(__file__).resolve().parents[2]

V1 = 350  # persons of the registry `v1`: as many as the largest product of this kind takes


class Letter(NamedTuple):
    """One real message: the file it is from, its octets, and when it was written (seconds since 1970; 0 unknown)."""

    source: str
    raw: bytes
    time: float


class Attack(NamedTuple):
    """One attack, as the file has it."""

    person: str
    kind: str
    display_name: str
    address: str
    reply_to: str
    dmarc: str


class Person(NamedTuple):
    """Somebody who is registered. `addresses`, the most used first."""

    name: str
    addresses: tuple[str, ...]


def folder() -> Path:
    """Where the letters are, or would be."""
    return (REPOSITORY / os.environ.get("SOSIE_LETTERS", "../shared/letters")).resolve()


class Letters:
    """The folder, each part read when it is asked for."""

    def __init__(self, place: Path) -> None:
        self.place = place

    @cached_property
    def _registry(self) -> dict[str, Any]:
        return json.loads((self.place / "registry_dev.json").read_bytes())

    @property
    def cut_time(self) -> float:
        """Where the past ends, in seconds since 1970."""
        return self._registry["cut_time"]

    @cached_property
    def people(self) -> dict[str, Person]:
        """Everybody, by the file's own key, the most frequent first, with all addresses of the past."""
        known = self._registry
        return {
            key: Person(known["display"][key], tuple(address for address, _ in known["addresses"][key]))
            for key in known["people_in_order"]
        }

    @cached_property
    def v1(self) -> list[Person]:
        """The most frequent people, each with the address used most."""
        return [Person(one.name, one.addresses[:1]) for one in list(self.people.values())[:V1]]

    @cached_property
    def attacks(self) -> list[Attack]:
        """All attacks."""
        return [Attack(*row) for row in json.loads((self.place / "attacks_dev.json").read_bytes())]

    def uids(self) -> list[list[str]]:
        """Per person of the key rings, what they call themselves."""
        people: dict[str, list[str]] = {}
        for file in sorted((self.place / "identities").glob("*-uids.tsv")):
            for line in file.read_text(encoding="utf-8", errors="replace").splitlines():
                person, _, uid = line.partition("\t")
                people.setdefault(person, []).append(uid)
        return list(people.values())

    def lists(self) -> Iterator[Letter]:
        """The mail of the lists, past and test, file by file."""
        for file in sorted(self.place.glob("list-*.jsonl.gz")):
            yield from _read(file)

    def ham(self) -> Iterator[Letter]:
        """Legitimate mail of another time and kind, without authentication results."""
        for file in sorted(self.place.glob("sa-*ham*.jsonl.gz")):
            yield from _read(file)


def _read(file: Path) -> Iterator[Letter]:
    source = file.name.partition(".")[0]
    with gzip.open(file) as stream:
        for line in stream:
            fields = json.loads(line)["h"]
            date = next((value for name, value in fields if name.lower() == "date"), "")
            yield Letter(source, _octets(fields), _moment(date))


def _octets(fields: list[list[str]]) -> bytes:
    header = "".join(f"{name}: {value}\n" for name, value in fields)
    return header.replace("\n", "\r\n").encode("latin-1", "replace") + b"\r\n"


def _moment(date: str) -> float:
    try:
        moment: datetime = parsedate_to_datetime(date)
        return moment.timestamp()
    except (ValueError, TypeError, OverflowError):
        return 0.0
