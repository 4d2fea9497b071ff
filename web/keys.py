"""The commands `hushi keys`: a new key, and everything sealed with it."""

from __future__ import annotations

import typer

from web.command import database, do, read_settings

app = typer.Typer(help="The keys that seal personal data.", no_args_is_help=True)


@app.command()
def new() -> None:
    """Print a new key; put it before the others in HUSHI_KEYS."""
    from db.store.keys import new_keys

    typer.echo(new_keys())


@app.command()
def rotate() -> None:
    """Seal everything with the first key of HUSHI_KEYS, once every server has been started with it."""
    settings = read_settings()
    from db.rekey import reseal
    from web.installation import require_own

    async def work() -> None:
        async with database(settings, beside=True) as owner_url:
            keyring = await require_own(settings, owner_url)
            done = await reseal(owner_url, keyring)
            counts = ", ".join(f"{table} {count}" for table, count in done.items())
            typer.echo(f"Sealed with {keyring.newest}, rows that were not before: {counts}.")
            if keyring.spare:
                spare = ", ".join(keyring.spare)
                typer.echo(f"No longer needed in HUSHI_KEYS: {spare}. {keyring.indexing} indexes and must stay.")

    do(work())


@app.command()
def reindex() -> None:
    """Index everything with the first key of HUSHI_KEYS, while no server runs, so that the last one can go."""
    settings = read_settings()
    from db.reindex import reindex as index_anew
    from web.installation import require_own

    async def work() -> None:
        async with database(settings) as owner_url:
            keyring = await require_own(settings, owner_url)
            done = await index_anew(owner_url, keyring)
            counts = ", ".join(f"{table} {count}" for table, count in done.items())
            typer.echo(f"Indexed with {keyring.newest}: {counts}.")
            typer.echo("Start the servers with the same HUSHI_KEYS; from seven days on `keys rotate` says what can go.")

    do(work())
