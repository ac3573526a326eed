"""What the milter tells of itself: metrics and health at an address of its own, with a database and without."""

from __future__ import annotations

import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.error import HTTPError, URLError

import pytest

from support.milter import FORGED, MailServer, Milter, MilterOfDatabase
from support.postfix import wait_for
from support.server import Storage, free_ports, make_tenant


def asked(port: int, path: str) -> tuple[int, str]:
    """Status and text; 0 where nobody answers."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
            return answer.status, answer.read().decode()
    except HTTPError as refused:
        return refused.code, ""
    except URLError:
        return 0, ""


@pytest.fixture(params=["flag", "setting", "database"])
def milter(request, tmp_path) -> Iterator[tuple[Milter, int]]:
    (port,) = free_ports(1)
    address = f"127.0.0.1:{port}"
    if request.param == "flag":
        one = Milter(tmp_path, "", "--admin-listen", address)
    elif request.param == "setting":
        one = Milter(tmp_path, "", SOSIE_MILTER_ADMIN_LISTEN=address)
    else:
        one = _with_database(tmp_path, address)
    with one:
        yield one, port


def _with_database(folder: Path, address: str) -> Milter:
    storage = Storage(folder / "data")
    storage.data_dir.mkdir()
    tenant = make_tenant(storage, "admin")
    settings = {"SOSIE_MILTER_ACCOUNT": tenant.account_id, "SOSIE_MILTER_ADMIN_LISTEN": address}
    return MilterOfDatabase(folder, "", **storage.environment, **settings)


def test_a_milter_tells_how_it_is(milter):
    """By flag and by setting, with a database and with a registry in a file; and no longer than it runs."""
    one, port = milter
    wait_for(lambda: asked(port, "/readyz")[0] == 200, "the milter to be ready")
    assert asked(port, "/livez")[0] == 200
    MailServer(one.connect()).judge(FORGED)
    status, text = asked(port, "/metrics")
    assert status == 200
    assert 'sosie_screening_seconds_count{door="milter"} 1' in text
    assert one.stop() == 0
    assert asked(port, "/livez")[0] == 0
    assert "Traceback" not in one.log.read_text()


def test_the_address_of_sosie_serve_is_not_the_milters(tmp_path):
    """Both have the same settings on one host, so the milter takes none that is meant for the other."""
    (port,) = free_ports(1)
    with Milter(tmp_path, "", SOSIE_ADMIN_LISTEN=f"127.0.0.1:{port}") as one:
        MailServer(one.connect()).judge(FORGED)
        assert asked(port, "/livez")[0] == 0
