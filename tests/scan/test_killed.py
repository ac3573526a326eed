"""Processes die: a worker's piece is done again, and a scan that was killed goes on where it was."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from scan.scanner import command, environment, letter, mbox
from sosie.cli.exit_status import FAILED, PARTLY
from sosie.scan.files import Files
from sosie.scan.judging import NOTHING, Outcome
from sosie.scan.pieces import Cut
from sosie.scan.resuming import State, StateFile, told_to
from sosie.scan.workers import ATTEMPTS, Workers

BODY = "Nothing that anybody looks at, but it takes its room.\n" * 60  # 3.2 kB


@pytest.fixture(scope="module")
def box(tmp_path_factory) -> Path:
    """Ten pieces of 1,250 letters: two workers may end two of them at once, and each of three kills costs that much."""
    file = tmp_path_factory.mktemp("archive") / "box"
    file.write_bytes(mbox(letter(number, forged=number % 50 == 0, body=BODY) for number in range(12_000)))
    return file


@pytest.fixture(scope="module")
def expected(box) -> list[str]:
    """The lines of a scan that nobody disturbs."""
    return [f'"<{number}@mail.example>"' for number in range(12_000)]


def ids_in(text: str) -> list[str]:
    return [line.partition('"message_id":')[2].partition(",")[0] for line in text.splitlines()]


def children_of(pid: int) -> list[int]:
    try:
        return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]
    except OSError:
        return []


def wait_for(condition, seconds: float = 20.0):
    """What `condition` says as soon as it says something."""
    until = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < until
        time.sleep(0.002)
    return found


def numbered(count: int) -> Iterator[Cut]:
    return (Cut([number], Files(b"folder", (b"%d" % number,))) for number in range(count))


def outcome_of(piece: Files) -> Outcome:
    return Outcome(NOTHING._replace(messages=1), piece.names[0], (), ())


def test_a_dead_workers_piece_is_done_again(tmp_path):
    """Each third piece kills the worker that has it, once: every result is there, once and in order."""

    def judge(piece: Files) -> Outcome:
        number = int(piece.names[0])
        time.sleep(0.002 * (number % 5))
        marker = tmp_path / str(number)
        if number % 3 == 0 and not marker.exists():
            marker.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return outcome_of(piece)

    before = children_of(os.getpid())
    results = list(Workers(judge, 3).judge(numbered(40)))
    assert [int(outcome.lines) for _, outcome in results] == list(range(40))
    assert children_of(os.getpid()) == before


def test_a_piece_that_kills_every_worker_is_given_up(tmp_path):
    """After some attempts it is a fault, and the others are judged."""
    attempts = tmp_path / "attempts"

    def judge(piece: Files) -> Outcome:
        if piece.names[0] == b"3":
            with attempts.open("a") as stream:
                stream.write("x")
            os.kill(os.getpid(), signal.SIGKILL)
        return outcome_of(piece)

    results = [outcome for _, outcome in Workers(judge, 2).judge(numbered(6))]
    assert [outcome.lines for outcome in results] == [b"0", b"1", b"2", b"", b"4", b"5"]
    assert results[3].tally.faults == 1
    assert "died" in results[3].faults[0].reason
    assert len(attempts.read_text()) == ATTEMPTS


def test_a_worker_that_is_killed_changes_nothing(scan, box, expected):
    """A real one, of the real program: its letters are all there, once."""
    started = subprocess.Popen(
        command("--json", "--jobs", "2", box, registry=scan.registry),
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    workers = wait_for(lambda: len(found := children_of(started.pid)) == 2 and found)
    os.kill(workers[0], signal.SIGKILL)
    stdout, stderr = started.communicate(timeout=60)
    assert (started.returncode, stderr) == (PARTLY, b"")
    assert ids_in(stdout.decode()) == expected


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_killed_scan_goes_on(scan, box, expected, tmp_path, jobs):
    """Killed again and again, it tells every letter once; its workers die with it, and at the end no state is left."""
    output, state = tmp_path / "out.jsonl", tmp_path / "state"
    arguments = command("--json", "--jobs", jobs, "--resume", state, box, registry=scan.registry)
    for _ in range(3):
        before = state.read_bytes() if state.exists() else b""
        with output.open("ab") as stream:
            started = subprocess.Popen(arguments, env=environment(), stdout=stream)
            wait_for(lambda before=before: state.exists() and state.read_bytes() != before)
            workers = children_of(started.pid)
            started.kill()
            started.wait()
            stream.write(b'{"told":"after the last state"}\n')
        wait_for(lambda workers=workers: not any(Path(f"/proc/{pid}/exe").exists() for pid in workers))
    with output.open("ab") as stream:
        done = subprocess.run(arguments, env=environment(), stdout=stream, check=False)
    assert done.returncode == PARTLY
    assert ids_in(output.read_text()) == expected
    assert not state.exists()


def test_an_interrupted_summary_counts_everything(scan, box, tmp_path):
    """Ctrl-C ends it; the summary of the scan that went on is that of all letters."""
    state, output = tmp_path / "state", tmp_path / "out"
    arguments = command("--jobs", "2", "--resume", state, box, registry=scan.registry)
    with output.open("ab") as stream:
        started = subprocess.Popen(arguments, env=environment(), stdout=stream)
        wait_for(state.exists)
        started.send_signal(signal.SIGINT)
        assert started.wait() == 130
        assert subprocess.run(arguments, env=environment(), stdout=stream, check=False).returncode == PARTLY
    text = output.read_text()
    assert "12,000 messages, 240 flagged" in text
    assert text.count(": MALICIOUS-BEC\n") + text.count(": SUSPICIOUS\n") == 240
    assert "Jane Roe  240" in text


def test_a_state_of_another_scan_is_refused(scan, box, tmp_path):
    """Of other mail, of another registry, or no state at all: nothing is told, nothing is lost."""
    state = tmp_path / "state"
    with (tmp_path / "out").open("wb") as stream:
        arguments = command("--json", "--resume", state, box, registry=scan.registry)
        started = subprocess.Popen(arguments, env=environment(), stdout=stream)
        wait_for(state.exists)
        started.kill()
        started.wait()
    held = state.read_bytes()
    ran = scan("--json", "--resume", state, tmp_path, status=FAILED)
    assert "another scan" in ran.stderr
    assert "another scan" in scan("--resume", state, box, status=FAILED).stderr  # as text, behind lines of JSON
    with (tmp_path / "out").open("wb") as stream:
        done = subprocess.run(arguments, env=environment(), stdout=stream, stderr=subprocess.PIPE, check=False)
    assert done.returncode == FAILED
    assert b"go on with >>" in done.stderr
    assert state.read_bytes() == held
    state.write_bytes(b"{}")
    assert "not the state" in scan("--json", "--resume", state, box, status=FAILED).stderr


def test_a_state_is_on_disk_before_it_counts(tmp_path, monkeypatch):
    """The machine may stop at any moment: first the output is there, then the state that says so, then its name."""
    done = []
    real = Path.replace
    monkeypatch.setattr(os, "fsync", lambda descriptor: done.append(Path(f"/proc/self/fd/{descriptor}").readlink()))
    monkeypatch.setattr(Path, "replace", lambda file, target: (done.append(target), real(file, target)))
    output, state = tmp_path / "out", tmp_path / "state"
    with output.open("wb") as stream:
        stream.write(b"told\n")
        stream.flush()
        StateFile(str(state), []).write(State(told=told_to(stream.fileno())))
    assert done == [output, tmp_path / f"state.{os.getpid()}", state]
    assert StateFile(str(state), []).read() == State(told=5)


def test_one_job_and_several_print_the_same(scan, box, expected):
    """And the summary is the same, too."""
    one, three = (scan.json("--jobs", jobs, box, status=PARTLY) for jobs in ("1", "3"))
    assert ids_in(one.stdout) == expected
    assert one.stdout == three.stdout
    assert scan("--jobs", "1", box, status=PARTLY).stdout == scan("--jobs", "2", box, status=PARTLY).stdout
