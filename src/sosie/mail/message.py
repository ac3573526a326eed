"""A message as a set of facts: what its header claims, without judging any of it.

Only the header section is read, and of that only the fields somebody asks for: each fact is worked out at its first use
and kept.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Self

from sosie.mail.defect import Defect
from sosie.mail.encoded_words import Decoded, decode_octets, decode_text
from sosie.mail.header_fields import (
    MAX_HEADER_FIELDS,
    MAX_HEADER_SECTION_SIZE,
    HeaderField,
    HeaderSection,
    read_header_section,
)
from sosie.mail.mailbox import Mailbox, MailboxList, read_mailboxes

# Of one name: the first ones and the last, because programs that expect one take either. RFC 5322, 3.6 allows one, and
# forgeries have two or three. Without a limit, a header of From fields alone would cost thousands of honest ones.
MAX_ADDRESS_FIELDS = 8

# RFC 5322, 3.6: at most one of each.
_REPEATED = {
    "From": Defect.REPEATED_FROM,
    "Sender": Defect.REPEATED_SENDER,
    "Reply-To": Defect.REPEATED_REPLY_TO,
    "Subject": Defect.REPEATED_SUBJECT,
    "Message-ID": Defect.REPEATED_MESSAGE_ID,
}


@dataclass(frozen=True)
class Message:
    """The facts of one message (RFC 5322). Immutable; equal if the header sections are."""

    header_section: HeaderSection

    @classmethod
    def from_bytes(
        cls,
        raw: bytes,
        *,
        max_header_section_size: int = MAX_HEADER_SECTION_SIZE,
        max_header_fields: int = MAX_HEADER_FIELDS,
    ) -> Self:
        """Take a message, or its header section alone, as it was received or stored. Never raises."""
        return cls(read_header_section(raw, max_size=max_header_section_size, max_fields=max_header_fields))

    @property
    def header_fields(self) -> tuple[HeaderField, ...]:
        """All fields in their order, with raw values."""
        return self.header_section.fields

    @property
    def author(self) -> tuple[Mailbox, ...]:
        """The mailboxes of From (RFC 5322, 3.6.2): of all From fields, if there are several."""
        return self._from.mailboxes

    @property
    def sender(self) -> tuple[Mailbox, ...]:
        """The mailbox of the Sender field (RFC 5322, 3.6.2); more than one only where the message is malformed."""
        return self._sender.mailboxes

    @property
    def reply_to(self) -> tuple[Mailbox, ...]:
        """The mailboxes of Reply-To (RFC 5322, 3.6.2)."""
        return self._reply_to.mailboxes

    @property
    def message_id(self) -> str:
        """The first Message-ID as it stands, with its angle brackets (RFC 5322, 3.6.4); empty if there is none."""
        return self._message_id.text

    @property
    def subject(self) -> str:
        """The first Subject, decoded (RFC 5322, 3.6.5); empty if there is none."""
        return self._subject.text

    @cached_property
    def author_defects(self) -> frozenset[Defect]:
        """What is wrong with From."""
        return self._from.defects if self.header_section.named("From") else frozenset({Defect.MISSING_FROM})

    @cached_property
    def defects(self) -> frozenset[Defect]:
        """What is wrong with the header section and with the fields that this class reads."""
        return self.header_section.defects.union(
            self.author_defects,
            self._sender.defects,
            self._reply_to.defects,
            self._subject.defects,
            self._message_id.defects,
        )

    @cached_property
    def _from(self) -> MailboxList:
        return self._mailboxes("From")

    @cached_property
    def _sender(self) -> MailboxList:
        return self._mailboxes("Sender")

    @cached_property
    def _reply_to(self) -> MailboxList:
        return self._mailboxes("Reply-To")

    @cached_property
    def _subject(self) -> Decoded:
        return self._first("Subject", decode_text)

    @cached_property
    def _message_id(self) -> Decoded:
        return self._first("Message-ID", decode_octets)

    def _mailboxes(self, name: str) -> MailboxList:
        fields = self.header_section.named(name)
        if len(fields) == 1:
            return read_mailboxes(fields[0].value)
        first_and_last = fields[: MAX_ADDRESS_FIELDS - 1] + fields[MAX_ADDRESS_FIELDS - 1 :][-1:]
        lists = [read_mailboxes(field.value) for field in first_and_last]
        defects = set(chain.from_iterable(each.defects for each in lists))
        if fields:
            defects.add(_REPEATED[name])
        if len(fields) > MAX_ADDRESS_FIELDS:
            defects.add(Defect.TOO_MANY_ADDRESS_FIELDS)
        return MailboxList(tuple(chain.from_iterable(each.mailboxes for each in lists)), frozenset(defects))

    def _first(self, name: str, decode: Callable[[bytes], Decoded]) -> Decoded:
        fields = self.header_section.named(name)
        if not fields:
            return Decoded("")
        decoded = decode(fields[0].value)
        return decoded if len(fields) == 1 else Decoded(decoded.text, decoded.defects | {_REPEATED[name]})
