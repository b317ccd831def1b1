"""Everything on one command: the database, the demo shop, web and worker, until Ctrl-C."""

import contextlib
import fcntl
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

from rich.console import Console

from adapters.host.demo.addresses import local_address, reachable
from adapters.host.demo.keyring import Keyring
from adapters.host.demo.processes import Child, ChildDied, child_environment, stop_all, watch
from adapters.host.settings import PREFIX, Settings, SettingsInvalid, read_settings

READY_WITHIN_S: Final = 60.0
Said = Callable[[str], None]


class CannotRun(Exception):
    """Why the demo cannot run here, and what to do about it."""


def run_demo(settings: Settings, said: Said, out: Console) -> None:
    """Prepare, serve and watch until SIGINT, SIGTERM or SIGHUP. Exits with 1 when it cannot run or a child dies."""
    stop = threading.Event()
    try:
        with _alone(settings.data_folder), _stopping_on_signals(stop):
            _run(_demo_settings(settings), said, out, stop)
    except (CannotRun, ChildDied, OSError) as error:
        Console(stderr=True, soft_wrap=True).print(str(error), style="red", markup=False, highlight=False)
        sys.exit(1)


def _run(settings: Settings, said: Said, out: Console, stop: threading.Event) -> None:
    children: list[Child] = []
    try:
        conninfo = _prepare(settings, said, stop)
        if stop.is_set():
            return
        said("starting web and worker")
        children = _start(settings)
        _wait_until_ready(settings, children, stop)
        if not stop.is_set():
            keyring = _seed(settings, conninfo, said)
            _tell(settings, keyring, out)
            watch(children, stop)
    finally:
        said("stopping")
        stop_all(children)
        _stop_database(settings)


def _prepare(settings: Settings, said: Said, stop: threading.Event) -> str:
    import psycopg

    from adapters.host.database import prepare

    try:
        return prepare(settings, said)
    except psycopg.OperationalError as error:
        raise CannotRun(f"The database cannot be reached: {error}") from None
    except subprocess.CalledProcessError as error:
        if stop.is_set():
            return ""
        said_by_it = "\n".join(getattr(error, "__notes__", []))
        raise CannotRun(f"PostgreSQL could not be started ({Path(error.cmd[0]).name}):\n{said_by_it}") from None


def _demo_settings(given: Settings) -> Settings:
    """The settings with the demo's environment, a port that is free, and addresses that follow the port."""
    port = _free_port(given.host) if given.port == 0 else given.port
    if given.port != 0 and not _is_free(given.host, port):
        raise CannotRun(
            f"Port {port} is taken by another program. Choose another one with the variable {PREFIX}PORT,\n"
            f"for example: {PREFIX}PORT={_free_port(given.host)} make run"
        )
    changes: dict[str, str] = {
        "environment": "demo",
        "port": str(port),
        "data_folder": str(given.data_folder.resolve()),
    }
    if not os.environ.get(f"{PREFIX}BASE_URL"):
        changes["base_url"] = f"http://{reachable(given.host)}:{port}"
    try:
        settings = read_settings(child_environment(**changes))
    except SettingsInvalid as error:
        raise CannotRun(str(error)) from None
    if "shops" not in (settings.named_contexts() or ["shops"]):
        raise CannotRun(f"The demo needs all contexts in one place: leave {PREFIX}CONTEXTS empty.")
    return settings


def _start(settings: Settings) -> list[Child]:
    environment = child_environment(
        environment="demo", port=str(settings.port), base_url=settings.base_url,
        data_folder=str(settings.data_folder),
    )  # fmt: skip
    return [Child(command, environment, settings.data_folder / "logs") for command in ("serve", "worker")]


def _wait_until_ready(settings: Settings, children: Sequence[Child], stop: threading.Event) -> None:
    deadline = time.monotonic() + READY_WITHIN_S
    while not stop.is_set() and not _is_ready(local_address(settings)):
        for child in children:
            child.check()
        if time.monotonic() > deadline:
            raise CannotRun(f"The web process did not get ready in {READY_WITHIN_S:.0f} s; see {children[0].log}.")
        stop.wait(0.05)


def _seed(settings: Settings, conninfo: str, said: Said) -> Keyring:
    import httpx2

    from adapters.host.demo.client import Away, Refused
    from adapters.host.demo.seed import seed

    try:
        return seed(settings, conninfo, local_address(settings), said)
    except (Away, Refused, httpx2.HTTPError) as error:
        raise CannotRun(f"The demo shop could not be set up: {error}") from None


def _tell(settings: Settings, keyring: Keyring, out: Console) -> None:
    base = settings.base_url
    mails = "sent by SMTP" if settings.smtp_url else f"written to {settings.for_contexts().outbox_folder}"
    out.print(
        f"""
[bold]Grapevine is running.[/bold]  Stop it with Ctrl-C.

  [bold]{base}/demo[/bold]           the shop Nordlicht: buy something as Ada, and share
  {base}/demo/counter   behind its counter: orders, returns, and a clock to move
  {base}/docs           the API, with examples
  {base}/outbox         mails ({mails})
  {base}/metrics        metrics; /health/ready says whether all is well

  secret key       {keyring.secret_key}
  publishable key  {keyring.publishable_key}
  webhooks         {base}/webhooks/shopify/{keyring.connection_id}
  logs             {settings.data_folder / "logs"}

[bold]Try this[/bold]
  1. Buy two things as Ada. The thank-you page offers her to share: take her link.
  2. Open the link in a private window: claim the deal as Ben, buy with his code.
  3. Behind the counter, see both rewards and their reasons. Move the clock 15 days:
     they are approved, and Ada has mail. Return half: her reward shrinks, and says why.
  Or ask the API: curl -H "Authorization: Bearer {keyring.secret_key}" {base}/api/v1/shop
""",
        highlight=False,
    )


def _is_ready(address: str) -> bool:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"{address}/health/ready", timeout=2) as response:
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _is_free(host: str, port: int) -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def _free_port(host: str) -> int:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Only one demo at a time works on a data folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "demo.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise CannotRun(
                f"The demo already runs on the data folder {folder}. "
                f"Stop it first, or choose another folder with {PREFIX}DATA_FOLDER."
            ) from None
        yield


@contextlib.contextmanager
def _stopping_on_signals(stop: threading.Event) -> Iterator[None]:
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, lambda *_: stop.set()) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _stop_database(settings: Settings) -> None:
    if settings.database_url is None:
        from adapters.host.embedded import EmbeddedPostgres

        EmbeddedPostgres(settings.data_folder).stop()
