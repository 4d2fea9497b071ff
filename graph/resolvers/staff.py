"""The people of an institution or an authority."""

from __future__ import annotations

from typing import Final

from graph.context import Context
from graph.resolvers import mutation
from graph.resolvers.act import optional_key, retry_key
from graph.resolvers.shown import Names, Shows
from graph.schema.node import key_of
from graph.schema.staff import (
    AccountResetContactsInput,
    ContactsResetPayload,
    StaffInviteAgainInput,
    StaffInviteInput,
    StaffPayload,
    StaffSetIdentityInput,
    StaffSetRolesInput,
    StaffStepInput,
)
from workflow.contact_reset import AccountResetContacts
from workflow.staff import (
    StaffChange,
    StaffEnable,
    StaffInvite,
    StaffSetIdentity,
)
from workflow.staff_disabling import StaffDisable, StaffSetRoles
from workflow.staff_inviting import StaffInviteAgain

_SHOWN: Final = Shows("Account")


async def _invite(context: Context, input: StaffInviteInput) -> StaffInvite:
    return StaffInvite(
        frozenset(input.roles),
        input.display_name,
        input.user_name,
        input.phone,
        input.document_type,
        input.id_number,
        optional_key("Authority", input.authority),
        await context.services.passwords.first(),
        idempotency_key=retry_key(input),
    )


async def _invite_again(context: Context, input: StaffInviteAgainInput) -> StaffInviteAgain:
    key, first = key_of("Account", input.id), await context.services.passwords.first()
    return StaffInviteAgain(key, input.phone, first=first, idempotency_key=retry_key(input))


def _change(command: type[StaffChange], description: str) -> mutation.Mutation[StaffStepInput]:
    def wish(input: StaffStepInput) -> StaffChange:
        return command(key_of("Account", input.id), idempotency_key=retry_key(input))

    return mutation.of(command, StaffStepInput, StaffPayload, description, wish, _SHOWN)


def _set_roles(input: StaffSetRolesInput) -> StaffSetRoles:
    return StaffSetRoles(key_of("Account", input.id), frozenset(input.roles), idempotency_key=retry_key(input))


def _set_identity(input: StaffSetIdentityInput) -> StaffSetIdentity:
    document = (input.document_type, input.id_number)
    return StaffSetIdentity(key_of("Account", input.id), *document, idempotency_key=retry_key(input))


def _reset(input: AccountResetContactsInput) -> AccountResetContacts:
    return AccountResetContacts(key_of("Account", input.id), input.identity_seen, idempotency_key=retry_key(input))


MUTATIONS: Final = (
    mutation.prepared(
        StaffInvite,
        StaffInviteInput,
        StaffPayload,
        "Invite a colleague (邀请用户): the first password goes to her phone and is good for seven days.",
        _invite,
        _SHOWN,
    ),
    mutation.of(
        AccountResetContacts,
        AccountResetContactsInput,
        ContactsResetPayload,
        "Forget somebody's contacts at the desk (重置联系方式); the old ones are told, new ones wait 72 hours.",
        _reset,
        Names("Account", "account_id"),
    ),
    mutation.prepared(
        StaffInviteAgain,
        StaffInviteAgainInput,
        StaffPayload,
        "Send a new first password, for another seven days (重新邀请).",
        _invite_again,
        _SHOWN,
    ),
    _change(StaffDisable, "Shut a colleague out at once (停用)."),
    _change(StaffEnable, "Let a colleague in again (启用)."),
    mutation.of(
        StaffSetRoles, StaffSetRolesInput, StaffPayload, "Give a colleague other roles (角色).", _set_roles, _SHOWN
    ),
    mutation.of(
        StaffSetIdentity,
        StaffSetIdentityInput,
        StaffPayload,
        "Say by which document a colleague is known (登记证件): where none is on record, or until she signs in.",
        _set_identity,
        _SHOWN,
    ),
)
