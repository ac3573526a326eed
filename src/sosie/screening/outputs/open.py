"""The outputs that are set, opened together, told together, closed together."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from sosie.detection.record import Record
from sosie.observe.observations import Observe
from sosie.screening.outputs.alert import Alert, BadOutput, Output
from sosie.screening.outputs.alert_file import AlertFile
from sosie.screening.outputs.courier import CLOSE_SECONDS, Courier
from sosie.screening.outputs.dead_letters import DeadLetters
from sosie.screening.outputs.signature import read_secrets
from sosie.screening.outputs.syslog import Syslog, read_address
from sosie.screening.outputs.webhook import Webhook, read_url

DEAD_LETTERS = "dead-alerts.jsonl"


class Places(NamedTuple):
    """As they are set, each empty for none; the dead letters are kept in `data_dir`."""

    data_dir: Path
    alert_file: str = ""
    syslog: str = ""
    webhook_url: str = ""
    webhook_secret_file: str = ""

    @property
    def dead_letters(self) -> DeadLetters:
        """What the webhook did not take."""
        return DeadLetters(self.data_dir / DEAD_LETTERS)


def open_outputs(places: Places) -> tuple[Output, ...]:
    """Every output that is set. Raises BadOutput."""
    found: list[Output] = []
    if places.alert_file:
        found.append(AlertFile(Path(places.alert_file)))
    if places.syslog:
        found.append(Syslog(read_address(places.syslog)))
    if places.webhook_url:
        found.append(open_webhook(places))
    return tuple(found)


def open_webhook(places: Places) -> Webhook:
    """The webhook. Raises BadOutput where it is not set as a whole."""
    if not places.webhook_url:
        raise BadOutput("SOSIE_WEBHOOK_URL is not set")
    if not places.webhook_secret_file:
        raise BadOutput("SOSIE_WEBHOOK_URL needs SOSIE_WEBHOOK_SECRET_FILE: nothing is sent unsigned")
    secrets = read_secrets(Path(places.webhook_secret_file))
    return Webhook(read_url(places.webhook_url), secrets, places.dead_letters)


class Outputs:
    """One courier for each output."""

    def __init__(self, outputs: Sequence[Output], observe: Observe) -> None:
        self._couriers = tuple(Courier(output, observe) for output in outputs)

    def start(self) -> None:
        """Begin, in the process that tells (threads do not survive a fork)."""
        for courier in self._couriers:
            courier.start()

    def send(self, account_id: str, record: Record) -> None:
        """Tell all of them. Never waits, never raises."""
        for courier in self._couriers:
            courier.send(Alert(account_id, record))

    def close(self) -> None:
        """Takes at most some seconds: call it in a thread, when the recorder is closed."""
        for courier in self._couriers:
            courier.stop()
        until = time.monotonic() + CLOSE_SECONDS
        for courier in self._couriers:
            courier.close(max(0.1, until - time.monotonic()))
