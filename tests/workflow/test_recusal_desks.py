"""Requests to a desk and acts on an entry, where an authority has no second officer or no impartial one (回避)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from db.read import scope
from db.read.viewer import single
from db.store.tables_account import desk_request
from graph.context import Services
from rules.errors import NotAllowed, NotFound
from rules.key_fact import KeyFacts
from rules.people import Party, Role
from rules.registration import DeregistrationReason
from tests.support.institution_people import why
from tests.support.key_facts import EVIDENCE, Place
from tests.support.proposals import decide
from tests.support.registration_acts import NUMBER, Acts
from tests.support.story import reason_of
from tests.support.world import Cast, Person, World
from workflow.key_fact import KeyFactReject, KeyFactRequest
from workflow.proposal import DeregistrationPropose
from workflow.step import take
from workflow.suspension import RegistrationLift, RegistrationRevoke, RegistrationSuspend

A = Party.AUTHORITY


@pytest.fixture
def acts(services: Services, world: World, cast: Cast) -> Acts:
    """The nurse of this test and her people."""
    return Acts(services.db, world, cast)


async def propose(acts: Acts, who: Person) -> UUID:
    """A decider proposes to strike her off."""
    given = {"reason": DeregistrationReason.DEATH, "decision_number": NUMBER}
    return await acts.take(DeregistrationPropose, who, **given)


async def shown(acts: Acts, key: UUID, who: Person, which: Any = scope.proposals) -> bool:
    """Whether a request is on somebody's desk."""
    async with acts.db.begin() as tx:
        query = desk_request.select().where(desk_request.c.id == key, which(single(who.actor)))
        return (await tx.execute(query)).first() is not None


async def other_account(acts: Acts, of: UUID, one: Person) -> Person:
    """Somebody who has an account at another authority as well, known by her document."""
    other = await acts.world.person(A, of, *one.actor.roles)
    sql = "update account set document_type = 'RESIDENT_ID', id_number_index = $2 where id = any($1)"
    await acts.world.owner.execute(sql, [one.account_id, other.account_id], one.account_id.bytes)
    return other


@pytest.mark.feature("A8")
async def test_what_the_only_decider_proposes_the_authority_above_confirms(acts: Acts) -> None:
    cast = acts.cast
    above = await acts.officer(Role.DECIDER, of=cast.nation)
    own = await other_account(acts, cast.nation, cast.decider)
    key = await propose(acts, cast.decider)
    assert [await shown(acts, key, who) for who in (cast.decider, above)] == [True, True]
    assert reason_of(await acts.refused(decide(acts, key, cast.decider))) == "TWO_PERSONS_REQUIRED"
    assert reason_of(await acts.refused(decide(acts, key, own))) == "TWO_PERSONS_REQUIRED"
    await decide(acts, key, above)
    assert (await acts.row())["status"] == "DEREGISTERED"


async def test_where_there_is_a_second_decider_the_authority_above_has_nothing_to_confirm(acts: Acts) -> None:
    above, second = await acts.officer(Role.DECIDER, of=acts.cast.nation), await acts.officer(Role.DECIDER)
    key = await propose(acts, acts.cast.decider)
    assert [await shown(acts, key, who) for who in (second, above)] == [True, False]
    assert type(await acts.refused(decide(acts, key, above))) is NotFound
    disabled = "update account set state = 'DISABLED' where id = $1"
    await acts.world.owner.execute(disabled, second.account_id)
    assert await shown(acts, key, above)
    await decide(acts, key, acts.cast.decider, confirms=False)
    assert (await acts.row())["status"] == "VALID"


async def test_where_the_only_other_decider_is_the_nurse_the_authority_above_confirms(acts: Acts) -> None:
    herself = await acts.world.person(A, acts.cast.district, Role.DECIDER, self_nurse=acts.cast.nurse_id)
    above = await acts.officer(Role.DECIDER, of=acts.cast.nation)
    key = await propose(acts, acts.cast.decider)
    assert reason_of(await acts.refused(decide(acts, key, herself))) == "ABOUT_YOURSELF"
    await decide(acts, key, above)


@pytest.mark.feature("A8")
async def test_where_the_only_decider_is_the_nurse_the_authority_above_acts_on_her_entry(acts: Acts) -> None:
    cast, world = acts.cast, acts.world
    first, second = [await acts.officer(Role.DECIDER, of=cast.nation) for _ in range(2)]
    number = {"decision_number": NUMBER}
    for command, more in ((RegistrationSuspend, {"months": 12}), (RegistrationRevoke, {})):
        assert type(await acts.refused(acts.take(command, first, **number, **more))) is NotFound
    assert type(await acts.refused(propose(acts, first))) is NotFound
    await world.owner.execute(
        "update account set self_nurse_id = $2 where id = $1", cast.decider.account_id, cast.nurse_id
    )
    await acts.take(RegistrationSuspend, first, months=12, **number)
    await acts.take(RegistrationLift, second, **number)
    key = await propose(acts, first)
    assert (await world.row("desk_request", key))["authority_id"] == cast.district
    assert reason_of(await acts.refused(decide(acts, key, first))) == "TWO_PERSONS_REQUIRED"
    await decide(acts, key, second, confirms=False)
    await acts.take(RegistrationRevoke, second, **number)
    assert (await acts.row())["status"] == "DEREGISTERED"


async def test_a_correction_that_only_she_could_decide_is_the_nations(
    services: Services, world: World, place: Place
) -> None:
    cast = place.cast
    nation = await world.person(A, cast.nation, Role.PROVINCIAL_ADMIN)
    key = await take(services.db, cast.nurse.session, KeyFactRequest(None, KeyFacts(EVIDENCE, "王红")))
    reject = KeyFactReject(key, "材料不全")
    with pytest.raises(NotFound):
        await take(services.db, nation.session, reject)
    sql = "update account set self_nurse_id = $2 where id = $1"
    await world.owner.execute(sql, place.admin.account_id, cast.nurse_id)
    with pytest.raises(NotAllowed) as refusal:
        await take(services.db, place.admin.session, reject)
    assert why(refusal.value) == "ABOUT_YOURSELF"
    assert await shown(Acts(services.db, world, cast), key, nation, scope.key_facts)
    await take(services.db, nation.session, reject)
    assert (await world.row("desk_request", key))["decided_by"] == nation.account_id


async def test_a_recovery_that_only_she_could_decide_is_on_the_desk_above(acts: Acts) -> None:
    cast, world = acts.cast, acts.world
    above = await acts.officer(Role.REVIEWER, of=cast.nation)
    row = await world.owner.fetchrow(
        "insert into desk_request (kind, state, account_id, nurse_id, authority_id, content_key_id, content_sealed)"
        " values ('RECOVERY', 'PENDING', $1, $2, $3, 'k', '') returning id",
        cast.nurse.account_id,
        cast.nurse_id,
        cast.district,
    )
    assert row is not None
    assert not await shown(acts, row["id"], above, scope.recoveries)
    sql = "update account set self_nurse_id = $2 where id = $1"
    await world.owner.execute(sql, cast.reviewer.account_id, cast.nurse_id)
    assert await shown(acts, row["id"], above, scope.recoveries)
