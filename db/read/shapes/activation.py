"""The accounts that a viewer vouches for (生成激活码列表, I7), never a code: the shape, and the list of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sqlalchemy import and_, case, func, select

from db.read import scope
from db.read.listing import Listing
from db.read.shape import Shape, global_id, plain
from db.read.viewer import Readers
from db.store.tables import account, institution, nurse, nurse_key, registration
from db.store.tables_account import activation_code
from rules.activation import CODE_TRIES, CodeState
from rules.institution import InstitutionState
from rules.people import AccountState, Role

_newest: Final = (
    select(activation_code)
    .where(activation_code.c.account_id == account.c.id)
    .order_by(activation_code.c.issued_at.desc())
    .limit(1)
    .lateral("newest")
)
# A code of somebody else than who vouches now is void.
_of_hers: Final = case(
    (institution.c.state == InstitutionState.ACTIVE, _newest.c.institution_id == registration.c.institution_id),
    else_=_newest.c.authority_id == registration.c.authority_id,
)
_unspent: Final = and_(_newest.c.voided_at.is_(None), _newest.c.tries < CODE_TRIES)
_state: Final = case(
    (_newest.c.id.is_(None), CodeState.NONE.value),
    (_newest.c.used_at.is_not(None), CodeState.USED.value),
    (and_(_unspent, _newest.c.expires_at > func.now(), _of_hers), CodeState.ISSUED.value),
    else_=CodeState.EXPIRED.value,
)

# Whose turn it is to be given one, as rules.account.open_steps has it, and who has none that is good.
_awaits: Final = and_(
    account.c.state == AccountState.INACTIVE,
    account.c.identity_verified,
    account.c.contact_verified,
    account.c.certificate_verified,
    _state.in_([CodeState.NONE.value, CodeState.EXPIRED.value]),
)

SHAPES: Final[Mapping[str, Shape]] = {
    "ActivationCode": Shape(
        registration.join(nurse, nurse.c.id == registration.c.nurse_id)
        .join(account, account.c.nurse_id == nurse.c.id)
        .outerjoin(institution, institution.c.id == registration.c.institution_id)
        .outerjoin(_newest, account.c.id == _newest.c.account_id),
        account.c.id,
        scope.vouched,
        {
            "accountId": global_id("Account", account.c.id),
            **plain(nurse, "name", "idNumberMasked", "sex"),
            "identityVerified": account.c.identity_verified,
            "registeredAt": account.c.created_at,
            "activated": account.c.state == AccountState.ACTIVE,
            "certificateVerified": account.c.certificate_verified,
            "codeState": _state,
            "awaitsCode": _awaits,
            "issuedAt": _newest.c.issued_at,
            "expiresAt": _newest.c.expires_at,
            "activatedAt": account.c.activated_at,
        },
    ),
}
LISTINGS: Final[Mapping[str, Listing]] = {
    "activationCodes": Listing(
        "ActivationCode",
        SHAPES["ActivationCode"].source,
        lambda viewer, *_: scope.vouched(viewer),
        account.c.id,
        {"registeredAt": account.c.created_at},
        (("registeredAt", True),),
        {
            "name": nurse.c.name,
            "namePart": nurse_key,
            "idNumber": nurse.c.id,
            "sex": nurse.c.sex,
            "registeredAt": account.c.created_at,
            "activated": account.c.state == AccountState.ACTIVE,
            "identityVerified": account.c.identity_verified,
            "certificateVerified": account.c.certificate_verified,
            "codeState": _state,
            "awaitsCode": _awaits,
        },
        arguments={"name": (nurse.c.name, "startsWith")},
        readers=Readers(roles=(Role.OPERATOR, Role.VIEWER, Role.REVIEWER)),
    ),
}
