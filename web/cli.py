"""The command line: `hushi run` is all that a newcomer needs."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated, Final

import typer
from strawberry.printer import print_schema

import graph.root
from db.embedded.server import EmbeddedError
from db.rekey import reseal
from db.retention import RetentionError
from db.retention import retain as clear_away
from db.store.keys import KeyringError, new_keys
from db.store.migrate import MigrationError, migrate, require_migrated
from rules.errors import RegistryError
from web import log
from web.reset import start_over
from web.run import (
    DEMO_NURSES,
    DEMO_SEED,
    CommandError,
    database,
    fill,
    notify_alone,
    prepare,
    require_own,
    schedule_once,
    serve_outside,
    stoppable,
)
from web.run import run as run_all
from web.server import ListenError, listen
from web.settings import Settings, SettingsError, load

REFUSALS: Final = (
    CommandError,
    EmbeddedError,
    KeyringError,
    ListenError,
    MigrationError,
    RegistryError,
    RetentionError,
)

app = typer.Typer(
    help="Hushi 护士: the national nurse register.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
keys_app = typer.Typer(help="The keys that seal personal data.", no_args_is_help=True)
app.add_typer(keys_app, name="keys")


def main() -> None:
    """Run one command; an error is one sentence."""
    try:
        app()
    except SettingsError as refusal:
        typer.echo(refusal, err=True)
        raise SystemExit(2) from None
    except REFUSALS as refusal:
        typer.echo(refusal, err=True)
        raise SystemExit(1) from None


@app.command()
def run() -> None:
    """Start everything: a database of its own unless DATABASE_URL names one, demo data the first time, the server."""
    settings = _settings()
    with listen(settings) as listener:
        asyncio.run(stoppable(run_all(settings, listener)))


@app.command()
def serve() -> None:
    """Start the server alone, on the migrated database of DATABASE_URL; any number of these may run."""
    settings = _settings()
    if settings.owner_url is None:
        raise SettingsError(
            "DATABASE_URL is not set: set it, or start with `hushi run`, which brings a database along."
        )
    with listen(settings) as listener:
        asyncio.run(stoppable(serve_outside(settings, settings.owner_url, listener)))


@app.command()
def notify() -> None:
    """Send mail and text messages alone, for servers that run with HUSHI_NOTIFY=off; any number of these may run."""
    settings = _settings()
    if settings.owner_url is None:
        raise SettingsError("DATABASE_URL is not set: set it to the servers' database, whose messages are to be sent.")
    asyncio.run(stoppable(notify_alone(settings, settings.owner_url)))


@app.command(name="migrate")
def migrate_command() -> None:
    """Bring the database up to date."""

    async def work(settings: Settings) -> None:
        async with database(settings) as owner_url:
            await migrate(owner_url)

    asyncio.run(stoppable(work(_settings())))


@app.command()
def retain() -> None:
    """Drop events older than HUSHI_RETENTION_MONTHS and other finished rows; the servers do it daily if they may."""

    async def work(settings: Settings) -> None:
        async with database(settings, beside=True) as owner_url:
            await require_migrated(owner_url)
            typer.echo(await clear_away(owner_url, settings.retention_months))

    asyncio.run(stoppable(work(_settings())))


@app.command()
def scheduler() -> None:
    """Do once what is due by the system's scheduler; the servers do it every minute unless HUSHI_SCHEDULER=off."""

    async def work(settings: Settings) -> None:
        async with database(settings, beside=True) as owner_url:
            done = await schedule_once(settings, owner_url)
            counts = ", ".join(f"{name.lower()} {count}" for name, count in sorted(done.items()))
            typer.echo(f"Done: {counts}." if counts else "Nothing is due.")

    asyncio.run(stoppable(work(_settings())))


@app.command()
def seed(
    nurses: Annotated[int, typer.Option(help="How many nurses.")] = DEMO_NURSES,
    seed: Annotated[int, typer.Option(help="The same number makes the same register.")] = DEMO_SEED,
    force: Annotated[bool, typer.Option(help="Delete what is in the database first.")] = False,
    demo: Annotated[bool, typer.Option(help="Make the demo accounts in an outside database, too.")] = False,
) -> None:
    """Fill the database with an invented register."""

    async def work(settings: Settings) -> None:
        async with database(settings) as owner_url:
            keyring = await prepare(settings, owner_url)
            accounts = demo or settings.owner_url is None
            await fill(owner_url, keyring, nurses=nurses, seed=seed, force=force, demo=accounts)

    asyncio.run(stoppable(work(_settings())))


@app.command()
def reset() -> None:
    """Empty the database that comes along and fill it anew, as the first start did; never an outside database."""
    asyncio.run(stoppable(start_over(_settings())))


@app.command()
def schema(
    check: Annotated[
        bool, typer.Option("--check", help="Only compare; exit 1 if the file is behind the code.")
    ] = False,
) -> None:
    """Write the schema that clients read to graph/schema.graphql."""
    path = Path(graph.root.__file__).with_name("schema.graphql")
    text = f"{print_schema(graph.root.schema)}\n"
    if not check:
        path.write_text(text, encoding="utf-8")
    elif not path.exists() or path.read_text(encoding="utf-8") != text:
        typer.echo(f"{path.name} is behind the code: run `make schema` and commit it.", err=True)
        raise SystemExit(1)


@keys_app.command()
def new() -> None:
    """Print a new key; put it before the others in HUSHI_KEYS."""
    typer.echo(new_keys())


@keys_app.command()
def rotate() -> None:
    """Seal everything with the first key of HUSHI_KEYS, once every server has been started with it."""

    async def work(settings: Settings) -> None:
        async with database(settings, beside=True) as owner_url:
            keyring = await require_own(settings, owner_url)
            done = await reseal(owner_url, keyring)
            counts = ", ".join(f"{table} {count}" for table, count in done.items())
            typer.echo(f"Sealed with {keyring.newest}, rows that were not before: {counts}.")
            if keyring.between:
                typer.echo(f"No longer needed in HUSHI_KEYS: {', '.join(keyring.between)}. The last one must stay.")

    asyncio.run(stoppable(work(_settings())))


def _settings() -> Settings:
    settings = load()
    log.configure(settings.log)
    return settings


if __name__ == "__main__":
    main()
