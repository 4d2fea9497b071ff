"""The help of a register: what nurses have asked and what was answered, and what provinces and hospitals announce."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from db.seed.people import Nurse
from db.seed.random_source import CHINA, Dice, Part, Row, Salt, identifier, key_of, part_key
from db.seed.register import Register
from rules.people import AccountState, Party, Role
from rules.question import QuestionState, QuestionTopic, Said

ASKED: Final = 40
"""One in so many nurses with an active account has asked something."""
_TEXTS: Final = (
    (
        QuestionTopic.APPLICATION,
        "延续注册什么时候可以申请？",
        "有效期明年到期，现在能办理吗？",
        "届满前90天起可以申请。",
    ),
    (
        QuestionTopic.INFORMATION,
        "学历修改要多久审核？",
        "上周提交了学历修改，还没有结果。",
        "由您的执业机构审核，请联系。",
    ),
    (QuestionTopic.CERTIFICATE, "证书遗失怎么补办？", "护士执业证书丢了，怎么办？", "请在“证书补办”中提交申请。"),
    (QuestionTopic.SIGN_IN, "手机号码换了收不到校验码", "原来的手机号已停用。", "请由执业机构或注册机关核实后重置。"),
)


@dataclass(frozen=True, slots=True)
class SeededQuestion:
    """A question with its messages."""

    row: Row
    messages: tuple[Row, ...]


def questions(nurse: Nurse, demo: bool) -> Iterator[SeededQuestion]:
    """The questions of a nurse: few have any; the first has an answer, and one that her authority answers."""
    if nurse.account_state is not AccountState.ACTIVE or nurse.account_id is None:
        return
    dice, first = Dice(part_key(nurse.key, Part.HELP)), nurse.index == 0
    if first:
        desk = nurse.register.institution_of(nurse.index).authority.id
        yield _asked(nurse, Dice(nurse.key), 1, QuestionState.OPEN, demo, desk)
    if first or dice.one_in(ASKED):
        yield _asked(nurse, dice, 0, QuestionState.ANSWERED, demo)


def _asked(
    nurse: Nurse, dice: Dice, nth: int, state: QuestionState, demo: bool, authority: str | None = None
) -> SeededQuestion:
    today, place = nurse.register.today, part_key(nurse.key, Part.HELP, nth)
    assert nurse.account_id is not None
    asked: Row = {"account_id": nurse.account_id, "asker_party": Party.NURSE, "authority_id": authority}
    return _question(today, place, dice, state, nurse.register.staff_id(Role.HELP_DESK) if demo else None, asked)


def _question(
    today: date, place: int, dice: Dice, state: QuestionState, desk: str | None, asked: Row
) -> SeededQuestion:
    topic, title, text, answer = dice.pick(_TEXTS)
    at = datetime.combine(today, time(9), CHINA) - timedelta(days=dice.between(1, 3), minutes=dice.between(0, 300))
    answered = at + timedelta(hours=3) if state is QuestionState.ANSWERED else None
    key = identifier(place, at)
    row: Row = {"id": key, "version": 1 if answered is None else 2, "state": state, "topic": topic, "title": title}
    row |= asked | {"due_on": today + timedelta(days=7), "created_at": at, "queued_at": at, "answered_at": answered}
    said = [(Said.ASKED, text, at, asked["account_id"])]
    said += [(Said.ANSWERED, answer, answered, desk)] if answered else []
    messages = tuple(
        {
            "id": identifier(place ^ n, when),
            "question_id": key,
            "said": what,
            "text": words,
            "account_id": by,
            "at": when,
        }
        for n, (what, words, when, by) in enumerate(said)
    )
    return SeededQuestion(row, messages)


def of_places(register: Register) -> Iterator[SeededQuestion]:
    """The first hospital's operator waits for an answer of the help desk."""
    place = key_of(register.seed, Salt.HELP, 0)
    asked: Row = {
        "account_id": register.staff_id(Role.OPERATOR),
        "asker_party": Party.INSTITUTION,
        "authority_id": None,
    }
    yield _question(register.today, place, Dice(place), QuestionState.OPEN, None, asked)


def announcements(register: Register) -> Iterator[Row]:
    """Each province announces something to all of its area, and the first hospital to its own people."""
    at = datetime.combine(register.today, time(8), CHINA) - timedelta(days=2)
    for authority in register.authorities.values():
        if authority.level == "PROVINCE":
            by = register.staff_id(Role.PROVINCIAL_ADMIN, int(authority.code))
            text = "有效期将届满的，请在届满前30日提出延续注册申请，逾期须办理重新注册。"
            yield _announced(register, int(authority.code), at, "关于及时办理延续注册的通知", text) | {
                "authority_id": authority.id,
                "institution_id": None,
                "reach": authority.path,
                "audience": [Party.AUTHORITY, Party.INSTITUTION, Party.NURSE],
                "account_id": by,
            }
    first = register.institutions[0]
    yield _announced(register, 1, at, "护理部通知", "请各位护士核对本人在册信息，有误的及时申请修改。") | {
        "authority_id": None,
        "institution_id": first.id,
        "reach": f"{first.authority.path}{first.id}/",
        "audience": [Party.INSTITUTION, Party.NURSE],
        "account_id": register.staff_id(Role.MANAGER),
    }


def _announced(register: Register, number: int, at: datetime, title: str, text: str) -> Row:
    key = identifier(key_of(register.seed, Salt.HELP, number), at)
    when = {"starts_at": at, "created_at": at, "changed_at": at, "told_at": at}
    return {"id": key, "state": "PUBLISHED", "title": title, "text": text, **when}
