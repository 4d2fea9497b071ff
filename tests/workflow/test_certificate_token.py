"""She ends the code of her certificate (作废核验码): the certificate stays, and she hears of it."""

from __future__ import annotations

import asyncio

import pytest

from graph.context import Services
from rules.errors import NotAllowed, NotFound
from tests.support.public_register import certified
from tests.support.world import Cast, World
from workflow.certificate import CertificateTokenVoid
from workflow.step import take

pytestmark = pytest.mark.feature("A10")


async def token(world: World, cast: Cast) -> bytes:
    """The code in force."""
    sql = "select token from certificate where nurse_id = $1 and voided_at is null"
    found: bytes = await world.owner.fetchval(sql, cast.nurse_id)
    return found


async def test_another_code_takes_its_place_once_a_retry_key_and_only_she_is_told(
    world: World, services: Services, cast: Cast
) -> None:
    row = await certified(world, cast)
    wish = CertificateTokenVoid(idempotency_key="end-the-code")
    assert await take(services.db, cast.nurse.session, wish) == cast.nurse_id
    first = await token(world, cast)
    assert await take(services.db, cast.nurse.session, wish) == cast.nurse_id
    assert (await token(world, cast), len(first), first == row["token"]) == (first, 16, False)
    await take(services.db, cast.nurse.session, CertificateTokenVoid())
    assert await token(world, cast) != first
    sql = "select scope, type from event where type = 'certificate.token_voided' and body->>'nurse' = $1"
    heard = [tuple(one) for one in await world.owner.fetch(sql, str(cast.nurse_id))]
    assert heard == [(cast.nurse_id, "certificate.token_voided")] * 2
    sql = "select detail from audit where nurse_id = $1 and action = 'certificateTokenVoid'"
    assert len(await world.owner.fetch(sql, cast.nurse_id)) == 2


async def test_of_many_at_once_each_is_carried_out(world: World, services: Services, cast: Cast) -> None:
    row = await certified(world, cast)
    await asyncio.gather(*(take(services.db, cast.nurse.session, CertificateTokenVoid()) for _ in range(5)))
    assert await token(world, cast) != row["token"]


async def test_without_a_certificate_in_force_there_is_no_code(world: World, services: Services, cast: Cast) -> None:
    with pytest.raises(NotFound):
        await take(services.db, cast.nurse.session, CertificateTokenVoid())
    row = await certified(world, cast)
    await world.owner.execute("update certificate set voided_at = now() where id = $1", row["id"])
    with pytest.raises(NotFound):
        await take(services.db, cast.nurse.session, CertificateTokenVoid())
    assert (await world.row("certificate", row["id"]))["token"] == row["token"]


async def test_nobody_but_a_nurse_has_a_code_to_end(world: World, services: Services, cast: Cast) -> None:
    row = await certified(world, cast)
    for who in (cast.operator, cast.manager, cast.reviewer, cast.decider):
        with pytest.raises(NotAllowed):
            await take(services.db, who.session, CertificateTokenVoid())
    assert await token(world, cast) == row["token"]
