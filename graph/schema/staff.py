"""The people of an institution or an authority: inviting them, what is done to their accounts."""

from __future__ import annotations

from typing import Final

import strawberry

from graph.schema.account import Account
from graph.schema.query import query_after
from graph.schema.step import IdempotentInput
from rules.identity import DocumentType
from rules.people import Role

STAFF_NUMBER: Final = (
    "证件号码: kept sealed and shown to nobody; whoever is a nurse too is known by it and acts on nothing of her own."
)


@strawberry.input
class StaffInviteInput(IdempotentInput):
    """A colleague to be: an account is one person's, and inviting takes a minute; a shared one (共用账户) is none."""

    roles: list[Role] = strawberry.field(description="What she may do: roles of your institution or authority.")
    display_name: str = strawberry.field(description="The name colleagues see.")
    user_name: str = strawberry.field(
        description="用户名: a letter and 5 to 11 letters or digits, unique whatever the case."
    )
    phone: str = strawberry.field(description="预留手机号: user name and first password are sent there.")
    document_type: DocumentType = strawberry.field(default=DocumentType.RESIDENT_ID, description="证件类型.")
    id_number: str = strawberry.field(description=STAFF_NUMBER)
    authority: strawberry.ID | None = strawberry.field(
        default=None,
        description="An authority below yours, by its global id; for provincial admins. Yours unless told.",
    )


@strawberry.input
class StaffStepInput(IdempotentInput):
    """One step on a colleague's account."""

    id: strawberry.ID = strawberry.field(description="The account's global id.")


@strawberry.input
class StaffSetRolesInput(StaffStepInput):
    """Other roles."""

    roles: list[Role] = strawberry.field(description="All roles she is to hold from now on.")


@strawberry.input
class StaffSetIdentityInput(StaffStepInput):
    """The document of a colleague who was invited before documents were asked for."""

    document_type: DocumentType = strawberry.field(default=DocumentType.RESIDENT_ID, description="证件类型.")
    id_number: str = strawberry.field(description=STAFF_NUMBER)


@strawberry.input
class StaffInviteAgainInput(StaffStepInput):
    """Another first password."""

    phone: str | None = strawberry.field(
        default=None, description="预留手机号, where the one she was invited by is wrong."
    )


@strawberry.input
class AccountResetContactsInput(StaffStepInput):
    """Somebody who has lost both her phone and her mail box."""

    identity_seen: bool = strawberry.field(
        description="Whether you have seen her identity document (当面核验身份证件)."
    )


@strawberry.interface
class StaffPayload:
    """The step was taken."""

    account: Account = strawberry.field(description="The account as it stands now.")

    query = query_after("Anything else you want to read after the step.")


@strawberry.interface
class ContactsResetPayload:
    """The contacts are open again in 72 hours."""

    account_id: strawberry.ID = strawberry.field(description="The account's global id.")
