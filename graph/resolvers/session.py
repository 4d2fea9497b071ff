"""Signing in and out (登录, 退出), and the first sign-in (首次登录)."""

from __future__ import annotations

from typing import Final

from db import session as sessions
from graph.context import Context
from graph.resolvers.captcha import answer_of
from graph.resolvers.mutation import Fields, Mutation
from graph.schema.account import Viewer
from graph.schema.session import (
    FirstSignInInput,
    FirstSignInPayload,
    FirstSignInSendCodeInput,
    FirstSignInSendCodePayload,
    SignInInput,
    SignInPayload,
    SignOutPayload,
)
from rules.session import wrong
from workflow import first_sign_in
from workflow import session as workflow
from workflow.first_sign_in import Credentials, FirstSignIn, FirstSignInSendCode
from workflow.session import CaptchaAnswer, SignIn, SignOut


async def _sign_in(context: Context, input: SignInInput) -> Fields:
    given = (input.user_name, input.password, _captcha(context, input))
    return await entered(context, await workflow.sign_in(context.db, context.services.passwords, *given))


async def _sign_out(context: Context, _: None) -> Fields:
    await workflow.sign_out(context.db, context.signed_in)
    return {"signed_out": True}


async def _send_code(context: Context, input: FirstSignInSendCodeInput) -> Fields:
    masked = await first_sign_in.send_code(context.db, context.services.passwords, _credentials(context, input))
    return {"phone_masked": masked}


async def _first_sign_in(context: Context, input: FirstSignInInput) -> Fields:
    given = (_credentials(context, input), input.code, input.new_password)
    return await entered(context, await first_sign_in.sign_in(context.db, context.services.passwords, *given))


async def entered(context: Context, token: str) -> Fields:
    """The new session, in which the rest of the answer is read."""
    async with context.db.read() as reader:
        session = await sessions.find(reader, sessions.digest(token))
    viewer = Viewer.of(session.actor) if session else None
    if session is None or viewer is None:
        # A session that is good for nothing, as of a closed institution, is told like a wrong password.
        raise wrong()
    context.become(session)
    return {"token": token, "expires_at": session.expires_at, "viewer": viewer}


def _captcha(context: Context, input: SignInInput | FirstSignInSendCodeInput) -> CaptchaAnswer | None:
    return answer_of(context, input.captcha_id, input.captcha_answer)


def _credentials(context: Context, input: FirstSignInSendCodeInput) -> Credentials:
    return Credentials(input.user_name, input.password, _captcha(context, input))


MUTATIONS: Final = (
    Mutation(
        SignIn,
        SignInInput,
        SignInPayload,
        "Sign in (登录, N4, I3). A wrong password and an unknown user name get the same answer.",
        _sign_in,
        public=True,
        secret=True,
        opens=True,
    ),
    Mutation(
        SignOut,
        None,
        SignOutPayload,
        "End this session (退出); its sockets are closed within seconds.",
        _sign_out,
    ),
    Mutation(
        FirstSignInSendCode,
        FirstSignInSendCodeInput,
        FirstSignInSendCodePayload,
        "Send a code to the reserved phone (首次登录校验码, I3); a wrong password is told as signIn tells it.",
        _send_code,
        public=True,
        secret=True,
    ),
    Mutation(
        FirstSignIn,
        FirstSignInInput,
        FirstSignInPayload,
        "Sign in for the first time and set a password (首次登录, I3); the first of an institution opens it.",
        _first_sign_in,
        public=True,
        secret=True,
        opens=True,
    ),
)
