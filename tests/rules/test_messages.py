"""The sentences that people read say what is the matter in the words of the trade."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from db.read.viewer import STAFF
from rules.account import AccountStep, Progress, phone_number, require_step
from rules.activation import Candidate, require_waits_for_code
from rules.conditions import alone
from rules.contact import contact
from rules.errors import Invalid, NotAllowed, RegistryError, WrongState
from rules.facts import Facts
from rules.kinds import KINDS, Kind
from rules.matching import MESSAGES, said
from rules.moves import State, Step
from rules.people import AccountState, Actor, Party, Role, require
from rules.reasons import Reason
from rules.registration import Registration
from rules.review import require_reasons
from rules.staff import Colleague, StaffStep, Workplace, check_roles, next_staff_state
from rules.verification import Channel, IdentityOutcome
from tests.support.regulation import actor_as, application_in, refused

HOSPITAL = Workplace(Party.INSTITUTION, UUID(int=7))
MANAGER = Actor(UUID(int=1), Party.INSTITUTION, HOSPITAL.id, frozenset({Role.MANAGER}))


def zh(refusal: pytest.ExceptionInfo[RegistryError]) -> str:
    """The Chinese sentence of a refusal; of several problems those of each."""
    error = refusal.value
    return "；".join(one.words.zh for one in error.problems) if isinstance(error, Invalid) else error.words.zh


def test_a_wrong_state_is_named_as_the_pages_name_it() -> None:
    assert WrongState(State.AUTHORITY_INTAKE).words.zh == "当前为“待受理”，不能进行此操作"


def test_a_step_that_the_kind_does_not_have_is_refused_by_the_kind_whatever_the_state() -> None:
    refusal = refused(actor_as(Role.SUPERVISOR), application_in(State.ACCEPTED, Kind.CHANGE), Step.EXTEND)
    assert isinstance(refusal, NotAllowed)
    assert (refusal.reason, refusal.words.zh) == ("NOT_FOR_KIND", "“变更注册”不能办理“延长期限”")


def test_the_state_of_a_colleagues_account_is_named_in_chinese() -> None:
    colleague = Colleague(UUID(int=2), HOSPITAL, AccountState.DISABLED, frozenset({Role.OPERATOR}))
    with pytest.raises(NotAllowed) as refusal:
        next_staff_state(colleague, StaffStep.DISABLE)
    assert (refusal.value.reason, zh(refusal)) == ("ACCOUNT_DISABLED", "该账户已停用，不能进行此操作")


def test_roles_of_another_place_are_named_by_their_titles() -> None:
    with pytest.raises(Invalid) as refusal:
        check_roles(MANAGER, HOSPITAL, [Role.DECIDER, Role.OPERATOR])
    assert zh(refusal) == "该单位不能授予这些角色：决定人"
    with pytest.raises(Invalid) as refusal:
        check_roles(MANAGER, HOSPITAL, [])
    assert zh(refusal) == "请至少选择一个角色"


@pytest.mark.parametrize("step", list(AccountStep))
@pytest.mark.parametrize("state", list(State))
def test_english_refusals_have_words_where_programs_have_codes(state: State, step: AccountStep) -> None:
    code, texts = re.compile(r"[A-Z]{3,}"), [WrongState(state).words.en]
    with pytest.raises(NotAllowed) as refusal:
        require(MANAGER, *(one for one in Role if one not in {Role.MANAGER, Role.OPERATOR}))
    texts.append(refusal.value.words.en)
    if step is not AccountStep.VERIFY_IDENTITY and step is not AccountStep.CORRECT_IDENTITY:
        with pytest.raises(NotAllowed) as refusal:
            require_step(Progress(AccountState.INACTIVE), step)
        texts.append(refusal.value.words.en)
    assert [one for one in texts if code.search(one)] == []


def test_what_is_open_already_is_named_by_its_kind() -> None:
    facts = Facts(Registration(UUID(int=3)), True, open_kinds=frozenset({Kind.CHANGE}))
    _, advice, _ = alone()(facts, date(2026, 11, 1))
    assert advice is not None
    assert advice.zh == f"请先办结或撤回正在申办的“{KINDS[Kind.CHANGE].title.zh}”"


def test_marked_fields_are_named_as_on_the_form() -> None:
    with pytest.raises(Invalid) as refusal:
        require_reasons(Step.RETURN, [Reason.MATERIAL_MISSING], ["department", "salary"], markable=["department"])
    assert "所选原因与“工作科室”无关，请选择对应的原因" in zh(refusal)
    assert "没有“salary”这一填报项" in zh(refusal)


def test_a_phone_number_is_refused_in_the_same_words_wherever_it_is_typed() -> None:
    with pytest.raises(Invalid) as registering:
        phone_number("12345")
    with pytest.raises(Invalid) as changing:
        contact(Channel.SMS, "12345", path="phone")
    assert zh(registering) == zh(changing) == "手机号码应为11位数字，以13至19开头"


@pytest.mark.parametrize(
    ("progress", "step", "code", "words"),
    [
        (
            Progress(AccountState.INACTIVE),
            AccountStep.CONFIRM_CONTACT,
            "STEP_NOT_OPEN",
            "现在不能验证手机或邮箱，请先进行护士信息验证",
        ),
        (
            Progress(AccountState.INACTIVE, IdentityOutcome.REGISTERED, identity_verified=True),
            AccountStep.CORRECT_IDENTITY,
            "IDENTITY_VERIFIED",
            "身份信息已验证，姓名或证件号码有误的，请申请关键信息修改",
        ),
    ],
)
def test_a_step_that_is_not_open_says_what_to_do(progress: Progress, step: AccountStep, code: str, words: str) -> None:
    with pytest.raises(NotAllowed) as refusal:
        require_step(progress, step)
    assert (refusal.value.reason, zh(refusal)) == (code, words)


def test_no_message_names_an_office_that_was_dissolved() -> None:
    texts = [words.zh for rule in KINDS.values() for words in (rule.title, rule.explanation)]
    texts += [words.zh for words in MESSAGES.values()]
    assert [one for one in texts if "卫生计生" in one or "卫计委" in one] == []


def test_what_is_not_allowed_says_whom_it_is_for_or_what_comes_first() -> None:
    operator = Actor(UUID(int=1), Party.INSTITUTION, UUID(int=2), frozenset({Role.OPERATOR}))
    with pytest.raises(NotAllowed) as refusal:
        require(operator, Role.DECIDER, Role.REVIEWER)
    assert (refusal.value.reason, refusal.value.words.zh) == ("NOT_ALLOWED", "此操作由审查人、决定人办理，您没有该角色")
    with pytest.raises(NotAllowed) as refusal:
        require(replace(operator, active=False), Role.OPERATOR)
    assert (refusal.value.reason, refusal.value.words.zh) == ("ACCOUNT_INACTIVE", "请先激活账户")
    with pytest.raises(NotAllowed) as refusal:
        STAFF.require(replace(operator, party=Party.NURSE))
    assert refusal.value.words.zh == "该列表仅供医疗机构、卫生健康主管部门账户查看"


@pytest.mark.parametrize(
    ("outcome", "step", "begins"),
    [
        (None, AccountStep.VERIFY_IDENTITY, "请先进行护士信息验证"),
        (IdentityOutcome.REGISTERED, AccountStep.CONFIRM_CONTACT, "您是在册护士。请先验证手机或邮箱"),
        (IdentityOutcome.REGISTERED, AccountStep.SUBMIT_CERTIFICATE, "手机或邮箱已验证。请填写护士执业证书编号"),
        (IdentityOutcome.REGISTERED, AccountStep.ACTIVATE, "请向所在医疗机构申领激活码并填写；如已不在"),
        (IdentityOutcome.EXAM_PASSED, AccountStep.SUBMIT_EXAM_CERTIFICATE, "手机或邮箱已验证。请填写最近一次的考试"),
        (IdentityOutcome.MILITARY_SOURCE, AccountStep.FILE_MILITARY_TRANSFER, "手机或邮箱已验证。请申请军队武警"),
    ],
)
def test_the_message_follows_the_step_that_is_next(
    outcome: IdentityOutcome | None, step: AccountStep, begins: str
) -> None:
    """F31: it stayed at the phone when only the code was left."""
    assert said(outcome, step).zh.startswith(begins)


def test_an_operator_is_told_what_the_nurse_has_yet_to_do() -> None:
    unverified = Candidate(UUID(int=1), Progress(AccountState.INACTIVE))
    with pytest.raises(NotAllowed) as refusal:
        require_waits_for_code(unverified)
    assert refusal.value.words.zh == "该护士尚未进行护士信息验证，暂不能生成激活码"
