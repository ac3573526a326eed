"""A command starts fast: what it does not need is not imported."""

from __future__ import annotations

import resource
import subprocess
import sys

import pytest

from support.server import SOSIE

HEAVY = ("asyncpg", "uvloop", "uvicorn", "prometheus_client", "jinja2", "httptools")
SECONDS = 0.15  # of the processor, for `sosie --help`: what a person does not notice


@pytest.mark.parametrize("command", [["entry", "list"], ["token", "list"]])
def test_commands_on_the_embedded_database_load_nothing_heavy(filled, command):
    """Neither the server nor the client of PostgreSQL."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", SOSIE, *command], env=filled.environment, capture_output=True, check=True
    )
    loaded = {line.rpartition(b"|")[2].strip().decode().partition(".")[0] for line in done.stderr.splitlines()}
    assert "sosie" in loaded
    assert loaded.isdisjoint(HEAVY)


def test_help_loads_no_command(bare_embedded):
    """And takes no noticeable time."""
    spent = []
    for _ in range(3):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        bare_embedded("--help")
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    assert min(spent) < SECONDS
