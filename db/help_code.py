"""Codes for the help desk (客服查询码), kept as HMAC; and where the person stands who has made one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, select
from sqlalchemy.dialects.postgresql import insert

from db import activation as activations
from db.read.standing import standing
from db.store.engine import Tx
from db.store.keys import Keyring
from db.store.tables import account, authority, institution, registration
from db.store.tables_application import application
from db.store.tables_help import help_code
from rules.account import open_steps
from rules.application import State
from rules.help_code import APPLICATIONS, Seen, SeenApplication
from rules.kinds import Kind
from rules.people import AccountState, Party
from rules.privacy import mask_name
from rules.registration import Standing

_c = help_code.c


def _hashed(keyring: Keyring, digits: str) -> bytes:
    return keyring.blind_index(digits, "help-code")


async def replace(tx: Tx, account_id: UUID, digits: str, lifetime: timedelta) -> bool:
    """Keep a new code in place of the account's last; False where another one has this very code."""
    await tx.execute(delete(help_code).where(_c.account_id == account_id))
    row = {"account_id": account_id, "code_hash": _hashed(tx.keyring, digits), "created_at": tx.now}
    made = insert(help_code).values({**row, "expires_at": tx.now + lifetime}).on_conflict_do_nothing()
    return (await tx.execute(made.returning(_c.account_id))).first() is not None


async def use(tx: Tx, digits: str) -> UUID | None:
    """The account of a live code, which is used up; of two who give it at once one gets it."""
    live = delete(help_code).where(_c.code_hash == _hashed(tx.keyring, digits), _c.expires_at > tx.now)
    found: UUID | None = (await tx.execute(live.returning(_c.account_id))).scalar_one_or_none()
    return found


async def seen(tx: Tx, account_id: UUID) -> Seen:
    """The standing of a person, masked."""
    row = await _standing(tx, account_id)
    candidate = await activations.find(tx, account_id)
    early = candidate is not None and row.state == AccountState.INACTIVE
    return Seen(
        account_id,
        row.nurse_id,
        Party(row.party),
        mask_name(row.display_name),
        AccountState(row.state),
        tuple(open_steps(candidate.progress)) if candidate and early else (),
        None if row.standing is None else Standing(row.standing),
        row.valid_until,
        row.institution,
        row.authority,
        await _applications(tx, row.nurse_id),
    )


async def _standing(tx: Tx, account_id: UUID) -> Row[Any]:
    joined = (
        account.outerjoin(registration, registration.c.nurse_id == account.c.nurse_id)
        .outerjoin(institution, institution.c.id == registration.c.institution_id)
        .outerjoin(authority, authority.c.id == registration.c.authority_id)
    )
    known = (institution.c.name.label("institution"), authority.c.name.label("authority"))
    her = (account.c.nurse_id, account.c.party, account.c.display_name, account.c.state, registration.c.valid_until)
    query = select(*her, registration.c.status, standing.label("standing"), *known).select_from(joined)
    return (await tx.execute(query.where(account.c.id == account_id))).one()


async def _applications(tx: Tx, nurse_id: UUID | None) -> tuple[SeenApplication, ...]:
    if nurse_id is None:
        return ()
    query = select(application.c.kind, application.c.state).where(application.c.nurse_id == nurse_id)
    rows = await tx.execute(query.order_by(application.c.id.desc()).limit(APPLICATIONS))
    return tuple(SeenApplication(Kind(row.kind), State(row.state)) for row in rows)
