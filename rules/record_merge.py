"""Merging two records of one nurse (合并档案): who may, what stands in the way, and what becomes of either.

One record is kept, the other one is merged into it. Two provincial admins decide, of an authority above both records;
both nurses are told at least five working days before, and may object. Two undo it as well.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date
from typing import Final
from uuid import UUID

from rules.chronology import Life
from rules.errors import FieldProblem, Invalid, NotAllowed, NotFound, Words
from rules.nurse import Sex
from rules.own_nurse import ABOUT_YOURSELF
from rules.people import Actor, Party, Role, require
from rules.registration import Registration, RegistrationStatus
from rules.wording import wording

OBJECTION_DAYS: Final = 5
"""The working days after a proposal in which the nurses may object (异议期), before anybody confirms."""
LONGEST_EVIDENCE: Final = 1_000
MERGED: Final = "registration.merged"
UNMERGED: Final = "registration.unmerged"
_LEVELS: Final = ("PROVINCE", "NATION")
_MORE: Final = (RegistrationStatus.NEVER, RegistrationStatus.DEREGISTERED, RegistrationStatus.VALID)
"""The statuses in the order of their worth: a record is merged into one whose registration is worth as much or more."""


class MergedInto(NotFound):
    """A record that was merged into another one, which stands for it (并入的档案)."""

    def __init__(self, kept_id: UUID) -> None:
        super().__init__()
        self.kept_id = kept_id


@dataclass(frozen=True, slots=True)
class Officer:
    """The authority of the officer who merges: its level, and its place in the tree."""

    level: str
    path: str


@dataclass(frozen=True, slots=True)
class Person:
    """The person of a record, and what is under way for her."""

    registration: Registration
    name: str
    sex: Sex
    life: Life
    authority_path: str | None
    open_application: bool = False
    request_pending: bool = False
    filing_waits: bool = False


def refusal(code: str, zh: str, en: str) -> NotAllowed:
    """The refusal of a merge, with what is to be done first."""
    return NotAllowed(code, Words(zh, en))


def require_may_merge(actor: Actor, officer: Officer, people: Collection[Person]) -> None:
    """Refuse whoever is no provincial admin of an authority above both records; NotFound to strangers.

    A record without a 注册机关 is nobody's: the other one says who is competent, and the nation where neither does.
    """
    if not actor.active or actor.party is not Party.AUTHORITY:
        raise NotFound
    paths = [one.authority_path for one in people if one.authority_path is not None]
    own = [path for path in paths if path.startswith(officer.path)]
    if not own and (paths or officer.level != "NATION"):
        raise NotFound
    require(actor, Role.PROVINCIAL_ADMIN)
    if officer.level not in _LEVELS or own != paths:
        raise refusal(
            "MERGE_BEYOND",
            "两份档案不都由本机关管辖，请由共同的上级机关合并档案",
            "Not both records lie below your authority: the one above both of them merges.",
        )
    if actor.nurse_id in {one.registration.nurse_id for one in people}:
        raise NotAllowed("ABOUT_YOURSELF", ABOUT_YOURSELF)


def require_mergeable(kept: Person, merged: Person, *, confirmed: bool) -> None:
    """Refuse what cannot become one record, saying what to do first; `confirmed`: that differences are meant."""
    _require_one_licence(kept.registration, merged.registration)
    if merged.open_application:
        raise refusal(
            "MERGE_APPLICATION_OPEN",
            "将并入的档案有正在办理的业务，请先办结或撤回",
            "The record to be merged has an open application: decide or withdraw it first.",
        )
    if merged.request_pending:
        raise refusal(
            "MERGE_REQUEST_PENDING",
            "将并入的档案有待处理的申请或待确认的提议，请先处理",
            "A request or a proposal about the record to be merged waits: decide it first.",
        )
    if merged.filing_waits:
        raise refusal(
            "MERGE_FILING_WAITS",
            "将并入的档案在正在提交的集体申请中，请待其完成后再合并",
            "The record to be merged is in a collective filing that is running: wait for its end.",
        )
    differing = differences(kept, merged)
    if differing and not confirmed:
        zh = f"两份档案的{'、'.join(differing)}不一致：先更正关键信息，或核对原件后确认"
        words = Words(zh, "The records differ in name, sex or birth date: correct one first, or confirm what is meant.")
        raise Invalid(FieldProblem("confirmsDifferences", "RECORDS_DIFFER", words))


def _require_one_licence(kept: Registration, merged: Registration) -> None:
    if kept.status is merged.status is RegistrationStatus.VALID:
        raise refusal(
            "MERGE_BOTH_REGISTERED",
            "两份档案都有执业注册：一人只有一个注册，请先依职权注销其中一份的注册",
            "Both records have a registration, and one person has one: end one of them by office first.",
        )
    if _MORE.index(merged.status) > _MORE.index(kept.status):
        raise refusal(
            "MERGE_KEEPS_LESS",
            "执业注册在将并入的档案上，请改为保留该档案",
            "The registration is the other record's: keep that one.",
        )


def differences(kept: Person, merged: Person) -> list[str]:
    """The key facts in which two records differ, in the words of the register."""
    pairs = (
        ("姓名", kept.name, merged.name),
        ("性别", kept.sex, merged.sex),
        ("出生日期", kept.life.birth_date, merged.life.birth_date),
    )
    return [what for what, one, other in pairs if one != other]


def kept_after(kept: Registration, merged: Registration) -> Registration:
    """The registration of the record that is kept: its own, first registered when either was, barred as both."""
    first = [one.first_registered_on for one in (kept, merged) if one.first_registered_on is not None]
    bars = [one.bar_until for one in (kept, merged) if one.bar_until is not None]
    return replace(kept, first_registered_on=min(first, default=None), bar_until=max(bars, default=None))


def blank(merged: Registration) -> Registration:
    """The registration of a record that was merged: nothing but its certificate number, which stays taken."""
    return Registration(merged.nurse_id, RegistrationStatus.NEVER, certificate_number=merged.certificate_number)


def require_objections_heard(until: date | None, objected: bool, note: str | None, today: date) -> None:
    """Refuse a confirmation while the nurses may still object, or without an answer to an objection."""
    if until is not None and today <= until:
        raise refusal(
            "MERGE_TOO_EARLY",
            f"当事人可在{until}前（含当日）提出异议，期满后才能确认合并",
            f"The nurses may object until {until}: nobody confirms before.",
        )
    if objected and not (note or "").strip():
        words = Words("当事人有异议，请写明核实情况", "A nurse objects: say what you have found out.")
        raise Invalid(FieldProblem("note", "OBJECTION_UNANSWERED", words))


def required_proof(text: str) -> str:
    """The proof that both are one person, or that they are not (证明材料), in words."""
    return wording("evidence", text, LONGEST_EVIDENCE)
