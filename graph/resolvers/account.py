"""Who is asking; signing in and out."""

from __future__ import annotations

import strawberry

from db import session as sessions
from graph.context import Info
from graph.resolvers.rate_limit import count_try
from graph.schema.account import SignInInput, SignInPayload, SignInResult, SignOutPayload, SignOutResult, Viewer
from graph.schema.captcha import captcha_key
from rules.errors import NotAllowed
from workflow import session as workflow


@strawberry.type
class AccountQuery:
    """Looking."""

    @strawberry.field
    def viewer(self, info: Info) -> Viewer | None:
        """You, or null while nobody is signed in."""
        return Viewer.of(info.context.viewer)


@strawberry.type
class AccountMutation:
    """Acting."""

    @strawberry.mutation
    async def sign_in(self, info: Info, input: SignInInput) -> SignInResult:
        """Sign in (登录, N4, I3). A wrong password and an unknown user name get the same answer."""
        await count_try(info)
        context = info.context
        given = (input.user_name, input.password, _captcha(input))
        done = await workflow.sign_in(context.db, context.services.passwords, *given)
        async with context.db.read() as reader:
            session = await sessions.find(reader, sessions.digest(done.token))
        viewer = Viewer.of(session.actor) if session else None
        if session is None or viewer is None:
            # A session that is good for nothing, as of a closed institution, is told like a wrong password.
            raise NotAllowed("WRONG_CREDENTIALS", workflow.WRONG)
        context.become(session)
        return SignInPayload(token=done.token, expires_at=done.expires_at, viewer=viewer)

    @strawberry.mutation
    async def sign_out(self, info: Info) -> SignOutResult:
        """End this session (退出); its sockets are closed within seconds."""
        await workflow.sign_out(info.context.db, info.context.signed_in)
        info.context.services.sessions.forget(info.context.signed_in.token_hash)
        return SignOutPayload(signed_out=True)


def _captcha(input: SignInInput) -> workflow.Captcha | None:
    if input.captcha_id is None:
        return None
    return workflow.Captcha(captcha_key(input.captcha_id), input.captcha_answer or "")
