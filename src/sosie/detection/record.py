"""What is kept of a judged message: what its header says, how it came in, what was found."""

from __future__ import annotations

from itertools import islice
from typing import NamedTuple

from sosie.detection.arrival import Arrival
from sosie.detection.verdict import Verdict
from sosie.mail.mailbox import Mailbox
from sosie.mail.message import Message
from sosie.mail.trusted_results import TrustedResults

MAX_TEXT = 1000  # characters of a subject, a name, an address: a line of mail has at most 998 (RFC 5322, 2.1.1)
MAX_MAILBOXES = 50  # of To, of Cc, and of the envelope: as many as `Message.recipients` reads
MAX_HEADER_FIELDS = 200  # an honest message has 20 to 80
MAX_HEADER_SIZE = 32 * 1024  # octets of all that is kept of them

Field = tuple[str, str]


class Party(NamedTuple):
    """A display name and an address as they stand in a message, either of them empty where it is not there."""

    name: str
    address: str


class Record(NamedTuple):
    """`id` names it for ever; `at` is when it was judged, RFC 3339 with microseconds in UTC; `action` is what the door
    did. `spf`, `dkim` and `dmarc` are the results of trusted hosts (RFC 8601), empty without any. `raw` is the
    beginning of the message as it came; empty unless an administrator asks for it.
    """

    id: str
    at: str
    action: str
    arrival: Arrival
    verdict: Verdict
    subject: str
    author: Party
    reply_to: Party
    to: tuple[Party, ...]
    cc: tuple[Party, ...]
    date: str
    spf: str
    dkim: str
    dmarc: str
    header: tuple[Field, ...]
    raw: bytes = b""


class Written(NamedTuple):
    """What is known only when the record is made: its name, its moment, and what the door does."""

    id: str
    at: str
    action: str


def record_of(
    message: Message, verdict: Verdict, arrival: Arrival, results: TrustedResults, written: Written, raw: bytes = b""
) -> Record:
    """The record of a message that was judged."""
    envelope = arrival.envelope
    return Record(
        id=written.id,
        at=written.at,
        action=written.action,
        arrival=arrival._replace(
            envelope=envelope._replace(
                return_path=envelope.return_path[:MAX_TEXT],
                recipients=tuple(one[:MAX_TEXT] for one in envelope.recipients[:MAX_MAILBOXES]),
            ),
            helo=arrival.helo[:MAX_TEXT],
            queue_id=arrival.queue_id[:MAX_TEXT],
        ),
        verdict=verdict._replace(message_id=_text(verdict.message_id)),
        subject=_text(message.subject),
        author=_first(message.author),
        reply_to=_first(message.reply_to),
        to=tuple(map(_party, message.to[:MAX_MAILBOXES])),
        cc=tuple(map(_party, message.cc[:MAX_MAILBOXES])),
        date=message.date,
        spf=results.spf,
        dkim=results.dkim,
        dmarc=results.dmarc,
        header=_header(message),
        raw=raw,
    )


def _first(mailboxes: tuple[Mailbox, ...]) -> Party:
    return _party(mailboxes[0]) if mailboxes else Party("", "")


def _party(mailbox: Mailbox) -> Party:
    return Party(_text(mailbox.display_name), _text(mailbox.address_text))


def _text(text: str) -> str:
    """As much of it as is kept, well-formed: a lone surrogate can be written in no database and in no JSON."""
    return text[:MAX_TEXT].encode("utf-8", "replace").decode().replace("\0", "\N{REPLACEMENT CHARACTER}")


def _header(message: Message) -> tuple[Field, ...]:
    kept: list[Field] = []
    size = 0
    for name, octets in islice(message.header_section.written(), MAX_HEADER_FIELDS):
        size += len(name) + len(octets)
        if size > MAX_HEADER_SIZE:
            break
        value = octets.decode("utf-8", "replace").replace("\0", "\N{REPLACEMENT CHARACTER}")
        kept.append((name[:MAX_TEXT], value.strip()))
    return tuple(kept)
