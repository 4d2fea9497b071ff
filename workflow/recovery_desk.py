"""The desk's side of recovery (人工找回): an officer who knows the person lets her in, or does not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from db import audit, idempotency, message
from db import contact as contacts
from db import desk_request as desk
from db import session as sessions
from db.desk_request import DeskRequest
from db.session import Session
from db.store.engine import Database, Tx
from rules.errors import Conflict, NotAllowed, NotFound, Words
from rules.message import Template
from rules.people import Actor, Role, require
from rules.staff import HELD_FOR
from rules.verification import Channel, CodePurpose, RequestState
from workflow import code as codes

DECIDED: Final = Words("该申请已处理", "This request was decided already.")
OWN: Final = Words("不能处理与本人有关的申请", "Nobody decides about herself.")
NOBODY: Final = Words("姓名与证件号码没有对应的账户，只能驳回", "No account has this name and number: reject it.")
REACHABLE: Final = Words(
    "该账户的手机或邮箱已验证，应由本人自行找回", "A phone or mail box of this account is proved: she recovers by that."
)
OUTCOME: Final = {RequestState.APPROVED: "同意", RequestState.REJECTED: "不同意"}


@dataclass(frozen=True, slots=True)
class Decision:
    """What an officer says to a request."""

    session: Session
    request_id: UUID
    approves: bool
    reason: str
    idempotency_key: str | None = None


async def decide(db: Database, decision: Decision) -> None:
    """Approve or reject a recovery (N22).

    An approval sends a code to the phone that was given, and holds the contacts; the password is still her own to set.
    """
    state = RequestState.APPROVED if decision.approves else RequestState.REJECTED
    async with db.begin() as tx:
        actor = await sessions.require(tx, decision.session)
        require(actor, Role.REVIEWER, Role.HELP_DESK)
        name = "recoveryApprove" if decision.approves else "recoveryReject"
        key = idempotency.Key(actor.account_id, name, decision.idempotency_key)
        content = {"id": decision.request_id, "reason": decision.reason}
        if not await idempotency.first_time(tx, key, content, decision.request_id):
            return
        request = await desk.lock_recovery(tx, actor, decision.request_id)
        _require_open(actor, request)
        await desk.decide(tx, request.id, state, actor.account_id, decision.reason)
        told = {"request": request.id, "account": request.account_id}
        await audit.record(tx, f"RECOVERY_{state}", actor.account_id, told, nurse_id=request.nurse_id)
        await (_let_in if decision.approves else _tell)(tx, request)


def _require_open(actor: Actor, request: DeskRequest) -> None:
    if actor.account_id == request.account_id or (actor.nurse_id and actor.nurse_id == request.nurse_id):
        raise NotAllowed("OWN_CASE", OWN)
    if request.state is not RequestState.PENDING:
        raise Conflict(DECIDED, at=request.decided_at)


async def _let_in(tx: Tx, request: DeskRequest) -> None:
    """A code for the phone that was given; until three days later nobody changes the contacts."""
    if request.account_id is None:
        raise NotAllowed("NO_ACCOUNT", NOBODY)
    try:
        holder = await contacts.lock(tx, request.account_id)
    except NotFound:
        raise NotAllowed("NO_ACCOUNT", NOBODY) from None
    if holder.verified():
        raise NotAllowed("VERIFIED_CONTACT", REACHABLE)
    await contacts.hold(tx, holder.id, tx.now + HELD_FOR)
    await codes.issue(
        tx,
        account_id=holder.id,
        purpose=CodePurpose.RECOVERY,
        channel=Channel.SMS,
        to=request.content["phone"],
        template=Template.RECOVERY_CODE,
    )


async def _tell(tx: Tx, request: DeskRequest) -> None:
    values = {"outcome": OUTCOME[RequestState.REJECTED]}
    template, to = Template.IDENTITY_REQUEST_DECIDED, request.content["phone"]
    await message.send(tx, channel=Channel.SMS, to=to, template=template, values=values)
