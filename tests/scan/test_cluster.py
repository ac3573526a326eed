"""A cluster prints what one machine prints, whatever happens to its workers."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from scan.scanner import command, environment, letter, maildir, mbox
from sosie.cli.exit_status import FAILED, PARTLY
from sosie.scan.remote import Remote

distributed = pytest.importorskip("distributed", reason="Dask is not installed")
fsspec = pytest.importorskip("fsspec", reason="fsspec is not installed")

BODY = "Nothing that anybody looks at, but it takes its room.\n" * 60


@pytest.fixture(scope="module")
def cluster():
    """Two workers in processes of their own."""
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, silence_logs=50, host="127.0.0.1"
    ) as cluster:
        yield cluster


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    """A Maildir and a mailbox file: five pieces."""
    folder = tmp_path_factory.mktemp("archive")
    maildir(folder / "box", [(f"cur/{n:05}:2,S", letter(n, forged=n % 40 == 0)) for n in range(1500)])
    (folder / "old.mbox").write_bytes(mbox(letter(n, forged=n % 40 == 0, body=BODY) for n in range(1500, 5000)))
    return folder


def test_it_prints_the_same(scan, archive, cluster):
    """JSON lines and summary, with files that all machines see."""
    here = scan.json("--jobs", "1", archive, status=PARTLY)
    there = scan.json("--cluster", cluster.scheduler_address, archive, status=PARTLY)
    assert len(here.documents) == 5000
    assert there.stdout == here.stdout
    there = scan("--cluster", cluster.scheduler_address, archive, status=PARTLY)
    assert there.stdout == scan(archive, status=PARTLY).stdout
    with distributed.Client(cluster.scheduler_address, set_as_default=False) as client:
        kept = client.run(lambda dask_worker: sorted(Path(dask_worker.local_directory).glob("*.snapshot")))
    assert list(kept.values()) == [[], []]  # nobody keeps the registry


def test_a_worker_that_is_killed_changes_nothing(scan, archive, cluster):
    """Its pieces are done by the other one, or by the one that takes its place, which gets the registry too."""
    expected = scan.json("--jobs", "1", archive, status=PARTLY).stdout
    killed = []

    def kill() -> None:
        until = time.monotonic() + 30
        with distributed.Client(cluster.scheduler_address, set_as_default=False) as client:
            while time.monotonic() < until and not killed:
                for address, running in client.processing().items():
                    if running and not killed:
                        killed.append(client.run(os.getpid, workers=[address])[address])
                        os.kill(killed[0], signal.SIGKILL)
                time.sleep(0.005)

    thread = threading.Thread(target=kill)
    thread.start()
    ran = scan.json("--cluster", cluster.scheduler_address, archive, status=PARTLY)
    thread.join()
    assert killed
    assert ran.stdout == expected


def test_files_by_their_urls(scan, archive, cluster):
    """What fsspec reads, here or on the cluster: the same messages under other names."""
    names = {document["message_id"]: document["disposition"] for document in scan.json(archive, status=1).documents}
    for more in ((), ("--cluster", cluster.scheduler_address)):
        ran = scan.json(*more, f"file://{archive}", status=PARTLY)
        assert {document["message_id"]: document["disposition"] for document in ran.documents} == names
        assert ran.documents[0]["source"] == f"file://{archive}/box/cur/00000:2,S"


def test_object_storage():
    """Any that fsspec knows: only the beginnings of objects are read, and a place to go on from is in order."""
    storage = fsspec.filesystem("memory")
    for number in range(5):
        storage.pipe(f"/mail/{number}.eml", letter(number, body=BODY * 20))
    storage.pipe("/mail/long.eml", b"X-Padding: %s\n" % (b"x" * 50_000) + letter(5))
    storage.pipe("/mail/old.mbox", mbox(letter(number) for number in range(6, 9)))
    storage.pipe("/mail/photo.jpg", b"\xff\xd8")
    told = []
    cuts = list(Remote("memory://mail").cuts(None, lambda name, _: told.append(name)))
    letters = [one for cut in cuts for one in cut.piece.letters()]
    assert [one.fault for one in letters] == [""] * 9
    assert all(b"Message-ID: <" in one.raw and len(one.raw) < 100_000 for one in letters)
    assert told == ["memory:///mail/photo.jpg"]
    assert [cut.place for cut in cuts] == sorted(cut.place for cut in cuts)
    assert list(Remote("memory://mail").cuts(cuts[0].place, print)) == cuts[1:]


def test_one_object_that_cannot_be_read_hides_no_other(scan, mail):
    """It is told, and the others are judged."""
    (mail / "1").write_bytes(letter(1))
    (mail / "2").symlink_to("nowhere")
    (mail / "3").write_bytes(mbox([letter(3)]))
    ran = scan.json(f"file://{mail}", status=FAILED)
    assert ran.numbers == [1, 3]
    assert f"file://{mail}/2: No such file" in ran.stderr


def test_what_is_not_there_is_told(scan, tmp_path):
    """An address without a cluster, a storage that nobody knows, an empty one; mail that a cluster cannot read."""
    soon = {"DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT": "1s"}
    ran = scan("--cluster", "tcp://127.0.0.1:9", tmp_path, status=FAILED, **soon)
    assert "tcp://127.0.0.1:9" in ran.stderr
    assert "unknown://mail: Protocol not known: unknown" in scan("unknown://mail", status=FAILED).stderr
    assert "No such file" in scan("memory://nothing", status=FAILED).stderr
    ran = scan("--cluster", "tcp://127.0.0.1:9", "imaps://jane@mail.example/", status=FAILED)
    assert "not on a cluster" in ran.stderr


def test_without_dask_nothing_else_changes(scan, archive):
    """It is imported by who asks for a cluster, and by nobody else."""
    arguments = [sys.executable, "-X", "importtime", *command("--jobs", "2", archive, registry=scan.registry)]
    done = subprocess.run(arguments, env=environment(), capture_output=True, check=False)
    loaded = {line.rpartition(b"|")[2].strip().decode().partition(".")[0] for line in done.stderr.splitlines()}
    assert "sosie" in loaded
    assert loaded.isdisjoint({"distributed", "dask", "fsspec", "imaplib", "multiprocessing", "asyncpg"})
