"""False alarms: legitimate mail that is flagged, per 10,000 messages and in distinct senders, by kind.

The kinds: `munged`, a list rewrote From, and whoever wrote to the list is registered with that address, or cannot be
told; `relayed`, a list rewrote From, and its author wrote from another address; `listed`, the address is one that is
registered for that person (of these, `dmarc` are those where a believed host wrote that DMARC failed: lists break
signatures); `same`, the person's own name, or an address known to be that person's, but not the registered address;
`other`, somebody else.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import NamedTuple
from unicodedata import combining, normalize

from quality.crowd import Detector, judge_all
from quality.hosts import Hosts, dmarc_result
from quality.letters import Letter, Person
from sosie.detection.verdict import Verdict
from sosie.mail.mailbox import read_mailboxes
from sosie.mail.message import Message

KINDS = ("same", "other", "munged", "relayed", "listed", "dmarc")
_PARENTHESES = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_WORD = re.compile(r"[^\W_]+")
_VIA = re.compile(r"\b(?:via|par|über|por|przez|tramite)\b", re.IGNORECASE)


class Alarm(NamedTuple):
    """A legitimate message that was flagged."""

    kind: str
    author: str
    sender: str
    verdict: Verdict
    raw: bytes


class Alarms(NamedTuple):
    """All of one run over `messages` messages."""

    messages: int
    alarms: list[Alarm]

    def rate(self, *, kinds: Iterable[str] = KINDS, dispositions: Iterable[str] = ()) -> float:
        """Flagged messages per 10,000."""
        return len(self._chosen(kinds, dispositions)) / max(1, self.messages) * 10_000

    def senders(self, *, kinds: Iterable[str] = KINDS, dispositions: Iterable[str] = ()) -> float:
        """Distinct sender addresses per 10,000 messages."""
        return len({alarm.sender for alarm in self._chosen(kinds, dispositions)}) / max(1, self.messages) * 10_000

    def dispositions(self) -> Counter[str]:
        """How many messages have which."""
        return Counter(alarm.verdict.disposition for alarm in self.alarms)

    def _chosen(self, kinds: Iterable[str], dispositions: Iterable[str]) -> list[Alarm]:
        kinds, dispositions = set(kinds), set(dispositions)
        return [
            alarm
            for alarm in self.alarms
            if alarm.kind in kinds and (not dispositions or alarm.verdict.disposition in dispositions)
        ]


class Judge:
    """Says of which kind a false alarm is, by what the folder knows of its people, and not by the detector's words."""

    def __init__(
        self,
        registered: Iterable[Person],
        everybody: Iterable[Person],
        past: Iterable[tuple[str, str]],
        hosts: Hosts,
    ) -> None:
        self.hosts = hosts
        self.registered = {address.casefold() for person in registered for address in person.addresses}
        known = [(person.name, address) for person in everybody for address in person.addresses]
        protected = {key for person in registered for key in _keys(person.name)}
        self.addresses = {address.casefold() for name, address in known if _keys(name) & protected}
        learnt = (name for name, address in past if address.casefold() in self.addresses)
        self.names = protected.union(*map(_keys, learnt))

    def kind(self, letter: Letter, message: Message) -> str:
        """One of KINDS."""
        addresses = {mailbox.address_text.casefold() for mailbox in message.author}
        if is_rewritten(message):
            original = original_addresses(message)
            return "relayed" if original and not original & self.registered else "munged"
        if addresses & self.registered:
            failed = dmarc_result(message, self.hosts.get(letter.source, ())) == "fail"
            return "dmarc" if failed else "listed"
        names = {key for mailbox in message.author for key in _keys(mailbox.display_name)}
        return "same" if names & self.names or addresses & self.addresses else "other"


def measure(detector: Detector, letters: Sequence[Letter], judge: Judge) -> Alarms:
    """The false alarms of one detector on mail that is taken to be legitimate."""
    alarms = []
    verdicts = judge_all(detector, [letter.raw for letter in letters])
    for letter, verdict in zip(letters, verdicts, strict=True):
        if verdict is not None:
            message = Message.from_bytes(letter.raw)
            author = ", ".join(f"{mailbox.display_name} <{mailbox.address_text}>" for mailbox in message.author)
            sender = message.author[0].address_text.casefold() if message.author else ""
            alarms.append(Alarm(judge.kind(letter, message), author, sender, verdict, letter.raw))
    return Alarms(len(letters), alarms)


def to_json(found: Alarms) -> dict[str, object]:
    """The figures of one run, without anybody's name."""
    return {
        "messages": found.messages,
        "flagged": found.rate(),
        "senders": found.senders(),
        "dispositions": dict(found.dispositions()),
        "kinds": {kind: [found.rate(kinds=(kind,)), found.senders(kinds=(kind,))] for kind in KINDS},
    }


def print_examples(title: str, found: Alarms, wanted: str, count: int) -> None:
    """One message of each of the first senders; `wanted` is a kind, a disposition or `any`."""
    chosen = [alarm for alarm in found.alarms if wanted in (alarm.kind, alarm.verdict.disposition, "any")]
    by_sender = {alarm.sender: alarm for alarm in chosen}
    print(f"\n{title}: {len(chosen)} messages of {len(by_sender)} senders")
    for alarm in list(by_sender.values())[:count]:
        print(f"  {alarm.kind} {alarm.verdict.disposition} {alarm.verdict.score:.2f} {alarm.author!r}")
        for finding in alarm.verdict.findings:
            print(f"      {finding.name}: {finding.reason}; {finding.detail}")


def words(name: str) -> tuple[str, ...]:
    """The words of a name without order, case, accents, punctuation and what stands in parentheses."""
    plain = "".join(c for c in normalize("NFKD", _PARENTHESES.sub(" ", name)) if not combining(c))
    return tuple(sorted(_WORD.findall(plain.casefold())))


def _keys(name: str) -> set[tuple[str, ...]]:
    """The words without initials, where two or more are left; and all letters without the spaces between them."""
    found = words(name)
    long = tuple(word for word in found if len(word) > 1)
    joined = "".join(_WORD.findall(_PARENTHESES.sub("", name))).casefold()
    return {long if len(long) > 1 else found, (joined,)} - {(), ("",)}


def original_addresses(message: Message) -> set[str]:
    """Of whoever wrote to the list, by what the list says of it."""
    fields = (message.header_section.named(name) for name in ("X-Original-From", "X-Original-Sender", "Reply-To"))
    posting = {mailbox.address_text.casefold() for mailbox in message.author}
    mailboxes = (mailbox for field in chain.from_iterable(fields) for mailbox in read_mailboxes(field.value).mailboxes)
    return {mailbox.address_text.casefold() for mailbox in mailboxes} - posting


def is_rewritten(message: Message) -> bool:
    """Whether a list or a gateway put its own address into From."""
    named = message.header_section.named
    authors = {mailbox.address_text.casefold() for mailbox in message.author}
    original = (mailbox for field in named("X-Original-From") for mailbox in read_mailboxes(field.value).mailboxes)
    if any(mailbox.address_text.casefold() not in authors for mailbox in original):
        return True
    posts = b" ".join(field.value for name in ("List-Post", "List-Id", "X-BeenThere") for field in named(name)).lower()
    for mailbox in message.author:
        address = mailbox.address_text.lower().encode("utf-8", "replace")
        if address and (address in posts or address.replace(b"@", b".") in posts):
            return True
        if _VIA.search(mailbox.display_name) and (named("Reply-To") or named("X-Original-Sender")):
            return True
    return any(b"devnull+" in mailbox.address_text.encode("utf-8", "replace") for mailbox in message.author)
