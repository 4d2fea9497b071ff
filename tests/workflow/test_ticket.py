"""A ticket gives one file once, within a minute, to whoever may read it and is still signed in."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from db.session import digest
from rules.application import State
from rules.errors import NotFound, RateLimited, Unauthenticated
from rules.people import Party, Role
from rules.ticket import TICKETS_A_MINUTE, FileKind, TicketSpent
from tests.support.story import Story
from tests.support.world import Person, World
from workflow import ticket as workflow
from workflow.session import sign_out

pytestmark = pytest.mark.feature("I18")
FORM = FileKind.APPLICATION_FORM


async def downloads(story: Story) -> list[dict[str, Any]]:
    """What the audit trail says of this nurse's files, in order."""
    sql = "select account_id, detail from audit where nurse_id = $1 and action = 'file.download' order by id"
    return await story.rows(sql, story.cast.nurse_id)


async def certified(story: Story) -> None:
    """Give the nurse a certificate."""
    row = {"nurse_id": story.cast.nurse_id, "number": "1", "serial": f"S{story.cast.nurse_id.hex}"}
    await story.world.insert("certificate", **row, issued_on=story.clock.now.date(), authority_id=story.cast.district)


async def tickets(story: Story, person: Person) -> list[dict[str, Any]]:
    """Somebody's tickets."""
    return await story.rows("select * from ticket where account_id = $1 order by token_hash", person.account_id)


@pytest.mark.parametrize("name", ["nurse", "operator", "viewer", "reviewer"])
async def test_whoever_reads_the_application_gets_its_file_once(story: Story, name: str) -> None:
    await story.reach(State.AUTHORITY_INTAKE)
    person = story.person(name)
    made = await workflow.create(story.db, person.session, FORM, story.id)
    assert made.expires_at == story.clock.now + timedelta(seconds=60)
    assert await downloads(story) == []
    found = await workflow.redeem(story.db, made.token)
    assert (found.viewer, found.file, found.subjects) == (person.actor, FORM, (story.id,))
    (written,) = await downloads(story)
    assert written["account_id"] == person.account_id
    assert written["detail"] == f'{{"id": "{story.id}", "file": "APPLICATION_FORM"}}'
    with pytest.raises(TicketSpent):
        await workflow.redeem(story.db, made.token)
    assert len(await downloads(story)) == 1


async def test_only_the_digest_of_a_ticket_is_kept(story: Story) -> None:
    made = await workflow.create(story.db, story.cast.nurse.session, FORM, story.id)
    (kept,) = await tickets(story, story.cast.nurse)
    assert kept["token_hash"] == digest(made.token)
    assert made.token not in str(kept)
    assert made.token not in repr(made)


@pytest.mark.parametrize("name", ["operator", "reviewer"])
async def test_nobody_gets_a_ticket_for_what_she_may_not_read(story: Story, name: str) -> None:
    with pytest.raises(NotFound):
        await workflow.create(story.db, story.person(name).session, FORM, story.id)
    assert await tickets(story, story.person(name)) == []


async def test_another_nurse_gets_no_ticket(story: Story) -> None:
    await story.reach(State.INSTITUTION_REVIEW)
    other = await story.beside()
    for file, subject in ((FORM, story.id), (FileKind.CERTIFICATE, story.cast.nurse_id)):
        with pytest.raises(NotFound):
            await workflow.create(story.db, other.cast.nurse.session, file, subject)


async def test_a_certificate_is_that_of_a_nurse(story: Story) -> None:
    await certified(story)
    made = await workflow.create(story.db, story.cast.viewer.session, FileKind.CERTIFICATE, story.cast.nurse_id)
    assert (await workflow.redeem(story.db, made.token)).subjects == (story.cast.nurse_id,)


async def test_a_ticket_is_good_for_sixty_seconds(story: Story) -> None:
    first, second = [await workflow.create(story.db, story.cast.nurse.session, FORM, story.id) for _ in range(2)]
    story.clock.now += timedelta(seconds=59)
    await workflow.redeem(story.db, first.token)
    story.clock.now += timedelta(seconds=1)
    with pytest.raises(TicketSpent):
        await workflow.redeem(story.db, second.token)
    assert len(await downloads(story)) == 1


async def test_a_ticket_ends_with_its_session_and_is_used_up_by_trying(story: Story) -> None:
    person = story.cast.nurse
    made = await workflow.create(story.db, person.session, FORM, story.id)
    await sign_out(story.db, person.session)
    for _ in range(2):
        with pytest.raises(TicketSpent):
            await workflow.redeem(story.db, made.token)
    (kept,) = await tickets(story, person)
    assert kept["used_at"] == story.clock.now
    assert await downloads(story) == []
    with pytest.raises(Unauthenticated):
        await workflow.create(story.db, person.session, FORM, story.id)


async def test_a_ticket_is_judged_again_when_it_is_used(story: Story, world: World) -> None:
    await certified(story)
    made = await workflow.create(story.db, story.cast.viewer.session, FileKind.CERTIFICATE, story.cast.nurse_id)
    elsewhere = await world.institution(story.cast.district)
    move = "update registration set institution_id = $2 where nurse_id = $1"
    await world.owner.execute(move, story.cast.nurse_id, elsewhere)
    with pytest.raises(TicketSpent):
        await workflow.redeem(story.db, made.token)
    assert await downloads(story) == []


async def test_of_eight_at_once_one_gets_the_file(story: Story) -> None:
    made = await workflow.create(story.db, story.cast.nurse.session, FORM, story.id)
    tries = [workflow.redeem(story.db, made.token) for _ in range(8)]
    found = await asyncio.gather(*tries, return_exceptions=True)
    assert sorted(type(one).__name__ for one in found) == ["Redeemed", *["TicketSpent"] * 7]
    assert len(await downloads(story)) == 1


async def test_tickets_are_not_handed_out_without_end(story: Story, world: World) -> None:
    await certified(story)
    person = await world.person(Party.INSTITUTION, story.cast.hospital, Role.VIEWER)
    key = story.cast.nurse_id
    for _ in range(TICKETS_A_MINUTE):
        await workflow.create(story.db, person.session, FileKind.CERTIFICATE, key)
    with pytest.raises(RateLimited):
        await workflow.create(story.db, person.session, FileKind.CERTIFICATE, key)
    assert len(await tickets(story, person)) == TICKETS_A_MINUTE
    story.clock.now += timedelta(minutes=1, seconds=1)
    await workflow.create(story.db, person.session, FileKind.CERTIFICATE, key)


@pytest.mark.parametrize("token", ["", "x", "\x00", "ü" * 100])
async def test_nonsense_is_no_ticket(story: Story, token: str) -> None:
    with pytest.raises(TicketSpent):
        await workflow.redeem(story.db, token)
