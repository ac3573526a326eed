"""The log: one line for each observation worth one, which a machine or a person reads."""

from __future__ import annotations

import fcntl
import io
import json
import logging
import os
import select

import pytest

from sosie.observe import observations
from sosie.observe.log import LEVELS, Log
from sosie.observe.observations import (
    AlertDelivered,
    LessonsLost,
    MessageScreened,
    MessageUnscreened,
    MessageVerified,
    Migrated,
    OutputFailed,
    RecordsKept,
    RecordsLost,
    RequestAnswered,
    RequestFailed,
    SnapshotLag,
    SnapshotLoaded,
    Started,
    Stopped,
    StoreUnreachable,
    WorkerLost,
)

REQUEST = RequestAnswered("r-1", "GET", "/accounts/{account_id}", 200, 0.002, "a", "token:t", 0)
EVERY = (
    REQUEST,
    RequestFailed("r", "/x", "trace"),
    StoreUnreachable("/x", "reason"),
    Started("127.0.0.1:1", "sqlite", 1),
    Stopped("asked to"),
    WorkerLost(1, 9),
    Migrated("1"),
    MessageScreened("api", "SPOOF", 0.001),
    MessageUnscreened("milter", "there is no snapshot of the registry yet"),
    MessageVerified("pass", 0.02),
    SnapshotLoaded("a", 7, 100, "database", 0.1),
    SnapshotLag("a", 0.02),
    RecordsKept(5, "spool"),
    RecordsLost(1, "memory is full"),
    LessonsLost(1, "the database is away"),
    AlertDelivered("webhook"),
    OutputFailed("webhook", "it answered 404", dead=True),
)


def _lines(level, *many, form="json"):
    stream = io.BytesIO()
    log = Log(form, level, stream)
    for observation in many:
        log.listen(observation)
    return stream.getvalue().decode().removesuffix("\n").split("\n") if stream.getvalue() else []


@pytest.mark.parametrize(
    ("observation", "level"),
    [
        (REQUEST, "debug"),
        (REQUEST._replace(method="POST"), "info"),
        (REQUEST._replace(status=404), "info"),
        (REQUEST._replace(status=429), "warning"),
        (REQUEST._replace(status=500), "error"),
        (REQUEST._replace(status=503), "error"),
        (RequestFailed("r", "/x", "trace"), "error"),
        (StoreUnreachable("/x", "reason"), "error"),
        (WorkerLost(1, 9), "error"),
        (Started("127.0.0.1:1", "sqlite", 1), "info"),
        (MessageScreened("api", "SPOOF", 0.001), "debug"),
        (MessageUnscreened("milter", "trace"), "error"),
        (SnapshotLoaded("a", 7, 100, "file", 0.1), "info"),
        (SnapshotLoaded("a", 7, 100, "changes", 0.1), "debug"),
        (SnapshotLag("a", 0.02), "debug"),
        (RecordsKept(5, "spool"), "debug"),
        (RecordsLost(1, "memory is full"), "error"),
        (LessonsLost(1, "the database is away"), "warning"),
        (AlertDelivered("webhook"), "debug"),
        (OutputFailed("webhook", "it answered 503", dead=False), "warning"),
        (OutputFailed("webhook", "it answered 404", dead=True), "error"),
    ],
)
def test_an_observation_has_its_level(observation, level):
    """It is written at that level and at every louder one."""
    for name, weight in LEVELS.items():
        lines = _lines(name, observation)
        assert len(lines) == (weight <= LEVELS[level])
        if lines:
            assert json.loads(lines[0])["level"] == level


def test_a_line_says_what_was_observed():
    """As JSON: the moment, the level, the kind and every field."""
    (line,) = _lines("debug", REQUEST)
    document = json.loads(line)
    assert document["event"] == "RequestAnswered"
    assert document["at"].endswith("Z")
    assert {name: document[name] for name in REQUEST._fields} == REQUEST._asdict()


@pytest.mark.parametrize("form", ["json", "readable"])
def test_one_observation_is_one_line(form):
    """Whatever is in it: nobody writes a line of their own, or to the terminal; what goes on below is indented."""
    nasty = "x\nforged line\r\n\x1b[31m\x00é\udcff\x85\u2028forged"
    changed = [one._replace(**{name: nasty}) for one in EVERY for name in one._fields if name != "status"]
    many = [one for one in changed if type(one) is not MessageUnscreened or one.fault == nasty]  # one line a second
    lines = _lines("debug", *many, form=form)
    assert len([line for line in lines if not line.startswith("    ")]) == len(many)
    assert not any(set(line) & set("\x1b\x00\r\x85\u2028") for line in lines)


def test_a_flood_of_mail_is_no_flood_of_lines():
    """What goes wrong with every message is said once a second, with how many there were."""
    stream = io.BytesIO()
    log = Log("json", "info", stream)
    for _ in range(1000):
        log.listen(MessageUnscreened("milter", "there is no snapshot of the registry yet"))
    log._quiet_until = 0.0  # a second later
    log.listen(MessageUnscreened("milter", "there is no snapshot of the registry yet"))
    first, second = map(json.loads, stream.getvalue().splitlines())
    assert first["passed_over"] == 0
    assert second["passed_over"] == 999


def test_no_type_has_a_place_for_a_secret():
    """Neither a token nor a header nor a body can be in an observation."""
    for kind in EVERY:
        assert not {"token", "key", "secret", "authorization", "headers", "body", "message"} & set(kind._fields)
    assert {type(one) for one in EVERY} == set(observations.Observation.__args__)


def test_what_libraries_log_comes_in_the_same_form():
    """With its traceback, at its level."""
    stream = io.BytesIO()
    known = logging.getLogger().handlers[:], logging.getLogger().level
    try:
        Log("json", "info", stream).take_over_logging()
        try:
            1 / 0  # noqa: B018 - for its error
        except ZeroDivisionError:
            logging.getLogger("library").exception("it went wrong")
        logging.getLogger("library").info("chatter")
    finally:
        logging.getLogger().handlers[:] = known[0]
        logging.getLogger().setLevel(known[1])
    (line,) = stream.getvalue().decode().splitlines()
    document = json.loads(line)
    assert (document["level"], document["event"]) == ("error", "library")
    assert "ZeroDivisionError: division by zero" in document["message"]


def test_a_log_that_cannot_be_written_to_stops_nobody():
    """A full disk or a closed pipe loses lines, and nothing else."""

    class Broken(io.BytesIO):
        def write(self, _):
            raise BrokenPipeError

    Log("json", "debug", Broken()).listen(REQUEST)


def test_a_log_that_nobody_reads_stops_nobody():
    """A pipe that is full, as where the system's log hangs: lines are passed over, and counted for whoever reads on."""
    reading, writing = os.pipe()
    room = fcntl.fcntl(writing, fcntl.F_GETPIPE_SZ)
    with os.fdopen(writing, "wb") as stream, os.fdopen(reading, "rb", buffering=0) as reader:
        log, line = Log("json", "info", stream), "x" * 1000
        for _ in range(2 * room // len(line)):
            log.library("error", "library", line)
        log.library("error", "library", line * 100)
        while select.select([reader], [], [], 0)[0]:
            read = reader.read(room)
        log.library("error", "library", "and so on")
        told, last = map(json.loads, reader.read(room).splitlines())
    assert read.endswith(b"}\n")
    assert (told["level"], told["event"]) == ("warning", "sosie.log")
    assert 50 < int(told["message"].split()[0]) < 2 * room // len(line)
    assert last["message"] == "and so on"


def test_a_line_that_does_not_fit_is_cut_and_nobody_waits():
    """A traceback may be longer than there is room."""
    reading, writing = os.pipe()
    with os.fdopen(writing, "wb") as stream, os.fdopen(reading, "rb", buffering=0) as reader:
        log = Log("json", "info", stream)
        log.library("error", "library", "x" * 1_000_000)
        while select.select([reader], [], [], 0)[0]:
            reader.read(65_536)
        log.library("error", "library", "and so on")
        assert json.loads(reader.read(65_536).splitlines()[-1])["message"] == "and so on"
