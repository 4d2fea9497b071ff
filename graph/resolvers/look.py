"""Looks at somebody's data, complaints about one, and the audit trail of an area."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final

import strawberry

from graph.resolvers import mutation
from graph.resolvers.act import retry_key
from graph.resolvers.shown import Shows
from graph.schema import look as schema
from graph.schema.node import key_of
from graph.schema.page import REQUIRED, Connection, Taken, listed
from workflow.investigation import InvestigationConfirm, InvestigationOpen
from workflow.look_complaint import LookComplain, LookComplaintAnswer

Where = Annotated[schema.AuditWhere | None, strawberry.argument(description="Only those for which this holds.")]
Complaints = Annotated[
    schema.LookComplaintWhere | None, strawberry.argument(description="Only those for which this holds.")
]
Since = Annotated[datetime, strawberry.argument(description="From this moment on.")]
Until = Annotated[datetime, strawberry.argument(description="Up to this moment, at most 92 days in all.")]
Within = Annotated[
    strawberry.ID | None,
    strawberry.argument(
        description="Only from this institution, or this authority and all below it, or about this nurse, by global id."
    ),
]
_SHOWN: Final = Shows("LookComplaint")


def _complain(input: schema.LookComplainInput) -> LookComplain:
    return LookComplain(key_of("Look", input.look_id), input.words, idempotency_key=retry_key(input))


def _answer(input: schema.LookComplaintAnswerInput) -> LookComplaintAnswer:
    return LookComplaintAnswer(*input.seen(), input.upheld, input.answer, idempotency_key=retry_key(input))


def _open(input: schema.InvestigationOpenInput) -> InvestigationOpen:
    said = (input.case_number, input.legal_ground, input.withheld_until)
    return InvestigationOpen(*said, idempotency_key=retry_key(input))


def _confirm(input: schema.InvestigationConfirmInput) -> InvestigationConfirm:
    return InvestigationConfirm(*input.seen(), idempotency_key=retry_key(input))


_INVESTIGATION: Final = Shows("Investigation")
MUTATIONS: Final = (
    mutation.of(
        InvestigationOpen,
        schema.InvestigationOpenInput,
        schema.InvestigationPayload,
        "Open an investigation (调查立案), for deciders and supervisors: nothing is withheld before "
        "another confirms it.",
        _open,
        _INVESTIGATION,
    ),
    mutation.of(
        InvestigationConfirm,
        schema.InvestigationConfirmInput,
        schema.InvestigationPayload,
        "Confirm a colleague's investigation (确认调查): looks of you two under it are withheld until its day.",
        _confirm,
        _INVESTIGATION,
    ),
    mutation.of(
        LookComplain,
        schema.LookComplainInput,
        schema.LookComplaintPayload,
        "Complain about a look at your data (查阅投诉): the authority that supervises that place sees who looked, and "
        "answers.",
        _complain,
        _SHOWN,
    ),
    mutation.of(
        LookComplaintAnswer,
        schema.LookComplaintAnswerInput,
        schema.LookComplaintPayload,
        "Answer a complaint about a look (答复查阅投诉), for supervisors of the authority that answers; not "
        "about one's own look.",
        _answer,
        _SHOWN,
    ),
)


@strawberry.type
class LookQuery:
    """Looking."""

    looks = listed(
        "looks",
        Connection[schema.Look],
        "Who looked at your data (查阅记录), newest first, for nurses: found, verified, printed or downloaded.",
    )
    look_complaints = listed(
        "lookComplaints",
        Connection[schema.LookComplaint],
        "Complaints about looks (查阅投诉), newest first: your own, or those that your authority answers, for its "
        "supervisors.",
        where=Taken(Complaints),
    )
    investigations = listed(
        "investigations",
        Connection[schema.Investigation],
        "Investigations (调查) of your authority, newest first, for its deciders and supervisors; for supervisors also "
        "of those below, with how many looks each withholds.",
    )
    audit_entries = listed(
        "auditEntries",
        Connection[schema.AuditEntry],
        "The audit trail (审计日志) of your authority, of those below it and of the institutions that they licensed, "
        "newest first, for supervisors. Each reading is an entry itself.",
        since=Taken(Since, REQUIRED),
        until=Taken(Until, REQUIRED),
        within=Taken(Within),
        where=Taken(Where),
    )
