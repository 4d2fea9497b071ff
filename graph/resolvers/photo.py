"""Photos of nurses: handed in, filed, reviewed."""

from __future__ import annotations

from typing import Annotated, Final

import strawberry

from graph.context import Context
from graph.resolvers import mutation
from graph.resolvers.act import retry_key, shown
from graph.resolvers.mutation import Fields, Mutation
from graph.resolvers.shown import Shows
from graph.schema import photo as schema
from graph.schema.page import Connection, Taken, listed
from graph.schema.problem import FieldProblem
from workflow import photo_archive
from workflow.photo import PhotoEscalate, PhotoFile, PhotoUpload, PhotoWithdraw, upload
from workflow.photo_archive import PhotoArchiveFile
from workflow.photo_review import PhotoApprove, PhotoReject

Where = Annotated[schema.PhotoWhere | None, strawberry.argument(description="Only those for which this holds.")]
OrderBy = Annotated[
    list[schema.PhotoOrder] | None,
    strawberry.argument(description="The columns to order by; the newest first unless told."),
]
_SHOWN: Final = Shows("Photo")


async def _upload(context: Context, input: schema.PhotoUploadInput) -> Fields:
    key = await upload(context.db, context.signed_in, input.file, retry_key(input), cut=input.cut)
    return {"photo": await shown(context, "Photo", key)}


def _file(input: schema.PhotoStepInput) -> PhotoFile:
    return PhotoFile(*input.seen(), idempotency_key=retry_key(input))


def _withdraw(input: schema.PhotoStepInput) -> PhotoWithdraw:
    return PhotoWithdraw(*input.seen(), idempotency_key=retry_key(input))


def _escalate(input: schema.PhotoStepInput) -> PhotoEscalate:
    return PhotoEscalate(*input.seen(), idempotency_key=retry_key(input))


def _approve(input: schema.PhotoStepInput) -> PhotoApprove:
    return PhotoApprove(*input.seen(), idempotency_key=retry_key(input))


def _reject(input: schema.PhotoRejectInput) -> PhotoReject:
    return PhotoReject(*input.seen(), tuple(input.reasons), input.opinion, idempotency_key=retry_key(input))


def _item(judged: photo_archive.Judged, context: Context) -> schema.PhotoArchiveItem:
    row = judged.row
    return schema.PhotoArchiveItem(
        line=row.line,
        file_name=row.file,
        problems=[FieldProblem.of(one, context.language) for one in row.problems],
        warnings=[] if row.problems else [*row.measured.warnings()],
        nurse_id=judged.nurse_id,
    )


async def _file_all(context: Context, input: schema.PhotoArchiveFileInput) -> Fields:
    db, session, retry, tries = context.db, context.signed_in, retry_key(input), input.try_only
    judged, left = await photo_archive.file_all(db, session, input.archive, retry, cut=input.cut, try_only=tries)
    items = [_item(one, context) for one in judged]
    return {"filed": 0 if tries else len(judged), "items": items, "unnamed_files": [*left]}


MUTATIONS: Final = (
    Mutation(
        PhotoUpload,
        schema.PhotoUploadInput,
        schema.PhotoPayload,
        "Hand in a picture of yourself (上传相片, N15), as a multipart request: it is looked into, and nobody sees it "
        "before you file it.",
        _upload,
    ),
    mutation.of(
        PhotoFile,
        schema.PhotoStepInput,
        schema.PhotoPayload,
        "File it as your photo (提交相片, N15), in place of one that waits: it takes effect when your institution "
        "agrees; before your first registration at once, or with the application that is under way.",
        _file,
        _SHOWN,
    ),
    mutation.of(
        PhotoWithdraw,
        schema.PhotoStepInput,
        schema.PhotoPayload,
        "Take a photo back that nobody has decided on (撤回相片, N15).",
        _withdraw,
        _SHOWN,
    ),
    mutation.of(
        PhotoEscalate,
        schema.PhotoStepInput,
        schema.PhotoPayload,
        "Have your 注册机关 review it, where your institution has not for ten working days, or nobody there may.",
        _escalate,
        _SHOWN,
    ),
    mutation.of(
        PhotoApprove,
        schema.PhotoStepInput,
        schema.PhotoPayload,
        "Agree to a photo (相片审核: 同意, I15): it is on record from now on.",
        _approve,
        _SHOWN,
    ),
    mutation.of(
        PhotoReject,
        schema.PhotoRejectInput,
        schema.PhotoPayload,
        "Do not agree to a photo, with reasons (相片审核: 不同意, I15).",
        _reject,
        _SHOWN,
    ),
    Mutation(
        PhotoArchiveFile,
        schema.PhotoArchiveFileInput,
        schema.PhotoArchiveFilePayload,
        "Put photos of many nurses of yours on record (批量上传相片), all or none, at once; each is told, and can file "
        "another. Try it first (预检): `tryOnly` says what is wrong.",
        _file_all,
    ),
)


@strawberry.type
class PhotoQuery:
    """Looking."""

    photos = listed(
        "photos",
        Connection[schema.Photo],
        "Photos, newest first: your own, or those of the nurses registered with you (相片审核, I15), for those who may "
        "see them.",
        where=Taken(Where),
        orderBy=Taken(OrderBy),
    )
