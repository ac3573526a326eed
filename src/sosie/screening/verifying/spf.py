"""SPF (RFC 7208): whether a host may send in a domain's name."""

from __future__ import annotations

from typing import Any

import spf

from sosie.access.client_address import read_address
from sosie.detection.exemptions import Envelope
from sosie.likeness.domain_name import a_label_domain
from sosie.mail.address import Address
from sosie.screening.verifying.resolver import Questions, Undecided

# Octets of one term of a record. A domain has at most 253, and the library's pattern for one takes quadratic time.
MAX_TERM = 512
MAX_RECORD = 4 * 1024  # RFC 7208, 3.4 recommends that a record fit into 512; the longest have some 2 KiB
MAX_IDENTITY = 512  # octets of the return path and of the HELO name: macros repeat them (RFC 7208, 7)

PTR_SHARE = 3  # a third of the time that is left may be spent on the names of the client


def sender_of(envelope: Envelope, helo: str) -> Address | None:
    """The MAIL FROM identity (RFC 7208, 2.4): without a return path, postmaster at the HELO name; None without that.

    Its domain is in lower case.
    """
    path = envelope.return_path.strip().removeprefix("<").removesuffix(">")
    address = Address.from_header(path or f"postmaster@{helo}")
    if address is None or len(path or helo) > MAX_IDENTITY:
        return None
    domain = a_label_domain(address.domain)
    return Address(address.local_part, domain) if "." in domain and not domain.startswith("[") else None


def client_of(envelope: Envelope) -> str:
    """The address of the host that sent the message; empty where nobody says it. Nor does the mail server where a
    program of its own host hands a message in, or a filter hands it back: no domain lists 127.0.0.1."""
    client = read_address(envelope.ip.partition("%")[0])
    return "" if client is None or client.is_loopback else str(client)


def spf_of(sender: Address | None, envelope: Envelope, helo: str, questions: Questions) -> str:
    """The result in lower case (RFC 7208, 2.6): "none" without a sender; empty without the client's address."""
    client = client_of(envelope)
    if not client:
        return ""
    if sender is None:
        return "none"
    try:
        return str(_Query(client, sender, helo[:MAX_IDENTITY], questions).check()[0])
    except Exception:  # noqa: BLE001 - what the library stumbles over is malformed, however it stumbles
        return "permerror"


class _Query(spf.query):  # type: ignore[misc] # the library has no types
    """The library's evaluation, on our questions and within our bounds."""

    def __init__(self, client: str, sender: Address, helo: str, questions: Questions) -> None:
        super().__init__(i=client, s=f"postmaster@{sender.domain}", h=helo)
        self.l, self.s = sender.local_part, f"{sender.local_part}@{sender.domain}"  # there may be an @ in the first
        self._questions = questions

    def dns(self, name: str, qtype: str, cnames: Any = None, ignore_void: bool = False) -> list[Any]:  # noqa: ARG002, FBT001, FBT002 - the library's signature
        """The records of this kind. Raises what the library expects."""
        try:
            records = self._questions.ask(str(name), qtype)
        except Undecided as undecided:
            raise spf.TempError(f"no answer about {undecided}") from None
        if not records and not ignore_void:
            self.void_lookups += 1
            if self.void_lookups > spf.MAX_VOID_LOOKUPS:
                raise spf.PermError("too many look-ups that find nothing")
        return [(record,) for record in records] if qtype == "TXT" else list(records)

    def dns_spf(self, domain: str) -> str | None:
        """The record of a domain. Raises what the library expects."""
        record: str | None = super().dns_spf(domain)
        if record and (len(record) > MAX_RECORD or any(len(term) > MAX_TERM for term in record.split(" "))):
            raise spf.PermError("the record is too long")
        return record

    def validated_ptrs(self) -> list[str]:
        """The client's names. What its name servers do not say is no match, and no error (RFC 7208, 5.5): they are the
        sender's own, and so they get a part of the time only."""
        with self._questions.share(PTR_SHARE):
            try:
                names = self.dns_ptr(self.i)[: spf.MAX_PTR]
            except spf.TempError:
                return []
            return [name for name in names if self._is_clients(name)]

    def _is_clients(self, name: str) -> bool:
        try:
            return bool(self.cidrmatch(self.dns_a(name, self.A), self.cidrmax))
        except spf.TempError:
            return False

    def get_explanation(self, spec: str) -> None:
        """Nobody reads it: nothing is asked for it."""
