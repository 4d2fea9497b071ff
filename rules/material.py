"""Materials (申请材料): the list of each kind, the right to hand one in, and the check that the list is complete."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from rules.application import Application
from rules.deregistration import PROOF
from rules.errors import FieldProblem, Invalid, NotAllowed, NotFound, Words, WrongState
from rules.kinds import Kind
from rules.marks import MarkedMaterial, opened_material
from rules.measures import sized
from rules.moves import ANSWERING, PENDING, State, blocks_the_rest
from rules.people import Actor, Party, Role, require
from rules.privacy import hidden_characters

MATERIAL_BYTES: Final = 5 * 1024 * 1024
MATERIALS_A_CODE, MATERIALS_AN_APPLICATION = 5, 30
LONGEST_NAME: Final = 100
TRAINING: Final = "TRAINING"
"""The proof of the clinical training (条例 7): needed where a rule wants one of her, or her form names one."""
RECOVERY: Final = "RECOVERY"
"""The proof of recovered capacity: needed of everybody whose registration ended by its loss."""
_PDF_HEAD: Final = 1024
"""So far from its begin a PDF may have its mark (PDF 1.7, appendix H.3.4.1); whether it is whole, its opener says."""


@dataclass(frozen=True, slots=True, repr=False)
class UploadedFile:
    """A file as it was sent: nothing about it is checked yet."""

    name: str
    content: bytes


class MediaType(StrEnum):
    """The file types of a material."""

    PDF = "application/pdf"
    JPEG = "image/jpeg"
    PNG = "image/png"


_ENDINGS: Final[Mapping[MediaType, str]] = {MediaType.PDF: ".pdf", MediaType.JPEG: ".jpg", MediaType.PNG: ".png"}
_TYPE: Final = Words("只接受PDF、JPEG、PNG文件（按内容判断）", "Only PDF, JPEG and PNG, judged by what is inside.")
_PICTURE: Final = Words("请另存为JPEG后上传", "save it as JPEG")
_PAPER: Final = Words("请导出为PDF后上传", "export it as PDF")
_FOREIGN: Final[Mapping[bytes, tuple[Words, Words]]] = {
    rb".{4}ftyp(heic|heix|hevc|hevx|heim|heis|mif1|msf1)": (
        Words("HEIC照片", "a HEIC photograph"),
        Words(
            "请另存为JPEG后上传（苹果手机可在“设置—相机—格式”中选“兼容性最佳”）",
            "save it as JPEG (on an iPhone: Settings, Camera, Formats, Most Compatible)",
        ),
    ),
    rb".{4}ftyp(avif|avis)": (Words("AVIF图片", "an AVIF picture"), _PICTURE),
    rb".{4}ftyp": (Words("视频", "a video"), Words("请上传图片或PDF", "hand in a picture or a PDF")),
    rb"RIFF.{4}WEBP": (Words("WebP图片", "a WebP picture"), _PICTURE),
    rb"GIF8[79]a": (Words("GIF图片", "a GIF picture"), _PICTURE),
    rb"BM.{4}\0\0\0\0": (Words("BMP图片", "a BMP picture"), _PICTURE),
    rb"II\*\0|MM\0\*": (Words("TIFF图片", "a TIFF picture"), _PICTURE),
    rb"PK\x03\x04.{26}OFD\.xml": (Words("OFD版式文件", "an OFD document"), _PAPER),
    rb"PK\x03\x04": (Words("压缩包或Office文档", "an archive or an office document"), _PAPER),
    rb"\xd0\xcf\x11\xe0": (Words("旧版Office文档", "an old office document"), _PAPER),
    rb"Rar!|7z\xbc\xaf": (Words("压缩包", "an archive"), Words("请解压后逐个上传", "unpack it and hand in each file")),
    rb"\s*<": (Words("网页", "a web page"), _PAPER),
}
"""The files that people hand in besides, by their first bytes: what each is called, and what to do with it."""
UNREADABLE: Final[Mapping[str, Words]] = {
    "PICTURE_BROKEN": Words(
        "图片已损坏，无法打开，请重新扫描", "The picture is broken and cannot be opened: scan it again."
    ),
    "PICTURE_TOO_LARGE": Words(
        "图片过大，请用较低的分辨率重新扫描（A4每英寸300点即可）",
        "The picture is too large: scan it again with fewer dots (300 an inch are enough for A4).",
    ),
    "PDF_BROKEN": Words("PDF已损坏，无法打开，请重新导出", "The PDF is broken and cannot be opened: export it again."),
    "PDF_PASSWORD": Words(
        "PDF设有密码，请取消密码后再上传", "The PDF asks for a password: remove it and hand it in again."
    ),
    "FILE_TOO_SLOW": Words(
        "文件内容过于复杂，无法在规定时间内打开，请重新扫描",
        "The file takes too much to open: scan it again.",
    ),
}
"""The refusals of a file that looks like one of its type and does not open."""


def unreadable(code: str, words: Words) -> Invalid:
    """The refusal of a file as it is."""
    return Invalid(FieldProblem("file", code, words))


def media_type_of(content: bytes) -> MediaType:
    """The type of a file by its first bytes, whatever its name is.

    Raises Invalid if the type is not accepted.
    """
    found = picture_type(content)
    if found is None and b"%PDF-" in content[:_PDF_HEAD]:
        return MediaType.PDF
    if found is None:
        raise unreadable("FILE_TYPE", _foreign(content))
    return found


def picture_type(content: bytes) -> MediaType | None:
    """The type of a JPEG or PNG by its first bytes, None for any other; raises Invalid if it is empty or too large."""
    if not 1 <= len(content) <= MATERIAL_BYTES:
        raise unreadable("FILE_SIZE", _size(content))
    if content.startswith(b"\xff\xd8\xff"):
        return MediaType.JPEG
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return MediaType.PNG
    return None


def _size(content: bytes) -> Words:
    if not content:
        return Words("文件为空，请重新选择文件", "The file is empty: choose it again.")
    (zh, en), (most_zh, most_en) = sized(len(content)), sized(MATERIAL_BYTES)
    return Words(f"文件为{zh}，不得超过{most_zh}", f"The file has {en}: at most {most_en}.")


def _foreign(content: bytes) -> Words:
    found = named(content)
    if found is None:
        return _TYPE
    name, advice = found
    return Words(f"这是{name.zh}，{_TYPE.zh}：{advice.zh}", f"This is {name.en}. {_TYPE.en} So {advice.en}.")


def named(content: bytes) -> tuple[Words, Words] | None:
    """The name of a file of another type by its first bytes, and what to do with it; None where nobody knows it."""
    known = (found for begin, found in _FOREIGN.items() if re.match(begin, content, re.DOTALL))
    if b"%PDF-" in content[:_PDF_HEAD]:
        return Words("PDF文件", "a PDF"), _PAPER
    return next(known, None)


def clean_name(name: str, media: MediaType, code: str) -> str:
    """A file name to show and to save under: no folders, nothing hidden, and the ending of its real type."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    shown = "".join(c for c in last if not hidden_characters(c)).strip()
    stem = re.sub(r'[<>:"|?*]', "_", shown.rpartition(".")[0] or shown).strip(" .")[:LONGEST_NAME]
    return (stem if any(c.isalnum() for c in stem) else code) + _ENDINGS[media]


@dataclass(frozen=True, slots=True)
class ChecklistItem:
    """One material that an application's kind asks for in its province, and its state."""

    code: str
    title: Words
    needed: bool
    paper: bool
    uploaded: bool
    seen_at: datetime | None


def require_known(items: Sequence[ChecklistItem], codes: Iterable[str], path: str) -> None:
    """Refuse codes that the checklist does not have."""
    known = [item.code for item in items]
    strange = sorted({code for code in codes if code not in known})
    if strange:
        titles = "、".join(f"{item.title.zh}“{item.code}”" for item in items)
        zh = f"本业务没有材料“{'、'.join(strange)}”，可用：{titles or '无'}"
        en = f"The list has no {', '.join(strange)}; it has: {', '.join(known) or 'nothing'}."
        raise Invalid(FieldProblem(path, "MATERIAL_UNKNOWN", Words(zh, en)))


def require_complete(items: Iterable[ChecklistItem], filed_by: Party = Party.NURSE) -> None:
    """Refuse to file while a needed material is missing: one problem a material."""
    if problems := [*missing_problems(items, filed_by)]:
        raise Invalid(*problems)


def missing_problems(items: Iterable[ChecklistItem], filed_by: Party = Party.NURSE) -> Iterator[FieldProblem]:
    """A problem for each needed material that is missing.

    A filing by others for the nurse may have come on paper alone, and been seen.
    """
    on_paper = filed_by is not Party.NURSE
    missing = [one for one in items if one.needed and not one.uploaded and not (on_paper and one.seen_at)]
    yield from _problems(missing, "MATERIAL_MISSING", Words("缺少材料：{}", "Hand in what is missing: {}."))


def require_originals(items: Iterable[ChecklistItem], filed_by: Party = Party.NURSE) -> None:
    """Refuse to accept while the original of a needed material has not been seen (需带纸质资料文件, N18).

    For a filing by others without a copy the original is seen too, whether paper is asked for or not.
    """
    on_paper = filed_by is not Party.NURSE
    shown = [item for item in items if item.paper or (on_paper and not item.uploaded)]
    unseen = [item for item in shown if item.needed and item.seen_at is None]
    if problems := [*_problems(unseen, "ORIGINALS_NOT_SEEN", Words("尚未核对原件：{}", "See the original first: {}."))]:
        raise Invalid(*problems)


def require_proof(
    kind: Kind, form: Mapping[str, object], items: Iterable[ChecklistItem], seen: Collection[str] = ()
) -> None:
    """Refuse while the proof of a death, an incapacity or a revocation is missing, or nobody has seen its original.

    Whoever filed it hands it in: a life's work hangs on it. `seen` are the originals seen just now.
    """
    proof = [item for item in items if blocks_the_rest(kind, form) and item.code == PROOF]
    require_complete(proof)
    require_originals(item for item in proof if item.code not in seen)


def _problems(items: Iterable[ChecklistItem], code: str, words: Words) -> Iterator[FieldProblem]:
    for item in items:
        named = Words(words.zh.format(item.title.zh), words.en.format(item.title.en))
        yield FieldProblem(f"materials.{item.code}", code, named)


_FILERS: Final[Mapping[Party, Role]] = {
    Party.NURSE: Role.NURSE,
    Party.INSTITUTION: Role.OPERATOR,
    Party.AUTHORITY: Role.REVIEWER,
}
_OWN: Final = Words("不能办理本人的业务", "You may not act on your own application.")
_NOT_YOURS: Final = Words("只能为本方提交的申请上传材料", "Only whoever files an application hands in its materials.")


def asked_elsewhere(here: Iterable[ChecklistItem], there: Iterable[ChecklistItem]) -> frozenset[str]:
    """The materials that another institution's place needs, and the one that has returned it does not."""
    needed, known = ({item.code for item in items if item.needed} for items in (there, here))
    return frozenset(needed - known)


def require_hands_in(
    actor: Actor,
    application: Application,
    code: str,
    marked: Collection[MarkedMaterial] = (),
    opened: Collection[str] = (),
) -> None:
    """Refuse an actor who may not change this material of an application: only its filer may, while it is open.

    A nurse's are open in the draft, those of an institution or a counter, which file straight to the authority, until
    it has accepted; in answer to marks those that were `marked`, or that prove a marked field, and those `opened`
    because she goes elsewhere with it.
    """
    own = actor.party_id is not None and application.party(actor.party) == actor.party_id
    own &= actor.party is not Party.INSTITUTION or actor.reaches(application.unit_id)
    if not own or (application.revision == 0 and actor.party is not Party.NURSE):
        raise NotFound
    assert actor.party is not None, "she is one of the application's parties"
    require(actor, _FILERS[actor.party])
    if actor.party is not Party.NURSE and actor.is_nurse(application.nurse_id):
        raise NotAllowed("ABOUT_YOURSELF", _OWN)
    if application.filed_by is not actor.party:
        raise NotAllowed("NOT_YOUR_FILING", _NOT_YOURS)
    if application.state in ANSWERING:
        if code not in opened:
            _require_marked(code, application.marked_fields, marked)
        return
    beginning = State.DRAFT if actor.party is Party.NURSE else State.AUTHORITY_INTAKE
    if application.state is not beginning:
        raise WrongState(application.state)


def _require_marked(code: str, marked_fields: Collection[str], marked: Collection[MarkedMaterial]) -> None:
    if not opened_material(code, marked_fields, [one.code for one in marked]):
        titles = "、".join(f"“{one.title.zh}”" for one in marked)
        zh = f"该材料未被标注，不能修改；被标注的材料：{titles or '无'}"
        marks = ", ".join(one.code for one in marked)
        raise NotAllowed("MATERIALS_NOT_MARKED", Words(zh, f"It was not marked; what was: {marks or 'nothing'}."))


def require_room(of_code: int, of_application: int) -> None:
    """Refuse a file too many."""
    if of_code >= MATERIALS_A_CODE or of_application >= MATERIALS_AN_APPLICATION:
        zh = f"每项材料最多{MATERIALS_A_CODE}个文件，每件申请最多{MATERIALS_AN_APPLICATION}个，请先删除不需要的"
        en = f"At most {MATERIALS_A_CODE} files a material and {MATERIALS_AN_APPLICATION} an application: remove some."
        raise unreadable("TOO_MANY_FILES", Words(zh, en))


def require_checks(actor: Actor, application: Application) -> None:
    """Refuse an actor who may not mark originals as seen.

    Only a reviewer of the authority that has the application may.
    """
    if application.party(actor.party) != actor.party_id or actor.party_id is None or application.revision == 0:
        raise NotFound
    if actor.party is Party.INSTITUTION and not actor.reaches(application.unit_id):
        raise NotFound
    require(actor, Role.REVIEWER)
    if actor.is_nurse(application.nurse_id):
        raise NotAllowed("ABOUT_YOURSELF", _OWN)
    if application.state not in PENDING[Party.AUTHORITY]:
        raise WrongState(application.state)
