"""A real rsyslog understands what alerts say, by every way that docs/alerts.md names."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sosie.detection.record import Party
from sosie.screening.outputs.alert import Alert
from sosie.screening.outputs.syslog import Syslog, read_address
from support.postfix import open_folder, wait_for
from support.records import ACCOUNT, REASON, record
from support.server import free_ports

PROGRAM = shutil.which("rsyslogd") or shutil.which("rsyslogd", path="/usr/sbin:/sbin")

CONFIGURATION = """\
global(workDirectory="{folder}")
module(load="imudp")
module(load="imtcp")
module(load="imuxsock" SysSock.Use="off")
input(type="imudp" address="127.0.0.1" port="{udp}")
input(type="imtcp" address="127.0.0.1" port="{tcp}")
input(type="imuxsock" Socket="{folder}/log")
template(name="parts" type="string"
  string="%pri-text%|%timestamp:::date-unixtimestamp%|%hostname%|%app-name%|%procid%|%structured-data%|%msg%\\n")
action(type="omfile" file="{folder}/out" template="parts")
"""


@pytest.fixture(scope="module")
def rsyslog() -> Iterator[tuple[Path, dict[str, str]]]:
    """What it has written, and its addresses by kind."""
    if PROGRAM is None:
        pytest.skip("there is no rsyslogd (Debian: rsyslog)")
    udp, tcp = free_ports(2)
    with open_folder() as folder:
        (folder / "conf").write_text(CONFIGURATION.format(folder=folder, udp=udp, tcp=tcp))
        command = [PROGRAM, "-n", "-f", str(folder / "conf"), "-i", str(folder / "pid")]
        process = subprocess.Popen(command)
        wait_for((folder / "log").exists, "rsyslog to listen")
        time.sleep(0.2)  # for the ports
        yield (
            folder / "out",
            {"udp": f"udp:127.0.0.1:{udp}", "tcp": f"tcp:127.0.0.1:{tcp}", "unix": f"unix:{folder}/log"},
        )
        process.terminate()
        process.wait(30)


@pytest.mark.parametrize("kind", ["udp", "tcp", "unix"])
def test_rsyslog_reads_it(rsyslog, kind):
    """Who says it, when, how grave it is, and all of the text, whatever a stranger put into it."""
    out, addresses = rsyslog
    output = Syslog(read_address(addresses[kind]))
    name = 'Jäne "Roe] \\ 中\r\n<0>forged: x'
    ones = [record(author=Party(name, "jane.roe@freemail.example")) for _ in range(3)]
    for one in ones:
        output.deliver(Alert(ACCOUNT, one))
    output.close()
    wait_for(lambda: out.exists() and all(one.id in out.read_text() for one in ones), "rsyslog to write")
    lines = out.read_text().splitlines()
    for one in ones:
        (line,) = [line for line in lines if one.id in line]
        priority, at, _, program, pid, structured, text = line.split("|", 6)
        assert priority == "mail.warning"
        assert abs(int(at) - time.time()) < 60
        assert program == "sosie"
        assert pid.isdigit()
        data = structured if kind != "unix" else text
        assert f'id="{one.id}"' in data
        assert 'from="jane.roe@freemail.example"' in data
        assert text.lstrip(" \ufeff").startswith(f'MALICIOUS-BEC: {REASON}; from Jäne "Roe] \\ 中')
