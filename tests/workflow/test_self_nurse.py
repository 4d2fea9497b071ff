"""Staff who are nurses themselves: known by their document, now or later, and never acting about themselves."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Final, TypeAlias
from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from db import recovery as recoveries
from db.recovery import Whose
from graph.context import Services
from rules.errors import Invalid, NotAllowed
from rules.identity import DocumentType
from rules.key_fact import KeyFacts
from rules.kinds import Kind
from rules.people import Party, Role
from tests.support.activation import VERIFIED, candidate, change, exam, sealed_number
from tests.support.direct_entries import entry
from tests.support.institution_people import create, new_institution, new_phone, why
from tests.support.key_facts import EVIDENCE, Place, new_number
from tests.support.kinds import forms
from tests.support.people import form, known, resident
from tests.support.staff import invitation, invite
from tests.support.world import TODAY, Cast, Person, World
from workflow.activation import ActivationSubmitExamCertificate
from workflow.direct_registration import NurseRegisterDirect
from workflow.draft import ApplicationCreateDraft
from workflow.key_fact import KeyFactApprove, KeyFactRequest
from workflow.recovery_desk import RecoveryApprove
from workflow.staff import StaffSetIdentity
from workflow.staff_disabling import StaffDisable, StaffSetRoles
from workflow.step import take

RESIDENT: Final = DocumentType.RESIDENT_ID
Comes: TypeAlias = Callable[[Services, World, Place, str], Awaitable[UUID]]


async def nurse_of(world: World, account_id: UUID) -> UUID | None:
    """The nurse whom an account of staff is known to be."""
    found: UUID | None = (await world.row("account", account_id))["self_nurse_id"]
    return found


async def test_who_is_invited_with_a_nurses_number_is_that_nurse(services: Services, world: World, cast: Cast) -> None:
    her = form()
    nurse_id = await known(world, cast, her)
    key = await invite(services, cast.manager, invitation(Role.OPERATOR, id_number=her.id_number))
    row = await world.row("account", key)
    assert (row["self_nurse_id"], row["document_type"], row["nurse_id"]) == (nurse_id, "RESIDENT_ID", None)
    assert her.id_number.encode() not in row["id_number_sealed"]
    other = await invite(services, cast.manager, invitation(Role.OPERATOR))
    assert await nurse_of(world, other) is None


async def test_the_first_manager_of_an_institution_is_known_too(services: Services, world: World, cast: Cast) -> None:
    her = form()
    nurse_id = await known(world, cast, her)
    key = await create(
        services, cast.reviewer, new_institution(responsible_id_number=her.id_number, responsible_name=her.name)
    )
    assert (await world.row("account", key, "institution_id"))["self_nurse_id"] == nurse_id
    with pytest.raises(Invalid) as refusal:
        await create(services, cast.reviewer, new_institution(responsible_id_number="110101199003070012"))
    assert [(one.path, one.code) for one in refusal.value.problems] == [
        ("responsibleIdNumber", "ID_NUMBER_CHECK_DIGIT")
    ]


async def test_a_number_that_cannot_be_one_invites_nobody(services: Services, world: World, cast: Cast) -> None:
    order = invitation(id_number="110101")
    with pytest.raises(Invalid) as refusal:
        await invite(services, cast.manager, order)
    assert [(one.path, one.code) for one in refusal.value.problems] == [("idNumber", "ID_NUMBER_FORMAT")]
    assert await world.owner.fetchval("select count(*) from account where user_name = $1", order.user_name) == 0


async def test_one_person_has_one_account_at_a_place_and_a_nurses_besides(
    services: Services, world: World, cast: Cast
) -> None:
    number = resident()
    await invite(services, cast.manager, invitation(id_number=number))
    again = invitation(id_number=number)
    with pytest.raises(Invalid) as refusal:
        await invite(services, cast.manager, again)
    assert [(one.path, one.code) for one in refusal.value.problems] == [("idNumber", "TAKEN")]
    elsewhere = await world.cast()
    await invite(services, elsewhere.manager, replace(again, phone=new_phone()))


async def by_exam(services: Services, world: World, place: Place, number: str) -> UUID:
    """Her record comes from the exam library (N9b)."""
    nurse = await candidate(world, place.cast, outcome="EXAM_PASSED", verified=VERIFIED)
    await change(nurse, document_type="RESIDENT_ID", **sealed_number(world.keyring, number))
    await take(services.db, nurse.person.session, ActivationSubmitExamCertificate(await exam(world, number)))
    found: UUID = (await nurse.account())["nurse_id"]
    return found


async def by_province(services: Services, world: World, place: Place, number: str) -> UUID:
    """The province puts her on the register (A6)."""
    return await take(services.db, place.admin.session, NurseRegisterDirect(entry(place, id_number=number)))


async def by_correction(services: Services, world: World, place: Place, number: str) -> UUID:
    """Her wrong number is put right (A5)."""
    ask = KeyFactRequest(None, KeyFacts(EVIDENCE, None, RESIDENT, number))
    request_id = await take(services.db, place.cast.nurse.session, ask)
    await take(services.db, place.admin.session, KeyFactApprove(request_id, None, number, confirmed=True))
    return place.cast.nurse_id


async def from_military(services: Services, world: World, place: Place, number: str) -> UUID:
    """Her record comes with her first application (N17)."""
    verified = {"contact_verified": True}
    nurse = await candidate(world, place.cast, outcome="EXAM_PASSED", verified=verified)
    columns = {"identity_outcome": "MILITARY_SOURCE", "display_name": "赵军护", "document_type": "RESIDENT_ID"}
    await change(nurse, **columns, **sealed_number(world.keyring, number))
    draft = ApplicationCreateDraft(forms(TODAY)[Kind.MILITARY_TRANSFER], place.cast.hospital)
    await take(services.db, nurse.person.session, draft)
    found: UUID = (await nurse.account())["nurse_id"]
    return found


@pytest.mark.parametrize("comes", [by_exam, by_province, by_correction, from_military])
async def test_who_comes_to_the_register_after_her_invitation_is_known_from_then_on(
    services: Services, world: World, place: Place, comes: Comes
) -> None:
    number = new_number()
    key = await invite(services, place.cast.manager, invitation(Role.OPERATOR, id_number=number))
    assert await nurse_of(world, key) is None
    nurse_id = await comes(services, world, place, number)
    assert await nurse_of(world, key) == nurse_id


async def test_existing_staff_get_their_number_from_the_manager_once(
    services: Services, world: World, cast: Cast
) -> None:
    her, key = form(), cast.operator.account_id
    nurse_id = await known(world, cast, her)
    await take(services.db, cast.manager.session, StaffSetIdentity(key, RESIDENT, her.id_number))
    assert await nurse_of(world, key) == nurse_id
    before = await world.row("account", key)
    with pytest.raises(NotAllowed) as refusal:
        await take(services.db, cast.manager.session, StaffSetIdentity(key, RESIDENT, resident()))
    assert why(refusal.value) == "IDENTITY_SET"
    assert await world.row("account", key) == before


async def test_a_slip_is_put_right_until_she_signs_in(services: Services, world: World, cast: Cast) -> None:
    her, other = form(), form()
    nurses = [await known(world, cast, one) for one in (her, other)]
    key = await invite(services, cast.manager, invitation(id_number=other.id_number))
    assert await nurse_of(world, key) == nurses[1]
    await take(services.db, cast.manager.session, StaffSetIdentity(key, RESIDENT, her.id_number))
    assert await nurse_of(world, key) == nurses[0]
    await take(services.db, cast.manager.session, StaffSetIdentity(key, RESIDENT, resident()))
    assert await nurse_of(world, key) is None


async def test_nobody_gets_the_number_of_a_colleague(services: Services, world: World, cast: Cast) -> None:
    number = resident()
    await invite(services, cast.manager, invitation(id_number=number))
    with pytest.raises(Invalid) as refusal:
        await take(services.db, cast.manager.session, StaffSetIdentity(cast.operator.account_id, RESIDENT, number))
    assert [(one.path, one.code) for one in refusal.value.problems] == [("idNumber", "TAKEN")]
    assert (await world.row("account", cast.operator.account_id))["id_number_index"] is None


async def numbered(world: World, person: Person, number: str) -> Person:
    """Somebody of this number."""
    columns = {"document_type": "RESIDENT_ID", **sealed_number(world.keyring, number)}
    settings = ", ".join(f"{name} = ${n}" for n, name in enumerate(columns, 2))
    await world.owner.execute(f"update account set {settings} where id = $1", person.account_id, *columns.values())
    return person


async def test_the_province_does_not_register_its_own_officer_by_her_own_hand(
    services: Services, world: World, place: Place
) -> None:
    number = new_number()
    await numbered(world, place.admin, number)
    with pytest.raises(NotAllowed) as refusal:
        await by_province(services, world, place, number)
    assert why(refusal.value) == "ABOUT_YOURSELF"
    index = world.keyring.blind_index(number, "id_number")
    assert await world.owner.fetchval("select count(*) from nurse where id_number_index = $1", index) == 0


async def test_nobody_lets_herself_in_where_no_record_is_known(services: Services, world: World, cast: Cast) -> None:
    number, key = resident(), uuid7()
    hers = await candidate(world, cast, outcome="EXAM_PASSED")
    await change(hers, document_type="RESIDENT_ID", phone_verified_at=None, **sealed_number(world.keyring, number))
    desk = await numbered(world, cast.reviewer, number)
    async with services.db.begin() as tx:
        await tx.ask_time()
        content = {
            "name": "王护士",
            "documentType": RESIDENT,
            "idNumber": number,
            "phone": new_phone(),
            "evidence": "工龄",
        }
        await recoveries.insert(tx, key, content, Whose(hers.person.account_id, None, cast.district))
    with pytest.raises(NotAllowed) as refusal:
        await take(services.db, desk.session, RecoveryApprove(key, "是我"))
    assert why(refusal.value) == "ABOUT_YOURSELF"
    assert (await world.row("desk_request", key))["state"] == "PENDING"


async def test_nobody_changes_herself_in_another_account(services: Services, world: World, place: Place) -> None:
    number = resident()
    admin = await numbered(world, place.admin, number)
    below = await numbered(world, await world.person(Party.AUTHORITY, place.cast.district, Role.REVIEWER), number)
    for step in (StaffDisable(below.account_id), StaffSetRoles(below.account_id, frozenset({Role.DECIDER}))):
        with pytest.raises(NotAllowed) as refusal:
            await take(services.db, admin.session, step)
        assert why(refusal.value) == "ABOUT_YOURSELF"
    row = await world.row("account", below.account_id)
    assert (row["state"], row["roles"]) == ("ACTIVE", ["REVIEWER"])
