"""Decisions by two persons (双人决定): one officer proposes, another of the same authority confirms.

Deregistration by office (依职权注销, A8) takes two deciders; undoing a decision (撤销, 行政许可法 69), and merging two
records (合并档案) or undoing that, two provincial admins.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from rules.conflict import Situation
from rules.errors import Conflict, NotAllowed, NotFound, Words
from rules.label import Labelled
from rules.own_nurse import ABOUT_YOURSELF
from rules.people import Actor, Party, Role, require
from rules.registration import DeregistrationReason
from rules.verification import RequestKind, RequestState


class VoidGround(Labelled):
    """Why a decision is undone (撤销依据)."""

    ABUSE = "ABUSE", "《行政许可法》第六十九条第一款第一项：滥用职权、玩忽职守"
    BEYOND_POWER = "BEYOND_POWER", "《行政许可法》第六十九条第一款第二项：超越法定职权"
    PROCEDURE = "PROCEDURE", "《行政许可法》第六十九条第一款第三项：违反法定程序"
    UNQUALIFIED = "UNQUALIFIED", "《行政许可法》第六十九条第一款第四项：不具备申请资格或者不符合法定条件"
    OTHER_BY_LAW = "OTHER_BY_LAW", "《行政许可法》第六十九条第一款第五项：依法可以撤销的其他情形"
    FRAUD = "FRAUD", "《行政许可法》第六十九条第二款：以欺骗、贿赂等不正当手段取得"
    RECONSIDERATION = "RECONSIDERATION", "行政复议决定"
    JUDGMENT = "JUDGMENT", "人民法院判决"


class ProposalKind(Labelled):
    """The kind of a proposal (提议种类)."""

    DEREGISTRATION = "DEREGISTRATION", "依职权注销"
    VOID = "VOID", "撤销决定"
    MERGE = "MERGE", "合并档案"
    UNMERGE = "UNMERGE", "撤销合并档案"


ROLE_OF: Final[Mapping[RequestKind, Role]] = {
    RequestKind.DEREGISTRATION: Role.DECIDER,
    RequestKind.VOID: Role.PROVINCIAL_ADMIN,
    RequestKind.MERGE: Role.PROVINCIAL_ADMIN,
    RequestKind.UNMERGE: Role.PROVINCIAL_ADMIN,
}
"""The role of the officer who proposes, and of the one who confirms."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """An officer's proposal: about a nurse, and about one application if a decision is to be undone."""

    id: UUID
    kind: RequestKind
    state: RequestState
    nurse_id: UUID
    authority_id: UUID
    proposed_by: UUID
    created_at: datetime
    number: str
    remarks: str | None = None
    reason: DeregistrationReason | None = None
    fraud: bool = False
    application_id: UUID | None = None
    ground: VoidGround | None = None
    decided_at: datetime | None = None
    note: str | None = None
    desk_id: UUID | None = None
    """The authority that confirms it, where it is the one above: its own lacks a second officer."""
    merged_id: UUID | None = None
    evidence: str | None = None
    objection: str | None = None
    objections_until: date | None = None
    answering: UUID | None = None
    """The officer to whom it was handed over; she confirms it as little as who made it."""


SECOND_PERSON: Final = Words("提出与确认不能为同一人", "Another officer than the one who proposed it must confirm.")


def require_may_decide(actor: Actor, proposal: Proposal, *, confirms: bool, proposed: bool) -> None:
    """Refuse an actor without the role at that authority, or at the one above where that lacks a second officer.

    The person who proposed it (`proposed`) may take the proposal back, but not confirm it, in any account of hers; nor
    may a deputy who acts for her: two persons are not one and her stand-in.
    """
    places = {proposal.authority_id, proposal.desk_id}
    if not actor.active or actor.party is not Party.AUTHORITY or actor.party_id not in places:
        raise NotFound
    require(actor, ROLE_OF[proposal.kind])
    if actor.is_nurse(proposal.nurse_id) or actor.is_nurse(proposal.merged_id):
        raise NotAllowed("ABOUT_YOURSELF", ABOUT_YOURSELF)
    barred = {proposal.proposed_by, proposal.answering} - {None}
    if confirms and (proposed or barred & {actor.account_id, actor.on_behalf_of}):
        raise NotAllowed("TWO_PERSONS_REQUIRED", SECOND_PERSON)
    if proposal.state is not RequestState.PENDING:
        raise Conflict(Situation.PROPOSAL_DECIDED, at=proposal.decided_at)
