"""The commands `hushi signing`: the keys that sign receipts, made, activated and retired (密钥仪式)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from web.command import database, do, read_settings

if TYPE_CHECKING:
    from web.settings import Settings

app = typer.Typer(help="The keys that sign receipts, and their published halves.", no_args_is_help=True)
At = Annotated[
    datetime | None,
    typer.Option(
        help="When, Beijing time; now unless told.", formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]
    ),
]
KeyId = Annotated[str, typer.Argument(help="Its id, as it stands before the colon.")]


@app.command()
def new() -> None:
    """Print a new key; put it before the others in HUSHI_SIGNING_KEYS."""
    from db.store.signing import new_signing_key

    typer.echo(new_signing_key())


@app.command()
def activate(at: At = None) -> None:
    """Publish the keys of HUSHI_SIGNING_KEYS that are not yet: they sign from then on."""
    settings = read_settings()
    from db.signing_key import publish
    from web.installation import signers_of

    async def work(owner_url: str) -> None:
        done = await publish(owner_url, signers_of(settings).public, _moment(at))
        typer.echo(f"Published: {', '.join(done)}." if done else "All of them are published already.")

    _on_own(settings, work)


@app.command()
def retire(key_id: KeyId, at: At = None) -> None:
    """Retire a key: what it signs afterwards is worth nothing. One that was stolen is retired from before the theft."""
    settings = read_settings()
    from db.signing_key import retire as end

    async def work(owner_url: str) -> None:
        moment = await end(owner_url, key_id, _moment(at))
        typer.echo(f"{key_id} is retired from {_shown(moment)} on; it stays published with its dates.")

    _on_own(settings, work)


@app.command("list")
def every() -> None:
    """Print the published keys with their dates."""
    settings = read_settings()
    from db.signing_key import published

    async def work(owner_url: str) -> None:
        for one in await published(owner_url):
            until = "" if one.retired_at is None else f", retired from {_shown(one.retired_at)}"
            typer.echo(f"{one.id}: active from {_shown(one.active_from)}{until}")

    _on_own(settings, work)


def _on_own(settings: Settings, work: Callable[[str], Awaitable[None]]) -> None:
    """Do the work on a database that is up to date and this installation's own."""
    from web.installation import require_own

    async def opened() -> None:
        async with database(settings, beside=True) as owner_url:
            await require_own(settings, owner_url)
            await work(owner_url)

    do(opened())


def _moment(at: datetime | None) -> datetime | None:
    from rules.moment import SHANGHAI

    return None if at is None else at.replace(tzinfo=SHANGHAI)


def _shown(at: datetime) -> str:
    from rules.moment import SHANGHAI

    return f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S} (Beijing time)"
