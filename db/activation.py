"""Queries on the activation of nurses' accounts (激活) and on its end (撤销)."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    DateTime,
    Integer,
    Row,
    Select,
    and_,
    bindparam,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from db import eligibility
from db.ending import IN_TURN
from db.read.recusal import attended
from db.session import read_afresh
from db.store.engine import Reader, Tx
from db.store.statement import Statement
from db.store.tables import account, audit, authority, institution, nurse, registration
from db.store.tables_application import application, review_decision
from rules.account import Progress
from rules.activation import Candidate, refusal
from rules.activation_way import Stand
from rules.application import OPEN, State
from rules.errors import NotFound
from rules.institution import InstitutionState
from rules.people import AccountState, Actor, Party
from rules.registration import RegistrationStatus
from rules.verification import IdentityOutcome


def _candidates(*which: ColumnElement[bool]) -> Select[Any]:
    at_work = nurse.outerjoin(registration, registration.c.nurse_id == nurse.c.id)
    at_work = at_work.outerjoin(institution, institution.c.id == registration.c.institution_id)
    return (
        select(
            *(account.c[name] for name in ("id", "state", "nurse_id", "identity_outcome", "identity_verified")),
            *(
                account.c[name]
                for name in ("contact_verified", "certificate_verified", "certificate_tries", "corrections")
            ),
            *(registration.c[name] for name in ("status", "certificate_number", "institution_id", "authority_id")),
            registration.c.unit_id,
            institution.c.state.label("institution_state"),
            func.coalesce(nurse.c.name, account.c.display_name).label("name"),
            nurse.c.id_number_masked,
            attended(registration.c.institution_id, account.c.nurse_id).label("attended"),
        )
        .select_from(account.outerjoin(at_work, nurse.c.id == account.c.nurse_id))
        .where(account.c.party == Party.NURSE, *which)
    )


def _noun(row: Row[Any]) -> Candidate:
    progress = Progress(
        AccountState(row.state),
        row.identity_outcome and IdentityOutcome(row.identity_outcome),
        row.corrections,
        row.identity_verified,
        row.contact_verified,
        row.certificate_verified,
    )
    return Candidate(
        account_id=row.id,
        progress=progress,
        certificate_tries=row.certificate_tries,
        nurse_id=row.nurse_id,
        status=row.status and RegistrationStatus(row.status),
        certificate_number=row.certificate_number,
        institution_id=row.institution_id,
        institution_state=row.institution_state and InstitutionState[row.institution_state],
        authority_id=row.authority_id,
        name=row.name,
        id_number_masked=row.id_number_masked,
        unit_id=row.unit_id,
        attended=row.attended,
    )


async def find(reader: Reader, account_id: UUID) -> Candidate | None:
    """A nurse's account as it stands, or None where it is not one."""
    row = (await reader.execute(_candidates(account.c.id == account_id))).one_or_none()
    return None if row is None else _noun(row)


async def get(reader: Reader, account_id: UUID) -> Candidate:
    """A nurse's account as it stands."""
    found = await find(reader, account_id)
    if found is None:
        raise NotFound
    return found


async def inactive_at(reader: Reader, institution_id: UUID) -> list[Candidate]:
    """The accounts of an institution's nurses that are not active yet."""
    here = (account.c.state == AccountState.INACTIVE, registration.c.institution_id == institution_id)
    return [_noun(row) for row in await reader.execute(_candidates(*here).order_by(account.c.id))]


async def alone_at(reader: Reader, institution_id: UUID) -> list[Candidate]:
    """The ones among these for whom nobody at the institution may vouch: their authority does."""
    here = (account.c.state == AccountState.INACTIVE, registration.c.institution_id == institution_id)
    alone = ~attended(registration.c.institution_id, account.c.nurse_id)
    return [_noun(row) for row in await reader.execute(_candidates(*here, alone).order_by(account.c.id))]


async def lock(tx: Tx, account_id: UUID) -> Candidate:
    """A nurse's account, held until the transaction ends."""
    # Whoever waited for the lock has read what is joined before: so the lock is a statement of its own.
    await tx.execute(select(account.c.id).where(account.c.id == account_id).with_for_update(key_share=True))
    return await get(tx, account_id)


async def count_certificate_try(tx: Tx, account_id: UUID) -> None:
    """One more certificate number was tried."""
    more = account.c.certificate_tries + 1
    await tx.execute(update(account).where(account.c.id == account_id).values(certificate_tries=more))


async def write(tx: Tx, account_id: UUID, **values: Any) -> None:
    """Write these columns of a locked account."""
    await tx.execute(update(account).where(account.c.id == account_id).values(values))


async def activate(tx: Tx, candidate: Candidate, **values: Any) -> None:
    """The locked account is active from now on (已激活)."""
    try:
        await write(tx, candidate.account_id, state=AccountState.ACTIVE, activated_at=tx.now, **values)
        await read_afresh(tx, candidate.account_id)
    except IntegrityError as error:
        # Her record belongs to another account: the same answer as for a number that is not hers.
        raise refusal("WRONG_CERTIFICATE") from error


async def unfinished_applications(tx: Tx, nurse_id: UUID) -> list[UUID]:
    """The drafts and open applications that the nurse filed.

    They are locked, with everything else of the nurse's in progress.
    """
    under_way = application.c.state.in_([*sorted(OPEN), State.DRAFT])
    query = select(application.c.id, application.c.filed_by).where(application.c.nurse_id == nurse_id, under_way)
    rows = await tx.execute(query.order_by(*IN_TURN).with_for_update())
    return [row.id for row in rows if row.filed_by == Party.NURSE]


async def business_done(tx: Tx, nurse_id: UUID) -> bool:
    """True if an application of the nurse was ever approved (已成功办理过业务), also if that was voided later."""
    decided = and_(review_decision.c.stage == "AUTHORITY_DECISION", review_decision.c.outcome == "AGREED")
    agreed = exists().where(review_decision.c.application_id == application.c.id, decided)
    approved = or_(application.c.state == State.APPROVED, agreed)
    query = select(exists().where(application.c.nurse_id == nurse_id, approved))
    return bool((await tx.execute(query)).scalar_one())


_UNDER_WAY: Final = exists().where(application.c.nurse_id == account.c.nurse_id, application.c.state.in_(sorted(OPEN)))
_LEFT: Final = (
    select(account.c.id)
    .where(
        account.c.party == Party.NURSE,
        account.c.state == AccountState.INACTIVE,
        account.c.created_at < bindparam("before", type_=DateTime(timezone=True)),
        ~_UNDER_WAY,
    )
    .limit(bindparam("most", type_=Integer()))
    .with_for_update(skip_locked=True, key_share=True)
)
_FREED: Final = (
    update(account)
    .where(account.c.id.in_(_LEFT.scalar_subquery()))
    .values(state=AccountState.REVOKED)
    .returning(account.c.id, account.c.nurse_id)
    .cte("freed")
)
FREE_ABANDONED: Final = Statement(
    insert(audit).from_select(
        ["account_id", "nurse_id", "action"], select(_FREED.c.id, _FREED.c.nurse_id, literal("account.freed"))
    ),
    ["before", "most"],
)
"""Frees the ID numbers of so many accounts that were not activated `before` a moment, and says so in the audit."""


async def issuer_name(reader: Reader, candidate: Candidate) -> str:
    """The name of the candidate's issuer."""
    party, key = candidate.issuer or (Party.AUTHORITY, None)
    place = institution if party is Party.INSTITUTION else authority
    name: str = (await reader.execute(select(place.c.name).where(place.c.id == key))).scalar_one()
    return name


async def stand(reader: Reader, viewer: Actor) -> Stand | None:
    """The place of a nurse on her way to an active account, with her open applications; None of anybody else."""
    candidate = await find(reader, viewer.account_id)
    if candidate is None:
        return None
    name = await issuer_name(reader, candidate) if candidate.issuer is not None else None
    begun = await eligibility.begun(reader, candidate.nurse_id, viewer) if candidate.nurse_id else []
    return Stand(candidate, name, frozenset(one.kind for one in begun if one.state in OPEN))
