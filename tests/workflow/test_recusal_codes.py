"""Nobody vouches for herself: where she is all the people of her institution, her authority issues the code (回避)."""

from __future__ import annotations

import pytest

from db.read import scope
from db.read.viewer import single
from db.store.engine import Database
from db.store.tables import account, institution, registration
from rules.errors import NotAllowed, NotFound
from rules.people import Party, Role
from tests.support.activation import CERTIFIED, candidate
from tests.support.activation_steps import issue, refused
from tests.support.world import Cast, Person, World
from workflow.activation_code import activate
from workflow.staff_disabling import StaffDisable
from workflow.step import take


async def leave_alone(world: World, cast: Cast) -> None:
    """Nobody of the hospital but the nurse is active any more."""
    keys = [one.account_id for one in (cast.operator, cast.manager)]
    await world.owner.execute("update account set state = 'DISABLED' where id = any($1)", keys)


async def vouches(db: Database, who: Person, account_id: object) -> bool:
    """Whether somebody finds the account on her list."""
    at_work = account.join(registration, registration.c.nurse_id == account.c.nurse_id)
    source = at_work.outerjoin(institution, institution.c.id == registration.c.institution_id)
    query = account.select().select_from(source).where(account.c.id == account_id, scope.vouched(single(who.actor)))
    async with db.begin() as tx:
        return (await tx.execute(query)).first() is not None


@pytest.mark.feature("I7")
async def test_where_she_is_all_the_people_her_authority_issues_the_code(
    timed: Database, world: World, cast: Cast
) -> None:
    nurse = await candidate(world, cast, verified=CERTIFIED)
    herself = await world.person(Party.INSTITUTION, cast.hospital, Role.MANAGER, self_nurse=nurse.nurse_id)
    await refused(nurse, issue(timed, cast.reviewer, nurse), NotFound)
    assert not await vouches(timed, cast.reviewer, nurse.person.account_id)
    await leave_alone(world, cast)
    await refused(nurse, issue(timed, herself, nurse), NotAllowed, "ABOUT_YOURSELF")
    assert await vouches(timed, cast.reviewer, nurse.person.account_id)
    code = await issue(timed, cast.reviewer, nurse)
    await activate(timed, nurse.person.session, code)
    assert (await nurse.account())["state"] == "ACTIVE"


async def test_a_code_that_a_colleague_gave_is_good_after_she_has_gone(
    timed: Database, world: World, cast: Cast
) -> None:
    nurse = await candidate(world, cast, verified=CERTIFIED)
    code = await issue(timed, cast.operator, nurse)
    await leave_alone(world, cast)
    await activate(timed, nurse.person.session, code)
    assert (await nurse.account())["state"] == "ACTIVE"


async def test_the_authority_hears_of_whom_the_last_colleague_leaves_without_a_code(
    timed: Database, world: World, cast: Cast
) -> None:
    nurse = await candidate(world, cast, verified=CERTIFIED)
    herself = await world.person(Party.INSTITUTION, cast.hospital, Role.MANAGER, self_nurse=nurse.nurse_id)
    sql = "select scope from event where type = 'account.awaiting_code' and scope = any($1)"
    for colleague, heard in ((cast.operator, 0), (cast.manager, 1), (cast.viewer, 1)):
        await take(timed, herself.session, StaffDisable(colleague.account_id))
        rows = await world.owner.fetch(sql, [cast.hospital, cast.district])
        assert [row["scope"] for row in rows] == [cast.district] * heard
