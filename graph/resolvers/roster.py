"""An institution's roster beside its own list (名册核对, I9): compared, and set right for many at once."""

from __future__ import annotations

from typing import Final

import strawberry

from graph.context import Context
from graph.resolvers import mutation
from graph.resolvers.act import retry_key
from graph.resolvers.shown import Shows
from graph.schema import roster as schema
from graph.schema.node import key_of
from graph.schema.page import Connection, listed
from workflow.roster import RosterCompare, wish
from workflow.roster_step import RosterEdit, RosterReportDepartures, RosterUndo

NOUN: Final = "RosterCheck"


async def _compare(context: Context, input: schema.RosterCompareInput) -> RosterCompare:
    return await wish(context.db, context.signed_in, input.csv.content, retry_key(input))


def _edit(input: schema.RosterStepInput) -> RosterEdit:
    return RosterEdit(key_of(NOUN, input.id), tuple(input.places), input.dry_run, idempotency_key=retry_key(input))


def _departures(input: schema.RosterReportDeparturesInput) -> RosterReportDepartures:
    rows = (key_of(NOUN, input.id), tuple(input.places), input.dry_run)
    left = (input.reason, input.left_on, input.remarks)
    return RosterReportDepartures(*rows, *left, idempotency_key=retry_key(input))


def _undo(input: schema.RosterStepInput) -> RosterUndo:
    return RosterUndo(key_of(NOUN, input.id), tuple(input.places), input.dry_run, idempotency_key=retry_key(input))


_SHOWN: Final = Shows(NOUN)
MUTATIONS: Final = (
    mutation.prepared(
        RosterCompare,
        schema.RosterCompareInput,
        schema.RosterPayload,
        "Compare your roster with your own list (名册核对, I9): what is equal, what differs, who is in one only.",
        _compare,
        _SHOWN,
    ),
    mutation.of(
        RosterEdit,
        schema.RosterStepInput,
        schema.RosterPayload,
        "Write 科室 and 职务 as the list has them (I27), for many rows that differ; all of them, or none.",
        _edit,
        _SHOWN,
    ),
    mutation.of(
        RosterReportDepartures,
        schema.RosterReportDeparturesInput,
        schema.RosterPayload,
        "Report that nurses who are in no row have left (离职报告); all of them, or none.",
        _departures,
        _SHOWN,
    ),
    mutation.of(
        RosterUndo,
        schema.RosterStepInput,
        schema.RosterPayload,
        "Undo what you did for these rows by mistake, within ten working days (撤销): all of them, or none.",
        _undo,
        _SHOWN,
    ),
)


@strawberry.type
class RosterQuery:
    """Looking."""

    roster_checks = listed(
        "rosterChecks",
        Connection[schema.RosterCheck],
        "Your last comparison of the roster with a list (名册核对); nobody else sees it.",
    )
