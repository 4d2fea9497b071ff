"""An invitation that went to a wrong phone goes to the right one."""

from __future__ import annotations

from functools import partial

import pytest

from graph.context import Services
from graph.schema.node import global_id
from rules.errors import Conflict, NotAllowed
from rules.people import Role
from rules.staff import StaffStep
from tests.support.institution_people import change_colleague, new_phone, sent_to, why
from tests.support.live import Live
from tests.support.staff import code_sent, credentials, invitation, invite, sign_in
from tests.support.world import Cast, World
from workflow import first_sign_in

AGAIN = """mutation($input: StaffInviteAgainInput!) { staffInviteAgain(input: $input) { __typename
  ... on StaffInviteAgainPayload { account { displayName } } ... on ValidationProblem { fields { path code } } } }"""


@pytest.mark.feature("I3")
async def test_the_code_that_went_to_the_wrong_phone_opens_nothing_any_more(
    services: Services, world: World, cast: Cast
) -> None:
    order, right = invitation(Role.OPERATOR), new_phone()
    key = await invite(services, cast.manager, order)
    old = await credentials(services, order.phone)
    await first_sign_in.send_code(services.db, services.passwords, old)
    proof = await code_sent(services, order.phone)
    again = partial(change_colleague, services, cast.manager, StaffStep.INVITE_AGAIN, key)
    spelled = f"+86 {right[:3]} {right[3:]}"
    assert await again(phone=spelled) == key
    assert (await world.row("account", key))["phone_masked"] == f"139****{right[-4:]}"
    with pytest.raises((NotAllowed, Conflict)):
        await sign_in(services, old, proof)
    new = await credentials(services, right)
    await world.owner.execute(
        "update code set created_at = created_at - interval '1 minute' where account_id = $1", key
    )
    await first_sign_in.send_code(services.db, services.passwords, new)
    assert await sign_in(services, new, await code_sent(services, right))
    with pytest.raises(NotAllowed):
        await again(phone=spelled)


async def test_what_is_no_phone_changes_nothing(live: Live, services: Services, world: World, cast: Cast) -> None:
    key = await invite(services, cast.manager, invitation(Role.OPERATOR))
    before = await world.row("account", key)
    given = {"id": global_id("Account", key), "phone": "010-1234"}
    answer = (await live.as_(cast.manager).ask(AGAIN, input=given))["staffInviteAgain"]
    assert answer == {"__typename": "ValidationProblem", "fields": [{"path": "phone", "code": "PHONE_FORMAT"}]}
    assert await world.row("account", key) == before
    right = new_phone()
    answer = (await live.as_(cast.manager).ask(AGAIN, input={**given, "phone": right}))["staffInviteAgain"]
    assert answer["__typename"] == "StaffInviteAgainPayload"
    assert [template for template, _ in await sent_to(services.db, right)] == ["INVITATION"]


async def test_a_retry_with_another_phone_is_another_request(services: Services, cast: Cast) -> None:
    key = await invite(services, cast.manager, invitation(Role.OPERATOR))
    for n, phone in enumerate((None, new_phone())):
        given = {"phone": phone, "idempotency_key": f"again-{key}"}
        again = change_colleague(services, cast.manager, StaffStep.INVITE_AGAIN, key, **given)
        if n:
            with pytest.raises(Conflict, match="IDEMPOTENCY_KEY_REUSED"):
                await again
        else:
            await again


async def test_who_has_signed_in_already_keeps_her_phone(services: Services, world: World, cast: Cast) -> None:
    before = await world.row("account", cast.operator.account_id)
    hers = cast.operator.account_id
    with pytest.raises(NotAllowed) as refusal:
        await change_colleague(services, cast.manager, StaffStep.INVITE_AGAIN, hers, phone=new_phone())
    assert why(refusal.value).startswith("ACCOUNT_")
    assert await world.row("account", cast.operator.account_id) == before
