"""Accounts (账号) and the viewer herself: the shapes, and the staff of a place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import Uuid, case, cast, func, null, or_, select

from db.read import scope
from db.read.listing import WITHIN, Listing
from db.read.shape import (
    Many,
    One,
    Shape,
    plain,
)
from db.read.viewer import STAFF
from db.store.tables import (
    account,
)
from rules.people import AccountState, Party

_role: Any = func.unnest(account.c.roles).column_valued("role")

SHAPES: Final[Mapping[str, Shape]] = {
    "Account": Shape(
        account,
        account.c.id,
        scope.accounts,
        {
            "id": account.c.id,
            **plain(account, "party", "state", "roles", "userName", "displayName", "createdAt", "rowVersion"),
            **plain(account, "phoneMasked", "lastSignInAt"),
            # A nurse's is her record's, or what she stated at registering.
            "identityKnown": or_(account.c.party == Party.NURSE, account.c.id_number_index.is_not(None)),
        },
        links={"units": Many("UnitLimit", "id")},
    ),
    "AccountSecurity": Shape(
        account,
        account.c.id,
        scope.own_account,
        {
            **plain(account, "documentType", "idNumberMasked", "phoneMasked", "phoneVerifiedAt", "emailMasked"),
            **plain(account, "emailVerifiedAt", "contactHeldUntil", "identityOutcome", "identityVerified"),
            **plain(account, "contactVerified", "certificateVerified", "corrections", "weeklySummary"),
        },
    ),
    "Viewer": Shape(
        account,
        account.c.id,
        scope.own_account,
        {
            "id": account.c.id,
            **plain(account, "displayName", "party"),
            "roles": func.array(select(_role).order_by(_role).scalar_subquery()),
            "active": account.c.state == AccountState.ACTIVE,
        },
        {
            "account_id": account.c.id,
            "nurse_id": case((account.c.state == AccountState.ACTIVE, account.c.nurse_id)),
            "own_nurse_id": account.c.nurse_id,
            "institution_id": account.c.institution_id,
            "authority_id": account.c.authority_id,
            # Who acts for somebody is answered by the executor (graph/planned.py): an account does not say it.
            "on_behalf_of_id": cast(null(), Uuid()),
        },
        links={
            "onBehalfOf": One("Account", "on_behalf_of_id"),
            "account": One("Account", "account_id"),
            "security": One("AccountSecurity", "account_id"),
            "nurse": One("Nurse", "nurse_id"),
            "applications": Many("NurseApplication", "own_nurse_id"),
            "institution": One("Institution", "institution_id"),
            "authority": One("Authority", "authority_id"),
        },
    ),
}

LISTINGS: Final[Mapping[str, Listing]] = {
    "staff": Listing(
        "Account",
        account,
        scope.staff,
        account.c.id,
        {"userName": account.c.user_name},
        (("userName", False),),
        owner=WITHIN,
        readers=STAFF,
    ),
}
