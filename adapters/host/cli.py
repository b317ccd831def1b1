"""The command `grapevine`."""

import asyncio
import os
import sys
from typing import Annotated, Any

from cyclopts import App, Parameter
from rich.console import Console

from adapters.host.settings import Settings, SettingsInvalid, read_settings

app = App(name="grapevine", help="Grapevine: self-hosted referral marketing.", version="0.1.0")
shop_app = App(name="shop", help="Open shops.")
key_app = App(name="key", help="Make API keys for a shop.")
queue_app = App(name="queue", help="See and replay what was parked after its tries.")
reports_app = App(name="reports", help="Look after the figures of reports.")
for _part in (shop_app, key_app, queue_app, reports_app):
    app.command(_part)
out = Console(soft_wrap=True)
progress = Console(stderr=True, soft_wrap=True)


def _said(step: str) -> None:
    progress.print(f"[dim]· {step} …[/dim]", highlight=False)


def _become(module: str, *arguments: str) -> None:
    """Go on as the module, without what only the command line needs: a service holds it for as long as it runs."""
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, "-m", module, *arguments])  # noqa: S606


@app.command
def serve() -> None:
    """Serve the web: API, landing pages, links and webhooks."""
    settings = read_settings()
    _become("adapters.host.serve", settings.host, str(settings.port), settings.log_format, settings.log_level)


@app.command
def worker() -> None:
    """Carry facts between contexts and run jobs and schedules."""
    read_settings()  # what is wrong with them is said here
    _become("adapters.host.worker")


@app.command
def migrate() -> None:
    """Bring the database up to date (starts the embedded one when no other is set)."""
    from adapters.host.database import prepare

    prepare(read_settings(), _said)
    out.print("The database is up to date.")


@app.command
def stop() -> None:
    """Stop the embedded database, which other commands start and leave running."""
    from adapters.host.database import stop as stop_database

    out.print("The database is stopped." if stop_database(read_settings()) else "The database did not run.")


@app.command
def demo() -> None:
    """Set up the demo shop Nordlicht and serve everything, until Ctrl-C."""
    from adapters.host.demo.run import run_demo

    run_demo(read_settings(), _said, out)


@app.command
def config() -> None:
    """Print the settings in force, secrets hidden."""
    for name, value in read_settings().redacted().items():
        out.print(f"{name}={value}", highlight=False, markup=False)


@shop_app.command
def create(
    slug: str,
    title: str,
    *,
    country: Annotated[str, Parameter(help="Two letters, such as DE.")],
    currency: Annotated[str, Parameter(help="Three letters, such as EUR.")],
    locales: Annotated[list[str], Parameter(consume_multiple=True, negative="", help="The first is the default.")],
    time_zone: Annotated[str, Parameter(help="Such as Europe/Berlin.")],
    storefront_url: Annotated[str, Parameter(help="Where the shop's customers buy.")],
    test_mode: Annotated[bool, Parameter(negative="", help="A shop to try things in: its clock can be moved.")] = False,
) -> None:
    """Open a shop and print its first secret key (shown once)."""
    from adapters.host.operate import ShopWanted, open_shop

    wanted = ShopWanted(
        slug=slug, title=title, country=country, currency=currency, locales=tuple(locales), time_zone=time_zone,
        storefront_url=storefront_url, test_mode=test_mode,
    )  # fmt: skip
    opened = _operate(lambda installation: open_shop(installation, wanted))
    out.print(f"shop        {opened.shop_id}\nsecret key  {opened.secret_key}", highlight=False)


@key_app.command(name="create")
def create_key(
    shop: str,
    *,
    scopes: Annotated[list[str], Parameter(consume_multiple=True, negative="", help="Such as tracking:write.")],
) -> None:
    """Make a secret key for the shop with this slug, and print it (shown once)."""
    from adapters.host.operate import make_key

    out.print(_operate(lambda installation: make_key(installation, shop, tuple(scopes))), highlight=False)


@queue_app.command(name="list")
def list_parked() -> None:
    """What was given up after its tries."""
    from adapters.host.operate import list_parked as listed

    parked = _operate(listed)
    # Lines, not a table: an item is there to be copied, and a table cuts it to the terminal's width.
    for item in parked:
        tries = f"{item.tries} {'try' if item.tries == 1 else 'tries'}"
        out.print(f"{item.queue}  {item.item}", highlight=False, markup=False, style="bold")
        out.print(f"  {tries}, parked {item.parked_at}: {item.error}", highlight=False, markup=False)
    if not parked:
        out.print("Nothing is parked.")


@queue_app.command
def replay(queue: str | None = None, item: str | None = None) -> None:
    """Put parked items back to be tried again: all, one queue's, or one item."""
    from adapters.host.operate import replay_parked

    out.print(f"{_operate(lambda installation: replay_parked(installation, queue, item))} put back.")


@reports_app.command
def rebuild(shop: str | None = None) -> None:
    """Count all figures again from the rows behind them, of one shop (by its slug) or of all."""
    from adapters.host.operate import rebuild_reports

    count = _operate(lambda installation: rebuild_reports(installation, shop, _said))
    out.print(f"{count} {'shop' if count == 1 else 'shops'} counted again.")


def _operate(action: Any) -> Any:
    """Run one operator's action on a database that is up to date."""
    from adapters.host.composition import Installation
    from adapters.host.database import prepare
    from adapters.host.logs import configure_logs

    settings: Settings = read_settings()
    configure_logs(settings)
    conninfo = prepare(settings, _said)

    async def run() -> Any:
        installation = Installation(settings, conninfo)
        try:
            return await action(installation)
        finally:
            await installation.close()

    return asyncio.run(run())


def main() -> None:
    """Entry point: errors that a person can mend are one line, not a traceback."""
    from kernel.errors import DomainError

    try:
        app()
    except SettingsInvalid as error:
        progress.print(str(error), style="red", highlight=False, markup=False)
        sys.exit(2)
    except DomainError as error:
        said = error.title if error.detail in {"", error.title} else f"{error.title}: {error.detail}"
        if error.pointer:
            said = f"{error.pointer.removeprefix('/').replace('_', '-')}: {said}"
        progress.print(said, style="red", highlight=False, markup=False)
        sys.exit(1)


if __name__ == "__main__":
    main()
