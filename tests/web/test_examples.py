"""The examples that GraphiQL offers: each is good against the schema as it is, and together they carry a renewal and an activation."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from graphql import OperationDefinitionNode, parse, validate
from graphql.execution.values import VariableValues, get_variable_values

from graph.context import Context, Services
from graph.documents import Documents
from graph.limits import Limits, check
from graph.live import Live as Planned
from graph.root import SECRETS, schema
from graph.schema.node import global_id
from rules.people import Party, Role
from tests.support.contacts import last_code
from tests.support.live import Client, Live
from tests.support.people import form, known, resident, solved
from tests.support.plan_and_executor import Both
from tests.support.world import TODAY, Cast, Person, World
from web.graphiql import FOLDER
from workflow.collective_job import run as file_together

EXAMPLES: dict[str, dict[str, Any]] = {
    example["titleEn"]: example for example in json.loads((FOLDER / "examples.json").read_text("utf-8"))
}


WEEK_AGO = (TODAY - timedelta(days=7)).isoformat()


def variables_of(title: str, given: str = "") -> dict[str, Any]:
    """The variables as the page shows them, with the id that a user fills in."""
    text = json.dumps(EXAMPLES[title]["variables"]).replace("A_WEEK_AGO", WEEK_AGO)
    filled = text.replace('"id": ""', f'"id": "{given}"').replace('"ids": [""]', f'"ids": ["{given}"]')
    variables: dict[str, Any] = json.loads(filled)
    return variables


@pytest.mark.parametrize("title", EXAMPLES)
def test_an_example_is_valid_within_the_limits_and_its_variables_fit(title: str) -> None:
    document = parse(EXAMPLES[title]["query"])
    assert validate(schema._schema, document) == []
    check(document, Limits(), SECRETS)
    (operation,) = document.definitions
    assert isinstance(operation, OperationDefinitionNode)
    given = get_variable_values(schema._schema, operation.variable_definitions or (), variables_of(title))
    assert isinstance(given, VariableValues), given


SIGN_IN = "mutation($input: SignInInput!) { signIn(input: $input) { ... on SignInPayload { token } } }"


async def run(live: Live, person: Person, title: str, given: str = "") -> Any:
    """The example as it stands, but for the id that a user fills in."""
    return await live.as_(person).ask(EXAMPLES[title]["query"], **variables_of(title, given))


async def step(live: Live, person: Person, title: str, given: str = "") -> Any:
    ((_, done),) = (await run(live, person, title, given)).items()
    assert "application" in done, done
    return done["application"]


async def test_the_examples_in_their_order_carry_a_renewal_from_draft_to_approval(live: Live, cast: Cast) -> None:
    draft = await step(live, cast.nurse, "Renewal: draft")
    states = [draft["state"]]
    for person, title in (
        (cast.nurse, "Renewal: submit"),
        (cast.operator, "Institution: forward"),
        (cast.reviewer, "Authority: accept"),
        (cast.reviewer, "Authority: recommend"),
        (cast.decider, "Authority: approve"),
    ):
        states.append((await step(live, person, title, draft["id"]))["state"])
    assert states == ["DRAFT", "INSTITUTION_REVIEW", "AUTHORITY_INTAKE", "ACCEPTED", "ACCEPTED", "APPROVED"]


async def done(client: Client, title: str, **given: str) -> Any:
    """The answer to an example of the activation, with what a user fills in."""
    example = EXAMPLES[title]
    ((_, answer),) = (await client.ask(example["query"], input={**example["variables"]["input"], **given})).items()
    assert answer["__typename"].endswith("Payload"), answer
    return answer


@pytest.mark.feature("N9")
async def test_the_examples_in_their_order_carry_an_activation(
    live: Live, services: Services, world: World, cast: Cast
) -> None:
    given, nurse, operator = form(), live.as_(None), live.as_(cast.operator)
    number = (await world.row("registration", await known(world, cast, given), "nurse_id"))["certificate_number"]
    captcha = (await done(nurse, "Captcha"))["captcha"]
    proof = {"captchaId": captcha["id"], "captchaAnswer": solved(captcha["question"])}
    who = {"name": given.name, "idNumber": given.id_number, "phone": given.phone, "email": given.email}
    await done(nurse, "Account: register", **who, userName=given.user_name, **proof)
    access = {"userName": given.user_name, "password": EXAMPLES["Account: register"]["variables"]["input"]["password"]}
    nurse.token = (await nurse.ask(SIGN_IN, input=access))["signIn"]["token"]
    verified = (await done(nurse, "Account: verify identity"))["viewer"]
    await done(nurse, "Contact: send code")
    await done(nurse, "Contact: confirm", code=await last_code(services.db, given.phone))
    certified = await done(nurse, "Activation: certificate", certificateNumber=number)
    assert certified["viewer"]["activation"]["nextSteps"] == ["ACTIVATE", "FILE_CHANGE"]
    issued = await done(operator, "Institution: issue activation code", accountId=verified["account"]["id"])
    active = await done(nurse, "Activation: activate", code=issued["plainCode"])
    assert active["viewer"] == {"active": True, "nurse": {"name": given.name}}


async def test_the_examples_that_look_show_what_is_there(live: Live, cast: Cast) -> None:
    draft = await step(live, cast.nurse, "Renewal: draft")
    await step(live, cast.nurse, "Renewal: submit", draft["id"])
    (row,) = (await run(live, cast.operator, "Pending reviews"))["pendingReviews"]["nodes"]
    assert (row["id"], row["version"]) == (draft["id"], 2)
    whole = (await run(live, cast.operator, "An application, whole", draft["id"]))["application"]
    assert (whole["state"], whole["form"]["department"]) == ("INSTITUTION_REVIEW", "EMERGENCY")
    nurse = (await run(live, cast.operator, "A nurse with her applications", whole["nurse"]["id"]))["nurse"]
    assert [one["id"] for one in nurse["applications"]] == [draft["id"]]
    (listed,) = (await run(live, cast.operator, "Roster: to be renewed"))["nurses"]["nodes"]
    assert (listed["id"], listed["registration"]["standing"]) == (whole["nurse"]["id"], "EXPIRING")
    (event,) = (await run(live, cast.operator, "What happened"))["events"]["nodes"]
    assert (event["type"], event["applicationId"]) == ("APPLICATION_SUBMITTED", draft["id"])
    record = (await run(live, cast.nurse, "My record"))["viewer"]["nurse"]
    assert [one["state"] for one in record["applications"]] == ["INSTITUTION_REVIEW"]
    assert (await run(live, cast.reviewer, "Who am I"))["viewer"]["roles"] == ["REVIEWER"]


async def submitted(live: Live, cast: Cast) -> Any:
    """A renewal on the institution's desk."""
    draft = await step(live, cast.nurse, "Renewal: draft")
    return await step(live, cast.nurse, "Renewal: submit", draft["id"])


@pytest.mark.feature("N16")
async def test_the_examples_before_the_form_say_whether_and_with_what(live: Live, cast: Cast) -> None:
    found = (await run(live, cast.nurse, "Eligibility"))["eligibility"]
    assert found["eligible"] is True
    assert {one["outcome"] for one in found["verdicts"]} <= {"PASS", "UNKNOWN"}
    listed = (await run(live, cast.nurse, "Materials asked for"))["materialRequirements"]["nodes"]
    assert {one["code"] for one in listed} == {
        *("APPLICATION_FORM", "IDENTITY", "EDUCATION", "EMPLOYMENT", "TRAINING"),
    }


async def test_the_take_example_holds_it_and_the_next_puts_it_back(live: Live, cast: Cast) -> None:
    filed = await submitted(live, cast)
    taken = await step(live, cast.operator, "Take", filed["id"])
    assert (taken["heldBy"], taken["version"]) == (cast.operator.actor.name, 2)
    assert "PUT_BACK" in taken["availableSteps"]
    assert (await step(live, cast.operator, "Put back", filed["id"]))["heldBy"] is None


@pytest.mark.feature("I16")
async def test_the_change_example_is_claimed_by_the_claim_example(live: Live, world: World, cast: Cast) -> None:
    other = await world.cast()
    given = form(id_number=resident())
    nurse = await world.person(Party.NURSE, await known(world, cast, given), Role.NURSE)
    draft = await step(live, nurse, "Change: draft")
    await step(live, nurse, "Renewal: submit", draft["id"])
    example = EXAMPLES["Institution: claim by ID number"]
    done = await live.as_(other.operator).ask(example["query"], input={"idNumber": given.id_number})
    claimed = done["applicationClaimByIdNumber"]["application"]
    assert (claimed["id"], claimed["version"]) == (draft["id"], 3)
    assert "FORWARD" in claimed["availableSteps"]


@pytest.mark.feature("N18", "I18")
async def test_the_examples_of_an_application_show_its_clock_its_materials_and_its_form(live: Live, cast: Cast) -> None:
    filed = await submitted(live, cast)
    before = (await run(live, cast.operator, "An application: its deadline", filed["id"]))["application"]
    assert before == {"state": "INSTITUTION_REVIEW", "deadline": None}
    await step(live, cast.operator, "Institution: forward", filed["id"])
    await step(live, cast.reviewer, "Authority: accept", filed["id"])
    after = (await run(live, cast.reviewer, "An application: its deadline", filed["id"]))["application"]["deadline"]
    assert (after["basis"], after["workingDaysLeft"], after["pausedSpans"]) == ("ACCEPTANCE_20", 20, [])
    whole = (await run(live, cast.reviewer, "An application: its materials", filed["id"]))["application"]
    assert [one["code"] for one in whole["checklist"]] == ["APPLICATION_FORM", "CERTIFICATE", "HEALTH_REPORT"]
    assert whole["materials"] == []
    ticket = (await run(live, cast.nurse, "Download ticket", filed["id"]))["downloadTicketCreate"]
    assert (ticket["__typename"], ticket["url"]) == ("DownloadTicketCreatePayload", "/files")


async def test_the_examples_of_a_collective_filing_try_it_file_it_and_follow_it(
    live: Live, services: Services, cast: Cast
) -> None:
    tried = (await run(live, cast.operator, "Together: try"))["collectiveFilingCheck"]
    assert (tried["totalCount"], [one["eligible"] for one in tried["nodes"]]) == (1, [True])
    begun = (await run(live, cast.operator, "Together: begin"))["collectiveFilingStart"]["collectiveFiling"]
    assert (begun["state"], begun["total"]) == ("RUNNING", 1)
    follow = EXAMPLES["Together: live"]["query"]
    async with live.as_(cast.viewer).watch(follow, id=begun["id"], after=begun["feedCursor"]) as watch:
        assert (await watch.next())["__typename"] == "FeedHeartbeat"
        await file_together(services.db)
        message = await watch.next()
    assert (message["filingState"], message["filed"], message["refused"]) == ("FINISHED", 1, 0)
    read = (await run(live, cast.viewer, "Together: how far", begun["id"]))["collectiveFiling"]
    assert (read["state"], read["filed"], read["items"]["nodes"]) == ("FINISHED", 1, [])


async def test_the_returned_example_asks_for_what_it_marks(live: Live, cast: Cast) -> None:
    draft = await step(live, cast.nurse, "Renewal: draft")
    await step(live, cast.nurse, "Renewal: submit", draft["id"])
    returned = await step(live, cast.operator, "Institution: return for correction", draft["id"])
    assert (returned["state"], returned["markedFields"]) == ("RETURNED", ["department"])


JUDGED = {"Eligibility", "Materials asked for", "Together: try", "Together: how far"}
"""What rules say of somebody, not rows as they stand: the ordinary executor answers it."""
LAW = {"Kinds, explained", "Reasons of reviewers", "Working days"}
"""What the law says to everybody, and no rows of the register."""
DESK = {"Recovery requests"}
"""A list of the help desk, which has no plan yet."""


@pytest.mark.parametrize(
    "title", [title for title, one in EXAMPLES.items() if "query " in one["query"] and title not in JUDGED | LAW | DESK]
)
async def test_every_example_that_looks_has_a_plan(services: Services, cast: Cast, title: str) -> None:
    """Not one screen of the console goes through the slow executor."""
    both, example = Both(services), EXAMPLES[title]
    person = cast.nurse if title == "My record" else cast.operator
    assert await both.planned(example["query"], person, **variables_of(title)) is not None


@pytest.mark.parametrize("title", [title for title, one in EXAMPLES.items() if "subscription" in one["query"]])
async def test_an_example_that_watches_is_planned(services: Services, cast: Cast, title: str) -> None:
    document = Documents(schema, Limits()).read(EXAMPLES[title]["query"])
    given = {"after": services.feed.cursors.write(cast.hospital, 0), "id": global_id("CollectiveFiling", uuid4())}
    variables = {name: given.get(name, value) for name, value in EXAMPLES[title]["variables"].items()}
    context = Context(services, cast.operator.session)
    live = Planned(schema._schema, services)
    assert live.follow(document, document.operation(None), variables, context) is not None


async def people_of(world: World, cast: Cast, group: str) -> list[Person | None]:
    """Those who stand for a group of the page's list: a group may have several roles."""
    match group:
        case "EVERYBODY":
            return [None]
        case Party.NURSE:
            return [cast.nurse]
        case Party.INSTITUTION:
            return [cast.operator]
        case Party.AUTHORITY:
            return [cast.reviewer, cast.decider]
        case _:
            return [await world.person(Party(group), None, Role(group))]


@pytest.mark.parametrize("group", ["EVERYBODY", *Party])
async def test_whoever_signs_in_is_offered_examples_and_none_that_she_may_not_ask(
    live: Live, services: Services, world: World, cast: Cast, group: str
) -> None:
    """Ids are left empty, as the page offers them: what is asked about is then unknown, never forbidden."""
    people = await people_of(world, cast, group)
    titles = [title for title, one in EXAMPLES.items() if group in one["for"] and "subscription" not in one["query"]]
    assert len(titles) >= 2
    refused = []
    for title in titles:
        answers = [await live.as_(who).post(EXAMPLES[title]["query"], variables_of(title)) for who in people]
        if all("NOT_ALLOWED" in one.text or "UNAUTHENTICATED" in one.text for one in answers):
            refused.append((title, answers[0].text))
    assert refused == []


@pytest.mark.feature("N22")
async def test_the_help_desk_examples_carry_a_recovery_to_its_approval(live: Live, world: World) -> None:
    desk = live.as_(await world.person(Party.HELP_DESK, None, Role.HELP_DESK))
    captcha = (await done(desk, "Captcha"))["captcha"]
    who = {"name": "陆知夏", "idNumber": resident()}
    await done(
        desk, "Recovery: ask the desk", **who, captchaId=captcha["id"], captchaAnswer=solved(captcha["question"])
    )
    oldest = EXAMPLES["Recovery requests"]["query"]  # other tests may have left more that wait than its page holds
    assert len((await desk.ask(oldest, state="PENDING"))["recoveryRequests"]["nodes"]) >= 1
    newest = oldest.replace("(first: 20,", "(last: 20,")
    listed = (await desk.ask(newest, state="PENDING"))["recoveryRequests"]["nodes"]
    (mine,) = [one for one in listed if one["name"] == who["name"]]
    assert (mine["state"], mine["known"]) == ("PENDING", False)
    await done(desk, "Recovery: reject", id=mine["id"])


def test_the_example_of_the_feeds_page_is_valid() -> None:
    page = (Path(__file__).parents[2] / "docs" / "reference" / "feed.md").read_text("utf-8")
    (example,) = re.findall(r"```graphql\n(.*?)```", page, re.DOTALL)
    assert validate(schema._schema, parse(example)) == []
