"""A recorded message as a person reads it: what decides stands first, the whole header last."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sosie.api.investigate_view import OLD_OPERATIONS, reasons_of, recipients_of, status_of
from sosie.cli.output import visible
from sosie.detection.record import Record
from sosie.registry.entry import Entry
from sosie.store.records import Kept

_LABEL = 12  # columns of what stands before a value


def letter(kept: Kept, claimed: Sequence[Entry]) -> Iterator[str]:
    """The lines. `claimed` are the entries in whose name it was written, as far as they are still there."""
    record = kept.record
    for label, value in (*_decisive(record, claimed), *_circumstances(kept)):
        if value:
            yield f"{label:{_LABEL}}  {visible(value)}"
    yield from _findings(record)
    if kept.done:
        yield "\nSince then"
        for done in kept.done:
            change = f"{done.detail['before']} -> {done.detail['after']}" if done.detail else status_of(done).lower()
            yield visible(f"  {done.at}  {OLD_OPERATIONS[done.operation]} by {done.actor}: {change}")
    if record.header:
        yield "\nHeader"
        for name, value in record.header:
            yield visible(f"  {name}: {' '.join(value.split())}")


def _decisive(record: Record, claimed: Sequence[Entry]) -> Iterator[tuple[str, str]]:
    """What a person decides by: the name, the address that uses it, the addresses that were expected, and why."""
    names = list(dict.fromkeys(entry.name for entry in claimed))
    yield "Claims to be", ", ".join(names)
    used = [address for _, address in record.verdict.pairs if address] or [record.author.address]
    yield "Writes as", ", ".join(dict.fromkeys(used))
    yield "Expected", "; ".join(dict.fromkeys(_expected(entry) for entry in claimed))
    reasons = reasons_of(record)
    yield "Why", reasons[0] if reasons else "nothing was found that counts"
    found = (("dmarc", record.dmarc), ("spf", record.spf), ("dkim", record.dkim))
    told = ", ".join(f"{method} {result}" for method, result in found if result)
    yield "Proven", told or "nothing: no trusted host says anything of it"


def _circumstances(kept: Kept) -> Iterator[tuple[str, str]]:
    record = kept.record
    verdict, arrival = record.verdict, record.arrival
    held = f"{kept.disposition} (found: {verdict.disposition})"
    disposition = kept.disposition if kept.disposition == verdict.disposition else held
    yield "Disposition", f"{disposition}, score {verdict.score:.2f}, action {record.action}"
    yield "From", f"{record.author.name} <{record.author.address}>".strip()
    yield "Reply-To", f"{record.reply_to.name} <{record.reply_to.address}>".strip() if record.reply_to.address else ""
    yield "To", ", ".join(recipients_of(record))
    yield "Subject", record.subject
    yield "Judged", record.at
    yield "Sent", record.date
    yield "Came from", " ".join(filter(None, (arrival.envelope.ip, arrival.helo, _return_path(record))))
    yield "Source", arrival.source
    yield "Queue id", arrival.queue_id
    yield "Message-ID", verdict.message_id
    yield "ID", record.id


def _findings(record: Record) -> Iterator[str]:
    if record.verdict.findings:
        yield "\nFindings"
    for finding in sorted(record.verdict.findings, key=lambda one: -one.score):
        yield visible(f"  {finding.name}  {finding.score:.2f}  {finding.detection}  {finding.field}: {finding.value}")
        yield visible(f"      {finding.reason}")
        yield visible(f"      {finding.detail}")
    for exemption in record.verdict.exemptions:
        yield visible(f"  {exemption.name}: {exemption.reason}")


def _expected(entry: Entry) -> str:
    return f"what matches {entry.email}" if entry.is_email_regex else entry.email


def _return_path(record: Record) -> str:
    path = record.arrival.envelope.return_path
    return f"(envelope from {path})" if path else ""
