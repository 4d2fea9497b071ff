"""Units of an institution (科室病区): set up, staffed, and seen by their ward heads."""

from __future__ import annotations

from typing import Annotated, Final

import strawberry

from graph.resolvers import mutation
from graph.resolvers.act import optional_key, retry_key
from graph.resolvers.application_step import seen
from graph.resolvers.shown import Names, Shows
from graph.schema import unit as schema
from graph.schema.institution import InstitutionPayload
from graph.schema.node import key_of, keys_of
from graph.schema.page import Connection, Taken, listed
from graph.schema.staff import StaffPayload
from graph.schema.step import ApplicationGonePayload
from workflow.pre_review import ApplicationPreReview
from workflow.unit import UnitAssign, UnitChange, UnitClose, UnitCreate
from workflow.unit_limit import StaffSetUnits

Where = Annotated[schema.WardNurseWhere | None, strawberry.argument(description="Only nurses like these.")]
OrderBy = Annotated[
    list[schema.WardNurseOrder] | None,
    strawberry.argument(description="The columns to order by; by name unless told."),
]
OnlyOpen = Annotated[bool, strawberry.argument(description="Only those that are not closed.")]
_SHOWN: Final = Shows("Unit")


def _create(input: schema.UnitCreateInput) -> UnitCreate:
    what = (input.name, input.kind, input.department, input.other_department)
    return UnitCreate(*what, optional_key("Unit", input.parent), idempotency_key=retry_key(input))


def _change(input: schema.UnitChangeInput) -> UnitChange:
    what = (input.name, input.department, input.other_department)
    return UnitChange(key_of("Unit", input.id), input.expected_version, *what, idempotency_key=retry_key(input))


def _close(input: schema.UnitStepInput) -> UnitClose:
    return UnitClose(key_of("Unit", input.id), input.expected_version, idempotency_key=retry_key(input))


def _assign(input: schema.UnitAssignInput) -> UnitAssign:
    to = optional_key("Unit", input.unit)
    return UnitAssign(keys_of("Nurse", input.ids), to, idempotency_key=retry_key(input))


def _limit(input: schema.StaffSetUnitsInput) -> StaffSetUnits:
    key, units = key_of("Account", input.id), keys_of("Unit", input.units, "units")
    return StaffSetUnits(key, units, idempotency_key=retry_key(input))


def _pre_review(input: schema.ApplicationPreReviewInput) -> ApplicationPreReview:
    return ApplicationPreReview(*seen(input), input.confirmed, input.note, idempotency_key=retry_key(input))


MUTATIONS: Final = (
    mutation.of(
        UnitCreate,
        schema.UnitCreateInput,
        schema.UnitPayload,
        "Set up a campus or a ward of your institution (新增院区、科室病区); for managers.",
        _create,
        _SHOWN,
    ),
    mutation.of(
        UnitChange,
        schema.UnitChangeInput,
        schema.UnitPayload,
        "Give a unit another name or department (修改科室病区); for managers.",
        _change,
        _SHOWN,
    ),
    mutation.of(
        UnitClose,
        schema.UnitStepInput,
        schema.UnitPayload,
        "Close a unit to which nobody belongs any more (撤销科室病区); for managers.",
        _close,
        _SHOWN,
    ),
    mutation.of(
        UnitAssign,
        schema.UnitAssignInput,
        InstitutionPayload,
        "Say to which unit nurses of yours belong (调整科室病区), or that they belong to none; a rotation (轮转) is no "
        "reason to.",
        _assign,
        Shows("Institution"),
    ),
    mutation.of(
        StaffSetUnits,
        schema.StaffSetUnitsInput,
        StaffPayload,
        "Limit a colleague to units (限定科室病区): from then on she has to do with their nurses alone; for managers.",
        _limit,
        Shows("Account"),
    ),
    mutation.of(
        ApplicationPreReview,
        schema.ApplicationPreReviewInput,
        ApplicationGonePayload,
        "Say whether the facts of an application are right (预审): a note for whoever reviews it; for ward heads.",
        _pre_review,
        Names("Application", "application_id"),  # a ward head does not read the application
    ),
)


@strawberry.type
class UnitQuery:
    """Looking."""

    units = listed(
        "units",
        Connection[schema.Unit],
        "The units of your institution (院区、科室病区), by name; of a nurse the one that she belongs to.",
        onlyOpen=Taken(OnlyOpen, False),
    )
    ward_nurses = listed(
        "wardNurses",
        Connection[schema.WardNurse],
        "Name and standing of the nurses of your units (本病区护士); of all your institution where you have no limit.",
        where=Taken(Where),
        orderBy=Taken(OrderBy),
    )
