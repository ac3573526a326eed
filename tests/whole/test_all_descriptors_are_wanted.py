"""Somebody opens as many connections as he can, in front of a server that judges mail as well."""

from __future__ import annotations

import asyncio
import resource
import signal
import socket
from pathlib import Path

from support.milter import FORGED, MailServer
from support.postfix import open_folder, wait_for
from support.server import make_tenant, register_jane, start_server
from support.wire import status_of

DESCRIPTORS = 240


def test_mail_is_judged_and_recorded_all_the_while(storage):
    """By a mail server that comes only then, too; and whoever watches is answered."""
    with open_folder() as folder:
        path = f"{folder}/milter.sock"
        tenants = make_tenant(storage, "tenant"), make_tenant(storage, "other")
        register_jane(storage, tenants[0])
        settings = {"SOSIE_MILTER_LISTEN": f"unix:{path}", "SOSIE_MILTER_ACCOUNT": tenants[0].account_id}
        server = start_server(storage, tenants=tenants, **settings)
        wait_for(lambda: Path(path).exists(), "the milter")
        resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, (DESCRIPTORS, DESCRIPTORS))
        idle = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(DESCRIPTORS + 50)]
        for one in idle:
            one.setblocking(False)
        wait_for(lambda: any(_is_closed(one) for one in idle), "some to be closed")
        assert len(list(Path(f"/proc/{server.process.pid}/fd").iterdir())) < DESCRIPTORS - 20
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(path)
        assert len(MailServer(connection).judge(FORGED)) > 1
        assert asyncio.run(status_of(server.admin_port, "/readyz")) == 200
        for one in (*idle, connection):
            one.close()
        assert server.stop(signal.SIGINT) == 0


def _is_closed(one: socket.socket) -> bool:
    try:
        return one.recv(1) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True
