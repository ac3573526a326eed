"""A server that cannot start says why in one line that names what to change, and ends with status 2."""

from __future__ import annotations

import ctypes
import os
import secrets
import socket
import sqlite3
import subprocess

import pytest

from sosie.store.open import SQLITE_FILE
from support.server import SOSIE, Storage, free_ports, make_tenant

PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH = 24, 1, 2


def _without_the_power_of_root() -> None:
    """Root may write anywhere, unless the right to do so is taken from it (capabilities(7), CAP_DAC_OVERRIDE)."""
    for capability in (CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH):
        ctypes.CDLL(None).prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)


def _start(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    port, admin_port = free_ports()
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
        "SOSIE_LISTEN": f"127.0.0.1:{port}",
        "SOSIE_ADMIN_LISTEN": f"127.0.0.1:{admin_port}",
        **settings,
    }
    command = [SOSIE, "serve", *arguments]
    return subprocess.run(
        command,
        env=environment,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
        cwd="/",
        preexec_fn=_without_the_power_of_root,
    )


def _assert_said(done: subprocess.CompletedProcess[str], *words: str) -> None:
    assert done.returncode == 2, done
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1, done.stderr
    for word in words:
        assert word in done.stderr


@pytest.mark.parametrize("variable", ["SOSIE_LISTEN", "SOSIE_ADMIN_LISTEN"])
def test_an_address_that_is_in_use(tmp_path, variable):
    """With the address."""
    with socket.create_server(("127.0.0.1", 0)) as bound:
        address = f"127.0.0.1:{bound.getsockname()[1]}"
        _assert_said(_start(SOSIE_DATA_DIR=str(tmp_path), **{variable: address}), "in use", address)


def test_an_address_that_is_not_ours(tmp_path):
    """192.0.2.1 is for documentation (RFC 5737), so no machine has it."""
    _assert_said(_start(SOSIE_DATA_DIR=str(tmp_path), SOSIE_LISTEN="192.0.2.1:8787"), "192.0.2.1:8787")


@pytest.mark.parametrize("variable", ["SOSIE_DATA_DIR", "SOSIE_SECRET_KEY_FILE"])
def test_a_folder_that_cannot_be_written_to(tmp_path, variable):
    """A file stands where the folder should: that stops root too."""
    (tmp_path / "file").write_text("")
    settings = {"SOSIE_DATA_DIR": str(tmp_path / "data"), variable: str(tmp_path / "file" / "x")}
    _assert_said(_start(**settings), "file")


def test_a_folder_without_permission_to_write(tmp_path):
    """Not the data folder, nor the database in it."""
    tmp_path.chmod(0o500)
    _assert_said(_start(SOSIE_DATA_DIR=str(tmp_path / "data")), "data")
    tmp_path.chmod(0o700)
    storage = Storage(tmp_path / "kept")
    make_tenant(storage, "tenant")
    (tmp_path / "kept" / SQLITE_FILE).chmod(0o400)
    (tmp_path / "kept").chmod(0o500)
    _assert_said(_start(SOSIE_DATA_DIR=str(tmp_path / "kept")), SQLITE_FILE)
    (tmp_path / "kept").chmod(0o700)


def test_a_secret_key_that_is_not_this_databases(storage):
    """On either database; and nothing is changed by the try."""
    make_tenant(storage, "tenant")
    settings = {**storage.environment, "SOSIE_SECRET_KEY": secrets.token_hex(32)}
    _assert_said(_start(**settings), "secret key", "SOSIE_SECRET_KEY")
    make_tenant(storage, "other")


def test_the_milters_socket_is_not_left_behind(tmp_path):
    """Else a mail server would wait there for somebody to listen."""
    socket_file = tmp_path / "milter.sock"
    away = {"SOSIE_DATABASE_URL": "postgresql://127.0.0.1:1/sosie", "SOSIE_DATA_DIR": str(tmp_path)}
    _assert_said(_start(**away, SOSIE_MILTER_LISTEN=f"unix:{socket_file}"), "cannot reach PostgreSQL")
    assert not socket_file.exists()


@pytest.mark.parametrize("address", ["8890", "inet:8890", "unix:/nowhere/at/all", "inet:192.0.2.1:8890"])
def test_an_address_of_the_milter_that_cannot_be_had(tmp_path, address):
    """It is named, and no mistake of ours."""
    done = _start(SOSIE_DATA_DIR=str(tmp_path), SOSIE_MILTER_LISTEN=address)
    _assert_said(done, address)
    assert "mistake" not in done.stderr


@pytest.mark.parametrize("key", ["ab", "x" * 64, "ab" * 33])
def test_a_secret_key_that_is_none(tmp_path, key):
    """And it is not repeated in the message."""
    done = _start(SOSIE_DATA_DIR=str(tmp_path), SOSIE_SECRET_KEY=key)
    _assert_said(done, "64 hex digits")
    assert key not in done.stderr


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("SOSIE_LISTEN", "8787"),
        ("SOSIE_LISTEN", "127.0.0.1:65536"),
        ("SOSIE_ADMIN_LISTEN", "localhost:http"),
        ("SOSIE_WORKERS", "0"),
        ("SOSIE_WORKERS", "many"),
        ("SOSIE_RATE_LIMIT_REQUESTS", "-1"),
        ("SOSIE_RATE_LIMIT_SECONDS", "0"),
        ("SOSIE_TRUSTED_PROXIES", "10.0.0.0/33"),
        ("SOSIE_LOG_FORMAT", "xml"),
        ("SOSIE_LOG_LEVEL", "loud"),
        ("SOSIE_DATABASE_URL", "mysql://127.0.0.1/sosie"),
    ],
)
def test_a_setting_that_cannot_be_used(tmp_path, variable, value):
    """By its name."""
    _assert_said(_start(SOSIE_DATA_DIR=str(tmp_path), **{variable: value}), variable)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://127.0.0.1:1/sosie",
        "postgresql://nobody.invalid/sosie",
        "postgresql://[::1/sosie",
        "postgresql://127.0.0.1:notaport/sosie",
        "postgresql://127.0.0.1:5432/sosie?sslmode=nonsense",
        "postgresql://user:s3cret@127.0.0.1:1/sosie",
    ],
)
def test_a_database_url_that_leads_nowhere(tmp_path, url):
    """Without the password that stands in it."""
    done = _start(SOSIE_DATA_DIR=str(tmp_path), SOSIE_DATABASE_URL=url)
    _assert_said(done, "PostgreSQL")
    assert "s3cret" not in done.stderr


def test_a_role_or_a_database_that_is_not_there(tmp_path, postgresql):
    """PostgreSQL's own word for it."""
    url = postgresql.create_database()
    for wrong in (url.replace("postgres@", "stranger@"), postgresql.url("no_such_database")):
        _assert_said(_start(SOSIE_DATA_DIR=str(tmp_path), SOSIE_DATABASE_URL=wrong), "PostgreSQL", "does not exist")


def test_a_file_that_is_no_database(tmp_path):
    """It is left as it is."""
    (tmp_path / SQLITE_FILE).write_text("This is a letter to my aunt, and no database at all." * 100)
    before = (tmp_path / SQLITE_FILE).read_bytes()
    _assert_said(_start(SOSIE_DATA_DIR=str(tmp_path)), SQLITE_FILE)
    assert (tmp_path / SQLITE_FILE).read_bytes() == before


def test_a_database_of_a_newer_version(tmp_path):
    """It is left as it is."""
    storage = Storage(tmp_path)
    make_tenant(storage, "tenant")
    with sqlite3.connect(tmp_path / SQLITE_FILE) as connection:
        connection.execute("INSERT INTO schema_steps VALUES (99, 'future', 99)")
    _assert_said(_start(SOSIE_DATA_DIR=str(tmp_path)), "newer sosie")
