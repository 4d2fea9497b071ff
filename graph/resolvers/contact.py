"""Proving and changing one's own phone, mail box and password."""

from __future__ import annotations

from typing import Final

from graph.context import Context
from graph.resolvers.account import viewer
from graph.resolvers.act import retry_key
from graph.resolvers.mutation import Fields, Mutation
from graph.schema.contact import (
    ContactChangeConfirmInput,
    ContactChangeConfirmPayload,
    ContactChangeInput,
    ContactChangePayload,
    ContactConfirmInput,
    ContactConfirmPayload,
    ContactSendCodeInput,
    ContactSendCodePayload,
    PasswordChangeInput,
    PasswordChangePayload,
)
from workflow import contact as workflow
from workflow.code import RESEND
from workflow.contact import ContactChange, ContactChangeConfirm, ContactConfirm, ContactSendCode
from workflow.password_change import PasswordChange, change_password

RESEND_AFTER: Final = int(RESEND.total_seconds())


async def _send_code(context: Context, input: ContactSendCodeInput) -> Fields:
    sent_to = await workflow.send_code(context.db, context.signed_in, input.channel)
    return {"sent_to": sent_to, "resend_after": RESEND_AFTER}


async def _confirm(context: Context, input: ContactConfirmInput) -> Fields:
    await workflow.confirm(context.db, context.signed_in, input.channel, input.code)
    return await viewer(context)


async def _change(context: Context, input: ContactChangeInput) -> Fields:
    begun = await workflow.change(context.db, context.signed_in, input.channel, input.to)
    return {"sent_to": begun.sent_to, "old_code_needed": begun.old_code_needed, "resend_after": RESEND_AFTER}


async def _change_confirm(context: Context, input: ContactChangeConfirmInput) -> Fields:
    to, new, old = (input.channel, input.to), input.new_code, input.old_code
    await workflow.finish_change(context.db, context.signed_in, *to, new_code=new, old_code=old)
    return await viewer(context)


async def _change_password(context: Context, input: PasswordChangeInput) -> Fields:
    wish = PasswordChange(input.current_password, input.new_password, idempotency_key=retry_key(input))
    await change_password(context.db, context.services.passwords, context.signed_in, wish)
    return await viewer(context)


MUTATIONS: Final = (
    Mutation(
        ContactSendCode,
        ContactSendCodeInput,
        ContactSendCodePayload,
        "Send a code to your phone or mail box (发送校验码, N7, N8), also while your account is not activated.",
        _send_code,
    ),
    Mutation(
        ContactConfirm,
        ContactConfirmInput,
        ContactConfirmPayload,
        "Prove your phone or mail box with the code it got (验证手机, 验证邮箱, N7, N8).",
        _confirm,
        secret=True,
    ),
    Mutation(
        ContactChange,
        ContactChangeInput,
        ContactChangePayload,
        "Begin to change your phone or mail box (修改手机号, 修改安全邮箱, N12); codes go to both.",
        _change,
    ),
    Mutation(
        ContactChangeConfirm,
        ContactChangeConfirmInput,
        ContactChangeConfirmPayload,
        "Change your phone or mail box with the codes that came; the old one is told (N12).",
        _change_confirm,
        secret=True,
    ),
    Mutation(
        PasswordChange,
        PasswordChangeInput,
        PasswordChangePayload,
        "Change your password (修改登录密码, N12): every other session ends.",
        _change_password,
        secret=True,
    ),
)
