"""`sosie serve` from the command line: what keeps it from starting is said in one line."""

from __future__ import annotations

import socket


def test_an_address_that_is_taken_is_an_error(bare_embedded):
    """Status 2."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        listen = f"127.0.0.1:{taken.getsockname()[1]}"
        ran = bare_embedded("serve", "--listen", listen, "--admin-listen", "", status=2)
    assert ran.stderr.startswith("sosie: cannot listen: ")
    assert ran.stderr.count("\n") == 1


def test_an_address_that_is_none_is_an_error(bare_embedded):
    """It is named."""
    assert "SOSIE_LISTEN must read HOST:PORT" in bare_embedded("serve", "--listen", "here", status=2).stderr
