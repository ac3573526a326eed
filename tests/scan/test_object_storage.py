"""Mail in a bucket of a real S3 server: versitygw, built from tests/scan/s3, over a folder of this machine."""

from __future__ import annotations

import gzip
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from sosie.scan.remote import RemoteFiles
from support.server import free_ports

from .scanner import letter, maildir, mbox

pytest.importorskip("s3fs", reason="s3fs is not installed")
pytestmark = pytest.mark.skipif(not shutil.which("go"), reason="there is no go to build an S3 server with")

SERVER = "github.com/versity/versitygw/cmd/versitygw"
CACHE = Path(sys.prefix) / ".cache" / "go"
LETTERS = 1500
PARTLY = 2


@pytest.fixture(scope="module")
def program():
    """The server; Go builds again only what changed."""
    CACHE.mkdir(parents=True, exist_ok=True)
    command = ["go", "build", "-mod=readonly", "-o", CACHE / "versitygw", SERVER]
    done = subprocess.run(command, cwd=Path(__file__).with_name("s3"), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return CACHE / "versitygw"


@pytest.fixture(scope="module")
def bucket(program, tmp_path_factory):
    """The folder behind a bucket named `mail`, its server's process, and what a client must be told of it."""
    top = tmp_path_factory.mktemp("s3")
    folder = top / "mail"
    maildir(folder / "box", [(f"cur/{n:05}:2,S", letter(n, forged=n % 40 == 0)) for n in range(LETTERS)])
    many = "See you at noon.\n" * 200
    (folder / "old.mbox").write_bytes(mbox(letter(n, forged=n % 40 == 0, body=many) for n in range(1500, 3500)))
    (folder / "packed.eml.gz").write_bytes(gzip.compress(letter(3500)))
    (folder / "a name & more #ü?.eml").write_bytes(letter(3501))
    (folder / "empty.eml").touch()
    (folder / "empty").touch()
    (folder / "photo.jpg").write_bytes(b"\xff\xd8" * 100)
    (port,) = free_ports(1)
    known = {"ROOT_ACCESS_KEY": "sosie", "ROOT_SECRET_KEY": "of-a-test"}
    command = [program, "--port", f"127.0.0.1:{port}", "--quiet", "posix", str(top)]
    server = subprocess.Popen(
        command, env={**os.environ, **known}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    environment = {
        "AWS_ACCESS_KEY_ID": known["ROOT_ACCESS_KEY"],
        "AWS_SECRET_ACCESS_KEY": known["ROOT_SECRET_KEY"],
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    yield folder, server, environment
    server.send_signal(signal.SIGCONT)
    server.kill()
    server.wait()


@pytest.fixture
def expected(scan, bucket):
    """By Message-ID, what the same files say that are read as files."""
    found = scan.json(bucket[0], status=PARTLY).documents
    assert len(found) == LETTERS + 2002
    return {one["message_id"]: one["disposition"] for one in found}


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_bucket_is_scanned(scan, bucket, expected, jobs):
    """By one process and by several, each with connections of its own: the same messages as in the folder behind it."""
    folder, _, environment = bucket
    ran = scan("--json", "--jobs", jobs, "s3://mail", status=PARTLY, **environment)
    assert {one["message_id"]: one["disposition"] for one in ran.documents} == expected
    assert len(ran.documents) == len(expected)
    assert {one["source"].partition(":0")[0] for one in ran.documents} >= {"s3://mail/a name & more #ü?.eml"}
    told = {line for line in ran.stderr.splitlines() if line.startswith("sosie: ")}
    assert told == {
        "sosie: s3://mail/photo.jpg: holds no mail, passed over",
        "sosie: s3://mail/empty.eml: there is no header field: this is not a message",
    }
    assert "1 could not be judged" in ran.stderr
    assert sorted(folder.iterdir())  # nothing of it was taken away


def test_one_object(scan, bucket):
    """A message, a mailbox, what is not there, and a bucket that nobody has."""
    environment = bucket[2]
    assert len(scan("--json", "s3://mail/packed.eml.gz", status=0, **environment).documents) == 1
    assert len(scan("--json", "--jobs", "2", "s3://mail/old.mbox", status=1, **environment).documents) == 2000
    assert "No such file" in scan("s3://mail/nothing", status=PARTLY, **environment).stderr
    assert "bucket does not exist" in scan("s3://nobodys/mail", status=PARTLY, **environment).stderr


def test_a_cluster_reads_it(scan, bucket, expected):
    """Each worker has connections of its own."""
    distributed = pytest.importorskip("distributed", reason="distributed is not installed")
    environment = bucket[2]
    about = {"dashboard_address": None, "silence_logs": 50, "host": "127.0.0.1", "env": environment}
    with distributed.LocalCluster(n_workers=2, threads_per_worker=2, **about) as cluster:
        ran = scan("--json", "--cluster", cluster.scheduler_address, "s3://mail", status=PARTLY, **environment)
    assert {one["message_id"]: one["disposition"] for one in ran.documents} == expected


def test_storage_that_goes_away_is_told_once(scan, bucket, monkeypatch):
    """Before the scan, and in the middle: not once for each message, each of them after so many tries."""
    _, server, environment = bucket
    server.kill()
    server.wait()
    ran = scan("--json", "s3://mail", status=PARTLY, **environment)
    assert ran.stderr.count("Could not connect") == 1, ran.stderr
    assert ran.documents == []
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(OSError, match="Could not connect"):
        list(RemoteFiles("s3://mail", ("mail/packed.eml.gz", "mail/empty.eml")).letters())
