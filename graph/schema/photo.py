"""Photos of nurses (个人相片, N15, I15)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import strawberry

from graph.schema.filter import UNSET, Among, MomentFilter, NumberFilter, TextFilter
from graph.schema.link import link
from graph.schema.node import Node, key_of
from graph.schema.nurse import Nurse
from graph.schema.problem import FieldProblem
from graph.schema.query import query_after
from graph.schema.step import IdempotentInput
from rules.label import Labelled
from rules.material import UploadedFile
from rules.people import Party
from rules.photo import PhotoReason, PhotoState, PhotoWarning

for listed in (PhotoReason, PhotoState, PhotoWarning):
    strawberry.enum(listed)


@strawberry.type
class Photo(Node):
    """A photo of a nurse (个人相片): 354×472 pixels, at most 80 KB; the picture comes with a ticket
    (`downloadTicketCreate(file: PHOTO)`).
    """

    nurse_name: str = strawberry.field(description="姓名.")
    id_number_masked: str = strawberry.field(description="证件号, masked.")
    state: PhotoState = strawberry.field(description="Where it stands.")
    filed_by: Party = strawberry.field(description="Who handed it in.")
    size: int = strawberry.field(description="In bytes, as it is kept.")
    white_border: int = strawberry.field(
        description="Of a hundred points along the upper border, how many are near white (白底)."
    )
    cut: bool = strawberry.field(description="Whether it may have been cut and scaled from a larger one.")
    warnings: list[PhotoWarning] = strawberry.field(
        description="What a person should look at; it stands in nobody's way."
    )
    reasons: list[PhotoReason] = strawberry.field(description="Why it was not agreed to.")
    opinion: str | None = strawberry.field(description="意见: the reviewer's words beside them.")
    version: int = strawberry.field(description="Rises with every step; give it back as `expectedVersion`.")
    created_at: datetime = strawberry.field(description="上传时间.")
    queued_at: datetime | None = strawberry.field(description="Since when it waits where it is; null while not filed.")
    escalated_at: datetime | None = strawberry.field(
        description="When her 注册机关 took over the review, which is her institution's otherwise."
    )
    decided_at: datetime | None = strawberry.field(description="审核时间.")
    ended_at: datetime | None = strawberry.field(
        description="When it was refused, taken back, or another took its place; 90 days later the picture is erased."
    )
    erased: bool = strawberry.field(description="Whether the picture is erased, and only this is left of it.")
    nurse_id: strawberry.Private[UUID]
    nurse = link(Nurse, "nurse_id", "Whose it is, with her whole record, while you may read it.")


@strawberry.input
class PhotoStateFilter(Among[PhotoState]):
    """Compares where photos stand."""


@strawberry.input
class PhotoWhere:
    """Conditions on photos; all that is given must hold."""

    and_: list[PhotoWhere] | None = strawberry.field(default=UNSET, name="and", description="All of these.")
    or_: list[PhotoWhere] | None = strawberry.field(default=UNSET, name="or", description="At least one of these.")
    not_: PhotoWhere | None = strawberry.field(default=UNSET, name="not", description="Not this.")
    state: PhotoStateFilter | None = strawberry.field(default=UNSET, description="Where they stand.")
    created_at: MomentFilter | None = strawberry.field(default=UNSET, description="上传时间.")
    queued_at: MomentFilter | None = strawberry.field(default=UNSET, description="提交时间.")
    decided_at: MomentFilter | None = strawberry.field(default=UNSET, description="审核时间.")
    nurse_name: TextFilter | None = strawberry.field(default=UNSET, description="姓名: by equality or its beginning.")
    id_number: NumberFilter | None = strawberry.field(default=UNSET, description="证件号.")


@strawberry.enum
class PhotoOrder(Labelled):
    """One column to order photos by; rows that are equal in all of them keep the order of their ids."""

    CREATED_AT_ASC = "createdAt", "上传时间，从早到晚"
    CREATED_AT_DESC = "-createdAt", "上传时间，从晚到早"
    QUEUED_AT_ASC = "queuedAt", "等待时间，从长到短"
    QUEUED_AT_DESC = "-queuedAt", "等待时间，从短到长"
    DECIDED_AT_ASC = "decidedAt", "审核时间，从早到晚"
    DECIDED_AT_DESC = "-decidedAt", "审核时间，从晚到早"


@strawberry.input
class PhotoUploadInput(IdempotentInput):
    """A picture of oneself."""

    file: UploadedFile = strawberry.field(
        description="JPEG or PNG by what is inside: upright, 354×472 pixels, at most 80 KB."
    )
    cut: bool = strawberry.field(
        default=False,
        description="自动裁剪: a larger picture, up to 5 MiB, is cut to these sides and scaled. Look at it before you "
        "file it.",
    )


@strawberry.input
class PhotoStepInput(IdempotentInput):
    """One step on one photo."""

    id: strawberry.ID = strawberry.field(description="The photo's global id.")
    expected_version: int = strawberry.field(description="Its `version` as you last read it.")

    def seen(self) -> tuple[UUID, int]:
        """The photo, and the version of it that was seen."""
        return key_of("Photo", self.id), self.expected_version


@strawberry.input
class PhotoRejectInput(PhotoStepInput):
    """Disagreement."""

    reasons: list[PhotoReason] = strawberry.field(description="理由, one at least; she reads them.")
    opinion: str | None = strawberry.field(default=None, description="意见, up to 500 characters; needed with OTHER.")


@strawberry.type
class PhotoArchiveItem:
    """One row of an archive's sheet, as filing would judge it now."""

    line: int = strawberry.field(description="Its row in the sheet.")
    file_name: str = strawberry.field(description="文件名, as the sheet says it.")
    problems: list[FieldProblem] = strawberry.field(
        description="What stands in its way; `path` is `idNumber`, `file` or `nurse`."
    )
    warnings: list[PhotoWarning] = strawberry.field(description="What a person should look at.")
    nurse_id: strawberry.Private[UUID | None]
    nurse = link(Nurse, "nurse_id", "Whom it is about, where she is one of yours.")


@strawberry.input
class PhotoArchiveFileInput(IdempotentInput):
    """Photos of many nurses of yours."""

    archive: UploadedFile = strawberry.field(
        description="相片压缩包: a .zip of at most 5 MiB, with up to 100 pictures and one sheet (.xlsx, .xls or .csv) "
        "that has a column 身份证号 and a column 文件名, and 姓名 if you like; sent as a multipart request."
    )
    cut: bool = strawberry.field(default=False, description="自动裁剪: larger pictures are cut and scaled.")
    try_only: bool = strawberry.field(default=False, description="预检: only say what is wrong, and file nothing.")


@strawberry.type
class PhotoArchiveFilePayload:
    """All photos are on record, or were tried."""

    filed: int = strawberry.field(description="How many are on record now: all, or none where it was only tried.")
    items: list[PhotoArchiveItem] = strawberry.field(description="The rows of the sheet, in its order.")
    unnamed_files: list[str] = strawberry.field(
        description="名单未列的文件: the files in the archive that no row names, which were left aside."
    )

    query = query_after("Anything else you want to read after the step.")


@strawberry.interface
class PhotoPayload:
    """The step was taken."""

    photo: Photo = strawberry.field(description="The photo as it stands now.")

    query = query_after("Anything else you want to read after the step.")
