"""Good and bad records of a nurse's conduct (良好记录、不良记录, 条例 11): who writes them, and what she can do.

A bad record is written by the authority alone, from a decision that was served; an institution may report one. A good
one is proposed by the institution and confirmed by the authority.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final
from uuid import UUID

from rules.errors import FieldProblem, Invalid, NotAllowed, NotFound, Together, Words, WrongState
from rules.label import Labelled
from rules.people import Actor, Party
from rules.wording import decision_number, wording

LONGEST_ISSUER: Final = 100
_PATHS: Final = frozenset({"decisionNumber", "decidedOn", "servedOn", "issuer"})


class ConductKind(Labelled):
    """The kind of a record."""

    GOOD = "GOOD", "良好记录"
    BAD = "BAD", "不良记录"


class ConductState(Labelled):
    """The state of a record."""

    PROPOSED = "PROPOSED", "待确认"
    RECORDED = "RECORDED", "已记录"
    DECLINED = "DECLINED", "未采纳"
    WITHDRAWN = "WITHDRAWN", "已撤除"


class ConductSource(Labelled):
    """The source of a record."""

    INSTITUTION = "INSTITUTION", "机构报送"
    AUTHORITY = "AUTHORITY", "注册机关记录"
    SUSPENSION = "SUSPENSION", "暂停执业"
    REVOCATION = "REVOCATION", "吊销执业证书"


class WithdrawalGround(Labelled):
    """The ground on which a record is withdrawn from view (撤除)."""

    RECONSIDERATION = "RECONSIDERATION", "行政复议决定"
    COURT = "COURT", "法院判决"
    ANNULLED = "ANNULLED", "原决定已撤销"
    MISTAKE = "MISTAKE", "记录有误"


@dataclass(frozen=True, slots=True)
class Conduct:
    """A record of a locked nurse."""

    id: UUID
    nurse_id: UUID
    kind: ConductKind
    state: ConductState
    institution_id: UUID | None
    row_version: int
    stated_at: datetime | None
    asked_at: datetime | None
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class Decided:
    """The decision that a bad record is written from: its number, its day, the day of service, who issued it."""

    decision_number: str | None = None
    decided_on: date | None = None
    served_on: date | None = None
    issuer: str | None = None

    def checked(self, kind: ConductKind, today: date) -> dict[str, object]:
        """The columns of it: all of it for a bad record, whatever is given for a good one."""
        bad = kind is ConductKind.BAD
        with Together() as each:
            number = each(lambda: self._number(today, needed=bad))
            issuer = each(lambda: self._issuer(needed=bad))
            each(lambda: _require_days(self.decided_on, self.served_on, today, needed=bad))
        return {
            "decision_number": number,
            "decided_on": self.decided_on,
            "served_on": self.served_on,
            "issuer": issuer,
        }

    @staticmethod
    def located(problem: FieldProblem) -> FieldProblem:
        """A problem of it from the input, which has it as one object."""
        return replace(problem, path=f"decided.{problem.path}") if problem.path in _PATHS else problem

    def _number(self, today: date, *, needed: bool) -> str | None:
        given = needed or (self.decision_number or "").strip()
        return decision_number(self.decision_number, today) if given else None

    def _issuer(self, *, needed: bool) -> str | None:
        given = needed or (self.issuer or "").strip()
        return wording("issuer", self.issuer, LONGEST_ISSUER, allowed="") if given else None


def _require_days(decided_on: date | None, served_on: date | None, today: date, *, needed: bool) -> None:
    """Refuse days that are missing, to come, or out of order: nothing is on record before it was served."""
    days = {"decidedOn": decided_on, "servedOn": served_on}
    missing = [FieldProblem(path, "FIELD_REQUIRED", _REQUIRED) for path, day in days.items() if needed and day is None]
    late = [FieldProblem(path, "DATE_IN_FUTURE", _FUTURE) for path, day in days.items() if day and day > today]
    if decided_on and served_on and served_on < decided_on:
        zh, en = f"送达日期早于决定日期{decided_on}", f"It cannot be served before {decided_on}, its own day."
        late.append(FieldProblem("servedOn", "SERVED_BEFORE", Words(zh, en)))
    if problems := [*missing, *late]:
        raise Invalid(*problems)


def require_not_proposed(waits: bool) -> None:
    """Refuse to propose what the institution has proposed already, while that waits."""
    if waits:
        raise _refused("PROPOSED_ALREADY")


def require_not_recorded(stands: bool) -> None:
    """Refuse to write what stands on record already: the same words from the same decision."""
    if stands:
        raise _refused("RECORDED_ALREADY")


def require_state(found: Conduct, state: ConductState) -> None:
    """Refuse a step on a record that stands elsewhere."""
    if found.state is not state:
        raise WrongState(found.state)


def require_herself(actor: Actor, found: Conduct) -> None:
    """Refuse a word of hers by anybody else."""
    if not actor.active or actor.party is not Party.NURSE or actor.party_id != found.nurse_id:
        raise NotFound


def require_may_state(actor: Actor, found: Conduct) -> None:
    """Refuse a statement but hers, once, on a record that waits or stands."""
    require_herself(actor, found)
    if found.state not in (ConductState.PROPOSED, ConductState.RECORDED):
        raise WrongState(found.state)
    if found.stated_at is not None:
        raise _refused("STATED_ALREADY")


def require_may_ask(actor: Actor, found: Conduct) -> None:
    """Refuse a request for correction but hers, of a record that stands, while none of hers waits."""
    require_herself(actor, found)
    require_state(found, ConductState.RECORDED)
    if found.asked_at is not None and found.answered_at is None:
        raise _refused("CORRECTION_WAITS")


def require_asked(found: Conduct) -> None:
    """Refuse an answer where she has asked for nothing."""
    require_state(found, ConductState.RECORDED)
    if found.asked_at is None or found.answered_at is not None:
        raise _refused("NO_CORRECTION_ASKED")


def _refused(reason: str) -> NotAllowed:
    return NotAllowed(reason, REFUSALS[reason])


REFUSALS: Final = {
    "STATED_ALREADY": Words("您已对该记录作出陈述", "You have made a statement on this record already."),
    "CORRECTION_WAITS": Words("您已申请更正，正待答复", "You have asked for a correction, which waits for its answer."),
    "PROPOSED_ALREADY": Words(
        "本机构已报送相同的记录，正待注册机关确认，请勿重复报送",
        "Your institution has proposed the same record, which waits for the authority: there is nothing to repeat.",
    ),
    "RECORDED_ALREADY": Words(
        "同一决定的相同记录已在档，请勿重复记录", "The same record of the same decision stands already."
    ),
    "NO_CORRECTION_ASKED": Words("护士没有待答复的更正申请", "She has asked for no correction that waits."),
}
_REQUIRED: Final = Words("请填写", "Fill it in.")
_FUTURE: Final = Words("日期晚于今天", "This day lies in the future.")
