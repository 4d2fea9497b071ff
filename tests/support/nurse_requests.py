"""A request that is granted for every command about one nurse's entry, and another one of its kind."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from uuid_utils.compat import uuid7

from db import roster
from rules.application import State
from rules.collective_list import Row
from rules.conduct import ConductKind, Decided, WithdrawalGround
from rules.departure import DepartureReason
from rules.dispatch import DispatchKind
from rules.information_form import InformationForm
from rules.interruption import InterruptionReason
from rules.key_fact import KeyFacts
from rules.nurse import Department, Title, WorkCategory
from rules.people import Role
from rules.photo import Measured, PhotoReason
from rules.photo_archive import PhotoRow
from rules.privacy_notice import KNOWN, Acceptance
from rules.registration import DeregistrationReason
from rules.roster import Found, OnRoster, compared
from rules.unit import UnitKind
from rules.verification import Channel
from tests.support.authority_stage import put
from tests.support.contacts import new_mail, reach
from tests.support.information import PAPER
from tests.support.key_facts import EVIDENCE, Place, new_number
from tests.support.looks import a_complaint, a_look, an_investigation
from tests.support.papers import a_file
from tests.support.people import form, known, resident
from tests.support.photos import a_photo, packed
from tests.support.pictures import drawn, saved
from tests.support.registration_acts import NUMBER, Acts
from tests.support.story import NOW
from tests.support.units import belong, limited, put_unit
from tests.support.world import TODAY, Person
from workflow.conduct import ConductConfirm, ConductDecline, ConductEnter, ConductPropose
from workflow.conduct_answer import ConductAskCorrection, ConductCorrect, ConductMakeStatement, ConductWithdraw
from workflow.departure import DepartureDispute, DepartureReport, DepartureWithdraw
from workflow.dispatch import DispatchChange, DispatchStart, DispatchWithdraw, Sent
from workflow.information_change import (
    InformationChangeAnswer,
    InformationChangeEscalate,
    InformationChangeRequest,
    InformationChangeWithdraw,
)
from workflow.information_edit import InformationChangeObject, InformationEdit, InformationEditWithProof
from workflow.information_review import InformationChangeApprove, InformationChangeReject, InformationChangeReturn
from workflow.interruption import (
    InterruptionAnswer,
    InterruptionDispute,
    InterruptionEnd,
    InterruptionStart,
    InterruptionWithdraw,
)
from workflow.investigation import InvestigationConfirm, InvestigationOpen
from workflow.key_fact import KeyFactApprove, KeyFactReject, KeyFactRequest
from workflow.look_complaint import LookComplain, LookComplaintAnswer
from workflow.photo import PhotoEscalate, PhotoFile, PhotoUpload, PhotoWithdraw
from workflow.photo_archive import PhotoArchiveFile
from workflow.photo_review import PhotoApprove, PhotoReject
from workflow.pre_review import ApplicationPreReview
from workflow.privacy_notice import PrivacyNoticeAccept
from workflow.proposal import DeregistrationPropose, ProposalConfirm, ProposalReject
from workflow.revocation import AccountRevoke
from workflow.roster import RosterCompare
from workflow.roster_step import RosterEdit, RosterReportDepartures, RosterUndo
from workflow.span_list import DispatchList, InterruptionList
from workflow.step import Command, take
from workflow.suspension import RegistrationLift, RegistrationRevoke, RegistrationSuspend
from workflow.unit import UnitAssign, UnitChange, UnitClose, UnitCreate


@dataclass
class Request:
    """Who asks, what is granted to her, and what makes it another request."""

    who: Person
    command: Command
    changes: dict[str, Any]

    @property
    def other(self) -> Command:
        """Another request of the same kind."""
        return replace(self.command, **self.changes)


Make = Callable[[Acts, Place], Awaitable[Request]]


async def _suspend(acts: Acts, _: Place) -> Request:
    return Request(acts.cast.decider, RegistrationSuspend(acts.cast.nurse_id, 6, NUMBER), {"months": 7})


async def _lift(acts: Acts, _: Place) -> Request:
    await acts.take(RegistrationSuspend, acts.cast.decider, months=6, decision_number=NUMBER)
    # Since yesterday: who was suspended today is back tomorrow, and that is told then.
    earlier = "update registration_span set starts_on = starts_on - 1 where nurse_id = $1"
    await acts.world.owner.execute(earlier, acts.cast.nurse_id)
    return Request(acts.cast.decider, RegistrationLift(acts.cast.nurse_id, NUMBER), {"decision_number": "另一号"})


async def _revoke(acts: Acts, _: Place) -> Request:
    await _works(acts)
    await put(acts.world, acts.cast, State.INSTITUTION_REVIEW)
    return Request(acts.cast.decider, RegistrationRevoke(acts.cast.nurse_id, NUMBER), {"reason": "另一事由"})


async def _interrupt(acts: Acts, _: Place) -> Request:
    return Request(
        acts.cast.operator, InterruptionStart(acts.cast.nurse_id, TODAY), {"reason": InterruptionReason.LEAVE}
    )


async def _practise_again(acts: Acts, _: Place) -> Request:
    await acts.take(InterruptionStart, acts.cast.operator, starts_on=TODAY - timedelta(days=9))
    ended = InterruptionEnd(acts.cast.nurse_id, TODAY)
    return Request(acts.cast.operator, ended, {"ends_on": TODAY - timedelta(days=1)})


async def _interrupted(acts: Acts, *, disputed: bool = False) -> UUID:
    key = await acts.take(InterruptionStart, acts.cast.operator, starts_on=TODAY - timedelta(days=9))
    if disputed:
        await take(acts.db, acts.cast.nurse.session, InterruptionDispute(key, "一直在岗"))
    return key


async def _take_interruption_back(acts: Acts, _: Place) -> Request:
    return Request(acts.cast.operator, InterruptionWithdraw(await _interrupted(acts)), {"span_id": uuid7()})


async def _dispute_interruption(acts: Acts, _: Place) -> Request:
    wish = InterruptionDispute(await _interrupted(acts), "一直在岗")
    return Request(acts.cast.nurse, wish, {"text": "在岗"})


async def _answer_interruption(acts: Acts, _: Place) -> Request:
    wish = InterruptionAnswer(await _interrupted(acts, disputed=True), True, "经核实属实")
    return Request(acts.cast.reviewer, wish, {"upheld": False})


SENT: Final = Sent(DispatchKind.SUPPORT, TODAY - timedelta(days=9), None, None, "石门村卫生室")


async def _send(acts: Acts, _: Place) -> Request:
    other = replace(SENT, kind=DispatchKind.STUDY)
    return Request(acts.cast.operator, DispatchStart(acts.cast.nurse_id, SENT), {"sent": other})


async def _send_on(acts: Acts, _: Place) -> Request:
    key = await acts.take(DispatchStart, acts.cast.operator, sent=SENT)
    wish = DispatchChange(key, replace(SENT, ends_on=TODAY))
    return Request(acts.cast.operator, wish, {"sent": SENT})


async def _call_back(acts: Acts, _: Place) -> Request:
    key = await acts.take(DispatchStart, acts.cast.operator, sent=SENT)
    return Request(acts.cast.operator, DispatchWithdraw(key), {"span_id": uuid7()})


async def _listed(acts: Acts) -> Row:
    number = await acts.world.owner.fetchval(
        "select certificate_number from registration where nurse_id = $1", acts.cast.nurse_id
    )
    return Row(2, named={"certificateNumber": number}, filled={"startsOn": TODAY.isoformat()})


async def _interrupt_by_list(acts: Acts, _: Place) -> Request:
    wish = InterruptionList(b"list", False, (await _listed(acts),))
    return Request(acts.cast.operator, wish, {"csv": b"other"})


async def _send_by_list(acts: Acts, _: Place) -> Request:
    row = await _listed(acts)
    whole = replace(row, filled={**row.filled, "dispatchKind": "SUPPORT", "place": "石门村卫生室"})
    return Request(acts.cast.operator, DispatchList(b"list", False, (whole,)), {"csv": b"other"})


DECIDED: Final = Decided(NUMBER, TODAY, TODAY, "示范区卫生健康委")
_BAD: Final = {"kind": ConductKind.BAD, "text": "违反护士条例第三十一条"}


async def _propose_record(acts: Acts, _: Place) -> Request:
    wish = ConductPropose(acts.cast.nurse_id, ConductKind.GOOD, "省级优秀护士")
    return Request(acts.cast.operator, wish, {"kind": ConductKind.BAD})


async def _enter_record(acts: Acts, _: Place) -> Request:
    wish = ConductEnter(acts.cast.nurse_id, **_BAD, decided=DECIDED)
    return Request(acts.cast.decider, wish, {"text": "另一事由"})


async def _reported(acts: Acts) -> UUID:
    return await acts.take(ConductPropose, acts.cast.operator, **_BAD)


async def _written(acts: Acts, *, asked: bool = False) -> UUID:
    key = await acts.take(ConductEnter, acts.cast.decider, **_BAD, decided=DECIDED)
    if asked:
        await take(acts.db, acts.cast.nurse.session, ConductAskCorrection(key, "日期有误"))
    return key


async def _confirm_record(acts: Acts, _: Place) -> Request:
    other = {"decided": replace(DECIDED, issuer="另一机关")}
    return Request(acts.cast.decider, ConductConfirm(await _reported(acts), DECIDED), other)


async def _decline_record(acts: Acts, _: Place) -> Request:
    return Request(acts.cast.decider, ConductDecline(await _reported(acts), "没有送达的决定"), {"reason": "不予采纳"})


async def _state_on_record(acts: Acts, _: Place) -> Request:
    return Request(acts.cast.nurse, ConductMakeStatement(await _written(acts), "非本人过错"), {"text": "不是"})


async def _ask_about_record(acts: Acts, _: Place) -> Request:
    return Request(acts.cast.nurse, ConductAskCorrection(await _written(acts), "日期有误"), {"text": "不是"})


async def _correct_record(acts: Acts, _: Place) -> Request:
    key = await _written(acts, asked=True)
    return Request(acts.cast.decider, ConductCorrect(key, "更正后", DECIDED, "已更正"), {"answer": "不予更正"})


async def _withdraw_record(acts: Acts, _: Place) -> Request:
    wish = ConductWithdraw(await _written(acts), WithdrawalGround.COURT, NUMBER)
    return Request(acts.cast.decider, wish, {"ground": WithdrawalGround.MISTAKE})


async def _changing(acts: Acts, **columns: Any) -> UUID:
    """A change of hers that waits, or with columns as they say."""
    key = await take(acts.db, acts.cast.nurse.session, InformationChangeRequest(InformationForm(school="北京大学")))
    for name, value in columns.items():
        await acts.world.owner.execute(f"update information_change set {name} = $2 where id = $1", key, value)
    return key


async def _works(acts: Acts) -> None:
    """She asks for another department, which ends where she goes elsewhere."""
    await take(
        acts.db,
        acts.cast.nurse.session,
        InformationChangeRequest(InformationForm(work_category=WorkCategory.CLINICAL_NURSING)),
    )


async def _edit_with_proof(acts: Acts, _: Place) -> Request:
    form = InformationForm(title=Title.CHIEF_NURSE)
    wish = InformationEditWithProof(acts.cast.nurse_id, form, PAPER)
    return Request(acts.cast.operator, wish, {"form": InformationForm(title=Title.SENIOR_NURSE)})


async def _object(acts: Acts, _: Place) -> Request:
    wish = InformationEdit(acts.cast.nurse_id, InformationForm(work_history="北京"))
    key = await take(acts.db, acts.cast.operator.session, wish)
    return Request(acts.cast.nurse, InformationChangeObject(key, 1, "不属实"), {"text": "不是我的经历"})


async def _change(acts: Acts, _: Place) -> Request:
    wish = InformationChangeRequest(InformationForm(school="北京大学"))
    return Request(acts.cast.nurse, wish, {"form": InformationForm(school="清华大学")})


async def _answer(acts: Acts, _: Place) -> Request:
    key = await _changing(acts, state="RETURNED", marked_fields=["school"])
    return Request(
        acts.cast.nurse,
        InformationChangeAnswer(key, 1, InformationForm(school="清华大学")),
        {"form": InformationForm(school="北京协和医学院")},
    )


async def _take_change_back(acts: Acts, _: Place) -> Request:
    wish = InformationChangeWithdraw(await _changing(acts), 1)
    return Request(acts.cast.nurse, wish, {"expected_version": 2})


async def _escalate_change(acts: Acts, _: Place) -> Request:
    key = await _changing(acts, queued_at=NOW - timedelta(days=90))
    return Request(acts.cast.nurse, InformationChangeEscalate(key, 1), {"expected_version": 2})


async def _agree(acts: Acts, _: Place) -> Request:
    wish = InformationChangeApprove(await _changing(acts), 1, originals_seen=True)
    return Request(acts.cast.operator, wish, {"opinion": "已核对"})


async def _disagree(acts: Acts, _: Place) -> Request:
    wish = InformationChangeReject(await _changing(acts), 1, "与证书不符")
    return Request(acts.cast.operator, wish, {"opinion": "证书不清"})


async def _photo(acts: Acts, _: Place) -> Request:
    wish = PhotoUpload(a_file(saved(drawn())), False, Measured(), saved(drawn()))
    return Request(acts.cast.nurse, wish, {"cut": True})


async def _file_photo(acts: Acts, _: Place) -> Request:
    return Request(
        acts.cast.nurse, PhotoFile(await a_photo(acts.world, acts.cast, "UPLOADED"), 1), {"expected_version": 2}
    )


async def _take_photo_back(acts: Acts, _: Place) -> Request:
    return Request(acts.cast.nurse, PhotoWithdraw(await a_photo(acts.world, acts.cast), 1), {"expected_version": 2})


async def _escalate_photo(acts: Acts, _: Place) -> Request:
    key = await a_photo(acts.world, acts.cast, queued_at=NOW - timedelta(days=90))
    return Request(acts.cast.nurse, PhotoEscalate(key, 1), {"expected_version": 2})


async def _agree_to_photo(acts: Acts, _: Place) -> Request:
    return Request(acts.cast.operator, PhotoApprove(await a_photo(acts.world, acts.cast), 1), {"expected_version": 2})


async def _refuse_photo(acts: Acts, _: Place) -> Request:
    wish = PhotoReject(await a_photo(acts.world, acts.cast), 1, (PhotoReason.BACKGROUND,))
    return Request(acts.cast.operator, wish, {"opinion": "请重新拍摄"})


async def _archive(acts: Acts, _: Place) -> Request:
    given = form(id_number=resident())
    await known(acts.world, acts.cast, given)
    content = packed({"a.jpg": saved(drawn())}, [(given.id_number, "a.jpg")])
    row = PhotoRow(2, given.id_number, "a.jpg", made=saved(drawn()))
    return Request(acts.cast.operator, PhotoArchiveFile(a_file(content), False, (row,)), {"cut": True})


async def _send_back(acts: Acts, _: Place) -> Request:
    wish = InformationChangeReturn(await _changing(acts), 1, ("school",), "请核对校名")
    return Request(acts.cast.operator, wish, {"opinion": "请核对"})


async def _edit(acts: Acts, _: Place) -> Request:
    wish = InformationEdit(acts.cast.nurse_id, InformationForm(work_history="北京"))
    return Request(acts.cast.operator, wish, {"form": InformationForm(work_history="上海")})


async def _left(acts: Acts) -> UUID:
    reason = DepartureReason.RESIGNED
    return await acts.take(DepartureReport, acts.cast.operator, reason=reason, left_on=TODAY)


async def _report(acts: Acts, _: Place) -> Request:
    await _works(acts)
    report = DepartureReport(acts.cast.nurse_id, DepartureReason.RESIGNED, TODAY)
    return Request(acts.cast.operator, report, {"reason": DepartureReason.OTHER})


async def _dispute(acts: Acts, _: Place) -> Request:
    return Request(acts.cast.nurse, DepartureDispute(await _left(acts), "我没有离职"), {"text": "未离职"})


async def _withdraw(acts: Acts, _: Place) -> Request:
    report = await _left(acts)
    await _works(acts)
    return Request(acts.cast.operator, DepartureWithdraw(report), {"departure_id": uuid7()})


async def _proposed(acts: Acts) -> UUID:
    reason = DeregistrationReason.INCAPACITY
    return await acts.take(DeregistrationPropose, acts.cast.decider, reason=reason, decision_number=NUMBER)


async def _propose(acts: Acts, _: Place) -> Request:
    proposal = DeregistrationPropose(acts.cast.nurse_id, DeregistrationReason.INCAPACITY, NUMBER)
    return Request(acts.cast.decider, proposal, {"reason": DeregistrationReason.DEATH})


async def _confirm(acts: Acts, _: Place) -> Request:
    await _works(acts)
    await put(acts.world, acts.cast, State.INSTITUTION_REVIEW)
    return Request(await acts.officer(Role.DECIDER), ProposalConfirm(await _proposed(acts)), {"note": "已复核"})


async def _reject(acts: Acts, _: Place) -> Request:
    return Request(acts.cast.decider, ProposalReject(await _proposed(acts)), {"note": "已复核"})


async def _correction(acts: Acts, _: Place) -> Request:
    return Request(acts.cast.nurse, KeyFactRequest(None, KeyFacts(EVIDENCE, "王红")), {"nurse_id": acts.cast.nurse_id})


async def _asked(acts: Acts, number: str) -> UUID:
    await reach(acts.world, acts.cast.nurse.account_id, Channel.MAIL, new_mail(), verified=True)
    facts = KeyFacts(EVIDENCE, "王红", None, number)
    return await take(acts.db, acts.cast.nurse.session, KeyFactRequest(None, facts))


async def _correct(acts: Acts, place: Place) -> Request:
    await put(acts.world, acts.cast, State.INSTITUTION_REVIEW)
    number = new_number()
    return Request(
        place.admin, KeyFactApprove(await _asked(acts, number), "王红", number, confirmed=True), {"name": "王洪"}
    )


async def _not_correct(acts: Acts, place: Place) -> Request:
    return Request(place.admin, KeyFactReject(await _asked(acts, new_number()), "证据不足"), {"reason": "材料不清"})


async def _word_on_notice(acts: Acts, _: Place) -> Request:
    wish = PrivacyNoticeAccept(Acceptance(KNOWN[-1].version, sensitive=False))
    return Request(acts.cast.nurse, wish, {"acceptance": Acceptance(KNOWN[-1].version, sensitive=True)})


async def _investigate(acts: Acts, _: Place) -> Request:
    wish = InvestigationOpen("卫查〔2026〕9号", "《护士条例》第四条", TODAY + timedelta(days=9))
    return Request(acts.cast.decider, wish, {"case_number": "卫查〔2026〕10号"})


async def _confirm_investigation(acts: Acts, _: Place) -> Request:
    key = await an_investigation(acts.world, acts.cast.district, acts.cast.decider)
    return Request(await acts.officer(Role.SUPERVISOR), InvestigationConfirm(key, 1), {"expected_version": 2})


async def _complain(acts: Acts, _: Place) -> Request:
    look = await a_look(acts.world, acts.cast.nurse_id, acts.cast.operator)
    return Request(acts.cast.nurse, LookComplain(look, "我不认识该单位"), {"words": "何故查阅"})


async def _answer_complaint(acts: Acts, _: Place) -> Request:
    key = await a_complaint(acts.world, acts.cast.nurse_id, acts.cast.district, acts.cast.operator)
    answer = LookComplaintAnswer(key, 1, upheld=False, answer="系办理入职核验")
    return Request(await acts.officer(Role.SUPERVISOR), answer, {"upheld": True})


async def _ward(acts: Acts, _: Place) -> Request:
    wish = UnitCreate("一病区", UnitKind.WARD, Department.WARD, None, None)
    return Request(acts.cast.manager, wish, {"name": "二病区"})


async def _rename(acts: Acts, _: Place) -> Request:
    wish = UnitChange(await put_unit(acts.world, acts.cast.hospital), 1, "三病区", Department.WARD, None)
    return Request(acts.cast.manager, wish, {"name": "四病区"})


async def _close(acts: Acts, _: Place) -> Request:
    wish = UnitClose(await put_unit(acts.world, acts.cast.hospital), 1)
    return Request(acts.cast.manager, wish, {"expected_version": 2})


async def _assign(acts: Acts, _: Place) -> Request:
    wish = UnitAssign((acts.cast.nurse_id,), await put_unit(acts.world, acts.cast.hospital))
    return Request(acts.cast.operator, wish, {"unit_id": None})


async def _pre_review(acts: Acts, _: Place) -> Request:
    unit = await put_unit(acts.world, acts.cast.hospital)
    await belong(acts.world, acts.cast.nurse_id, unit)
    head = await limited(acts.world, acts.cast, Role.WARD_HEAD, unit)
    key = await put(acts.world, acts.cast, State.INSTITUTION_REVIEW)
    return Request(head, ApplicationPreReview(key, 1, True), {"confirmed": False})


async def _compare(acts: Acts, _: Place) -> Request:
    return Request(acts.cast.operator, RosterCompare(b"list", (Row(2),)), {"csv": b"other"})


async def _edit_by_list(acts: Acts, _: Place) -> Request:
    nurse = OnRoster(acts.cast.nurse_id, "王护士", None, {"department": "WARD"})
    row = Row(2, filled={"department": "EMERGENCY"})
    key = await found_by(acts, compared([(row, nurse, ())], [nurse]))
    return Request(acts.cast.operator, RosterEdit(key, (1,), False), {"places": (2,)})


async def _report_by_list(acts: Acts, _: Place) -> Request:
    key = await take(acts.db, acts.cast.operator.session, RosterCompare(b"list", ()))
    wish = RosterReportDepartures(key, (1,), False, DepartureReason.RESIGNED, TODAY)
    return Request(acts.cast.operator, wish, {"places": (2,)})


async def _undo_by_list(acts: Acts, place: Place) -> Request:
    edited = await _edit_by_list(acts, place)
    key = await take(acts.db, edited.who.session, edited.command)
    return Request(acts.cast.operator, RosterUndo(key, (1,), False), {"places": (2,)})


async def found_by(acts: Acts, found: Sequence[Found]) -> UUID:
    """The operator's comparison with these findings."""
    key = uuid7()
    async with acts.db.begin() as tx:
        await tx.ask_time()
        await roster.replace(tx, key, acts.cast.operator.actor, found, [])
    return key


async def _end_account(acts: Acts, _: Place) -> Request:
    await reach(acts.world, acts.cast.nurse.account_id, Channel.MAIL, new_mail(), verified=True)
    await put(acts.world, acts.cast, State.INSTITUTION_REVIEW)
    return Request(acts.cast.manager, AccountRevoke(acts.cast.nurse.account_id, "护士已离职"), {"reason": "登记有误"})


NURSE_REQUESTS: Final[Mapping[type[Command], Make]] = {
    RegistrationSuspend: _suspend,
    RegistrationLift: _lift,
    RegistrationRevoke: _revoke,
    InterruptionStart: _interrupt,
    InterruptionEnd: _practise_again,
    InterruptionWithdraw: _take_interruption_back,
    InterruptionDispute: _dispute_interruption,
    InterruptionAnswer: _answer_interruption,
    InterruptionList: _interrupt_by_list,
    DispatchStart: _send,
    DispatchChange: _send_on,
    DispatchWithdraw: _call_back,
    DispatchList: _send_by_list,
    ConductPropose: _propose_record,
    ConductEnter: _enter_record,
    ConductConfirm: _confirm_record,
    ConductDecline: _decline_record,
    ConductMakeStatement: _state_on_record,
    ConductAskCorrection: _ask_about_record,
    ConductCorrect: _correct_record,
    ConductWithdraw: _withdraw_record,
    DepartureReport: _report,
    DepartureDispute: _dispute,
    DepartureWithdraw: _withdraw,
    InformationChangeRequest: _change,
    InformationChangeAnswer: _answer,
    InformationChangeWithdraw: _take_change_back,
    InformationChangeEscalate: _escalate_change,
    InformationChangeApprove: _agree,
    InformationChangeReject: _disagree,
    InformationChangeReturn: _send_back,
    InformationEdit: _edit,
    InformationEditWithProof: _edit_with_proof,
    InformationChangeObject: _object,
    InvestigationOpen: _investigate,
    InvestigationConfirm: _confirm_investigation,
    LookComplain: _complain,
    LookComplaintAnswer: _answer_complaint,
    UnitCreate: _ward,
    UnitChange: _rename,
    UnitClose: _close,
    UnitAssign: _assign,
    ApplicationPreReview: _pre_review,
    RosterCompare: _compare,
    RosterEdit: _edit_by_list,
    RosterReportDepartures: _report_by_list,
    RosterUndo: _undo_by_list,
    PhotoUpload: _photo,
    PhotoFile: _file_photo,
    PhotoWithdraw: _take_photo_back,
    PhotoEscalate: _escalate_photo,
    PhotoApprove: _agree_to_photo,
    PhotoReject: _refuse_photo,
    PhotoArchiveFile: _archive,
    DeregistrationPropose: _propose,
    ProposalConfirm: _confirm,
    ProposalReject: _reject,
    KeyFactRequest: _correction,
    KeyFactApprove: _correct,
    KeyFactReject: _not_correct,
    AccountRevoke: _end_account,
    PrivacyNoticeAccept: _word_on_notice,
}
"""By the command."""
