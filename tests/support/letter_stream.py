"""A stream of numbered letters through a mail server, by several clients at once, and what became of each of them.

SOSIE_TEST_LETTERS says how many letters; 400 unless it does.
"""

from __future__ import annotations

import os
import re
import smtplib
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from email import message_from_bytes
from email.message import Message
from typing import NamedTuple

from support.postfix import Postfix, wait_for

LETTERS = int(os.environ.get("SOSIE_TEST_LETTERS", "400"))
CLIENTS = 4
PER_SESSION = 5  # Postfix asks no more in a session in which the milter has gone
FLAGGED = ("MALICIOUS-BEC", "SPOOF", "SUSPICIOUS")
UNJUDGED, CLEAN, TOLD = "unjudged", "clean", "flagged"


class Kind(NamedTuple):
    """What a letter is for, whom it says it is from, and the domain that it is to."""

    name: str
    author: str
    domain: str


class Answer(NamedTuple):
    """The mail server's, an SMTP code, and when the letter was begun and answered (time.monotonic)."""

    code: int
    began: float
    ended: float


class Stream:
    """Few letters are sent with a `pause` between them: so most of them find the milter there."""

    def __init__(self, postfix: Postfix, kinds: Sequence[Kind], pause: float) -> None:
        self._postfix = postfix
        self._kinds = kinds
        self._pause = pause
        self._numbers = list(range(LETTERS))[::-1]
        self.answers: dict[int, Answer] = {}
        self._clients = [threading.Thread(target=self._send) for _ in range(CLIENTS)]

    def kind_of(self, number: int) -> Kind:
        return self._kinds[number % len(self._kinds)]

    def run(self, blows: Sequence[Callable[[], object]]) -> None:
        """Send all letters, and strike meanwhile, as often and evenly as there are blows."""
        for client in self._clients:
            client.start()
        for number, strike in enumerate(blows):
            due = LETTERS * (number + 1) // (len(blows) + 1)
            wait_for(lambda due=due: len(self.answers) >= due, f"{due} letters", 600)
            strike()
        for client in self._clients:
            client.join()
        assert len(self.answers) == LETTERS

    def arrived(self) -> dict[int, Message]:
        """What has arrived, by its number, when all has that was taken. Raises AssertionError where one has twice."""
        taken = {number for number, answer in self.answers.items() if answer.code == 250}
        postfix = self._postfix
        wait_for(lambda: len(postfix.delivered_files()) >= len(taken) and not postfix.waiting(), "the letters", 120)
        letters = [message_from_bytes(one) for one in postfix.delivered()]
        counts = Counter(map(number_of, letters))
        assert set(counts) == taken
        assert set(counts.values()) <= {1}
        return {number_of(one): one for one in letters}

    def refused(self) -> dict[int, Answer]:
        return {number: answer for number, answer in self.answers.items() if answer.code != 250}

    def _send(self) -> None:
        """One client after the other, a few letters each, until there are no more."""
        while self._numbers:
            with self._postfix.client() as client:
                for _ in range(PER_SESSION):
                    try:
                        number = self._numbers.pop()
                    except IndexError:
                        return
                    time.sleep(self._pause)
                    began = time.monotonic()
                    code = self._send_one(client, number)
                    self.answers[number] = Answer(code, began, time.monotonic())

    def _send_one(self, client: smtplib.SMTP, number: int) -> int:
        _, author, domain = self.kind_of(number)
        recipient = f"jane@{domain}"
        try:
            client.sendmail("a@example.net", [recipient], letter(number, author))
        except smtplib.SMTPDataError as answer:
            return answer.smtp_code
        except smtplib.SMTPRecipientsRefused as answer:
            return int(answer.recipients[recipient][0])
        return 250


def letter(number: int, author: str) -> bytes:
    """It says of itself that it was judged, which nobody may."""
    return (
        f"From: {author}\r\nTo: jane@example.com\r\nSubject: Invoice {number}\r\nMessage-ID: <{number}@example.net>\r\n"
        f"X-CFEmailSecurity-Disposition: NONE\r\n\r\nPlease pay.\r\n"
    ).encode()


def number_of(one: Message) -> int:
    """Of a letter that has arrived."""
    return number_in(one["Message-ID"])


def number_in(message_id: str) -> int:
    """Raises TypeError for one that is not of a stream."""
    return int(re.match(r"<(\d+)@example\.net>", message_id)[1])


def told_of(one: Message) -> str:
    """What a letter that has arrived says about itself. Raises AssertionError where it says two things."""
    fields = one.get_all("X-CFEmailSecurity-Disposition") or []
    assert len(fields) <= 1
    if not fields:
        return CLEAN
    return UNJUDGED if fields == ["NONE"] else TOLD
