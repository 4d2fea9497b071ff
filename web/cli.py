"""The command line: `hushi run` is all that a newcomer needs."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Annotated, Final
from zoneinfo import ZoneInfo

import typer

from db.embedded import Embedded, EmbeddedError
from db.keys import Keyring, KeyringError, new_keys
from db.migrate import MigrationError, migrate, require_keyring, require_migrated
from rules.errors import RegistryError
from web import log
from web.banner import progress, welcome
from web.server import ListenError, Server, listen, on_stop
from web.settings import Settings, SettingsError, load

DEMO_NURSES: Final = 20_000
DEMO_SEED: Final = 1


class CommandError(Exception):
    """A command cannot do what was asked; the text says why and what to do."""


REFUSALS: Final = (CommandError, EmbeddedError, KeyringError, ListenError, MigrationError, RegistryError)

app = typer.Typer(
    help="Hushi 护士: the national nurse register.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
keys_app = typer.Typer(help="The keys that seal personal data.", no_args_is_help=True)
app.add_typer(keys_app, name="keys")


def main() -> None:
    """Run one command; what cannot be done is said in one sentence."""
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
        asyncio.run(_stoppable(_run(settings, listener)))


@app.command()
def serve() -> None:
    """Start the server alone, on the migrated database of DATABASE_URL; any number of these may run."""
    settings = _settings()
    if settings.database_url is None:
        raise SettingsError(
            "DATABASE_URL is not set: set it, or start with `hushi run`, which brings a database along."
        )
    with listen(settings) as listener:
        asyncio.run(_stoppable(_serve_outside(settings, listener)))


@app.command(name="migrate")
def migrate_command() -> None:
    """Bring the database up to date."""

    async def work(settings: Settings) -> None:
        async with _database(settings) as owner_url:
            await migrate(owner_url)

    asyncio.run(_stoppable(work(_settings())))


@app.command()
def seed(
    nurses: Annotated[int, typer.Option(min=1, help="How many nurses.")] = DEMO_NURSES,
    seed: Annotated[int, typer.Option(help="The same number makes the same register.")] = DEMO_SEED,
    force: Annotated[bool, typer.Option(help="Add to a database that is not empty.")] = False,
    demo: Annotated[bool, typer.Option(help="Make the demo accounts in an outside database, too.")] = False,
) -> None:
    """Fill the database with an invented register."""

    async def work(settings: Settings) -> None:
        async with _database(settings) as owner_url:
            keyring = await _prepare(settings, owner_url)
            accounts = demo or settings.database_url is None
            await _fill(owner_url, keyring, nurses=nurses, seed=seed, force=force, demo=accounts)

    asyncio.run(_stoppable(work(_settings())))


@app.command()
def schema(
    check: Annotated[
        bool, typer.Option("--check", help="Only compare; exit 1 if the file is behind the code.")
    ] = False,
) -> None:
    """Write the schema that clients read to graph/schema.graphql."""
    import graph.root
    from strawberry.printer import print_schema

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


def _settings() -> Settings:
    settings = load()
    log.configure(settings.log)
    return settings


async def _stoppable(work: Coroutine[None, None, None]) -> None:
    """Do the work; Ctrl-C and SIGTERM break it off in order, and a second one does not disturb that."""
    task = asyncio.ensure_future(work)

    def stop() -> None:
        on_stop(lambda: None)
        task.cancel()

    on_stop(stop)
    with suppress(asyncio.CancelledError):
        await task


async def _run(settings: Settings, listener: socket.socket) -> None:
    began = time.monotonic()
    async with _database(settings) as owner_url:
        keyring = await _prepare(settings, owner_url)
        if settings.database_url is None:
            await _fill_first_time(owner_url, keyring)
        await _serve(settings, owner_url, keyring, listener, began)


async def _serve_outside(settings: Settings, listener: socket.socket) -> None:
    began = time.monotonic()
    owner_url = settings.owner_url or ""
    keyring = _keyring(settings)
    await require_migrated(owner_url)
    await require_keyring(owner_url, keyring)
    await _serve(settings, owner_url, keyring, listener, began)


async def _serve(settings: Settings, owner_url: str, keyring: Keyring, listener: socket.socket, began: float) -> None:
    from web.app import build

    application = build(settings, settings.database_url or owner_url, owner_url, keyring)
    ready = partial(welcome, settings, listener.getsockname()[1], began)
    await Server(application, settings, ready).run_on(listener)


@asynccontextmanager
async def _database(settings: Settings) -> AsyncIterator[str]:
    """The owner's address of the database: the operator's, or one of our own that ends with us."""
    if settings.owner_url:
        yield settings.owner_url
        return
    embedded = Embedded(settings.data)
    address = await embedded.start()
    try:
        yield address
    finally:
        on_stop(lambda: None)
        await embedded.stop()


async def _prepare(settings: Settings, owner_url: str) -> Keyring:
    keyring = _keyring(settings)
    await migrate(owner_url)
    await require_keyring(owner_url, keyring)
    return keyring


def _keyring(settings: Settings) -> Keyring:
    if settings.keys:
        return Keyring.parse(settings.keys)
    if settings.database_url:
        raise SettingsError(
            "DATABASE_URL is set and HUSHI_KEYS is not: make a key with `hushi keys new`, keep it safe, set it everywhere."
        )
    return Keyring.kept_in(settings.data)


async def _fill_first_time(owner_url: str, keyring: Keyring) -> None:
    from db.seed import is_empty

    if await is_empty(owner_url):
        await _fill(owner_url, keyring, nurses=DEMO_NURSES, seed=DEMO_SEED, force=False, demo=True)


async def _fill(owner_url: str, keyring: Keyring, *, nurses: int, seed: int, force: bool, demo: bool) -> None:
    from db import seed as seeding

    today = datetime.now(ZoneInfo("Asia/Shanghai")).date()
    with progress() as report:
        try:
            await seeding.seed(
                owner_url,
                keyring,
                nurses=nurses,
                seed=seed,
                today=today,
                force=force,
                demo=demo,
                progress=report,
            )
        except seeding.SeedError as refusal:
            raise CommandError(str(refusal)) from refusal


if __name__ == "__main__":
    main()
