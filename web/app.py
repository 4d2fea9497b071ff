"""The Starlette application: everything a process needs, made in one place."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from graphql import OperationType
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from db.feed.feed import Feed
from db.session import Sessions, digest
from db.store.engine import Database
from db.store.keys import Keyring
from db.store.signing import Signers
from db.watch import Ended
from graph.context import Context, Services
from graph.dataloaders.loaders import DataLoaders
from graph.live import Live
from graph.planned import Reads
from graph.planned_step import Steps
from graph.root import MUTATIONS, PUBLIC, SECRETS, schema
from rules.entrance import Support
from rules.errors import Unauthenticated
from rules.passwords import PasswordPolicy
from web import download, graphiql, health, outbox, template, verify
from web.application import Application
from web.graphql import PAGE, Endpoint
from web.negotiate import preferred_language
from web.operations import Plans
from web.settings import Settings
from workflow.captcha import Captchas
from workflow.password import Passwords
from workflow.public_register import PublicRegister
from workflow.receipt import Receipts

if TYPE_CHECKING:
    from db.seed.demo import DemoAccount


def services_of(
    settings: Settings, database_url: str, keyring: Keyring, signers: Signers | None = None, **more: Any
) -> Services:
    """The services that one process shares between all its operations; `more` replaces parts of the database."""
    db = Database(database_url, keyring, statement_seconds=settings.limits.statement_seconds, **more)
    passwords = Passwords(PasswordPolicy(settings.password_min))
    return Services(
        db,
        Feed(db, settings.wakeups),
        Sessions(db),
        passwords,
        settings.limits,
        DataLoaders,
        Captchas(),
        PublicRegister(),
        Receipts(settings.origin, signers or Signers({})),
        settings.known_networks,
        settings.privacy_notice == "required",
        help_url=settings.help_url,
        support=Support(settings.support_phone, settings.support_mail, settings.support_hours),
    )


def build(
    settings: Settings,
    database_url: str,
    keyring: Keyring,
    services: Services | None = None,
    accounts: Sequence[DemoAccount] = (),
) -> Application:
    """One process of the service, on a migrated database; `accounts` are the demo accounts in it."""
    shared = services or services_of(settings, database_url, keyring)

    async def open_context(token: str | None, accept_language: str) -> Context:
        session = None if token is None else await shared.sessions.find(digest(token))
        if token is not None and session is None:
            raise Unauthenticated
        return Context(shared, session, preferred_language(accept_language))

    def open_late(token: str, accept_language: str) -> Context:
        token_hash, language = digest(token), preferred_language(accept_language)
        session = shared.sessions.at_hand(token_hash)
        return Context(shared, session, language, unread=None if session else token_hash)

    def watch(context: Context, ended: Ended) -> Callable[[], object]:
        session = context.session
        return shared.sessions.watch(session.token_hash, session.actor, ended) if session else lambda: None

    reads, steps = Reads(schema._schema, shared.feed), Steps(schema._schema, shared.feed, MUTATIONS)
    answers = {OperationType.QUERY: reads.data, OperationType.MUTATION: steps.data}
    plans = Plans(answers, Live(schema._schema, shared).follow, open_late)
    endpoint = Endpoint(
        schema,
        open_context,
        settings.limits,
        public=PUBLIC,
        secrets=SECRETS,
        allowed_origins=_origins(settings),
        plans=plans,
        watch=watch,
    )

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        await shared.db.open()
        await shared.feed.open()
        await shared.sessions.open(shared.limits.session_seconds / 2)
        try:
            yield
        finally:
            await shared.sessions.close()
            await shared.feed.close()
            await shared.db.close()

    return Application(endpoint, routes=_routes(settings, shared, accounts), lifespan=lifespan)


def _origins(settings: Settings) -> Sequence[str]:
    return (settings.origin,) if settings.public_url else ()


def _routes(settings: Settings, shared: Services, accounts: Sequence[DemoAccount]) -> list[BaseRoute]:
    async def home(_: Request) -> Response:
        return RedirectResponse(PAGE, 303)

    # Known passwords are offered to whoever sits at this machine, never to a network.
    demo = settings.database_url is None and settings.loopback
    offered = [{"role": a.role, "userName": a.user_name, "password": a.password} for a in accounts if demo]
    return [
        Route("/", home),
        *health.routes(shared.db),
        outbox.route(settings, shared.db),
        download.route(shared),
        template.route(),
        *verify.routes(shared),
        *graphiql.routes(offered),
    ]
