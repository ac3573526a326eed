"""The milter is killed, told to stop, frozen and fed another registry under a stream of letters: none is lost.

SOSIE_TEST_LETTERS says how many letters; 400 unless it does.
"""

from __future__ import annotations

import json
import os
import re
import signal
import smtplib
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from email import message_from_bytes

from support.milter import ENTRIES, Milter
from support.postfix import Postfix, open_folder, wait_for

LETTERS = int(os.environ.get("SOSIE_TEST_LETTERS", "400"))
CLIENTS = 4
PER_SESSION = 10
# As often something happens to the milter; few letters are sent slowly, so that most of them find it there.
BLOWS, PAUSE = (4, 0.08) if LETTERS < 2000 else (8, 0.0)
FLAGGED = ("MALICIOUS-BEC", "SPOOF", "SUSPICIOUS")

LATER = ("Martin Vance", "martin.vance@example.com")  # who is in the registry after a while only
KINDS = (
    ("honest", "Richard Miles <richard@partner.example>", "example.com"),
    ("tagged", "Jane Roe <jane.roe@bulk.example>", "example.com"),
    ("refused", "John Doe <john.doe@bulk.example>", "strict.example"),
    ("later", "Martin Vance <martin.vance@bulk.example>", "example.com"),
    ("honest", "Susan Pike <susan@partner.example>", "strict.example"),
)


@dataclass
class Sent:
    """What became of each letter, by its number, as the mail server answered: an SMTP code."""

    codes: dict[int, int] = field(default_factory=dict)
    numbers: list[int] = field(default_factory=lambda: list(range(LETTERS))[::-1])


def kind_of(number: int) -> str:
    return KINDS[number % len(KINDS)][0]


def letter(number: int) -> bytes:
    author = KINDS[number % len(KINDS)][1]
    return (
        f"From: {author}\r\nTo: jane@example.com\r\nSubject: Invoice {number}\r\nMessage-ID: <{number}@example.net>\r\n"
        f"X-CFEmailSecurity-Disposition: NONE\r\n\r\nPlease pay.\r\n"
    ).encode()


def send_on(postfix: Postfix, sent: Sent) -> None:
    """One client after the other, a few letters each, until there are no more."""
    while sent.numbers:
        with postfix.client() as client:
            for _ in range(PER_SESSION):
                try:
                    number = sent.numbers.pop()
                except IndexError:
                    return
                time.sleep(PAUSE)
                recipient = f"jane@{KINDS[number % len(KINDS)][2]}"
                try:
                    client.sendmail("a@example.net", [recipient], letter(number))
                    sent.codes[number] = 250
                except smtplib.SMTPDataError as answer:
                    sent.codes[number] = answer.smtp_code
                except smtplib.SMTPRecipientsRefused as answer:
                    sent.codes[number] = answer.recipients[recipient][0]


def strike(milter: Milter, number: int) -> None:
    """Something that happens to a process; afterwards it is there again."""
    if number % 4 == 3:
        milter.process.send_signal(signal.SIGSTOP)
        time.sleep(0.3)
        milter.process.send_signal(signal.SIGCONT)
        return
    milter.stop(signal.SIGKILL if number % 2 else signal.SIGTERM)
    time.sleep(0.1)
    if number == BLOWS // 2:
        milter.write_registry((*ENTRIES, LATER))
    milter.start()


def test_every_letter_arrives_or_is_answered():
    """Each that was taken is there, once; each that was refused is not; nobody honest was refused; and what was judged
    says so in one header field that we wrote."""
    actions = [part for one in FLAGGED for part in ("--action", f"strict.example:{one}=reject")]
    sent = Sent()
    with open_folder() as folder, Milter(folder, "", *actions) as milter:
        with Postfix(smtpd_milters=milter.address, virtual_mailbox_domains="example.com, strict.example") as postfix:
            clients = [threading.Thread(target=send_on, args=(postfix, sent)) for _ in range(CLIENTS)]
            for one in clients:
                one.start()
            for number in range(BLOWS):
                due = LETTERS * (number + 1) // (BLOWS + 1)
                wait_for(lambda due=due: len(sent.codes) >= due, f"{due} letters", 600)
                strike(milter, number)
            for one in clients:
                one.join()
            taken = {number for number, code in sent.codes.items() if code == 250}
            wait_for(lambda: len(postfix.delivered_files()) >= len(taken) and not postfix.waiting(), "the letters", 120)
            arrived = [message_from_bytes(one) for one in postfix.delivered()]
        assert "Traceback" not in milter.log.read_text()

    counts = Counter(int(re.match(r"<(\d+)@", one["Message-ID"])[1]) for one in arrived)
    assert len(sent.codes) == LETTERS
    assert set(counts) == taken
    assert set(counts.values()) <= {1}
    refused = {number for number, code in sent.codes.items() if code != 250}
    assert {kind_of(number) for number in refused} <= {"refused"}
    assert {sent.codes[number] for number in refused} <= {550}

    told = Counter()
    for one in arrived:
        kind = kind_of(int(re.match(r"<(\d+)@", one["Message-ID"])[1]))
        fields = one.get_all("X-CFEmailSecurity-Disposition") or []
        told[kind, "unjudged" if fields == ["NONE"] else "flagged" if fields else "clean"] += 1
        assert len(fields) <= 1
    print(json.dumps({"letters": LETTERS, "refused": len(refused), "told": {" ".join(k): n for k, n in told.items()}}))
    assert told["honest", "flagged"] == 0
    assert told["tagged", "clean"] == 0
    assert told["later", "flagged"] > 0
    assert told["later", "clean"] > 0
    unjudged = sum(count for (_, how), count in told.items() if how == "unjudged")
    assert unjudged < LETTERS / 2, "the milter is there nearly all the time"
    assert len(refused) > LETTERS / len(KINDS) / 3
