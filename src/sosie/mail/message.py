"""A message as a set of facts: what its header claims, without judging any of it.

Only the header section is read, and of that only the fields somebody asks for: each fact is worked out at its first use
and kept.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from functools import lru_cache
from itertools import chain, islice
from typing import NamedTuple, Self

from sosie.mail.address import Address
from sosie.mail.address_list import MAX_TOKENS
from sosie.mail.authentication_results import (
    AuthenticationResults,
    read_all_arc_authentication_results,
    read_all_authentication_results,
    read_signing_domains,
)
from sosie.mail.content_type import PLAIN_TEXT, ContentType, read_content_type, read_keyword
from sosie.mail.date_time import read_date_time
from sosie.mail.defect import NO_DEFECTS, Defect
from sosie.mail.encoded_words import Decoded, decode_octets, decode_text
from sosie.mail.fact import fact
from sosie.mail.header_fields import (
    MAX_HEADER_FIELDS,
    MAX_HEADER_SECTION_SIZE,
    HeaderField,
    HeaderSection,
    read_header_section,
)
from sosie.mail.mailbox import Mailbox, MailboxList, read_mailboxes
from sosie.mail.mailing_list import MailingList, read_mailing_list
from sosie.mail.trusted_results import TrustedResults, is_trusted, trusted_results_in

# Of one name: the first ones and the last, because programs that expect one take either. RFC 5322, 3.6 allows one, and
# forgeries have two or three. Without a limit, a header of From fields alone would cost thousands of honest ones. And
# together they may have as many tokens as one field alone (MAX_TOKENS).
MAX_ADDRESS_FIELDS = 8

# Of To and Cc together, or of Delivered-To and its like: who is asked for is among the first, or the message is a mass
# mailing. A letter to fifty people is one already.
MAX_RECIPIENTS = 50

MAX_LIST_SIZE = 8 * 1024  # octets of To or Cc and the like; these are a hundred mailboxes

# Octets of a field that has one address, such as Return-Path: four times the longest path (RFC 5321, 4.5.3.1.3).
MAX_ADDRESS_SIZE = 1024

_FORWARDED = frozenset({b"resent-from", b"x-forwarded-to", b"x-forwarded-for"})

# RFC 5322, 3.6: at most one of each.
_REPEATED = {
    b"from": Defect.REPEATED_FROM,
    b"sender": Defect.REPEATED_SENDER,
    b"reply-to": Defect.REPEATED_REPLY_TO,
    b"subject": Defect.REPEATED_SUBJECT,
    b"message-id": Defect.REPEATED_MESSAGE_ID,
}


class _Header(NamedTuple):
    header_section: HeaderSection


class Message(_Header):
    """The facts of one message (RFC 5322). Immutable; equal if the header sections are."""

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

    @fact
    def author_defects(self) -> frozenset[Defect]:
        """What is wrong with From."""
        return self._from.defects if b"from" in self.header_section.names else frozenset({Defect.MISSING_FROM})

    @property
    def sender_defects(self) -> frozenset[Defect]:
        """What is wrong with the Sender field; nothing where there is none."""
        return self._sender.defects if b"sender" in self.header_section.names else NO_DEFECTS

    @property
    def reply_to_defects(self) -> frozenset[Defect]:
        """What is wrong with Reply-To; nothing where there is none."""
        return self._reply_to.defects if b"reply-to" in self.header_section.names else NO_DEFECTS

    @fact
    def defects(self) -> frozenset[Defect]:
        """What is wrong with the header section and with the fields that this class reads."""
        return self.header_section.defects.union(
            self.author_defects,
            self._sender.defects,
            self._reply_to.defects,
            self._subject.defects,
            self._message_id.defects,
        )

    @fact
    def recipients(self) -> tuple[Mailbox, ...]:
        """The mailboxes of To and Cc (RFC 5322, 3.6.3), at most MAX_RECIPIENTS."""
        return tuple(islice(self._read(b"to", b"cc"), MAX_RECIPIENTS))

    @fact
    def to(self) -> tuple[Mailbox, ...]:
        """The mailboxes of To (RFC 5322, 3.6.3), as many as a sensible one has."""
        return tuple(self._read(b"to"))

    @fact
    def cc(self) -> tuple[Mailbox, ...]:
        """The mailboxes of Cc (RFC 5322, 3.6.3), as many as a sensible one has."""
        return tuple(self._read(b"cc"))

    @fact
    def date(self) -> str:
        """The first Date (RFC 5322, 3.6.1) as RFC 3339 with whole seconds in UTC; empty where it cannot be read."""
        values = self.header_section.values(b"date")
        return read_date_time(values[0]) if values else ""

    @fact
    def delivered_to(self) -> tuple[Address, ...]:
        """To whom the mail systems on the way delivered: Delivered-To (RFC 9228), X-Original-To and Envelope-To."""
        return self._addresses(b"delivered-to", b"x-original-to", b"envelope-to")

    @fact
    def return_path(self) -> Address | None:
        """The topmost Return-Path (RFC 5321, 4.4), which final delivery adds; before it, only the envelope knows."""
        path = self._return_path
        return Address.from_header(path.partition(":")[2] if path.startswith("@") else path)  # without a source route

    @property
    def null_reverse_path(self) -> bool:
        """Whether the topmost Return-Path is `<>`: the message of a mail system about another (RFC 5321, 4.5.5)."""
        return self._return_path == "" and b"return-path" in self.header_section.names

    @fact
    def resent_from(self) -> tuple[Mailbox, ...]:
        """The mailboxes of Resent-From (RFC 5322, 3.6.6): who passed the message on, the last one first."""
        return tuple(self._read(b"resent-from"))

    @fact
    def resent_sender(self) -> tuple[Mailbox, ...]:
        """The mailboxes of Resent-Sender (RFC 5322, 3.6.6)."""
        return tuple(self._read(b"resent-sender"))

    @fact
    def original_from(self) -> tuple[Mailbox, ...]:
        """The From that a mediator has replaced: X-Original-From (Google Groups), X-Google-Original-From (Gmail)."""
        return tuple(self._read(b"x-original-from", b"x-google-original-from"))

    @fact
    def original_sender(self) -> Address | None:
        """The address of X-Original-Sender, which Google Groups writes."""
        return next(iter(self._addresses(b"x-original-sender")), None)

    @fact
    def mailing_list(self) -> MailingList | None:
        """The mailing list that the header names, if any."""
        return read_mailing_list(self.header_section)

    @fact
    def precedence(self) -> str:
        """The first word of Precedence, in lower case: "list", "bulk", "junk", or empty (RFC 3834, 3.1.8)."""
        return self._keyword(b"precedence")

    @fact
    def auto_submitted(self) -> str:
        """The keyword of Auto-Submitted: "auto-generated", "auto-replied", "no" ..., or empty (RFC 3834, 5)."""
        return self._keyword(b"auto-submitted")

    @fact
    def content_type(self) -> ContentType:
        """The first Content-Type (RFC 2045, 5.1); text/plain where there is none."""
        values = self.header_section.values(b"content-type")
        return read_content_type(values[0]) if values else PLAIN_TEXT

    @property
    def is_report(self) -> bool:
        """Whether this is a multipart/report (RFC 6522): a bounce, a receipt, a complaint; see `report_type`."""
        return self.content_type.media_type == "multipart/report"

    @property
    def report_type(self) -> str:
        """Of a report, in lower case: "delivery-status", "disposition-notification", "feedback-report"; else empty."""
        return self.content_type.parameters.get("report-type", "").lower() if self.is_report else ""

    @property
    def is_calendar(self) -> bool:
        """Whether the whole message is a calendar object (RFC 6047, 2.4); one beside a text is in the body, unseen."""
        return self.content_type.media_type in ("text/calendar", "application/ics")

    @property
    def is_forwarded_message(self) -> bool:
        """Whether the header says that it was passed on: Resent-From, Gmail's X-Forwarded-To, or message/rfc822."""
        if not _FORWARDED.isdisjoint(self.header_section.names):
            return True
        return self.content_type.media_type == "message/rfc822"

    @fact
    def dkim_signing_domains(self) -> tuple[str, ...]:
        """The d= of all DKIM-Signatures (RFC 6376, 3.5), in lower case: claims, not verified here."""
        return read_signing_domains(self.header_section)

    @fact
    def authentication_results(self) -> tuple[AuthenticationResults, ...]:
        """All Authentication-Results (RFC 8601), topmost first, whoever wrote them."""
        return tuple(read_all_authentication_results(self.header_section))

    @fact
    def arc_authentication_results(self) -> tuple[AuthenticationResults, ...]:
        """All ARC-Authentication-Results (RFC 8617, 4.1.1), topmost first: claims of the hosts that sealed them."""
        return tuple(read_all_arc_authentication_results(self.header_section))

    def trusted_results(self, trusted_authserv_ids: Collection[str]) -> TrustedResults:
        """What the hosts of these authserv-ids, in any case, have found: see `trusted_results`."""
        return trusted_results_in(self.header_section, _lowered(frozenset(trusted_authserv_ids)))

    def foreign_results(self, trusted_authserv_ids: Iterable[str]) -> tuple[AuthenticationResults, ...]:
        """The Authentication-Results of all other hosts: claims, of which the sender may have written any."""
        trusted = _lowered(frozenset(trusted_authserv_ids))
        return tuple(field for field in self.authentication_results if not is_trusted(field, trusted))

    @fact
    def _from(self) -> MailboxList:
        return self._mailboxes(b"from")

    @fact
    def _sender(self) -> MailboxList:
        return self._mailboxes(b"sender")

    @fact
    def _reply_to(self) -> MailboxList:
        return self._mailboxes(b"reply-to")

    @fact
    def _subject(self) -> Decoded:
        return self._first(b"subject", decode_text)

    @fact
    def _message_id(self) -> Decoded:
        return self._first(b"message-id", decode_octets)

    @fact
    def _return_path(self) -> str:
        """The topmost Return-Path without angle brackets, route and all; empty if there is none."""
        values = self.header_section.values(b"return-path")
        text = decode_octets(values[0][:MAX_ADDRESS_SIZE]).text.strip() if values else ""
        return text[1 : text.rfind(">")].strip() if text.startswith("<") and ">" in text else text

    def _keyword(self, name: bytes) -> str:
        values = self.header_section.values(name)
        return read_keyword(values[0]) if values else ""

    def _read(self, *names: bytes) -> Iterator[Mailbox]:
        """What nobody is judged by: of the first two fields of each name, as much as a sensible one has."""
        for name in names:
            for value in self.header_section.values(name)[:2]:
                found = read_mailboxes(value[:MAX_LIST_SIZE]).mailboxes
                yield from found if len(value) <= MAX_LIST_SIZE else found[:-1]  # the last one may be cut

    def _addresses(self, *names: bytes) -> tuple[Address, ...]:
        values = chain.from_iterable(self.header_section.values(name)[:MAX_ADDRESS_FIELDS] for name in names)
        lists = (read_mailboxes(value).mailboxes for value in values if len(value) <= MAX_ADDRESS_SIZE)
        found = filter(None, (mailbox.address for mailbox in chain.from_iterable(lists)))
        return tuple(dict.fromkeys(islice(found, MAX_RECIPIENTS)))

    def _mailboxes(self, name: bytes) -> MailboxList:
        values = self.header_section.values(name)
        if len(values) == 1:
            return read_mailboxes(values[0])
        first_and_last = values[: MAX_ADDRESS_FIELDS - 1] + values[MAX_ADDRESS_FIELDS - 1 :][-1:]
        lists = [read_mailboxes(value, MAX_TOKENS // len(first_and_last)) for value in first_and_last]
        defects = set(chain.from_iterable(each.defects for each in lists))
        if values:
            defects.add(_REPEATED[name])
        if len(values) > MAX_ADDRESS_FIELDS:
            defects.add(Defect.TOO_MANY_ADDRESS_FIELDS)
        return MailboxList(tuple(chain.from_iterable(each.mailboxes for each in lists)), frozenset(defects))

    def _first(self, name: bytes, decode: Callable[[bytes], Decoded]) -> Decoded:
        values = self.header_section.values(name)
        if not values:
            return Decoded("")
        decoded = decode(values[0])
        return decoded if len(values) == 1 else Decoded(decoded.text, decoded.defects | {_REPEATED[name]})


@lru_cache(maxsize=64)  # a process trusts the same hosts for weeks
def _lowered(authserv_ids: frozenset[str]) -> frozenset[str]:
    return frozenset(authserv_id.lower() for authserv_id in authserv_ids)
