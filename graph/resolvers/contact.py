"""Proving and changing one's own phone, mail box and password."""

from __future__ import annotations

import strawberry

from graph.context import Info
from graph.resolvers.act import retry_key
from graph.schema.account import Viewer
from graph.schema.contact import (
    ContactChangeConfirmInput,
    ContactChangeConfirmPayload,
    ContactChangeConfirmResult,
    ContactChangeInput,
    ContactChangePayload,
    ContactChangeResult,
    ContactConfirmInput,
    ContactConfirmPayload,
    ContactConfirmResult,
    ContactSendCodeInput,
    ContactSendCodePayload,
    ContactSendCodeResult,
    PasswordChangeInput,
    PasswordChangePayload,
    PasswordChangeResult,
)
from rules.errors import Unauthenticated
from workflow import contact as workflow
from workflow.code import RESEND

RESEND_AFTER = int(RESEND.total_seconds())


@strawberry.type
class ContactMutation:
    """Acting."""

    @strawberry.mutation
    async def contact_send_code(self, info: Info, input: ContactSendCodeInput) -> ContactSendCodeResult:
        """Send a code to your phone or mail box (发送校验码, N7, N8), also while your account is not activated."""
        sent_to = await workflow.send_code(info.context.db, info.context.signed_in, input.channel)
        return ContactSendCodePayload(sent_to=sent_to, resend_after=RESEND_AFTER)

    @strawberry.mutation
    async def contact_confirm(self, info: Info, input: ContactConfirmInput) -> ContactConfirmResult:
        """Prove your phone or mail box with the code it got (验证手机, 验证邮箱, N7, N8)."""
        await workflow.confirm(info.context.db, info.context.signed_in, input.channel, input.code)
        return ContactConfirmPayload(viewer=_viewer(info))

    @strawberry.mutation
    async def contact_change(self, info: Info, input: ContactChangeInput) -> ContactChangeResult:
        """Begin to change your phone or mail box (修改手机号, 修改安全邮箱, N12); codes go to both."""
        begun = await workflow.change(info.context.db, info.context.signed_in, input.channel, input.to)
        told = {"sent_to": begun.sent_to, "old_code_needed": begun.old_code_needed}
        return ContactChangePayload(**told, resend_after=RESEND_AFTER)  # type: ignore[arg-type]

    @strawberry.mutation
    async def contact_change_confirm(self, info: Info, input: ContactChangeConfirmInput) -> ContactChangeConfirmResult:
        """Change your phone or mail box with the codes that came; the old one is told (N12)."""
        db, session = info.context.db, info.context.signed_in
        codes = {"new_code": input.new_code, "old_code": input.old_code}
        await workflow.finish_change(db, session, input.channel, input.to, **codes)  # type: ignore[arg-type]
        return ContactChangeConfirmPayload(viewer=_viewer(info))

    @strawberry.mutation
    async def password_change(self, info: Info, input: PasswordChangeInput) -> PasswordChangeResult:
        """Change your password (修改登录密码, N12): every other session ends."""
        context, given = info.context, (input.current_password, input.new_password)
        order = workflow.NewPassword(context.signed_in, *given, retry_key(input))
        await workflow.change_password(context.db, context.services.passwords, order)
        return PasswordChangePayload(viewer=_viewer(info))


def _viewer(info: Info) -> Viewer:
    """You, read afresh."""
    info.context.forget()
    viewer = Viewer.of(info.context.viewer)
    if viewer is None:
        raise Unauthenticated
    return viewer
