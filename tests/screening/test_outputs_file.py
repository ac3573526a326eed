"""Alerts in a file, in Logpush's shape."""

from __future__ import annotations

import errno
import json
import resource
from pathlib import Path

import pytest

from sosie.detection.arrival import Arrival
from sosie.detection.exemptions import Envelope
from sosie.detection.verdict import DISPOSITIONS
from sosie.observe.observations import AlertDelivered, OutputFailed
from sosie.screening.outputs.alert import Alert
from sosie.screening.outputs.alert_file import AlertFile
from sosie.screening.outputs.courier import Courier, Patience
from sosie.screening.outputs.logpush import to_document
from support.records import ACCOUNT, REASON, Heard, record
from support.webhook import wait_until

FULL = Path("/dev/full")
TEXTS = (
    "AlertID DKIMResult DMARCPolicy DMARCResult FinalDisposition From FromName MessageDeliveryMode MessageID Origin "
    "OriginalSender ReplyTo ReplyToName SMTPEnvelopeFrom SMTPHeloServerIP SMTPHeloServerIPAsName "
    "SMTPHeloServerIPAsNumber SMTPHeloServerIPGeo SMTPHeloServerName SPFResult Subject Timestamp"
).split()
LISTS = "AlertReasons Attachments BCC CC CCName Links SMTPEnvelopeTo ThreatCategories To ToName".split()
ENUMS = {
    "FinalDisposition": "unset malicious suspicious spoof spam bulk",
    "MessageDeliveryMode": "unset api direct bcc journal retroScan",
    "Origin": "unset internal external secondPartyInternal thirdPartyInternal outbound",
    "DMARCPolicy": "none quarantine reject undefined",
    "DMARCResult": "pass fail none",
    "DKIMResult": "pass neutral fail error permerror temperror none",
    "SPFResult": "pass neutral fail softfail permerror temperror none",
}


def assert_shape(document):
    assert set(document) == {*TEXTS, *LISTS}
    assert [name for name in TEXTS if not isinstance(document[name], str)] == []
    assert [name for name in LISTS if not isinstance(document[name], list)] == []
    assert [name for name in LISTS for one in document[name] if not isinstance(one, str)] == []
    assert [name for name, words in ENUMS.items() if document[name] not in words.split()] == []
    assert len(document["To"]) == len(document["ToName"])
    assert len(document["CC"]) == len(document["CCName"])


def test_an_alert_says_what_the_dataset_says():
    """Each field in its place."""
    one = record()
    document = to_document(one)
    assert_shape(document)
    said = {
        "AlertID": one.id,
        "AlertReasons": [REASON],
        "FinalDisposition": "malicious",
        "From": "jane.roe@freemail.example",
        "FromName": "Jane Roe",
        "ReplyTo": "jr@other.example",
        "SMTPEnvelopeFrom": "bounce@freemail.example",
        "SMTPEnvelopeTo": ["john.doe@example.com"],
        "SMTPHeloServerIP": "192.0.2.7",
        "SMTPHeloServerName": "helo.freemail.example",
        "MessageDeliveryMode": "direct",
        "MessageID": "<1@freemail.example>",
        "Subject": "Are you at your desk?",
        "Timestamp": one.at,
        "To": ["john.doe@example.com"],
        "ToName": ["John Doe"],
        "SPFResult": "pass",
        "DKIMResult": "none",
        "DMARCResult": "none",
        "ThreatCategories": ["BEC"],
    }
    assert {name: document[name] for name in said} == said


@pytest.mark.parametrize("door", ["milter", "http", "scan", "another"])
@pytest.mark.parametrize("result", ["pass", "FAIL", "hardfail", "softfail", "error", "temperror", "policy", "", "odd"])
def test_words_are_those_of_the_dataset(door, result):
    """Whatever a host has written into its results, and however the message came."""
    for disposition in DISPOSITIONS:
        one = record(spf=result, dkim=result, dmarc=result, arrival=Arrival(door, Envelope(), outbound=not result))
        assert_shape(to_document(one._replace(verdict=one.verdict._replace(disposition=disposition))))


def test_a_line_for_each_alert(tmp_path):
    """Appended to what is there, readable by the group at most."""
    file = tmp_path / "alerts.jsonl"
    file.write_text('{"old": 1}\n')
    output = AlertFile(file)
    some = [record(subject="a\nb\u2028c"), record(subject="\udcff")]
    for one in some:
        output.deliver(Alert(ACCOUNT, one))
    lines = [json.loads(line) for line in file.read_text().split("\n")[:-1]]
    assert lines == [{"old": 1}, *map(to_document, some)]
    other = AlertFile(tmp_path / "new.jsonl")
    other.deliver(Alert(ACCOUNT, record()))
    assert (tmp_path / "new.jsonl").stat().st_mode & 0o027 == 0
    output.close()
    other.close()


def test_the_file_is_rotated(tmp_path):
    """What was renamed gets no more lines, and neither does what was removed."""
    file, old = tmp_path / "alerts.jsonl", tmp_path / "alerts.jsonl.1"
    output = AlertFile(file)
    output.deliver(Alert(ACCOUNT, record()))
    file.rename(old)
    output.deliver(Alert(ACCOUNT, record()))
    file.unlink()
    output.deliver(Alert(ACCOUNT, record()))
    file.rename(old)
    file.write_text("")
    output.deliver(Alert(ACCOUNT, record()))
    assert len(old.read_text().splitlines()) == len(file.read_text().splitlines()) == 1
    output.close()


def test_the_disk_is_full(tmp_path):
    """No part of a line stays; when there is room again, the alert is there, and so are those behind it."""
    file, heard = tmp_path / "alerts.jsonl", Heard()
    file.write_text("x\n")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    courier = Courier(AlertFile(file), heard.append, Patience(first=0.05, longest=0.1))
    courier.start()
    resource.setrlimit(resource.RLIMIT_FSIZE, (300, limits[1]))  # as a full disk: a part is written, then none
    try:
        courier.send(Alert(ACCOUNT, record()))
        courier.send(Alert(ACCOUNT, record()))
        wait_until(lambda: len(heard.of(OutputFailed)) >= 2)
        assert file.read_text() == "x\n"
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    wait_until(lambda: len(heard.of(AlertDelivered)) == 2)
    courier.close()
    assert len(file.read_text().splitlines()) == 3
    assert not any(one.dead for one in heard.of(OutputFailed))


@pytest.mark.skipif(not FULL.exists(), reason="needs /dev/full")
def test_a_device_that_is_always_full():
    """It is said, and nothing else happens."""
    with pytest.raises(OSError) as caught:
        AlertFile(FULL).deliver(Alert(ACCOUNT, record()))
    assert caught.value.errno == errno.ENOSPC


def test_an_output_that_breaks_ends_nobody(tmp_path):
    """A mistake of ours in one alert gives up that alert, and the next ones go on."""

    class Broken(AlertFile):
        def deliver(self, alert):
            if alert.account_id == "bad":
                raise ZeroDivisionError
            super().deliver(alert)

    heard = Heard()
    courier = Courier(Broken(tmp_path / "a"), heard.append)
    courier.start()
    courier.send(Alert("bad", record()))
    courier.send(Alert(ACCOUNT, record()))
    wait_until(lambda: heard.of(AlertDelivered))
    courier.close()
    assert [one.dead for one in heard.of(OutputFailed)] == [True]
