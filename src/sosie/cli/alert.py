"""`sosie alert`: try the outputs, send again what the webhook did not take."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

import click

from sosie.cli.exit_status import DONE, PARTLY
from sosie.cli.options import json_option
from sosie.cli.output import Column, Table, note, write_json

if TYPE_CHECKING:
    from sosie.screening.outputs.alert import Alert, Output
    from sosie.screening.outputs.dead_letters import DeadLetters, Letter
    from sosie.screening.outputs.open import Places
    from sosie.screening.outputs.webhook import Webhook

NO_ACCOUNT = "0" * 32
FAILURES_IN_A_ROW = 3  # then the webhook is away, and the others need not be tried
_LETTER = (
    b"From: Jane Roe <jane.roe@freemail.example>\r\nTo: John Doe <john.doe@example.com>\r\n"
    b"Subject: A test of the alerts: nobody wrote this\r\nMessage-ID: <test@freemail.example>\r\n\r\n"
)


@click.group("alert")
def alert() -> None:
    """Try, and repeat, what tells people and machines of flagged messages.

    Where they are told is set by SOSIE_ALERT_FILE, SOSIE_ALERT_SYSLOG and SOSIE_WEBHOOK_URL.
    """


@alert.command("test")
@json_option
def test_command(*, as_json: bool) -> int:
    """Send one invented alert to every output that is set, once, and say what became of it.

    Exit status: 1 where an output did not take it.
    """
    outputs = _outputs()
    if not outputs:
        raise click.ClickException("no output is set: see SOSIE_ALERT_FILE, SOSIE_ALERT_SYSLOG and SOSIE_WEBHOOK_URL")
    invented = _invented()
    faults = [(output.kind, _fault_of(output, invented)) for output in outputs]
    if as_json:
        for kind, fault in faults:
            write_json({"output": kind, "taken": not fault, "reason": fault or None})
    else:
        table = Table(Column("OUTPUT"), Column("RESULT"))
        table.write((kind, fault or "taken") for kind, fault in faults)
    return PARTLY if any(fault for _, fault in faults) else DONE


@alert.command("resend")
@json_option
def resend_command(*, as_json: bool) -> int:
    """Send the webhook's dead letters again, each under its old id. What fails again stays a dead letter.

    Exit status: 1 where any failed.
    """
    from sosie.screening.outputs.alert import BadOutput
    from sosie.screening.outputs.open import open_webhook

    places = _places()
    try:
        webhook = open_webhook(places)
    except BadOutput as error:
        raise click.ClickException(str(error)) from None
    letters = places.dead_letters.take()
    failed = _resend(webhook, letters, places.dead_letters)
    places.dead_letters.done()
    if as_json:
        write_json({"sent": len(letters) - failed, "failed": failed})
    note(f"{len(letters) - failed} of {len(letters)} dead letters sent")
    return PARTLY if failed else DONE


def _resend(webhook: Webhook, letters: list[Letter], dead_letters: DeadLetters) -> int:
    """How many failed; they are dead letters again."""
    from sosie.screening.outputs.alert import Undelivered

    failed = in_a_row = 0
    for letter in letters:
        reason = letter.reason
        if in_a_row < FAILURES_IN_A_ROW:
            try:
                webhook.post(letter.id, letter.body)
            except Undelivered as error:
                reason = str(error)
            else:
                in_a_row = 0
                continue
        in_a_row += 1
        failed += 1
        dead_letters.append(letter._replace(reason=reason))
        note(f"{letter.id}: {reason}")
    return failed


def _places() -> Places:
    from sosie.config import read_config
    from sosie.screening.outputs.open import Places

    config = read_config()
    return Places(
        config.data_dir, config.alert_file, config.alert_syslog, config.webhook_url, config.webhook_secret_file
    )


def _outputs() -> tuple[Output, ...]:
    from sosie.screening.outputs.alert import BadOutput
    from sosie.screening.outputs.open import open_outputs

    try:
        return open_outputs(_places())
    except BadOutput as error:
        raise click.ClickException(str(error)) from None


def _fault_of(output: Output, invented: Alert) -> str:
    """Why the output did not take it; empty if it did."""
    from sosie.screening.outputs.alert import Undelivered

    try:
        output.deliver(invented)
    except Undelivered as error:
        return str(error)
    except OSError as error:
        reason = error.strerror or str(error)
        return f"{error.filename}: {reason}" if error.filename else reason
    finally:
        output.close()
    return ""


def _invented() -> Alert:
    """A letter in which an invented person is impersonated, judged as any other."""
    from sosie.detection.arrival import Arrival
    from sosie.detection.exemptions import Envelope
    from sosie.detection.record import Written, record_of
    from sosie.mail.message import Message
    from sosie.registry.entry import EntryFields
    from sosie.registry.moments import now_us, to_rfc3339
    from sosie.screening.corridor import screen_message
    from sosie.screening.outputs.alert import Alert
    from sosie.screening.standalone import snapshot_of

    message = Message.from_bytes(_LETTER)
    snapshot = snapshot_of([EntryFields("Jane Roe", "jane.roe@example.com", is_email_regex=False)])
    verdict = screen_message(message, snapshot)
    envelope = Envelope("jane.roe@freemail.example", ("john.doe@example.com",), "192.0.2.1")
    moment = now_us()
    written = Written(f"{moment:013x}{secrets.token_hex(4)}", to_rfc3339(moment), "accept")
    results = message.trusted_results(())
    return Alert(NO_ACCOUNT, record_of(message, verdict, Arrival("milter", envelope), results, written))
