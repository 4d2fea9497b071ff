"""The schema that clients build on: written down, described, named by one rule."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLObjectType,
    GraphQLUnionType,
    get_named_type,
    get_nullable_type,
    is_list_type,
    is_object_type,
    is_specified_scalar_type,
)
from strawberry.printer import print_schema

import graph.root
from graph.schema.problem import FACES

CORE = graph.root.schema._schema
OURS = {name: kind for name, kind in CORE.type_map.items() if not name.startswith("__")}
PROBLEMS = {
    *("NotFoundProblem", "NotAllowedProblem", "WrongStateProblem"),
    *("ConflictProblem", "ValidationProblem", "RateLimitedProblem"),
}
"""The closed set: a client that handles these handles every mutation there will ever be."""
REFUSED = {
    one.name: {FACES[refusal].__name__ for refusal in one.refuses}
    for one in (*graph.root.APPLICATIONS, *graph.root.DECLARED)
}
"""The problems that each mutation can have."""
MUTATIONS = CORE.mutation_type.fields if CORE.mutation_type else {}
OBJECTS = (
    *(
        "announcement",
        "faq",
        "helpCode",
        "helpLookUp",
        "manual",
        "question",
        "account",
        "activation",
        "application",
        "approvalSetting",
        "authority",
        "calendar",
        "captcha",
        "certificate",
        "collectiveFiling",
        "conduct",
        "contact",
    ),
    *(
        "deadLetter",
        "decision",
        "delivery",
        "departure",
        "deputy",
        "deregistration",
        "dispatch",
        "downloadTicket",
        "firstSignIn",
        "information",
        "investigation",
        "look",
        "institution",
        "interruption",
        "lawSetting",
    ),
    *(
        "keyFact",
        "material",
        "nurse",
        "password",
        "privacyNotice",
        "photo",
        "proposal",
        "public",
        "record",
        "recovery",
        "registration",
        "signIn",
        "signOut",
        "staff",
    ),
    *("roster", "unit", "void", "work"),
)
"""What mutations are about: a name begins with one of these."""
SHARED = {
    **dict.fromkeys(("activationSubmitCertificate", "activationSubmitExamCertificate"), "Activation"),
    **{"activationActivate": "Activation", "recoveryApprove": "RecoveryDecision", "recoveryReject": "RecoveryDecision"},
}
"""Steps that all lead to the same thing, and so answer alike."""
ONCE = {
    *("signIn", "signOut", "firstSignInSendCode", "firstSignIn", "captchaCreate", "downloadTicketCreate"),
    *("publicCaptchaCreate", "publicLookUp"),
    *("recoveryStart", "recoveryFinish", "contactSendCode", "contactConfirm", "contactChange", "contactChangeConfirm"),
    *("questionGuestSendCode", "questionGuestAsk", "questionGuestReply", "questionGuestClose", "manualTicketCreate"),
    *("helpCodeCreate", "helpLookUp"),
    *("activationActivate", "deputySignIn", "accountClose", "recordTicketCreate", "recordTicketCreateForRelative"),
}
"""Without a retry key: what judges a secret, or sends one, is good for one try; a code that was used says so."""
FORWARD = {"Query.collectiveFilingCheck"}
"""A dry run judges one nurse after the other, from the start to the end."""


def test_the_checked_in_schema_is_the_schema() -> None:
    """`make schema` writes it."""
    written = Path(graph.root.__file__).with_name("schema.graphql").read_text(encoding="utf-8")
    assert written == f"{print_schema(graph.root.schema)}\n"


def undescribed() -> Iterator[str]:
    """The types and fields that say nothing to their reader."""
    for name, kind in OURS.items():
        if not kind.description and not is_specified_scalar_type(kind):
            yield name
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
            yield from (f"{name}.{field}" for field, found in kind.fields.items() if not found.description)
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
            for field, found in kind.fields.items():
                yield from (f"{name}.{field}({one}:)" for one, given in found.args.items() if not given.description)
        if isinstance(kind, GraphQLEnumType):
            yield from (f"{name}.{value}" for value, found in kind.values.items() if not found.description)


CLOSED = {
    **{"ReviewDecision.stage": "DecisionStage", "ReviewDecision.outcome": "DecisionOutcome"},
    **{"ApplicationEvent.outcome": "DecisionOutcome", "Authority.level": "AuthorityLevel", "Event.type": "EventType"},
}
"""What has a closed set of values is an enum (F36)."""


@pytest.mark.parametrize("field", CLOSED)
def test_what_has_a_closed_set_of_values_is_an_enum(field: str) -> None:
    name, _, of = field.partition(".")
    assert get_named_type(OURS[name].fields[of].type).name == CLOSED[field]


def test_no_string_lists_its_values_in_its_description() -> None:
    """Two words in capitals are a closed set that wants to be an enum."""
    strings = {
        f"{name}.{field}": found.description
        for name, kind in OURS.items()
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType)
        for field, found in kind.fields.items()
        if get_named_type(found.type).name == "String"
    }
    assert {
        field for field, text in strings.items() if len(re.findall(r"\b(?!POST|JSON)[A-Z][A-Z_]{3,}\b", text or "")) > 1
    } == set()


def test_every_type_field_argument_and_enum_value_has_a_description() -> None:
    assert list(undescribed()) == []


def test_descriptions_are_sentences() -> None:
    texts = {kind.description for kind in OURS.values() if not is_specified_scalar_type(kind)}
    assert [text for text in texts if text and text.rstrip()[-1] not in ".)"] == []


def test_enum_values_are_spelled_as_programs_want_them() -> None:
    enums = [kind for kind in OURS.values() if isinstance(kind, GraphQLEnumType)]
    assert [value for kind in enums for value in kind.values if value != value.upper()] == []


@pytest.mark.parametrize("mutation", MUTATIONS)
def test_a_mutation_names_its_input_payload_and_result_by_one_rule(mutation: str) -> None:
    field, title = MUTATIONS[mutation], SHARED.get(mutation, mutation[0].upper() + mutation[1:])
    result = get_named_type(field.type)
    assert mutation.startswith(OBJECTS)
    assert [*field.args] in ([], ["input"])
    assert all(str(argument.type).endswith("Input!") for argument in field.args.values())
    assert str(field.type) == f"{title}Result!"
    assert isinstance(result, GraphQLUnionType)
    assert result.types[0].name == f"{title}Payload"
    assert {kind.name for kind in result.types[1:]} >= REFUSED[mutation] >= {"NotAllowedProblem", "ValidationProblem"}


def test_a_result_names_only_the_problems_that_a_mutation_with_it_can_have() -> None:
    named, had = dict[str, set[str]](), dict[str, set[str]]()
    for name, field in MUTATIONS.items():
        result = get_named_type(field.type)
        assert isinstance(result, GraphQLUnionType)
        named[result.name] = {kind.name for kind in result.types[1:]}
        had.setdefault(result.name, set()).update(REFUSED[name])
    assert named == had
    assert set().union(*named.values()) == PROBLEMS


def test_every_problem_implements_the_interface_and_nothing_else_does() -> None:
    problem = CORE.type_map["Problem"]
    assert isinstance(problem, GraphQLInterfaceType)
    assert {kind.name for kind in CORE.get_possible_types(problem)} == PROBLEMS


def test_every_input_of_a_step_can_be_sent_again() -> None:
    inputs = {
        name: {*get_named_type(field.args["input"].type).fields} for name, field in MUTATIONS.items() if field.args
    }
    assert {name for name, given in inputs.items() if "idempotencyKey" not in given} == ONCE - {"signOut"}


def test_every_connection_pages_both_ways_and_shows_edges_and_nodes() -> None:
    connections = {name: kind for name, kind in OURS.items() if name.endswith("Connection")}
    shown = {"edges", "nodes", "pageInfo"}
    counted = {"totalCount", "totalCountIsCapped"}
    assert connections
    assert [name for name, kind in connections.items() if not shown <= {*kind.fields}] == []  # type: ignore[attr-defined]
    assert {name for name, kind in connections.items() if not counted <= {*kind.fields}} == set()  # type: ignore[attr-defined]
    paged = {f"{owner}.{name}" for owner, name, field in FIELDS if get_named_type(field.type).name in connections}
    assert [name for name in paged if not {"first", "after"} <= arguments(name)] == []
    assert {name for name in paged if not {"last", "before"} <= arguments(name)} == FORWARD
    assert "Query.pendingReviews" in paged


def test_no_list_of_objects_is_without_a_bound() -> None:
    """Groups, the answer to `nodes(ids:)` and what one input or form has are bounded by themselves."""
    paged = {
        get_named_type(field.type).name for _, _, field in FIELDS if "first" in field.args and not is_list(field.type)
    }
    lists = [(owner.name, name, field) for owner, name, field in FIELDS if is_list(field.type)]
    unbounded = {f"{owner}.{name}" for owner, name, field in lists if "first" not in field.args and owner not in paged}
    assert unbounded == {
        "Application.checklist",
        "Application.formProblems",
        "ApprovalSettingChoice.choices",
        "CertificateBlanksUsePayload.certificateBlanks",
        "CertificatesHandOutPayload.certificateBlanks",
        "CertificatesHandOutWithdrawPayload.certificateBlanks",
        "CollectiveFilingCheckItem.changes",
        "CollectiveFilingCheckItem.notes",
        "CollectiveFilingCheckItem.problems",
        "CollectiveFilingItem.problems",
        "Eligibility.openApplications",
        "Eligibility.verdicts",
        "FormDefinition.fields",
        "FormField.choices",
        "PendingReviewCounts.counts",
        "PhotoArchiveFilePayload.items",
        "PhotoArchiveItem.problems",
        "Entrance.manuals",
        "GuestQuestion.messages",
        "HelpSeen.applications",
        "Query.applicationKinds",
        "Query.faqVersions",
        "Query.faqs",
        "Query.approvalSettingChoices",
        "Query.informationDefinition",
        "Query.nodes",
        "Query.nurseCounts",
        "Query.reviewReasons",
        "RosterCheck.notes",
        "RosterCheckRow.changes",
        "RosterCheckRow.problems",
        "ValidationProblem.fields",
        "WorkHandoverPayload.items",
    }


FIELDS = [
    (owner, name, field)
    for owner in OURS.values()
    if isinstance(owner, GraphQLObjectType)
    for name, field in owner.fields.items()
]


def arguments(path: str) -> set[str]:
    """The arguments of a field, named as `Query.events`."""
    (found,) = [field for owner, name, field in FIELDS if f"{owner}.{name}" == path]
    return {*found.args}


def is_list(kind: object) -> bool:
    """A list of objects."""
    nullable = get_nullable_type(kind)  # type: ignore[call-overload]
    inner = get_named_type(kind)  # type: ignore[call-overload]
    return is_list_type(nullable) and isinstance(nullable, GraphQLList) and is_composite(inner)


def is_composite(kind: object) -> bool:
    """Something with fields."""
    return is_object_type(kind) or isinstance(kind, GraphQLInterfaceType | GraphQLUnionType)
