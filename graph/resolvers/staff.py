"""The people of an institution or an authority, and their first sign-in."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import strawberry

from db import session as sessions
from graph.context import Context, Info
from graph.resolvers.act import mutation, optional_key, retry_key, shown
from graph.resolvers.rate_limit import count_try
from graph.schema.account import Viewer
from graph.schema.act import Act
from graph.schema.node import key_of, parsed
from graph.schema.staff import (
    INVITE,
    RESET_CONTACTS,
    STAFF_STEPS,
    FirstSignInInput,
    FirstSignInPayload,
    FirstSignInResult,
    FirstSignInSendCodeInput,
    FirstSignInSendCodePayload,
    FirstSignInSendCodeResult,
)
from rules.errors import NotAllowed
from rules.staff import StaffStep
from workflow import first_sign_in
from workflow import staff as workflow
from workflow.first_sign_in import Credentials
from workflow.session import WRONG, Captcha

_STEP_OF: dict[str, StaffStep] = {act.name: step for step, act in STAFF_STEPS.items()}


async def _invite(context: Context, act: Act, input: Any) -> Any:
    order = workflow.Invitation(
        context.signed_in,
        tuple(input.roles),
        input.display_name,
        input.user_name,
        input.phone,
        optional_key("Authority", input.authority),
        retry_key(input),
    )
    key = await workflow.invite(context.db, context.services.passwords, order)
    return act.payload(account=await shown(context, "Account", key))


async def _change(context: Context, act: Act, input: Any) -> Any:
    roles = tuple(getattr(input, "roles", ()))
    key = key_of("Account", input.id)
    given = (roles, retry_key(input), getattr(input, "phone", None))
    order = workflow.StaffOrder(context.signed_in, _STEP_OF[act.name], key, *given)
    await workflow.change(context.db, context.services.passwords, order)
    return act.payload(account=await shown(context, "Account", key))


async def _reset(context: Context, act: Act, input: Any) -> Any:
    order = workflow.ContactReset(context.signed_in, key_of("Account", input.id), input.identity_seen, retry_key(input))
    await workflow.reset_contacts(context.db, order)
    return act.payload(id=input.id)


_FIELDS: dict[str, Any] = {
    INVITE.name: mutation(INVITE, _invite),
    RESET_CONTACTS.name: mutation(RESET_CONTACTS, _reset),
    **{act.name: mutation(act, _change) for act in STAFF_STEPS.values()},
}
StaffMutation: Any = strawberry.type(type("StaffMutation", (), {**_FIELDS, "__doc__": "Acting."}))


def _credentials(input: FirstSignInSendCodeInput) -> Credentials:
    if input.captcha_id is None:
        return Credentials(input.user_name, input.password)
    found = parsed(input.captcha_id)
    key = found[1] if found else UUID(int=0)
    return Credentials(input.user_name, input.password, Captcha(key, input.captcha_answer or ""))


@strawberry.type
class FirstSignInMutation:
    """Acting."""

    @strawberry.mutation
    async def first_sign_in_send_code(self, info: Info, input: FirstSignInSendCodeInput) -> FirstSignInSendCodeResult:
        """Send a code to the reserved phone (首次登录校验码, I3); a wrong password is told as signIn tells it."""
        await count_try(info)
        context = info.context
        masked = await first_sign_in.send_code(context.db, context.services.passwords, _credentials(input))
        return FirstSignInSendCodePayload(phone_masked=masked)

    @strawberry.mutation
    async def first_sign_in(self, info: Info, input: FirstSignInInput) -> FirstSignInResult:
        """Sign in for the first time and set a password (首次登录, I3); the first of an institution opens it."""
        await count_try(info)
        context = info.context
        given = _credentials(input)
        done = await first_sign_in.sign_in(
            context.db, context.services.passwords, given, input.code, input.new_password
        )
        async with context.db.read() as reader:
            session = await sessions.find(reader, sessions.digest(done.token))
        viewer = Viewer.of(session.actor) if session else None
        if session is None or viewer is None:
            raise NotAllowed("WRONG_CREDENTIALS", WRONG)
        context.become(session)
        return FirstSignInPayload(token=done.token, expires_at=done.expires_at, viewer=viewer)
