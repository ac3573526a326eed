"""`sosie flagged`: what was recorded is listed, shown so that one can decide, let go, and taken back."""

from __future__ import annotations

import pytest

from sosie.detection.verdict import MALICIOUS_BEC, NONE, SPOOF
from sosie.registry.moments import now_us
from sosie.store import accounts, records
from support.flagged import HEADER, REASON, flagged, verdict_of

from .conftest import ACCOUNT

DAY = 86_400_000_000
JANE = ("entry", "add", "--name", "Jane Roe", "--email", "jane.roe@example.com, jane@roe.example")


@pytest.fixture
def keep(sosie):
    """Keep records in the account; their ids."""

    def add(*many):
        async def work(database):
            no = (await accounts.look_up(database.reader, ACCOUNT)).no
            await database.write(lambda session: records.add(session, no, many))

        sosie.storage.run(work)
        return [one.id for one in many]

    return add


def test_messages_are_listed(sosie, keep):
    """The newest first, filtered by what one knows of a message; JSON is the API's."""
    now = now_us()
    bec, spoof, held, none = keep(
        flagged(moment_us=now - 40 * DAY),
        flagged(SPOOF, now - 2 * DAY, subject="Wire transfer\x1b[31m"),
        flagged(moment_us=now - DAY, action="quarantine"),
        flagged(NONE, now - DAY // 2, action="accept"),
    )

    def listed(*options):
        return [line.split()[0] for line in sosie("flagged", "list", *options).lines[1:]]

    assert listed() == [held, spoof, bec]
    assert listed("--all") == [none, held, spoof, bec]
    assert listed("--days", "7") == [held, spoof]
    assert listed("--held") == [held]
    assert listed("--disposition", "spoof") == [spoof]
    assert listed("--disposition", "malicious") == listed("--disposition", MALICIOUS_BEC) == [held, bec]
    assert listed("--search", "wire jane") == [spoof]
    assert "no letter or digit" in sosie("flagged", "list", "--search", "\N{MONEY BAG}", status=2).stderr
    assert listed("--from", "bulk.example", "--to", "team@example.org", "--limit", "1") == [held]
    assert listed("--from", "other.example") == []
    table = sosie("flagged", "list", "--disposition", "SPOOF")
    assert "Jane Roe <jane.roe@bulk.example>" in table.lines[1]
    assert "bob@example.com +1" in table.lines[1]
    assert "\x1b" not in table.stdout
    assert table.stderr == "1 message\n"
    assert sosie("flagged", "list", "--limit", "2").stderr == "2 messages, and more (--limit)\n"
    document = sosie("flagged", "list", "--json", "--held").json
    assert (document["id"], document["detection_reasons"], document["is_quarantined"]) == (held, [REASON], True)


def test_what_decides_stands_first(sosie, keep):
    """The protected name, the address that was used, the expected ones, the sentence and what is proven, in five lines;
    then the circumstances, the findings and the header."""
    entry = sosie(*JANE, "--json").json["id"]
    (identifier,) = keep(
        flagged(verdict=verdict_of(pairs=((entry, "jane.roe@bulk.example"), ("gone", "jane.roe@bulk.example"))))
    )
    lines = sosie("flagged", "show", identifier).lines
    assert lines[:5] == [
        "Claims to be  Jane Roe",
        "Writes as     jane.roe@bulk.example",
        "Expected      jane.roe@example.com, jane@roe.example",
        f"Why           {REASON}",
        "Proven        dmarc fail, spf pass",
    ]
    assert lines.index("Findings") < lines.index("Header")
    assert lines[-len(HEADER) :] == [f"  {name}: {value}" for name, value in HEADER]
    document = sosie("flagged", "show", identifier, "--json").json
    assert document["id"] == identifier
    assert len(document["detections"]["headers"]) == len(HEADER)


def test_a_message_that_says_nothing_is_shown_too(sosie, keep):
    """And one that is written to deceive the terminal steers nothing."""
    bare = flagged(NONE, verdict=verdict_of(NONE, "", pairs=()), subject="", header=(), spf="", dmarc="", to=())
    bare = bare._replace(arrival=bare.arrival._replace(envelope=type(bare.arrival.envelope)()))
    evil = flagged(subject="\x1b[2J\u202e", header=(("X\x9b", "\r\n\x1b]0;x\x07"),))
    first, second = keep(bare, evil)
    shown = sosie("flagged", "show", first).stdout
    assert "nothing was found that counts" in shown
    assert "no trusted host says anything" in shown
    shown = sosie("flagged", "show", second).stdout
    assert not any(character in shown for character in "\x1b\u202e\x9b\x07\r")


def test_a_message_that_is_not_there(sosie):
    """An error for who wants to see it, a no for who wants something done with it."""
    assert sosie("flagged", "show", "x", status=2).stderr == "sosie: there is no message x\n"
    assert "no message with this id" in sosie("flagged", "release", "x", status=1).stderr
    assert sosie("flagged", "false-positive", "x", "--json", status=1).json["done"] is False


def test_a_release_says_what_to_run(sosie, keep):
    """On the mail server; it is noted, and shows."""
    record = flagged(action="quarantine")
    held, tagged = keep(record, flagged())
    assert f"`postsuper -H {record.arrival.queue_id}`" in sosie("flagged", "release", held).stderr
    assert "it was not put aside (tag)" in sosie("flagged", "release", held, tagged, status=1).stderr
    assert "QUARANTINE_RELEASE by cli:" in sosie("flagged", "show", held).stdout
    assert "record.release" in sosie("audit").stdout


@pytest.mark.parametrize(
    ("queue_id", "command"),
    [
        ("4Njp3R1kGkz2c02Q", "postsuper -H 4Njp3R1kGkz2c02Q"),
        ("371681CF1", "postsuper -H 371681CF1"),
        ("12345ABC123456", "postsuper -H 12345ABC123456"),
        ("6AM91qxS006722", "sendmail -qQ -Q -qI6AM91qxS006722 && sendmail -qI6AM91qxS006722"),
        ("$(reboot)", "the tool of that server"),
    ],
)
def test_the_command_is_the_mail_servers(sosie, keep, queue_id, command):
    """Postfix and Sendmail are known by the form of their queue ids."""
    held = flagged(action="quarantine")
    (identifier,) = keep(held._replace(arrival=held.arrival._replace(queue_id=queue_id)))
    said = sosie("flagged", "release", identifier).stderr.replace("`", "")
    assert said == f"{identifier}: it waits in the queue of the mail server, where {command} lets it go\n"


def test_a_false_positive_is_no_longer_listed(sosie, keep):
    """What was found stays with it."""
    first, second = keep(flagged(), flagged())
    assert sosie("flagged", "false-positive", first.upper(), second).stderr.count("no longer listed") == 2
    assert sosie("flagged", "list").lines == []
    shown = sosie("flagged", "show", first).stdout
    assert f"NONE (found: {MALICIOUS_BEC})" in shown
    assert f"{MALICIOUS_BEC} -> NONE" in shown


def test_what_was_put_aside_is_not_forgotten_with_it(sosie, keep):
    """A false positive that nobody has let go still waits: one is told what lets it go, and --held lists it on."""
    record = flagged(action="quarantine")
    held, released, tagged = keep(record, flagged(action="quarantine"), flagged())
    sosie("flagged", "release", released)
    said = sosie("flagged", "false-positive", held, released, tagged).stderr.splitlines()
    assert [f"`postsuper -H {record.arrival.queue_id}`" in line for line in said] == [True, False, False]
    assert sosie("flagged", "list").lines == []
    assert {line.split()[0] for line in sosie("flagged", "list", "--held").lines[1:]} == {held, released}
