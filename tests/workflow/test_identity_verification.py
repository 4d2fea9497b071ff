"""Being known: each outcome of the comparison, corrections, and what an account that owns no number ever gets."""

from __future__ import annotations

from typing import Any

import pytest

from db.session import Session
from db.store.engine import Database
from graph.context import Services
from rules.account import MOST_CORRECTIONS, AccountForm
from rules.errors import Conflict, Invalid, NotAllowed, RateLimited
from rules.identity import DocumentType
from rules.people import Party, Role
from rules.verification import IdentityOutcome
from tests.support.people import ENDED, NEVER, form, known, passed, register, resident, session_of
from tests.support.world import Cast, World
from workflow import activation
from workflow import verification as workflow
from workflow.step import take
from workflow.verification import AccountCorrectIdentity, AccountDeclareMilitarySource, AccountVerifyIdentity

Known = IdentityOutcome


@pytest.fixture
def db(services: Services) -> Database:
    """The database of this run."""
    return services.db


async def stands(world: World, session: Session) -> dict[str, Any]:
    """The account as it stands."""
    return await world.row("account", session.actor.account_id)


async def outcome(db: Database, world: World, session: Session) -> tuple[IdentityOutcome, bool, Any]:
    """What a verification makes of an account."""
    await workflow.verify_identity(db, session, AccountVerifyIdentity())
    row = await stands(world, session)
    return IdentityOutcome(row["identity_outcome"]), row["identity_verified"], row["nurse_id"]


@pytest.mark.feature("N5")
async def test_a_nurse_on_the_register_is_known(db: Database, world: World, cast: Cast) -> None:
    given = form()
    nurse_id = await known(world, cast, given)
    assert await outcome(db, world, await register(db, world, given)) == (Known.REGISTERED, True, nurse_id)


@pytest.mark.feature("X3")
async def test_a_nurse_off_the_register_is_known(db: Database, world: World, cast: Cast) -> None:
    given = form()
    nurse_id = await known(world, cast, given, **ENDED)
    assert await outcome(db, world, await register(db, world, given)) == (Known.DEREGISTERED, True, nurse_id)


@pytest.mark.feature("X3")
async def test_who_passed_and_never_registered_is_known_by_the_exam_library(db: Database, world: World) -> None:
    given = form()
    await passed(world, given)
    assert await outcome(db, world, await register(db, world, given)) == (Known.EXAM_PASSED, True, None)


async def test_who_is_in_the_register_without_registration_is_known_by_her_exam(
    db: Database, world: World, cast: Cast
) -> None:
    given = form()
    nurse_id = await known(world, cast, given, **NEVER)
    await world.owner.execute("update nurse set exam_year = 2015 where id = $1", nurse_id)
    assert await outcome(db, world, await register(db, world, given)) == (Known.EXAM_PASSED, True, nurse_id)


@pytest.mark.feature("X6")
async def test_who_passed_before_2008_gets_the_notice_and_is_known_once_the_province_has_registered_her(
    db: Database, world: World, cast: Cast
) -> None:
    given = form()
    await passed(world, given, 2006)
    session = await register(db, world, given)
    assert await outcome(db, world, session) == (Known.PRE_2008, False, None)
    nurse_id = await known(world, cast, given)
    assert await outcome(db, world, session) == (Known.REGISTERED, True, nurse_id)


@pytest.mark.feature("N6")
async def test_who_is_in_neither_library_can_correct_or_declare(db: Database, world: World) -> None:
    session = await register(db, world, form())
    assert await outcome(db, world, session) == (Known.NO_MATCH, False, None)


@pytest.mark.feature("N6")
async def test_another_name_and_several_names_are_told_apart(db: Database, world: World, cast: Cast) -> None:
    named, several = form(name="李梅"), form(name="李梅")
    await known(world, cast, form(id_number=named.id_number))
    assert await outcome(db, world, await register(db, world, named)) == (Known.NAME_MISMATCH, False, None)
    for name in ("李梅", "李海"):
        await passed(world, several, name=name)
    assert await outcome(db, world, await register(db, world, several)) == (Known.MULTIPLE, False, None)


@pytest.mark.feature("N5")
async def test_an_old_number_is_matched_by_its_new_form(db: Database, world: World, cast: Cast) -> None:
    full = resident("19750307")
    nurse_id = await known(world, cast, form(id_number=full))
    session = await register(db, world, form(id_number=full[:6] + full[8:17]))
    assert await outcome(db, world, session) == (Known.REGISTERED, True, nurse_id)


@pytest.mark.feature("X5")
async def test_a_wrong_number_is_corrected_five_times_at_most(db: Database, world: World, cast: Cast) -> None:
    right = form()
    nurse_id = await known(world, cast, right)
    session = await register(db, world, form(name="张秀"))
    for nth in range(1, MOST_CORRECTIONS):
        await correct(db, session, form())
        assert (await stands(world, session))["corrections"] == nth
    await correct(db, session, right)
    before = await stands(world, session)
    assert (before["display_name"], before["corrections"]) == (right.name, MOST_CORRECTIONS)
    with pytest.raises(NotAllowed) as refusal:
        await correct(db, session, form())
    assert refusal.value.reason == "NO_CORRECTIONS_LEFT"
    assert await stands(world, session) == before
    assert await outcome(db, world, session) == (Known.REGISTERED, True, nurse_id)


@pytest.mark.feature("X5")
async def test_a_correction_that_corrects_nothing_costs_none(db: Database, world: World) -> None:
    given = form()
    session = await register(db, world, given)
    before = await stands(world, session)
    with pytest.raises(Invalid) as refusal:
        await correct(db, session, given)
    assert [(one.path, one.code) for one in refusal.value.problems] == [("name", "NOTHING_TO_CORRECT")]
    assert await stands(world, session) == before
    await correct(db, session, form(id_number=given.id_number, name=f"{given.name}一"))
    assert (await stands(world, session))["corrections"] == 1


@pytest.mark.feature("X5")
async def test_who_is_known_corrects_nothing_any_more(db: Database, world: World, cast: Cast) -> None:
    given = form()
    await known(world, cast, given)
    session = await register(db, world, given)
    await workflow.verify_identity(db, session, AccountVerifyIdentity())
    before = await stands(world, session)
    for step in (
        correct(db, session, form()),
        workflow.verify_identity(db, session, AccountVerifyIdentity()),
        declare(db, session),
    ):
        with pytest.raises(NotAllowed) as refusal:
            await step
        assert refusal.value.reason in {"STEP_DONE", "STEP_NOT_OPEN", "IDENTITY_VERIFIED"}
    assert await stands(world, session) == before


@pytest.mark.feature("N17")
async def test_the_military_source_is_declared_where_neither_library_knows_her(db: Database, world: World) -> None:
    session = await register(db, world, form())
    with pytest.raises(NotAllowed):
        await declare(db, session)
    await workflow.verify_identity(db, session, AccountVerifyIdentity())
    await declare(db, session)
    row = await stands(world, session)
    assert (row["identity_outcome"], row["identity_verified"], row["nurse_id"]) == ("MILITARY_SOURCE", False, None)
    await correct(db, session, form())
    assert (await stands(world, session))["identity_outcome"] is None


async def test_an_account_that_does_not_claim_its_number_is_told_the_same_and_gets_nothing(
    db: Database, world: World, cast: Cast
) -> None:
    given = form()
    nurse_id = await known(world, cast, given)
    holder = await register(db, world, given)
    stranger = await register(db, world, form(id_number=given.id_number))
    assert await outcome(db, world, stranger) == (Known.REGISTERED, True, None)
    assert await outcome(db, world, holder) == (Known.REGISTERED, True, nurse_id)
    assert (await stands(world, stranger))["id_number_index"] is None


async def test_a_number_that_was_freed_is_claimed_by_the_next_who_is_compared(
    db: Database, world: World, cast: Cast
) -> None:
    given = form()
    holder = await register(db, world, given)
    second = await register(db, world, form(id_number=given.id_number))
    await world.owner.execute("update account set state = 'REVOKED' where id = $1", holder.actor.account_id)
    nurse_id = await known(world, cast, given)
    assert await outcome(db, world, second) == (Known.REGISTERED, True, nurse_id)
    assert (await stands(world, second))["id_number_index"] is not None


async def test_correcting_to_a_number_that_is_taken_tells_nothing(db: Database, world: World) -> None:
    holder = form()
    await register(db, world, holder)
    session = await register(db, world, form())
    await correct(db, session, holder)
    row = await stands(world, session)
    assert (row["id_number_masked"][:3], row["id_number_index"]) == (holder.id_number[:3], None)


async def test_a_nurse_whose_account_was_made_from_her_record_is_compared_with_that(
    db: Database, world: World, cast: Cast
) -> None:
    nurse_id = await world.nurse(cast.hospital, cast.district)
    person = await world.person(Party.NURSE, nurse_id, Role.NURSE, state="INACTIVE")
    await world.owner.execute("update account set display_name = '王护士' where id = $1", person.account_id)
    session = await session_of(world, person.account_id)
    assert await outcome(db, world, session) == (Known.REGISTERED, True, nurse_id)


async def test_the_register_is_asked_ten_times_an_hour_at_most(db: Database, world: World) -> None:
    session = await register(db, world, form())
    for _ in range(workflow.VERIFICATIONS):
        await workflow.verify_identity(db, session, AccountVerifyIdentity())
    with pytest.raises(RateLimited):
        await workflow.verify_identity(db, session, AccountVerifyIdentity())


async def test_staff_and_active_nurses_have_nothing_to_verify(db: Database, cast: Cast) -> None:
    for person, reason in ((cast.operator, "NOT_ALLOWED"), (cast.nurse, "ACCOUNT_ACTIVE")):
        with pytest.raises(NotAllowed) as refusal:
            await workflow.verify_identity(db, person.session, AccountVerifyIdentity())
        assert refusal.value.reason == reason


async def test_a_retry_under_its_key_is_one_correction(db: Database, world: World) -> None:
    session, given = await register(db, world, form()), form()
    for _ in range(2):
        await correct(db, session, given, "correct-once")
    assert (await stands(world, session))["corrections"] == 1
    with pytest.raises(Conflict):
        await correct(db, session, form(), "correct-once")


async def correct(db: Database, session: Session, given: AccountForm, key: str | None = None) -> None:
    """Correct to the name and number of a form."""
    who = (given.name, DocumentType.RESIDENT_ID, given.id_number)
    await take(db, session, AccountCorrectIdentity(*who, idempotency_key=key))


async def declare(db: Database, session: Session) -> None:
    """Declare to come from the military."""
    await take(db, session, AccountDeclareMilitarySource())


@pytest.mark.parametrize("exam", [False, True])
async def test_an_account_that_does_not_claim_its_number_is_refused_even_with_the_right_certificate(
    db: Database, world: World, cast: Cast, exam: bool
) -> None:
    given = form()
    number = await passed(world, given) if exam else f"2016{given.id_number[-8:]}"
    if not exam:
        await known(world, cast, given, **{**ENDED, "certificate_number": number})
    await register(db, world, given)
    stranger = await register(db, world, form(id_number=given.id_number))
    await workflow.verify_identity(db, stranger, AccountVerifyIdentity())
    await world.owner.execute("update account set contact_verified = true where id = $1", stranger.actor.account_id)
    with pytest.raises(NotAllowed) as refusal:
        wish = activation.ActivationSubmitExamCertificate if exam else activation.ActivationSubmitCertificate
        await activation.submit_certificate(db, stranger, wish(number))
    assert refusal.value.reason == "WRONG_CERTIFICATE"
    row = await stands(world, stranger)
    assert (row["state"], row["nurse_id"], row["certificate_verified"]) == ("INACTIVE", None, False)
