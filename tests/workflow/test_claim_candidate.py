"""A look before claiming: the operator sees what the ID number leads to, nothing is claimed, and the nurse learns of it."""

from __future__ import annotations

import pytest
import pytest_asyncio

from graph.context import Services
from rules.errors import Invalid, NotAllowed, RateLimited
from rules.identity import DocumentType
from rules.kinds import Kind
from rules.people import Role
from tests.support.live import Live
from tests.support.people import resident
from tests.support.story import Story
from tests.support.unaddressed import Unaddressed, unaddressed
from tests.support.units import limited, put_unit
from tests.support.world import Person
from workflow import look_up
from workflow.claim_candidate import Candidate, look

pytestmark = pytest.mark.feature("I16")
LOOK = """query($number: String!, $kind: ApplicationKind) { claimCandidate(idNumber: $number, kind: $kind) {
  kind nurseNameMasked submittedAt refusal { code message blockedBy } } }"""
KEPT = "select action, nurse_id, detail, purpose from audit where account_id = $1 and action like 'identity.%' order by at, id"


@pytest_asyncio.fixture
async def waiting(story: Story) -> Unaddressed:
    """A change that waits for an institution."""
    return await unaddressed(story)


async def seen(waiting: Unaddressed, who: Person, number: str = "", kind: Kind | None = None) -> Candidate | None:
    """What somebody sees of it; nothing has moved."""
    before = await waiting.everything()
    found = await look(waiting.db, who.session, DocumentType.RESIDENT_ID, number or waiting.number, kind)
    assert await waiting.everything() == before
    return found


async def refused_by(waiting: Unaddressed, who: Person) -> str | None:
    """The rule by which claiming would be refused, the same as claiming is refused by."""
    found = await seen(waiting, who)
    assert found is not None
    if found.refusal is None:
        return None
    assert found.nurse_name_masked is None
    refusal = await waiting.not_claimed(who)
    assert isinstance(refusal, NotAllowed)
    assert refusal.reason == found.refusal.reason
    return found.refusal.reason


async def test_she_sees_kind_and_masked_name_and_has_claimed_nothing(waiting: Unaddressed) -> None:
    row = await waiting.row()
    expected = Candidate(Kind.CHANGE, f"{row['nurse_name'][0]}*", row["submitted_at"], None)
    for person in (waiting.cast.operator, waiting.cast.manager, await waiting.another_hospital()):
        assert await seen(waiting, person) == expected
    assert await waiting.claim(waiting.cast.operator) == waiting.id


async def test_every_rule_that_forbids_the_claim_is_told_before_it(waiting: Unaddressed, story: Story) -> None:
    closed = await waiting.another_hospital(state="SUSPENDED")
    assert await refused_by(waiting, closed) == "INSTITUTION_NOT_ACTIVE"
    there = "update registration set institution_id = $2 where nurse_id = $1"
    await story.world.owner.execute(there, waiting.cast.nurse_id, story.cast.hospital)
    assert await refused_by(waiting, story.cast.operator) == "OTHER_INSTITUTION"
    other = await waiting.another_hospital()
    assert await refused_by(waiting, other) is None
    await waiting.claim(other)
    assert await refused_by(waiting, story.cast.operator) == "ALREADY_CLAIMED"


async def test_nobody_and_nothing_filed_look_the_same_and_both_are_counted_and_kept(waiting: Unaddressed) -> None:
    operator = waiting.cast.operator
    assert await seen(waiting, operator, resident()) is None
    assert await seen(waiting, operator, kind=Kind.FIRST) is None
    assert await seen(waiting, operator, kind=Kind.CHANGE) is not None
    rows = [tuple(row) for row in await waiting.world.owner.fetch(KEPT, operator.account_id)]
    detail = '{"query": "claimCandidate"}'
    asked = ("identity.looked_up", None, detail, "FILING")
    assert rows == [asked, asked, asked, ("identity.found", waiting.cast.nurse_id, detail, "FILING")]
    assert waiting.number not in str(rows)


async def test_only_operators_look_and_a_number_that_cannot_be_one_costs_nothing(waiting: Unaddressed) -> None:
    cast = waiting.cast
    for person in (cast.viewer, cast.nurse, cast.reviewer, cast.decider):
        with pytest.raises(NotAllowed):
            await seen(waiting, person)
    with pytest.raises(Invalid):
        await seen(waiting, cast.operator, "110102199001010000")
    assert await waiting.world.owner.fetch(KEPT, cast.operator.account_id) == []


async def test_who_guesses_numbers_is_stopped_whether_she_looks_or_claims(
    waiting: Unaddressed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(look_up, "BY_ONE", 2)
    operator = waiting.cast.operator
    for _ in range(2):
        await seen(waiting, operator, resident())
    with pytest.raises(RateLimited):
        await seen(waiting, operator)
    assert isinstance(await waiting.not_claimed(operator), RateLimited)


async def test_one_number_an_operation(live: Live, waiting: Unaddressed) -> None:
    one = f'claimCandidate(idNumber: "{waiting.number}") {{ kind }}'
    operator = live.as_(waiting.cast.operator)
    assert await operator.refused(f"{{ a: {one} b: {one} }}") == ["QUERY_TOO_COMPLEX"]
    byside = f'{{ a: {one} nurses(where: {{idNumber: {{eq: "{resident()}"}}}}) {{ totalCount }} }}'
    assert await operator.refused(byside) == ["VALIDATION"]


async def test_a_client_reads_the_rule_in_chinese(live: Live, services: Services, waiting: Unaddressed) -> None:
    closed = live.as_(await waiting.another_hospital(state="SUSPENDED"))
    found = (await closed.ask(LOOK, number=waiting.number))["claimCandidate"]
    refusal = {"code": "INSTITUTION_NOT_ACTIVE", "message": "本机构未处于启用状态", "blockedBy": None}
    assert (found["kind"], found["nurseNameMasked"], found["refusal"]) == ("CHANGE", None, refusal)
    assert (await closed.ask(LOOK, number=resident()))["claimCandidate"] is None
    assert (await closed.ask(LOOK, number=waiting.number, kind="FIRST"))["claimCandidate"] is None


async def test_who_is_limited_to_units_is_told_that_she_claims_nothing_whatever_is_there(waiting: Unaddressed) -> None:
    ward = await put_unit(waiting.world, waiting.cast.hospital)
    person = await limited(waiting.world, waiting.cast, Role.OPERATOR, ward)
    for number in (waiting.number, resident()):
        with pytest.raises(NotAllowed) as refusal:
            await seen(waiting, person, number)
        assert refusal.value.reason == "LIMITED_TO_UNITS"
