"""The conditions of the register itself: the nurse's standing in it, the institution, and other open applications."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from rules.deregistration import reasons_of
from rules.errors import Words
from rules.facts import PASS, Facts, Finding, Judge, Outcome, fail, unknown
from rules.institution import InstitutionState
from rules.kinds import KINDS, Kind
from rules.nurse import DeregistrationReason
from rules.people import Party
from rules.registration import RegistrationStatus
from rules.target import ALREADY_THERE

LEGAL_LINE_DAYS: Final = 30


def account(facts: Facts, today: date) -> Finding:
    """The nurse's account: required only if the nurse files, and then it must be the nurse's own."""
    if facts.account_active:
        return PASS
    if facts.next_step is None:
        return fail("请先激活账户", "Activate your account first.")
    zh, en = facts.next_step
    return fail(f"请先激活账户，下一步：{zh}", f"Activate your account first; the next step: {en}.")


def validity(facts: Facts, today: date) -> Finding:
    """On the register, and not expired."""
    registration = facts.registration
    if registration.status is not RegistrationStatus.VALID:
        return fail(
            "未在册，请办理首次注册或重新注册", "Not on the register: first or renewed registration is the way."
        )
    if today > (last := registration.expires_on):
        return fail(
            f"注册已于{last}到期，请办理重新注册", f"The registration ran out on {last}: re-registration is the way."
        )
    return PASS


def on_register(facts: Facts, today: date) -> Finding:
    """On the register, expired or not."""
    if facts.registration.status is RegistrationStatus.VALID:
        return PASS
    return fail("未在册，没有可注销的注册", "Not on the register: there is nothing to end.")


def never_registered(facts: Facts, today: date) -> Finding:
    """Not on the register, and never was."""
    match facts.registration.status:
        case RegistrationStatus.NEVER:
            return PASS
        case RegistrationStatus.VALID:
            return fail("已在册，请办理延续或变更注册", "On the register already: renewal or change is the way.")
        case _:
            return fail("曾经注册，请办理重新注册", "Registered before: re-registration is the way.")


def ended_or_expired(facts: Facts, today: date) -> Finding:
    """Deregistered, but not by death, or expired."""
    registration = facts.registration
    if registration.status is RegistrationStatus.NEVER:
        return fail("从未注册，请办理首次注册", "Never registered: first registration is the way.")
    if registration.status is RegistrationStatus.VALID and today <= (last := registration.expires_on):
        return fail(f"注册在{last}前有效，无需重新注册", f"The registration is valid until {last}: there is no need.")
    if registration.deregistration_reason is DeregistrationReason.DEATH:
        return fail("登记为死亡注销，请联系注册机关核实", "Ended by death: ask the authority to correct the register.")
    return PASS


def window(facts: Facts, today: date) -> Finding:
    """Not before the authority's window opens."""
    if facts.registration.status is not RegistrationStatus.VALID:
        return Outcome.UNKNOWN, None, None
    opens = facts.registration.expires_on - timedelta(days=facts.window_days)
    return PASS if today >= opens else fail(f"请于{opens}起申请", f"Apply from {opens} on.", opens)


def legal_line(facts: Facts, today: date) -> Finding:
    """Never refuses: a renewal is deemed granted without a decision only if it reached the authority by this line."""
    if facts.registration.status is not RegistrationStatus.VALID:
        return Outcome.UNKNOWN, None, None
    line = facts.registration.expires_on - timedelta(days=LEGAL_LINE_DAYS)
    if today <= line:
        zh, en = f"请于{line}前（含当日）送达审批机关", f"Let it reach the authority by {line}."
    else:
        zh = f"已过法定期限{line}，仍可申请；若到期未获决定，不视为准予延续"
        en = f"The legal line of {line} has passed: you may still apply, but silence will not renew your registration."
    return Outcome.PASS, Words(zh, en), None


def suspension(facts: Facts, today: date) -> Finding:
    """Not suspended."""
    if not facts.registration.suspended:
        return PASS
    return fail("暂停执业期满或解除后再申请", "Apply when the suspension has ended or been lifted.")


def bar(facts: Facts, today: date) -> Finding:
    """No bar on applying runs."""
    last = facts.registration.bar_until
    if last is None or today > last:
        return PASS
    first = last + timedelta(days=1)
    return fail(f"限制申请期至{last}，请于{first}起申请", f"Barred until {last}: apply from {first} on.", first)


def institution(facts: Facts, today: date) -> Finding:
    """A current institution that reviews: it may end, or report the nurse's departure, before the decision."""
    if facts.filed or facts.registration.institution_id is not None:
        return PASS
    return fail("没有执业机构，请先办理变更注册", "No current institution: a change of registration comes first.")


def reviewer(facts: Facts, today: date) -> Finding:
    """A current institution if the nurse files; otherwise the authority's counter files."""
    if facts.filed or facts.filed_by is not Party.NURSE or facts.registration.institution_id is not None:
        return PASS
    return fail("没有执业机构，请到注册机关窗口办理", "No current institution: file at the authority's counter.")


def elsewhere(facts: Facts, today: date) -> Finding:
    """Another institution than the current one; the same one again is allowed after a departure."""
    if facts.target_id is None:
        return unknown(
            "可指定拟执业机构，也可由其凭身份证号认领", "Name the institution, or let it claim by ID number."
        )
    if facts.target_id != facts.registration.institution_id:
        return PASS
    if facts.filed:  # it is the reviewer or the decider who reads it
        return fail("申请人已在该机构执业，不能变更到同一机构", "She practises there already: that would be no change.")
    return fail(*ALREADY_THERE)


def target(facts: Facts, today: date) -> Finding:
    """The institution named as the target is active."""
    match facts.target_state:
        case None:
            return unknown(
                "可指定拟执业机构，也可由其凭身份证号认领", "Name the institution, or let it claim by ID number."
            )
        case InstitutionState.ACTIVE:
            return PASS
        case state:
            zh, en = (
                f"拟执业机构状态为“{state.label}”，请选择其他机构",
                f"That institution is {state.english}: pick another.",
            )
            return fail(zh, en)


def reason(facts: Facts, today: date) -> Finding:
    """The reason for a deregistration: a nurse may give only some reasons; EXPIRED needs an expired registration."""
    chosen = facts.filled("reason")
    if chosen is None:
        return unknown("请选择注销理由", "Pick the reason.")
    if facts.filed_by is Party.NURSE and chosen not in reasons_of(Party.NURSE):
        return fail(
            f"“{chosen.label}”由医疗机构或注册机关提出",
            f"The reason “{chosen.english}” is said by the institution or the authority.",
        )
    registration = facts.registration
    in_force = registration.status is RegistrationStatus.VALID and today <= registration.expires_on
    if chosen is DeregistrationReason.EXPIRED and in_force:
        return fail("注册尚未届满，请选择其他理由", "The registration has not expired: pick another reason.")
    return PASS


def alone(*companions: Kind) -> Judge:
    """No other open application, but for the kinds that may stand beside it."""

    def judge(facts: Facts, today: date) -> Finding:
        others = sorted(facts.open_kinds - {*companions})
        if not others and facts.drafted:
            return fail(
                "该业务已有草稿，请继续填报或撤回", "You have begun this: go on with your draft, or withdraw it."
            )
        if not others:
            return PASS
        titles = [KINDS[kind].title for kind in others]
        zh, en = "、".join(f"“{one.zh}”" for one in titles), ", ".join(one.en for one in titles)
        return fail(f"请先办结或撤回正在申办的{zh}", f"Finish or withdraw what is open first: {en}.")

    return judge
