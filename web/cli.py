"""The command line: `hushi run` is all that a newcomer needs.

Each command imports what it needs when it is called: `hushi --help` waits for no GraphQL, and `hushi serve` knows
neither the invented register nor the PostgreSQL that comes along.
"""

from __future__ import annotations

import gc
from importlib.metadata import version as installed
from typing import Annotated, Final

import typer

from rules.command_error import CommandError
from rules.errors import Invalid, RegistryError
from rules.identity import DocumentType
from web import keys, signing
from web.command import database, do, outside, read_settings

DEMO_NURSES: Final = 20_000
DEMO_SEED: Final = 1

app = typer.Typer(
    help="Hushi 护士: the national nurse register.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(keys.app, name="keys")
app.add_typer(signing.app, name="signing")


def main() -> None:
    """Run one command; an error is one sentence."""
    gc.disable()  # an import leaves no garbage, and looking for it is a fifth of a start; `do` looks again
    try:
        app()
    except (CommandError, RegistryError) as refusal:
        typer.echo(_said(refusal), err=True)
        raise SystemExit(getattr(refusal, "status", 1)) from None


def _said(refusal: Exception) -> str:
    """A refusal as whoever typed the command reads it: what is wrong with each thing she gave."""
    if isinstance(refusal, Invalid):
        return "\n".join(f"{problem.path}: {problem.words.en}" for problem in refusal.problems)
    return str(refusal)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(installed("hushi"))
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the installed version.")
    ] = False,
) -> None:
    """The options that stand before a command."""


@app.command()
def run() -> None:
    """Start everything: a database of its own unless DATABASE_URL names one, demo data the first time, the server."""
    settings = read_settings()
    from web.server import listen

    with listen(settings) as listener:
        if settings.owner_url is None:
            from web import demo

            do(demo.run(settings, listener, demo.Invented(DEMO_NURSES, DEMO_SEED)))
        else:
            from web.run import migrate_and_serve

            do(migrate_and_serve(settings, settings.owner_url, listener))


@app.command()
def serve() -> None:
    """Start the server alone, on the migrated database of DATABASE_URL; any number of these may run."""
    settings = read_settings()
    owner_url = outside(settings, "set it, or start with `hushi run`, which brings a database along.")
    from web.run import serve_outside
    from web.server import listen

    with listen(settings) as listener:
        do(serve_outside(settings, owner_url, listener))


@app.command()
def notify() -> None:
    """Send mail and text messages alone, for servers that run with HUSHI_NOTIFY=off; any number of these may run."""
    settings = read_settings()
    owner_url = outside(settings, "set it to the servers' database, whose messages are to be sent.")
    from web.notifying import notify_alone

    do(notify_alone(settings, owner_url))


@app.command()
def migrate() -> None:
    """Bring the database up to date."""
    settings = read_settings()
    from db.store import migrate
    from web.installation import migrated

    async def work() -> None:
        async with database(settings) as owner_url:
            typer.echo(migrated(settings, await migrate.migrate(owner_url)))

    do(work())


@app.command()
def retain() -> None:
    """Drop events older than HUSHI_RETENTION_MONTHS, the audit trail before HUSHI_AUDIT_MONTHS, and finished rows."""
    settings = read_settings()
    from db.retention import retain
    from db.store.migrate import require_migrated

    async def work() -> None:
        async with database(settings, beside=True) as owner_url:
            await require_migrated(owner_url)
            typer.echo(await retain(owner_url, settings.retention_months, settings.audit_months))

    do(work())


@app.command()
def scheduler() -> None:
    """Do once what is due by the system's scheduler; the servers do it every minute unless HUSHI_SCHEDULER=off."""
    settings = read_settings()
    from web.jobs import schedule_once

    async def work() -> None:
        async with database(settings, beside=True) as owner_url:
            done = await schedule_once(settings, owner_url)
            counts = ", ".join(f"{name.lower()} {count}" for name, count in sorted(done.items()))
            typer.echo(f"Done: {counts}." if counts else "Nothing is due.")

    do(work())


@app.command()
def admin(
    name: Annotated[str, typer.Option(prompt=True, help="Her name, as others are to see it.")],
    user_name: Annotated[str, typer.Option(prompt=True, help="What she signs in with.")],
    phone: Annotated[str, typer.Option(prompt=True, help="Her phone: the first password goes there.")],
    id_number: Annotated[str, typer.Option(prompt=True, help="The number of her document.")],
    document_type: Annotated[DocumentType, typer.Option(help="The kind of her document.")] = DocumentType.RESIDENT_ID,
) -> None:
    """Let the nation's first admin in where none is there who could invite: on a new register, or once all are gone."""
    settings = read_settings()
    from web.admin import let_in
    from workflow.first_admin import FirstAdmin

    async def work() -> None:
        async with database(settings, beside=True) as owner_url:
            person = FirstAdmin(name, user_name, phone, document_type, id_number)
            typer.echo(await let_in(settings, owner_url, person))

    do(work())


@app.command()
def seed(
    nurses: Annotated[int, typer.Option(help="How many nurses.")] = DEMO_NURSES,
    seed: Annotated[int, typer.Option(help="The same number makes the same register.")] = DEMO_SEED,
    force: Annotated[bool, typer.Option(help="Delete what is in the database first.")] = False,
    demo: Annotated[bool, typer.Option(help="Make the demo accounts in an outside database, too.")] = False,
) -> None:
    """Fill the database with an invented register."""
    settings = read_settings()
    from db.seed import require_size
    from web.demo import Invented, fill
    from web.installation import prepare

    require_size(nurses)

    async def work() -> None:
        async with database(settings) as owner_url:
            keyring = await prepare(settings, owner_url)
            accounts = demo or settings.owner_url is None
            await fill(owner_url, keyring, Invented(nurses, seed), force=force, demo=accounts)

    do(work())


@app.command()
def reset() -> None:
    """Empty the database that comes along and fill it anew, as the first start did; never an outside database."""
    settings = read_settings()
    from web.demo import Invented, start_over

    do(start_over(settings, Invented(DEMO_NURSES, DEMO_SEED)))


@app.command()
def schema(
    check: Annotated[
        bool,
        typer.Option(
            "--check", help="Only compare; exit 1 if the file is behind the code, or a breaking change is not named."
        ),
    ] = False,
) -> None:
    """Write the schema that clients read to graph/schema.graphql."""
    from web import sdl

    path, text = sdl.path(), sdl.sdl()
    if not check:
        path.write_text(text, encoding="utf-8")
    elif not path.exists() or path.read_text(encoding="utf-8") != text:
        typer.echo(f"{path.name} is behind the code: run `make schema` and commit it.", err=True)
        raise typer.Exit(1)
    elif faults := sdl.unnamed_changes():
        typer.echo("\n".join(faults), err=True)
        raise typer.Exit(1)


if __name__ == "__main__":
    main()
