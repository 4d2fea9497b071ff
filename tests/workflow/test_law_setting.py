"""The law as data: what is set holds from its day on, for what is filed from then, and what has begun stays."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio

from db import law as laws
from db import material
from db.store.engine import Database
from rules.application import State, Step
from rules.errors import Conflict, Invalid, NotAllowed, RegistryError
from rules.form import Form
from rules.forms import ChangeForm
from rules.kinds import Kind
from rules.law import Law, LawSubject
from rules.law_setting import NOTICE
from rules.nurse import Department
from rules.people import Party, Role
from rules.reasons import Reason
from tests.support.application_story import FORMS, TO_DECISION, TODAY, Drafts
from tests.support.story import FILLED, NOW, Clock, Story, codes_of, reason_of
from tests.support.world import Person, World
from workflow.law_setting import LawSettingSet
from workflow.step import take

pytestmark = pytest.mark.feature("A4")
BEGINS = TODAY + NOTICE
THEN = NOW + NOTICE
ARTICLE, DEPARTMENTS = LawSubject.HEALTH_ARTICLE, LawSubject.DEPARTMENTS


@pytest_asyncio.fixture
async def law_book(timed: Database, world: World, clock: Clock) -> AsyncIterator[Database]:
    """A database whose law is the release's before and afterwards."""
    await _release(timed, world)
    yield timed
    await _release(timed, world)


async def _release(timed: Database, world: World) -> None:
    await world.owner.execute("delete from law_setting where set_by is not null")
    timed.kept.clear()


async def admin_of(world: World, nation: UUID | None = None) -> Person:
    """An administrator of a nation."""
    return await world.person(Party.AUTHORITY, nation or await world.authority(), Role.PROVINCIAL_ADMIN)


async def put(db: Database, who: Person, about: LawSubject, *value: str, **more: Any) -> UUID:
    """Set a value."""
    return await take(db, who.session, LawSettingSet(about, more.pop("day", BEGINS), value, **more))


async def law_on(db: Database, day: date, **place: UUID) -> Law:
    """The law of a day as a step reads it."""
    async with db.begin() as tx:
        await tx.ask_time()
        return await laws.on(tx, day, **place)


async def kept(world: World) -> list[tuple[Any, ...]]:
    """What people have set."""
    sql = "select subject, authority_id, from_day, value, set_by from law_setting where set_by is not null order by id"
    return [tuple(row.values()) for row in await world.owner.fetch(sql)]


async def test_what_is_set_ahead_holds_from_its_day_on_and_the_days_before_keep_theirs(
    law_book: Database, world: World, clock: Clock
) -> None:
    admin = await admin_of(world)
    was = (await law_on(law_book, TODAY)).article(ARTICLE)
    await put(law_book, admin, ARTICLE, "《护士执业注册管理办法》第八条")
    assert await kept(world) == [("HEALTH_ARTICLE", None, BEGINS, ["《护士执业注册管理办法》第八条"], admin.account_id)]
    assert (await law_on(law_book, BEGINS)).article(ARTICLE) == was  # nobody asks for a day that has not begun
    clock.now = THEN
    assert (await law_on(law_book, BEGINS)).article(ARTICLE) == "《护士执业注册管理办法》第八条"
    assert (await law_on(law_book, BEGINS - timedelta(days=1))).article(ARTICLE) == was
    audited = await world.owner.fetchval(
        "select detail ->> 'subject' from audit where account_id = $1 and action = 'lawSettingSet'", admin.account_id
    )
    assert audited == "HEALTH_ARTICLE"


async def test_a_value_to_come_may_be_set_anew_and_one_that_has_begun_may_not(
    law_book: Database, world: World, clock: Clock
) -> None:
    admin = await admin_of(world)
    first = await put(law_book, admin, ARTICLE, "第八条")
    assert await put(law_book, admin, ARTICLE, "第九条") == first
    assert [row[3] for row in await kept(world)] == [["第九条"]]
    clock.now = NOW + timedelta(days=1)
    before = await kept(world)
    for day in (BEGINS, TODAY):
        with pytest.raises(Invalid) as refusal:
            await put(law_book, admin, ARTICLE, "第十条", day=day)
        assert [(one.path, one.code) for one in refusal.value.problems] == [("fromDay", "DATE_TOO_NEAR")]
    assert await kept(world) == before


async def test_a_process_asks_for_the_law_once_a_day(law_book: Database, world: World, clock: Clock) -> None:
    await law_on(law_book, TODAY)
    book = law_book.kept["law"]
    await law_on(law_book, TODAY - timedelta(days=900))
    assert law_book.kept["law"] is book
    clock.now = NOW + timedelta(days=1)
    await law_on(law_book, TODAY)
    assert law_book.kept["law"] is not book


@pytest.mark.parametrize(
    ("level", "about", "why"),
    [
        ("PROVINCE", ARTICLE, "NOT_NATIONAL"),
        ("PROVINCE", LawSubject.CHANGE_REFUSALS, "NOT_NATIONAL"),
        ("DISTRICT", DEPARTMENTS, "NO_LAW_PLACE"),
    ],
)
async def test_who_may_not_set_it_changes_nothing(
    law_book: Database, world: World, level: str, about: LawSubject, why: str
) -> None:
    place = await world.authority(await world.authority())
    await world.owner.execute("update authority set level = $2 where id = $1", place, level)
    officer = await admin_of(world, place)
    with pytest.raises(NotAllowed) as refusal:
        await put(law_book, officer, about, "WARD")
    assert refusal.value.reason == why
    nation = await world.authority()
    for role in (Role.REVIEWER, Role.DECIDER, Role.SUPERVISOR):
        with pytest.raises(NotAllowed):
            await put(law_book, await world.person(Party.AUTHORITY, nation, role), DEPARTMENTS, "WARD")
    assert await kept(world) == []


async def test_the_same_request_sets_once_and_eight_at_once_leave_one(law_book: Database, world: World) -> None:
    admin = await admin_of(world)
    first = await put(law_book, admin, ARTICLE, "第八条", idempotency_key="set-it-once")
    assert await put(law_book, admin, ARTICLE, "第八条", idempotency_key="set-it-once") == first
    with pytest.raises(Conflict):
        await put(law_book, admin, ARTICLE, "第九条", idempotency_key="set-it-once")
    found = await asyncio.gather(*(put(law_book, admin, DEPARTMENTS, "WARD") for _ in range(8)))
    assert len({*found}) == 1
    assert len(await kept(world)) == 2


async def test_a_change_is_refused_by_the_grounds_of_the_day_on_which_it_was_filed(
    law_book: Database, world: World, clock: Clock
) -> None:
    begin = Drafts(law_book, world)
    before = await (await begin(Kind.CHANGE)).reach(*TO_DECISION)
    await put(law_book, await admin_of(world), LawSubject.CHANGE_REFUSALS, "HEALTH_UNFIT", "FALSE_MATERIAL")
    clock.now = THEN
    after = await (await begin(Kind.CHANGE)).reach(*TO_DECISION)
    for application, allowed, refused in (
        (before, Reason.CONDITIONS_NOT_MET, Reason.HEALTH_UNFIT),
        (after, Reason.HEALTH_UNFIT, Reason.CONDITIONS_NOT_MET),
    ):
        assert codes_of(await application.refused(Step.REJECT, reasons=(refused,))) == {"REASON_NOT_FOR_KIND"}
        await application.take(Step.REJECT, reasons=(allowed,), opinion="学历不符合规定")
        assert (await application.row())["state"] == State.REJECTED


async def test_an_examination_is_judged_by_the_law_of_the_day_of_filing(
    law_book: Database, world: World, story: Story
) -> None:
    await put(law_book, await admin_of(world), LawSubject.EXAMINATION_MONTHS, "1")
    old = replace(FILLED, health_examined_on=TODAY - timedelta(days=60))
    other = await story.beside()
    await other.take(Step.SUBMIT, form=old)
    story.clock.now = THEN
    assert codes_of(await story.refused(Step.SUBMIT, form=old)) == {"EXAMINATION_TOO_OLD"}
    await story.take(Step.SUBMIT, form=replace(FILLED, health_examined_on=TODAY))


async def test_a_province_may_renew_without_an_examination_from_a_day_on(
    law_book: Database, world: World, clock: Clock
) -> None:
    begin = Drafts(law_book, world)
    there, elsewhere = await begin(Kind.RENEWAL), await begin(Kind.RENEWAL)
    admin = await admin_of(world, there.move.province)
    form = replace(FORMS[Kind.RENEWAL], health_examined_on=None)  # type: ignore[call-arg]
    await put(law_book, admin, LawSubject.EXAMINED_KINDS)
    assert codes_of(await there.refused(Step.SUBMIT, form=form)) == {"FIELD_REQUIRED"}
    clock.now = THEN
    await there.take(Step.SUBMIT, form=form)
    assert codes_of(await elsewhere.refused(Step.SUBMIT, form=form)) == {"FIELD_REQUIRED"}
    for application, asked in ((there, False), (elsewhere, True)):
        async with law_book.begin() as tx:
            await tx.ask_time()
            listed = {item.code for item in await material.checklist(tx, application.id)}
        assert ("HEALTH_REPORT" in listed) is asked
        assert "CERTIFICATE" in listed
    marked = {"reasons": (Reason.HEALTH_PROOF_TOO_OLD,), "marked_fields": ("healthExaminedOn",)}
    assert codes_of(await there.refused(Step.RETURN, **marked)) == {"REASON_NOT_FOR_KIND"}
    await elsewhere.take(Step.SUBMIT)
    await elsewhere.take(Step.RETURN, **marked)


async def test_a_change_is_neither_sent_back_nor_declined_for_a_proof_of_health(
    law_book: Database, world: World
) -> None:
    change = await (await Drafts(law_book, world)(Kind.CHANGE)).reach(Step.SUBMIT)
    for reason in (Reason.HEALTH_PROOF_MISSING, Reason.HEALTH_PROOF_TOO_OLD, Reason.HEALTH_UNCLEAR):
        marked = {"reasons": (reason, Reason.DEPARTMENT_WRONG), "marked_fields": ("department",)}
        assert "REASON_NOT_FOR_KIND" in codes_of(await change.refused(Step.RETURN, **marked))
    unfit = {"reasons": (Reason.HEALTH_UNFIT,)}
    assert codes_of(await change.refused(Step.DECLINE, **unfit)) == {"REASON_NOT_FOR_KIND"}
    await change.take(Step.DECLINE, reasons=(Reason.LEAVING,))


async def test_nobody_sets_that_a_change_names_an_examination(law_book: Database, world: World) -> None:
    refusal = await refusal_of(put(law_book, await admin_of(world), LawSubject.EXAMINED_KINDS, "RENEWAL", "CHANGE"))
    assert codes_of(refusal) == {"CODE_UNKNOWN"}


def in_department(department: Department) -> Form:
    """A change to that department."""
    form = FORMS[Kind.CHANGE]
    assert isinstance(form, ChangeForm)
    return replace(form, department=department)


async def refusal_of(filing: Any) -> RegistryError:
    """How a filing is refused."""
    with pytest.raises(RegistryError) as refusal:
        await filing
    return refusal.value


async def test_a_provinces_departments_are_offered_to_whoever_goes_there_and_nowhere_else(
    law_book: Database, world: World, clock: Clock
) -> None:
    begin = Drafts(law_book, world)
    there, elsewhere = await begin(Kind.CHANGE), await begin(Kind.CHANGE)
    admin = await admin_of(world, there.move.province)
    await put(law_book, admin, DEPARTMENTS, "WARD", "OTHER")
    clock.now = THEN
    form = in_department(Department.OUTPATIENT)
    refusal = await there.refused(Step.SUBMIT, form=form)
    assert codes_of(refusal) == {"DEPARTMENT_UNLISTED"}
    assert isinstance(refusal, Invalid)
    assert "可选：病房、其他" in refusal.problems[0].words.zh
    await elsewhere.take(Step.SUBMIT, form=form)
    await there.take(Step.SUBMIT, form=in_department(Department.WARD))
    assert (await there.row())["state"] == State.INSTITUTION_REVIEW


async def test_a_department_on_record_stays_though_the_list_has_lost_it(
    law_book: Database, world: World, story: Story
) -> None:
    recorded = "update nurse set department = 'INTENSIVE_CARE' where id = $1"
    await world.owner.execute(recorded, story.cast.nurse_id)
    await put(law_book, await admin_of(world), DEPARTMENTS, "WARD")
    story.clock.now = THEN
    outpatient = replace(FILLED, department=Department.OUTPATIENT)
    assert codes_of(await story.refused(Step.SUBMIT, form=outpatient)) == {"DEPARTMENT_UNLISTED"}
    await story.take(Step.SUBMIT, form=replace(FILLED, department=None))
    assert (await story.row())["state"] == State.INSTITUTION_REVIEW


async def test_what_is_returned_comes_back_by_the_list_of_the_day_on_which_it_was_filed(
    law_book: Database, world: World, story: Story
) -> None:
    admin, outpatient = await admin_of(world), replace(FILLED, department=Department.OUTPATIENT)
    await story.reach(State.RETURNED)
    await put(law_book, admin, DEPARTMENTS, "WARD", "EMERGENCY")
    story.clock.now = THEN
    later = await story.beside()
    story.clock.now = THEN
    await later.reach(State.RETURNED)
    assert codes_of(await later.refused(Step.RESUBMIT, form=outpatient)) == {"DEPARTMENT_UNLISTED"}
    await story.take(Step.RESUBMIT, form=outpatient)
    assert (await story.row())["revision"] == 2


async def test_nobody_sets_the_law_without_a_place(law_book: Database, world: World) -> None:
    desk = await world.person(Party.HELP_DESK, None, Role.HELP_DESK)
    assert reason_of(await refusal_of(put(law_book, desk, ARTICLE, "第八条"))) == "NOT_ALLOWED"
