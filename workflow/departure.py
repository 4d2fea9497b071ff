"""A nurse has left (离职报告, I9): her institution says so, she may dispute it, and it may be taken back."""

from __future__ import annotations

from uuid import UUID

from db import departure as departures
from db import eligibility
from db import registration as registrations
from db.feed.event import Addressed
from db.session import Session
from db.store.engine import Database
from rules.departure import come_back, leave, require_may_dispute, require_still_there
from rules.own_nurse import require_own_nurse
from rules.people import Party, Role
from rules.wording import remark, wording
from workflow.ending import news
from workflow.nurse_case import NurseCase, NurseOrder, act


async def report(db: Database, order: NurseOrder) -> UUID:
    """Her institution reports that she has left: `reason`, `left_on`, `remarks`; gives the report's id."""
    return await act(db, order, "departure.report", _report)


async def _report(case: NurseCase) -> list[Addressed]:
    tx, before, given = case.tx, case.registration, case.given
    require_own_nurse(case.actor, before, Role.OPERATOR)
    reason, left_on = given["reason"], given["left_on"]
    after, remarks = leave(before, left_on, tx.today), remark("remarks", given["remarks"])
    told = {"id": case.key, "nurse_id": before.nurse_id, "institution_id": before.institution_id}
    by = case.actor.account_id
    await departures.insert(tx, **told, reason=reason, remarks=remarks, left_on=left_on, reported_by=by)
    why = f"离职报告（{reason.label}），离职日期{left_on}"
    await registrations.change(tx, after, account_id=by, reason=why, business=False)
    case.noted = {"departure": case.key, "reason": reason}
    places = (before.institution_id, before.authority_id)
    return news("registration.departed", before.nurse_id, case.name, case.actor, *places)


async def dispute(db: Database, session: Session, departure_id: UUID, text: str, key: str | None = None) -> UUID:
    """The nurse says that she has not left (离职异议); gives the report's id."""
    return await _on(db, session, departure_id, {"text": text}, key, "departure.dispute")


async def withdraw(db: Database, session: Session, departure_id: UUID, key: str | None = None) -> UUID:
    """The report is taken back (撤回离职报告): she is registered there as before.

    By the institution; by a reviewer of her 注册机关, who finds that what she says to it is so.
    """
    return await _on(db, session, departure_id, {}, key, "departure.withdraw")


async def _on(
    db: Database, session: Session, departure_id: UUID, given: dict[str, str], key: str | None, step: str
) -> UUID:
    # Whom a report is about never changes, so it is read before anything is locked.
    async with db.read() as reader:
        nurse_id = await departures.nurse_of(reader, departure_id)
    order = NurseOrder(session, nurse_id, {"id": departure_id, **given}, key)
    await act(db, order, step, _dispute if step == "departure.dispute" else _withdraw)
    return departure_id


async def _dispute(case: NurseCase) -> list[Addressed]:
    tx, key = case.tx, case.given["id"]
    found = await departures.get(tx, key)
    require_may_dispute(case.actor, found)
    await departures.write(tx, key, dispute=wording("text", case.given["text"]), disputed_at=tx.now)
    case.noted = {"departure": key}
    places = (found.institution_id, case.registration.authority_id)
    return news("registration.departure_disputed", found.nurse_id, case.name, case.actor, *places)


async def _withdraw(case: NurseCase) -> list[Addressed]:
    tx, key = case.tx, case.given["id"]
    found = await departures.get(tx, key)
    after = come_back(case.actor, found, case.registration)
    require_still_there(await eligibility.hold_target(tx, found.institution_id))
    await departures.write(tx, key, withdrawn_at=tx.now)
    by, upheld = case.actor.account_id, case.actor.party is Party.AUTHORITY
    why = "离职异议成立，离职报告撤销" if upheld else "撤回离职报告"
    await registrations.change(tx, after, account_id=by, reason=why, business=False)
    case.noted = {"departure": key}
    places = (found.institution_id, after.authority_id)
    return news("registration.moved_in", found.nurse_id, case.name, case.actor, *places)
