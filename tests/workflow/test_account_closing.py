"""A nurse closes her account: she is gone from the sign-in, and the register says of her what it said before."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from uuid_utils.compat import uuid7

from rules.application import State, Step
from rules.errors import Conflict, NotAllowed, RateLimited, RegistryError, Unauthenticated
from rules.information_change import ChangeState
from rules.moment import printed
from rules.people import AccountState, Party, Role
from rules.session import TRIES
from tests.support.authority_stage import PASSWORD
from tests.support.contacts import letters
from tests.support.own_rights import QUICK, WRONG, reachable
from tests.support.rounds import ROUNDS, TASKS
from tests.support.story import Story, reason_of
from tests.support.world import Person
from workflow.account_closing import AccountClose, close
from workflow.step import take

pytestmark = pytest.mark.feature("N12")


async def closed(story: Story, who: Person | None = None, password: str = PASSWORD) -> None:
    await close(story.db, QUICK, (who or story.cast.nurse).session, AccountClose(password))


async def everything(story: Story) -> dict[str, Any]:
    """What closing could have changed."""
    account = await story.world.row("account", story.cast.nurse.account_id)
    sessions = await story.rows("select * from session where account_id = $1 order by 1", account["id"])
    actions = await story.rows("select action from audit where account_id = $1 order by id", account["id"])
    outbox = await story.rows("select count(*) from outbox")
    return {**await story.everything(), "account": account, "sessions": sessions, "audit": actions, "outbox": outbox}


async def refused(story: Story, who: Person | None = None, password: str = PASSWORD) -> RegistryError:
    """How it is refused; nothing has moved."""
    before = await everything(story)
    with pytest.raises(RegistryError) as refusal:
        await closed(story, who, password)
    assert await everything(story) == before
    return refusal.value


async def test_who_closes_her_account_is_signed_out_everywhere_told_and_stays_on_the_register(story: Story) -> None:
    world, cast = story.world, story.cast
    phone = await reachable(world, cast.nurse)
    register = [await world.row("nurse", cast.nurse_id), await story.registration(), await story.history()]
    await closed(story)
    account = await world.row("account", cast.nurse.account_id)
    assert account["state"] == AccountState.REVOKED
    live = "select count(*) from session where account_id = $1 and revoked_at is null"
    assert await world.owner.fetchval(live, cast.nurse.account_id) == 0
    assert [(one.template, one.values) for one in await letters(story.db, phone)] == [("ACCOUNT_CLOSED", {})]
    after = [await world.row("nurse", cast.nurse_id), await story.registration(), await story.history()]
    for one in (*register[:1], *after[:1]):
        one.pop("row_version")
    assert after == register
    (entry,) = await story.rows("select * from audit where nurse_id = $1", cast.nurse_id)
    assert (entry["action"], entry["account_id"], entry["party"]) == ("accountClose", account["id"], "NURSE")
    with pytest.raises(Unauthenticated):
        await closed(story)


async def test_her_document_and_phone_are_free_for_another_account_of_hers(story: Story) -> None:
    phone = await reachable(story.world, story.cast.nurse)
    await closed(story)
    again = await story.world.person(Party.NURSE, story.cast.nurse_id, Role.NURSE, state="INACTIVE")
    index = story.world.keyring.blind_index(phone, "phone")
    sql = "update account set phone_index = $2, phone_verified_at = now() where id = $1"
    await story.world.owner.execute(sql, again.account_id, index)


async def test_her_institution_and_she_hear_of_it_and_her_draft_goes_without_a_word(story: Story) -> None:
    await reachable(story.world, story.cast.nurse)
    await closed(story)
    assert (await story.row())["state"] == State.WITHDRAWN
    for party in (Party.NURSE, Party.INSTITUTION):
        (heard,) = await story.heard(party)
        assert (heard["type"], heard["body"]["by"]) == ("account.revoked", "NURSE")


async def test_decisions_come_on_paper_to_who_has_no_account(story: Story) -> None:
    await reachable(story.world, story.cast.nurse)
    consents = "update nurse set delivery_consent_at = now() where id = $1"
    await story.world.owner.execute(consents, story.cast.nurse_id)
    await closed(story)
    assert (await story.world.row("nurse", story.cast.nurse_id))["delivery_consent_at"] is None


@pytest.mark.parametrize(
    ("state", "zh"),
    [
        (State.INSTITUTION_REVIEW, "您还有业务正在办理：延续注册（待机构审核）。办结或撤回后才能注销账户"),
        (State.ACCEPTED, "您还有业务正在办理：延续注册（审批中）。办结或撤回后才能注销账户"),
    ],
)
async def test_while_an_application_is_under_way_it_is_refused_saying_which(
    story: Story, state: State, zh: str
) -> None:
    await reachable(story.world, story.cast.nurse)
    await story.reach(state)
    refusal = await refused(story)
    assert isinstance(refusal, NotAllowed)
    assert (refusal.reason, refusal.application_id, refusal.words.zh) == ("BUSINESS_OPEN", story.id, zh)


async def test_what_was_decided_hinders_nobody(story: Story) -> None:
    """Though an institution could not revoke the account any more (I8): it is her own wish."""
    await reachable(story.world, story.cast.nurse)
    await story.reach(State.APPROVED)
    await closed(story)
    assert (await story.row())["state"] == State.APPROVED


async def test_while_a_change_of_information_is_under_way_it_is_refused(story: Story) -> None:
    await reachable(story.world, story.cast.nurse)
    asked = {"asked": "{}", "recorded": "{}", "filed_by": "NURSE", "account_id": story.cast.nurse.account_id}
    row = {"id": uuid7(), "nurse_id": story.cast.nurse_id, "state": ChangeState.PENDING, **asked}
    await story.world.insert("information_change", **row)
    assert reason_of(await refused(story)) == "CHANGE_OPEN"


async def test_a_wrong_password_closes_nothing_and_is_counted(story: Story) -> None:
    await reachable(story.world, story.cast.nurse)
    for _ in range(TRIES):
        assert reason_of(await refused(story, password=WRONG)) == "WRONG_CREDENTIALS"
    assert isinstance(await refused(story), RateLimited)


async def test_a_password_that_changes_meanwhile_closes_nothing(story: Story) -> None:
    await reachable(story.world, story.cast.nurse)
    before = await everything(story)
    with pytest.raises(Conflict):
        await take(story.db, story.cast.nurse.session, AccountClose(PASSWORD, stored="another"))
    assert await everything(story) == before


@pytest.mark.parametrize("who", ["operator", "reviewer"])
async def test_staff_do_not_close_their_accounts(story: Story, who: str) -> None:
    await reachable(story.world, story.person(who))
    assert reason_of(await refused(story, story.person(who))) == "NOT_ALLOWED"


async def test_while_a_desk_holds_her_contacts_it_is_refused(story: Story) -> None:
    """Whoever has just been let in by a desk is not yet known to be she."""
    await reachable(story.world, story.cast.nurse)
    sql, held = "update account set contact_held_until = $2 where id = $1", story.clock.now + timedelta(days=1)
    await story.world.owner.execute(sql, story.cast.nurse.account_id, held)
    refusal = await refused(story)
    assert (reason_of(refusal), refusal.words.zh) == (
        "CONTACTS_HELD",
        f"账户刚由窗口核实恢复，{printed(held)}前不能注销账户",
    )


async def test_of_many_at_once_one_closes_it(story: Story) -> None:
    for _ in range(ROUNDS):
        one = await story.beside()
        await reachable(one.world, one.cast.nurse)
        tries = [close(one.db, QUICK, one.cast.nurse.session, AccountClose(PASSWORD)) for _ in range(TASKS)]
        answers = await asyncio.gather(*tries, return_exceptions=True)
        # Who comes later finds the session, or the account, at its end; the pool for passwords has few places.
        assert answers.count(None) == 1, answers
        assert all(isinstance(answer, RegistryError) for answer in answers if answer is not None), answers


async def test_filing_and_closing_at_once_never_leave_an_open_application_without_an_account(story: Story) -> None:
    for _ in range(ROUNDS):
        one = await story.beside()
        await reachable(one.world, one.cast.nurse)
        steps = (closed(one), one.take(Step.SUBMIT))
        answers = await asyncio.gather(*steps, return_exceptions=True)
        state = (await one.world.row("account", one.cast.nurse.account_id))["state"]
        left = (await one.row())["state"]
        assert (state, left) in [("REVOKED", State.WITHDRAWN), ("ACTIVE", State.INSTITUTION_REVIEW)], answers
