"""A nurse is written to about what others do with her applications and her registration (告知): F7."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from typing import Final

import pytest

from db.store.engine import SHANGHAI
from notify.texts import text_of
from rules.application import State, Step
from rules.departure import DepartureReason
from rules.events import EVENTS
from rules.forms import DeregistrationForm
from rules.institution import InstitutionStep
from rules.kinds import Kind
from rules.message import Template
from rules.notice import NOTICES, by_day, notice_of
from rules.nurse import DeregistrationReason
from rules.people import Party
from rules.verification import Channel
from tests.support.contacts import letters, new_mail, new_phone, reach
from tests.support.institution_people import supervisor
from tests.support.mail_server import Postbox, gateway, listening
from tests.support.orders import take_order
from tests.support.registration_acts import Acts
from tests.support.statements import counted
from tests.support.story import SAYS, Story
from tests.support.unaddressed import unaddressed
from tests.support.world import TODAY
from workflow.departure import DepartureReport
from workflow.deregistration import ApplicationFileDeregistration
from workflow.institution_change import InstitutionClose, InstitutionMerge
from workflow.step import take

STEPS: Final = Path(__file__).parents[2] / "workflow"
OTHER: Final = DeregistrationForm(DeregistrationReason.OTHER, "不再从事护理工作")
BUSINESS: Final = {"business": "延续注册"}
WRITTEN: Final = [
    (Step.RETURN, State.INSTITUTION_REVIEW, Template.APPLICATION_RETURNED),
    (Step.DECLINE, State.INSTITUTION_REVIEW, Template.APPLICATION_DECIDED),
    (Step.REQUIRE_CORRECTION, State.AUTHORITY_INTAKE, Template.APPLICATION_CORRECTION),
    (Step.REFUSE_INTAKE, State.AUTHORITY_INTAKE, Template.APPLICATION_DECIDED),
    (Step.REJECT, State.ACCEPTED, Template.APPLICATION_DECIDED),
    (Step.APPROVE, State.ACCEPTED, Template.APPLICATION_DECIDED),
]
UNWRITTEN: Final = {
    # What moves on by itself, and needs nothing of her.
    *("application.forwarded", "application.supplemented", "application.accepted", "application.resumed"),
    *("application.held", "deadline.breached", "deadline.recounted"),
    # She did it herself, or the notice of the same step says it.
    *("information.requested", "information.withdrawn", "information.superseded", "information.disputed"),
    *("photo.submitted", "photo.withdrawn", "certificate.token_voided", "look.complained"),
    # Who delivers it hands it to her, or to whom she sends.
    *("application.delivered", "certificate.handed_out"),
    # A record that was wrong: nothing has happened to her.
    *("application.delivery_withdrawn", "certificate.hand_out_withdrawn"),
    # The notice of the same step says it: that a deregistration was filed for her, or what became of it.
    *("application.blocked", "application.unblocked"),
    # A message of their own says it: why it takes longer, where she is registered from now on, her account.
    *("application.extended", "registration.moved_in", "registration.moved_out", "account.activated"),
    "account.revoked",
    # Nobody but she herself takes these.
    *("application.claim_rejected", "application.objected", "registration.departure_disputed"),
    *(
        "registration.interruption_disputed",
        "conduct.answered",
        "question.asked",
        "question.added",
        "question.reopened",
    ),
    # Between the help desk and who asked; the answer itself is written.
    *("question.closed", "question.handed_over", "question.overdue"),
    # For everybody, read where it is announced.
    *("announcement.published", "announcement.corrected", "announcement.withdrawn"),
}


async def written(story: Story, to: str) -> list[tuple[Template, dict[str, str]]]:
    """What was sent to a contact: the template and its values."""
    return [(letter.template, dict(letter.values)) for letter in await letters(story.db, to)]


async def reached(story: Story, channel: Channel = Channel.SMS) -> str:
    """The nurse's proved contact."""
    to = new_phone() if channel is Channel.SMS else new_mail()
    await reach(story.world, story.cast.nurse.account_id, channel, to, verified=True)
    return to


def test_every_event_that_a_nurse_hears_of_is_written_to_her_or_left_out_on_purpose() -> None:
    hers = {kind.type for kind in EVENTS.values() if Party.NURSE in kind.audience}
    assert hers == NOTICES.keys() | UNWRITTEN
    assert not NOTICES.keys() & UNWRITTEN


def test_no_step_records_an_event_past_the_place_that_writes_the_notices() -> None:
    past = [path.name for path in sorted(STEPS.glob("*.py")) if re.search(r"\bevent\.record\(", path.read_text())]
    assert past == []


@pytest.mark.parametrize(("step", "state", "template"), WRITTEN)
async def test_what_others_do_with_her_application_is_written_to_her_phone(
    story: Story, step: Step, state: State, template: Template
) -> None:
    await story.reach(state)
    if step is Step.APPROVE:
        await story.take(Step.RECOMMEND)
    phone = await reached(story)
    await story.take(step)
    answered = {"until": "2025-10-26"} if step in {Step.RETURN, Step.REQUIRE_CORRECTION} else {}
    assert await written(story, phone) == [(template, {**BUSINESS, **answered})]


async def test_nothing_is_written_of_what_she_does_herself_nor_to_a_contact_that_is_not_proved(story: Story) -> None:
    phone = await reached(story)
    await story.take(Step.SUBMIT)
    await story.take(Step.WITHDRAW)
    assert await written(story, phone) == []
    other = await story.beside()
    await reach(other.world, other.cast.nurse.account_id, Channel.SMS, unproved := new_phone(), verified=False)
    await other.take(Step.SUBMIT)
    await other.take(Step.RETURN)
    assert await written(other, unproved) == []


async def test_a_step_asks_one_statement_more_for_a_nurse_who_can_be_reached_and_none_for_others(story: Story) -> None:
    beside = await story.beside()
    asked = []
    for one in (story, beside):
        await one.reach(State.INSTITUTION_REVIEW)
    await reached(beside)
    for one in (story, beside):
        order = await one.order(Step.RETURN)
        with counted(one.db) as statements:
            await take_order(one.db, order)
        asked.append(len(statements))
    assert asked[1] - asked[0] == 1
    assert asked[0] <= 5


async def test_a_claim_and_a_transfer_are_written_to_her(story: Story) -> None:
    waiting = await unaddressed(story)
    phone = await reached(waiting)
    await waiting.claim(waiting.cast.operator)
    assert await written(waiting, phone) == [(Template.APPLICATION_CLAIMED, {"business": "变更注册"})]
    await story.reach(State.AUTHORITY_INTAKE)
    hers = await reached(story)
    await story.take(Step.TRANSFER, story.cast.reviewer, authority_id=story.cast.nation)
    assert await written(story, hers) == [(Template.APPLICATION_TRANSFERRED, BUSINESS)]


async def test_a_departure_and_a_deregistration_filed_against_her_are_written_to_her_mail_box(story: Story) -> None:
    acts, to = Acts(story.db, story.world, story.cast), await reached(story, Channel.MAIL)
    await story.world.owner.execute("update application set state = 'WITHDRAWN' where id = $1", story.id)
    await acts.take(ApplicationFileDeregistration, story.cast.operator, form=OTHER)
    assert await written(story, to) == [(Template.APPLICATION_FILED, {"business": "注销注册"})]
    beside = await story.beside()
    theirs, hers = Acts(beside.db, beside.world, beside.cast), await reached(beside, Channel.MAIL)
    today = beside.clock.now.date()
    await theirs.take(DepartureReport, beside.cast.operator, reason=DepartureReason.RESIGNED, left_on=today)
    assert await written(beside, hers) == [(Template.DEPARTURE_REPORTED, {})]


@pytest.mark.parametrize("closing", [InstitutionStep.CLOSE, InstitutionStep.MERGE])
async def test_what_was_filed_with_an_institution_that_ends_is_not_lost_from_her_sight(
    story: Story, closing: InstitutionStep
) -> None:
    waiting = await unaddressed(story)
    await waiting.claim(waiting.cast.operator)
    phone = await reached(waiting)
    world, cast = story.world, story.cast
    officer = (await supervisor(world, cast)).session
    if closing is InstitutionStep.MERGE:
        into = await world.institution(cast.district)
        await take(story.db, officer, InstitutionMerge(cast.hospital, "整合", into))
    else:
        await take(story.db, officer, InstitutionClose(cast.hospital, "整合"))
    merged = closing is InstitutionStep.MERGE
    template = Template.APPLICATION_TRANSFERRED if merged else Template.APPLICATION_RETURNED
    answered = {} if merged else {"until": "2025-10-26"}
    assert (template, {"business": "变更注册", **answered}) in await written(waiting, phone)


async def test_by_night_a_text_message_waits_for_the_morning_and_a_mail_does_not(story: Story) -> None:
    beside = await story.beside()
    for one in (story, beside):
        await one.reach(State.INSTITUTION_REVIEW)
    await reached(story)
    await reached(beside, Channel.MAIL)
    story.clock.now = late = datetime(2025, 9, 26, 21, 30, tzinfo=SHANGHAI)
    for one in (story, beside):
        await one.take(Step.RETURN)
    rows = await story.rows("select channel, due_at from outbox order by id desc limit 2")
    morning = datetime(2025, 9, 27, 8, tzinfo=SHANGHAI)
    assert {row["channel"]: row["due_at"] for row in rows} == {"SMS": morning, "MAIL": late}


@pytest.mark.parametrize(
    ("now", "out"),
    [
        ("2026-03-02T08:00:00+08:00", "2026-03-02T08:00:00+08:00"),
        ("2026-03-02T20:59:59+08:00", "2026-03-02T20:59:59+08:00"),
        ("2026-03-02T21:00:00+08:00", "2026-03-03T08:00:00+08:00"),
        ("2026-03-02T23:30:00+00:00", "2026-03-03T08:00:00+08:00"),
        ("2026-03-02T07:59:59+08:00", "2026-03-02T08:00:00+08:00"),
    ],
)
def test_no_text_message_goes_out_between_nine_in_the_evening_and_eight(now: str, out: str) -> None:
    assert by_day(datetime.fromisoformat(now)) == datetime.fromisoformat(out)


def test_a_notice_holds_the_business_and_nothing_else_of_what_an_event_tells() -> None:
    body = {"kind": Kind.RENEWAL, "by": Party.INSTITUTION, "name": "王护士", "outcome": "REFUSED"}
    assert notice_of("application.decided", body, TODAY) == (Template.APPLICATION_DECIDED, BUSINESS)
    assert notice_of("application.decided", {**body, "by": Party.NURSE}, TODAY) is None
    assert notice_of("application.taken", body, TODAY) is None


async def test_the_mail_of_a_return_arrives_without_name_number_or_reason(story: Story) -> None:
    to, postbox = await reached(story, Channel.MAIL), Postbox()
    await story.reach(State.INSTITUTION_REVIEW)
    await story.take(Step.RETURN)
    async with listening(postbox) as address:
        for letter in await letters(story.db, to):
            await gateway(address).send(letter)
    (mail,) = postbox.mails()
    said = text_of(Template.APPLICATION_RETURNED, {**BUSINESS, "until": "2025-10-26"})
    assert (mail["To"], mail.get_content().split()) == (to, said.mail.split())
    row = await story.row()
    for secret in (row["nurse_name"], row["id_number_masked"], SAYS[Step.RETURN]["opinion"], "科室"):
        assert secret not in str(mail["Subject"]) + mail.get_content()
