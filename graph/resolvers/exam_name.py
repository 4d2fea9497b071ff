"""Settling names of the exam library."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Final

import strawberry

from graph.context import Context
from graph.resolvers.act import retry_key
from graph.resolvers.mutation import Fields, Mutation
from graph.schema.exam_name import NurseSettleExamNameInput, SettledNamePayload, UndecidedName
from graph.schema.filter import UndecidedNameWhere
from graph.schema.page import Connection, Taken, listed
from rules.exam_name import SettledName, checked
from rules.privacy import mask_id_number
from workflow.exam_name import NurseSettleExamName, settle

Where = Annotated[UndecidedNameWhere | None, strawberry.argument(description="Only names like these.")]


@strawberry.type
class ExamNameQuery:
    """Looking."""

    undecided_names = listed(
        "undecidedNames",
        Connection[UndecidedName],
        "The accounts whose names wait for a province (待核定姓名), the longest wait first; for provincial admins.",
        where=Taken(Where),
    )


async def _settle(context: Context, input: NurseSettleExamNameInput) -> Fields:
    given = SettledName(input.name, input.document_type, input.id_number, input.evidence)
    await settle(context.db, context.signed_in, NurseSettleExamName(given, idempotency_key=retry_key(input)))
    context.forget()
    name, identity, _ = checked(given, date.max)
    return {"name": name, "id_number_masked": mask_id_number(identity.number)}


MUTATIONS: Final = (
    Mutation(
        NurseSettleExamName,
        NurseSettleExamNameInput,
        SettledNamePayload,
        "Settle a name that the exam library spells with pinyin, a description or a private code in the place of a "
        "character (考试库姓名核定); for provincial admins.",
        _settle,
    ),
)
