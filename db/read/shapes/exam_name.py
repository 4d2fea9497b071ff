"""Accounts that wait for the province to settle a name of the exam library (待核定姓名): the shape, and the list."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sqlalchemy import Text, and_, case, func, select, true

from db.read import scope
from db.read.listing import Listing
from db.read.shape import Shape, global_id, plain
from db.read.viewer import Readers
from db.store.tables import account
from db.store.tables_account import exam_record
from rules.identity import DocumentType
from rules.people import Role

_hers: Final = and_(
    exam_record.c.document_type == account.c.document_type, exam_record.c.id_number_index == account.c.id_number_index
)
_exam: Final = (
    select(exam_record.c.name, exam_record.c.year)
    .where(_hers)
    .order_by(exam_record.c.year.desc(), exam_record.c.passed_on.desc())
    .limit(1)
    .lateral("exam")
)
# Where the number was given out, which is most often where she studied; other documents do not tell.
_province: Final = case(
    (account.c.document_type == DocumentType.RESIDENT_ID, func.left(account.c.id_number_masked, 2, type_=Text))
)

SHAPES: Final[Mapping[str, Shape]] = {
    "UndecidedName": Shape(
        account.outerjoin(_exam, true()),
        account.c.id,
        scope.undecided_names,
        {
            "accountId": global_id("Account", account.c.id),
            "name": account.c.display_name,
            **plain(account, "documentType", "idNumberMasked"),
            "province": _province,
            "recordedName": _exam.c.name,
            "examYear": _exam.c.year,
            "registeredAt": account.c.created_at,
        },
    ),
}
LISTINGS: Final[Mapping[str, Listing]] = {
    "undecidedNames": Listing(
        "UndecidedName",
        SHAPES["UndecidedName"].source,
        lambda viewer, *_: scope.undecided_names(viewer),
        account.c.id,
        {"registeredAt": account.c.created_at},
        (("registeredAt", False),),
        {"name": account.c.display_name, "province": _province, "registeredAt": account.c.created_at},
        readers=Readers(roles=(Role.PROVINCIAL_ADMIN,)),
    ),
}
