"""All kinds of events, in one table: the name on the wire, and the audience.

Adding an event is one line here; the GraphQL type, its description and the feeds read this table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from rules.application import PENDING, State, Step
from rules.label import Labelled
from rules.people import Party


class QueueChange(Labelled):
    """The effect of an event on the pending reviews of the scope that receives it."""

    ADDED = "ADDED", "出现在待办中"
    CHANGED = "CHANGED", "内容有变"
    TAKEN = "TAKEN", "已被领取"
    PUT_BACK = "PUT_BACK", "已放回"
    REMOVED = "REMOVED", "不再待办"


class Lost(Labelled):
    """Why one cannot go on from a feed's cursor: EPOCH, another database; RETENTION, the events are gone."""

    EPOCH = "EPOCH", "数据库不是原来的历史"
    RETENTION = "RETENTION", "事件已超过保留期限"


ON_BEHALF_OF: Final = "onBehalfOf"
"""The account for which a deputy did it, in the body of every event that she causes."""
_ALL = frozenset({Party.NURSE, Party.INSTITUTION, Party.AUTHORITY})


class About(StrEnum):
    """The noun that an event is about."""

    APPLICATION = "APPLICATION"
    NURSE = "NURSE"
    COLLECTIVE_FILING = "COLLECTIVE_FILING"
    STAFF = "STAFF"
    STOCK = "STOCK"
    QUESTION = "QUESTION"
    ANNOUNCEMENT = "ANNOUNCEMENT"


@dataclass(frozen=True, slots=True)
class EventKind:
    """One kind of event: `type` on the wire, `name` in GraphQL, sent to `audience`."""

    type: str
    description: str
    audience: frozenset[Party] = _ALL
    about: About = About.APPLICATION

    @property
    def name(self) -> str:
        """`application.correction_required` is the GraphQL type ApplicationCorrectionRequired."""
        return "".join(part.capitalize() for part in self.type.replace(".", "_").split("_"))

    @property
    def term(self) -> str:
        """The Chinese term, which stands at the end of each description."""
        return self.description.rpartition("(")[2].partition(")")[0]


_STAFF = frozenset({Party.INSTITUTION, Party.AUTHORITY})
_AUTHORITY = frozenset({Party.AUTHORITY})
_NURSE = frozenset({Party.NURSE})
_HER_AND_AUTHORITY = frozenset({Party.NURSE, Party.AUTHORITY})
_INSTITUTION, _COLLECTIVE = frozenset({Party.INSTITUTION}), About.COLLECTIVE_FILING


def _nurse(type: str, description: str, audience: frozenset[Party] = _ALL) -> EventKind:
    return EventKind(type, description, audience, About.NURSE)


def _people(type: str, description: str, audience: frozenset[Party] = _STAFF) -> EventKind:
    return EventKind(type, description, audience, About.STAFF)


_ASKERS = frozenset({Party.NURSE, Party.INSTITUTION, Party.AUTHORITY, Party.HELP_DESK})
_DESKS = frozenset({Party.AUTHORITY, Party.HELP_DESK})


def _question(type: str, description: str, audience: frozenset[Party] = _ASKERS) -> EventKind:
    return EventKind(type, description, audience, About.QUESTION)


def _announced(type: str, description: str) -> EventKind:
    return EventKind(type, description, _ALL, About.ANNOUNCEMENT)


def _stock(type: str, description: str) -> EventKind:
    return EventKind(type, description, _AUTHORITY, About.STOCK)


EVENTS: Final[Mapping[str, EventKind]] = {
    kind.type: kind
    for kind in (
        EventKind("application.submitted", "An application was filed (提交申请)."),
        EventKind("application.resubmitted", "A returned application was filed again (重新提交)."),
        EventKind("application.returned", "The institution sent an application back for correction (机构退回)."),
        EventKind("application.forwarded", "The institution confirmed an application (机构同意)."),
        EventKind("application.declined", "The institution declined an application (机构不同意)."),
        EventKind("application.correction_required", "The authority asked for corrections (补正告知)."),
        EventKind("application.supplemented", "The corrections asked for were supplied (已补正)."),
        EventKind("application.accepted", "The authority accepted an application for decision (受理)."),
        EventKind("application.not_accepted", "The authority refused to take an application in (不予受理)."),
        EventKind("application.recommended", "A reviewer gave an opinion (审查意见).", _AUTHORITY),
        EventKind("application.decided", "The authority decided (审批决定)."),
        EventKind("application.withdrawn", "An application was withdrawn (撤回)."),
        EventKind("application.taken", "A colleague took an application to work on (领取).", _STAFF),
        EventKind("application.put_back", "A colleague put an application back (放回).", _STAFF),
        EventKind("application.claimed", "An institution claimed an application by ID number (认领)."),
        EventKind(
            "application.claim_rejected",
            "The nurse refused the institution that claimed it, or that she had named (拒绝认领).",
        ),
        EventKind(
            "application.escalated", "It went to the authority without the institution's word (直接报送审批机关)."
        ),
        EventKind(
            "application.transferred",
            "It went to the competent authority, to the one above, or to who took over (移送).",
        ),
        EventKind("application.held", "The period stands still (中止计时, 许可法45)."),
        EventKind("application.resumed", "The period runs again (恢复计时)."),
        EventKind("application.extended", "The period was extended, once (延长期限, 许可法42)."),
        EventKind("application.objected", "The nurse objects to what her institution filed (异议)."),
        EventKind("application.objection_answered", "The authority answered the nurse's objection (答复异议)."),
        EventKind("application.deemed", "Granted by law, because nobody decided in time (视为准予延续)."),
        EventKind("application.lapsed", "It ended because nobody answered for 30 days (逾期失效)."),
        EventKind("application.blocked", "Nothing is granted until a filing for deregistration is decided (暂缓决定)."),
        EventKind("application.unblocked", "The filing that blocked it is over, and it goes on (解除暂缓决定)."),
        EventKind("application.voided", "A decision was undone, or what it was about has ended (撤销)."),
        EventKind("application.delivered", "A decision was delivered to the nurse (送达).", _HER_AND_AUTHORITY),
        EventKind(
            "application.delivery_withdrawn",
            "The delivery of a decision was recorded by mistake, and does not count (撤销送达登记).",
            _HER_AND_AUTHORITY,
        ),
        EventKind("application.pre_reviewed", "A ward head has said whether the facts are right (预审).", _INSTITUTION),
        EventKind("deadline.warning", "A period runs out soon, or went by in silence (期限预警).", _STAFF),
        EventKind("deadline.breached", "A period has run out (期限已过)."),
        EventKind("deadline.recounted", "The due date was counted afresh by the announced days (期限重算)."),
        _nurse("account.awaiting_code", "A nurse of yours awaits her activation code (待发激活码).", _STAFF),
        _nurse("account.activated", "A nurse activated her account (账户激活)."),
        _nurse("account.revoked", "A nurse's account was revoked (账户撤销)."),
        _nurse("registration.moved_in", "A nurse is registered with you from now on (转入)."),
        _nurse("registration.moved_out", "A nurse is registered elsewhere from now on (转出)."),
        _nurse("registration.departed", "An institution reported that a nurse has left (离职报告)."),
        _nurse("registration.departure_disputed", "The nurse says that she has not left (离职异议)."),
        _nurse("registration.suspended", "A nurse may not practise for some months (暂停执业)."),
        _nurse("registration.lifted", "A suspension was lifted (解除暂停)."),
        _nurse("registration.deregistered", "A registration ended (注销)."),
        _nurse("registration.expiring", "A registration runs out in some days (注册即将届满)."),
        _nurse("registration.expired", "A nurse may practise no more: her registration has run out (注册届满)."),
        _nurse("registration.restored", "A nurse may practise again, as from now on (恢复执业资格)."),
        _nurse("registration.corrected", "A nurse's name or document was put right (关键信息更正)."),
        _nurse("registration.merge_proposed", "Her record may be merged with another one (拟合并档案).", _NURSE),
        _nurse("registration.unmerge_proposed", "The merge of her records may be undone (拟撤销合并).", _NURSE),
        _nurse("registration.merge_objected", "A nurse objects to the merge of her records (合并异议).", _AUTHORITY),
        _nurse("registration.merged", "Two records of a nurse have become one (合并档案)."),
        _nurse("registration.unmerged", "Records that were merged are two again (撤销合并)."),
        _nurse("information.requested", "A nurse asks for a change of her information (申请信息修改)."),
        _nurse("information.returned", "Her change was sent back for correction (信息修改退回)."),
        _nurse("information.decided", "A change was agreed to, or not, or took effect unopposed (信息修改结果)."),
        _nurse("information.withdrawn", "She took her change back, or her institution its edit (撤回信息修改)."),
        _nurse("information.superseded", "Newer values have taken the place of those she asked for (信息修改被取代)."),
        _nurse("information.lapsed", "Her change ended because she did not answer for 30 days (信息修改失效)."),
        _nurse("information.edited", "Her institution has changed what is on record of her work (机构修改信息)."),
        _nurse("information.announced", "Her institution writes by a proof paper, unless she objects (拟修改信息)."),
        _nurse("information.disputed", "She objects to what her institution wrote: her authority decides (信息异议)."),
        _nurse("photo.submitted", "A nurse has filed a photo of herself (提交相片)."),
        _nurse("photo.decided", "Her photo was agreed to, or not (相片审核)."),
        _nurse("photo.withdrawn", "She took her photo back (撤回相片)."),
        _nurse("photo.entered", "Her institution has put a photo of her on record (机构上传相片)."),
        _nurse("look.complained", "A nurse complains about a look at her data (查阅投诉).", _HER_AND_AUTHORITY),
        _nurse("look.answered", "A complaint about a look was answered (答复查阅投诉).", _HER_AND_AUTHORITY),
        _nurse("registration.interrupted", "A nurse has interrupted her practice (中断执业)."),
        _nurse("registration.interruption_ended", "A nurse practises again (恢复执业)."),
        _nurse("registration.interruption_withdrawn", "An interruption was taken back (撤回中断执业)."),
        _nurse("registration.interruption_disputed", "The nurse disputes an interruption (中断执业异议)."),
        _nurse("registration.interruption_answered", "Her 注册机关 answered what she disputes (答复中断执业异议)."),
        _nurse("registration.dispatched", "A nurse works elsewhere for a while (派出)."),
        _nurse("registration.dispatch_changed", "A dispatch has other days, or was taken back (派出变更)."),
        _nurse("conduct.proposed", "An institution has proposed a record of a nurse's conduct (报送良好、不良记录)."),
        _nurse("conduct.changed", "A record of a nurse's conduct was written, corrected, or withdrawn (执业记录变更)."),
        _nurse("conduct.answered", "The nurse has said something to a record of her conduct (执业记录陈述、申请更正)."),
        _nurse(
            "registration.unit_changed",
            "A nurse belongs to another unit of her institution (调整科室病区).",
            _INSTITUTION,
        ),
        _nurse("certificate.handed_out", "A nurse's certificate was handed out (领证).", _HER_AND_AUTHORITY),
        _nurse(
            "certificate.hand_out_withdrawn",
            "That a nurse's certificate was handed out was recorded by mistake (撤销领证登记).",
            _HER_AND_AUTHORITY,
        ),
        _nurse("certificate.token_voided", "The code on her certificate opens nothing any more (作废核验码).", _NURSE),
        _stock("stock.received", "Blank certificates came into stock (空白证书入库)."),
        _stock("stock.used", "Certificates were printed on blanks (空白证书使用)."),
        _stock("stock.spoiled", "A blank certificate was spoiled (空白证书作废)."),
        _stock("stock.released", "Blanks are free again: their use was recorded by mistake (撤销使用登记)."),
        _stock("stock.withdrawn", "Blanks left the stock: their receipt was recorded by mistake (撤销入库)."),
        EventKind("collective.progressed", "A collective filing went on (集体申请进度).", _INSTITUTION, _COLLECTIVE),
        _people("staff.manager_replaced", "An authority gave an institution another manager (变更机构管理员)."),
        _people("staff.handed_over", "The work of a colleague is another's from now on (工作交接)."),
        _people("staff.deputy_named", "A colleague stands in for another for some days (代理)."),
        _people("staff.deputy_ended", "A colleague stands in for another no more, before the last day (结束代理)."),
        _question("question.asked", "A question was asked (提问)."),
        _question("question.added", "Something was added to a question (补充提问)."),
        _question("question.answered", "A question was answered (答复提问)."),
        _question("question.reopened", "It was asked again after the answer (再次提问)."),
        _question("question.handed_over", "A question went to the authority in competence (转办提问)."),
        _question("question.closed", "A question was closed, by who asked it or by itself (关闭提问)."),
        _question("question.overdue", "Nobody has answered within the working days (答复超期)."),
        _question("question.taken", "A colleague took a question to work on (领取提问).", _DESKS),
        _question("question.put_back", "A colleague put a question back (放回提问).", _DESKS),
        _announced("announcement.published", "Something is announced (发布公告)."),
        _announced("announcement.corrected", "An announcement was corrected: read it again (更正公告)."),
        _announced("announcement.withdrawn", "An announcement was withdrawn (撤回公告)."),
        _people("staff.unattended", "Nobody active is left for a role that a place needs (岗位空缺)."),
    )
}

EVENT_OF: Final[Mapping[Step, str]] = {
    Step.SUBMIT: "application.submitted",
    Step.RESUBMIT: "application.resubmitted",
    Step.RETURN: "application.returned",
    Step.FORWARD: "application.forwarded",
    Step.DECLINE: "application.declined",
    Step.REQUIRE_CORRECTION: "application.correction_required",
    Step.SUPPLEMENT: "application.supplemented",
    Step.ACCEPT: "application.accepted",
    Step.REFUSE_INTAKE: "application.not_accepted",
    Step.RECOMMEND: "application.recommended",
    Step.APPROVE: "application.decided",
    Step.REJECT: "application.decided",
    Step.WITHDRAW: "application.withdrawn",
    Step.TAKE: "application.taken",
    Step.PUT_BACK: "application.put_back",
    Step.REASSIGN: "application.taken",
    Step.FILE_DEREGISTRATION: "application.submitted",
    Step.FILE_AT_COUNTER: "application.submitted",
    Step.FILE_COLLECTIVELY: "application.submitted",
    Step.CLAIM_BY_ID_NUMBER: "application.claimed",
    Step.REJECT_CLAIM: "application.claim_rejected",
    Step.ESCALATE: "application.escalated",
    Step.TRANSFER: "application.transferred",
    Step.PASS_UP: "application.transferred",
    Step.HOLD: "application.held",
    Step.RESUME: "application.resumed",
    Step.EXTEND: "application.extended",
    Step.OBJECT: "application.objected",
    Step.ANSWER_OBJECTION: "application.objection_answered",
    Step.DEEM: "application.deemed",
    Step.LAPSE: "application.lapsed",
    Step.VOID: "application.voided",
    Step.END_REGISTRATION: "application.voided",
    Step.BLOCK: "application.blocked",
    Step.UNBLOCK: "application.unblocked",
}
"""The event of each step; a draft has none, because only the nurse may know of it."""


EventType = StrEnum("EventType", {one.replace(".", "_").upper(): one for one in EVENTS})  # type: ignore[misc]
EventType.__doc__ = "A type of event."
for _type in EventType:
    _type.label = EVENTS[_type].description  # type: ignore[attr-defined]


_LEASES: Final = {
    Step.TAKE: QueueChange.TAKEN,
    Step.REASSIGN: QueueChange.TAKEN,
    Step.PUT_BACK: QueueChange.PUT_BACK,
}


def queue_change(party: Party, step: Step, source: State | None, target: State | None) -> QueueChange | None:
    """The effect of a step on the pending reviews of one end of the system; None if it does not touch them.

    `source` or `target` is None for a party that the application was not addressed to before, or is not any more.
    """
    pending = PENDING.get(party, frozenset())
    match source in pending, target in pending:
        case False, True:
            return QueueChange.ADDED
        case True, False:
            return QueueChange.REMOVED
        case True, True:
            return _LEASES.get(step, QueueChange.CHANGED)
        case _:
            return None


def queue_count(change: QueueChange | None, source: State | None, target: State | None) -> dict[str, State | None]:
    """The counts of pending reviews, by state, that a change lowers by one (`left`) and raises by one (`entered`)."""
    if source is target:
        return {}
    match change:
        case QueueChange.ADDED:
            return {"entered": target}
        case QueueChange.REMOVED:
            return {"left": source}
        case QueueChange.CHANGED:
            return {"left": source, "entered": target}
    return {}
