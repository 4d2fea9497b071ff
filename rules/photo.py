"""Photos (个人相片, N15): what a picture must be, what is told of it, and who may decide on it.

A machine measures; whether it is she, and recent, a person says. A head covering or a disfigured face is no fault here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from rules.conflict import Situation
from rules.errors import Conflict, FieldProblem, Invalid, NotAllowed, Together, Words
from rules.label import Labelled
from rules.material import MediaType, named, picture_type, unreadable
from rules.registration import Registration, RegistrationStatus
from rules.wording import remark

WIDTH, HEIGHT, BYTES = 354, 472, 80 * 1024
NEVER_FILED: Final = timedelta(days=7)
"""The time after which an upload that was never filed is deleted."""
ERASED_AFTER: Final = timedelta(days=90)
"""The time after which a picture that was refused or replaced is erased; its index stays."""
WHITE_ENOUGH: Final = 90
"""Of a hundred points along the border, so many near white are a white background."""


class PhotoState(Labelled):
    """The state of a photo (相片状态)."""

    UPLOADED = "UPLOADED", "待提交"
    PENDING = "PENDING", "待审核"
    CURRENT = "CURRENT", "使用中"
    REJECTED = "REJECTED", "不同意"
    REPLACED = "REPLACED", "已被替换"
    WITHDRAWN = "WITHDRAWN", "已撤回"


ENDED: Final = frozenset({PhotoState.REJECTED, PhotoState.REPLACED, PhotoState.WITHDRAWN})
"""The states of what nobody uses any more, and is erased."""


class PhotoReason(Labelled):
    """A reason why a photo is not agreed to (相片不同意理由): what a person sees, and no machine."""

    NOT_HERSELF = "NOT_HERSELF", "不是本人"
    NOT_RECENT = "NOT_RECENT", "不是近六个月内的相片"
    NOT_FRONTAL = "NOT_FRONTAL", "不是正面证件照"
    FACE_UNCLEAR = "FACE_UNCLEAR", "面部不清晰"
    HEADWEAR = "HEADWEAR", "戴帽（民族习惯、疾病等原因除外）"
    BACKGROUND = "BACKGROUND", "背景不是白色"
    RETOUCHED = "RETOUCHED", "修饰过度，与本人不符"
    OTHER = "OTHER", "其他"


class PhotoWarning(Labelled):
    """A finding that stands in nobody's way, told to her and to the reviewer (相片提示)."""

    BACKGROUND_NOT_WHITE = "BACKGROUND_NOT_WHITE", "相片边缘不是白色，请确认为白底证件照"
    GREY = "GREY", "相片为黑白，请确认"


@dataclass(frozen=True, slots=True)
class Measured:
    """A picture as the process has measured it, upright: `fault` is the code of what kept it from being opened."""

    fault: str = ""
    width: int = 0
    height: int = 0
    frames: int = 1
    blank: bool = False
    grey: bool = False
    white: int = 0
    """Of a hundred points along the border, how many are near white."""

    @property
    def exact(self) -> bool:
        """True for a picture that needs no cutting."""
        return (self.width, self.height) == (WIDTH, HEIGHT)

    @property
    def large(self) -> bool:
        """True for a picture that a photo can be cut from; nothing is ever enlarged."""
        return self.width >= WIDTH and self.height >= HEIGHT

    def warnings(self) -> tuple[PhotoWarning, ...]:
        """The findings that stand in nobody's way."""
        found = {PhotoWarning.BACKGROUND_NOT_WHITE: self.white < WHITE_ENOUGH, PhotoWarning.GREY: self.grey}
        return tuple(one for one, holds in found.items() if holds)


def require_picture(content: bytes) -> MediaType:
    """The type of a picture by its first bytes, whatever its name is; raises Invalid for anything else."""
    if (picture := picture_type(content)) is not None:
        return picture
    found = named(content)
    if found is None:
        raise unreadable("FILE_TYPE", _TYPE)
    name, advice = found[0], found[1] if "JPEG" in found[1].zh else _ITSELF
    zh, en = f"这是{name.zh}，{_TYPE.zh}：{advice.zh}", f"This is {name.en}. {_TYPE.en} So {advice.en}."
    raise unreadable("FILE_TYPE", Words(zh, en))


def require_photo(measured: Measured, size: int, *, cut: bool) -> None:
    """Refuse a picture that is no photo, with all that is wrong about it; `cut` if it may be cut and scaled."""
    if measured.fault:
        raise unreadable(measured.fault, _UNREADABLE[measured.fault])
    if problems := [*_problems(measured, size, cut=cut)]:
        raise Invalid(*problems)


def _problems(measured: Measured, size: int, *, cut: bool) -> Iterator[FieldProblem]:
    if measured.frames > 1:
        zh, en = f"这是动画，有{measured.frames}帧", f"It moves: {measured.frames} pictures."
        yield FieldProblem(
            "file", "PHOTO_ANIMATED", Words(f"{zh}，请上传静止的相片", f"{en} Hand in one that does not.")
        )
    if measured.blank:
        yield FieldProblem("file", "PHOTO_BLANK", _BLANK)
    if not (measured.large if cut else measured.exact):
        yield _of_other_size(measured)
    if size > BYTES and not cut:
        kilobytes = -(-size // 1024)
        zh = f"文件为{kilobytes} KB，不得超过80 KB：请压缩后上传，或选择自动裁剪"
        yield FieldProblem(
            "file", "PHOTO_BYTES", Words(zh, f"{kilobytes} KB: at most 80. Compress it, or have it cut.")
        )


def _of_other_size(measured: Measured) -> FieldProblem:
    """The problem of a picture with other sides: which it has, and what to do about it."""
    found = f"{measured.width}×{measured.height}"
    zh, en = f"相片为{found}像素，须为{WIDTH}×{HEIGHT}像素", f"It has {found} pixels: {WIDTH}×{HEIGHT} are needed."
    if (measured.width, measured.height) == (HEIGHT, WIDTH):
        return FieldProblem("file", "PHOTO_SIDEWAYS", Words(f"{zh}：请旋转为竖向后上传", f"{en} Turn it upright."))
    advice = ("可选择自动裁剪", "Have it cut.") if measured.large else ("相片过小，请重新拍摄", "Take a larger one.")
    return FieldProblem("file", "PHOTO_PIXELS", Words(f"{zh}：{advice[0]}", f"{en} {advice[1]}"))


@dataclass(frozen=True, slots=True, repr=False)
class Photo:
    """A photo as it stands."""

    id: UUID
    nurse_id: UUID
    state: PhotoState
    version: int
    blob_id: UUID | None
    queued_at: datetime | None
    escalated_at: datetime | None


def require_state(photo: Photo, version: int, *states: PhotoState) -> None:
    """Refuse a step on a photo that has moved on, or does not stand where the step begins."""
    if photo.state in ENDED or photo.state is PhotoState.CURRENT:
        raise Conflict(Situation.REQUEST_DECIDED, current_version=photo.version)
    if photo.version != version:
        raise Conflict(Situation.VERSION_STALE, current_version=photo.version)
    if photo.state not in states:
        unfiled = photo.state is PhotoState.UPLOADED
        raise NotAllowed("PHOTO_NOT_FILED", _NOT_FILED) if unfiled else NotAllowed("PHOTO_PENDING", _PENDING)


def at_once(registration: Registration, *, open_application: bool) -> bool:
    """True if a photo takes effect when she files it: before her first registration, while nothing is under way.

    Once an application is, it travels with that, and takes effect with the approval.
    """
    return registration.status is RegistrationStatus.NEVER and not open_application


def require_reasons(reasons: Collection[PhotoReason], opinion: str | None) -> tuple[list[PhotoReason], str | None]:
    """The reasons of a refusal, each once, and the words beside them; OTHER says in words which it is."""
    with Together() as each:
        said = each(lambda: remark("opinion", opinion))
        if not reasons:
            each.problems.append(FieldProblem("reasons", "FIELD_REQUIRED", _REASONS))
        if PhotoReason.OTHER in reasons and not (opinion or "").strip():
            each.problems.append(FieldProblem("opinion", "FIELD_REQUIRED", _WHICH))
    return [one for one in PhotoReason if one in reasons], said


_TYPE: Final = Words("相片只接受JPEG、PNG图片（按内容判断）", "Only JPEG and PNG, judged by what is inside.")
_ITSELF: Final = Words("请上传相片图片本身", "hand in the picture itself")
_BLANK: Final = Words("图片为空白，看不到人像，请重新上传", "The picture is blank: hand in one with her on it.")
_REASONS: Final = Words("请选择不同意的理由", "Choose a reason at least.")
_WHICH: Final = Words("理由选“其他”的，请写明", "Say in words which other reason.")
_UNREADABLE: Final = {
    "PICTURE_BROKEN": Words(
        "图片已损坏或不完整，无法打开，请重新导出后上传", "It is broken or cut off: export it again."
    ),
    "PICTURE_TOO_LARGE": Words("图片过大，无法打开，请缩小后上传", "It has too many pixels to open: make it smaller."),
    "FILE_TOO_SLOW": Words(
        "图片过于复杂，无法在规定时间内打开，请另存后上传", "It takes too much to open: save it anew."
    ),
}
_NOT_FILED: Final = Words("该相片尚未提交审核", "This photo was not filed yet.")
_PENDING: Final = Words("该相片正在审核，请等待审核结果", "This photo is being reviewed: wait for the result.")
