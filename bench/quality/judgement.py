"""sosie itself as the measure sees it: the one place that knows how the judgement is called."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from quality.letters import Person
from sosie.detection.examine import examine
from sosie.detection.history import Acquaintance
from sosie.detection.verdict import NONE, Verdict
from sosie.mail.message import Message
from sosie.registry.entry import EntryFields
from sosie.screening.corridor import screen
from sosie.screening.snapshot import Snapshot
from sosie.screening.standalone import snapshot_of

# What a mailbox would be kept from showing, in the words of the limits.
GRAVE = frozenset({"MALICIOUS", "MALICIOUS-BEC", "SPOOF"})


class Knowledge(NamedTuple):
    """What the judgement knows beside the entries."""

    authserv_ids: tuple[str, ...] = ()
    history: tuple[Acquaintance, ...] = ()


class Sosie:
    """Raw message -> Verdict, or None for one that is not flagged."""

    def __init__(self, people: Iterable[Person], knowledge: Knowledge) -> None:
        self.snapshot = snapshot(map(to_fields, people), knowledge)

    def __call__(self, raw: bytes) -> Verdict | None:
        """The verdict through the one corridor."""
        verdict = screen(raw, self.snapshot)
        return verdict if verdict.disposition != NONE else None


def snapshot(entries: Iterable[EntryFields], knowledge: Knowledge) -> Snapshot:
    """What one process would hold in memory for these entries."""
    return snapshot_of(entries, knowledge.history, knowledge.authserv_ids)


def judge_parsed(message: Message, held: Snapshot) -> Verdict:
    """The verdict on a message whose header is split already."""
    return examine(message, held.knowledge)


def to_fields(person: Person) -> EntryFields:
    """A person as an entry of the registry."""
    return EntryFields(person.name, ", ".join(person.addresses), is_email_regex=False)
