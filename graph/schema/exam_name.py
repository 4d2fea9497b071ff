"""Settling a name of the exam library by the province: what it takes and what it answers."""

from __future__ import annotations

from datetime import datetime

import strawberry

from graph.schema.query import query_after
from graph.schema.step import IdempotentInput
from rules.identity import DocumentType


@strawberry.type
class UndecidedName:
    """An account whose name the exam library cannot spell: a province settles it (待核定姓名)."""

    account_id: strawberry.ID = strawberry.field(description="The account's global id.")
    name: str = strawberry.field(description="姓名, as she gave it.")
    document_type: DocumentType = strawberry.field(description="证件类型.")
    id_number_masked: str = strawberry.field(description="证件号码, masked; the whole one stands on the originals.")
    province: str | None = strawberry.field(
        description="The first two digits of a resident's number: the province that gave it out (11 is Beijing)."
    )
    recorded_name: str | None = strawberry.field(description="考试库姓名: the exam library's spelling.")
    exam_year: int | None = strawberry.field(description="考试年度 of the latest examination under this number.")
    registered_at: datetime = strawberry.field(description="注册时间: since when the account waits.")


@strawberry.input
class NurseSettleExamNameInput(IdempotentInput):
    """The person whose name it is, as you have read it off the originals."""

    name: str = strawberry.field(description="姓名, as the identity document has it.")
    document_type: DocumentType = strawberry.field(default=DocumentType.RESIDENT_ID, description="证件类型.")
    id_number: str = strawberry.field(description="证件号码.")
    evidence: str = strawberry.field(description="证明材料, up to 1,000 characters; it is kept with the exam's record.")


@strawberry.interface
class SettledNamePayload:
    """The exam library has this name from now on; an account that waited for it was compared again."""

    name: str = strawberry.field(description="姓名, as it is kept.")
    id_number_masked: str = strawberry.field(description="证件号码, masked.")

    query = query_after("Anything else you want to read after the step.")
