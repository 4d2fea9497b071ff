"""What may be handed in, by its content; by whom and where; and what a province may ask for."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from rules.application import Application
from rules.errors import Invalid, NotAllowed, NotFound, RegistryError, Words, WrongState
from rules.kinds import Kind
from rules.marks import UNNAMED, MarkedMaterial, unanswered
from rules.material import (
    MATERIAL_BYTES,
    MATERIALS_A_CODE,
    MATERIALS_AN_APPLICATION,
    TRAINING,
    ChecklistItem,
    MediaType,
    clean_name,
    media_type_of,
    require_checks,
    require_complete,
    require_hands_in,
    require_known,
    require_originals,
    require_room,
)
from rules.moves import State
from rules.people import Actor, Party, Role
from rules.reasons import Reason
from rules.requirement import Requirement, check_end, check_requirement, require_sets

pytestmark = pytest.mark.feature("N18")
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
TODAY = date(2026, 3, 2)
NURSE, HOSPITAL, DISTRICT = UUID(int=1), UUID(int=2), UUID(int=3)
PDF = b"%PDF-1.7\n...%%EOF\n"
JPEG, PNG = b"\xff\xd8\xff\xe0rest", b"\x89PNG\r\n\x1a\nrest"


def problems(refusal: pytest.ExceptionInfo[Invalid]) -> list[tuple[str, str]]:
    """Which field, and what is wrong with it."""
    return [(one.path, one.code) for one in refusal.value.problems]


@pytest.mark.parametrize(("content", "media"), [(PDF, MediaType.PDF), (JPEG, MediaType.JPEG), (PNG, MediaType.PNG)])
def test_a_file_is_what_its_bytes_say(content: bytes, media: MediaType) -> None:
    assert media_type_of(content) is media


STRANGE = {
    "text": b"hello",
    "html": b"<html><script>alert(1)</script>",
    "gif": b"GIF89a......",
    "svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    "zip": b"PK\x03\x04....",
    "executable": b"MZ\x90\x00",
    "a pdf that begins beyond the first 1,024 bytes": b" " * 1020 + PDF,
}


@pytest.mark.parametrize("name", STRANGE)
def test_anything_else_is_refused(name: str) -> None:
    with pytest.raises(Invalid) as refusal:
        media_type_of(STRANGE[name])
    assert problems(refusal) == [("file", "FILE_TYPE")]


FOREIGN = {
    b"\0\0\0\x18ftypheic\0\0\0\0": "HEIC照片",
    b"\0\0\0\x18ftypmif1\0\0\0\0": "HEIC照片",
    b"\0\0\0\x1cftypavif\0\0\0\0": "AVIF图片",
    b"\0\0\0\x18ftypmp42\0\0\0\0": "视频",
    b"RIFF\x10\0\0\0WEBPVP8 ": "WebP图片",
    b"GIF89a\1\0\1\0": "GIF图片",
    b"BM\x46\0\0\0\0\0\0\0": "BMP图片",
    b"II*\0\x08\0\0\0": "TIFF图片",
    b"MM\0*\0\0\0\x08": "TIFF图片",
    b"PK\x03\x04" + b"\0" * 26 + b"OFD.xml": "OFD版式文件",
    b"PK\x03\x04" + b"\0" * 26 + b"[Content_Types].xml": "压缩包或Office文档",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": "旧版Office文档",
    b"Rar!\x1a\x07": "压缩包",
    b"\n<!doctype html>": "网页",
}


@pytest.mark.feature("N18")
@pytest.mark.parametrize("content", FOREIGN)
def test_what_people_hand_in_besides_is_called_by_its_name_and_told_what_to_do(content: bytes) -> None:
    with pytest.raises(Invalid) as refusal:
        media_type_of(content)
    assert problems(refusal) == [("file", "FILE_TYPE")]
    words = refusal.value.problems[0].words.zh
    assert words.startswith(f"这是{FOREIGN[content]}，只接受PDF、JPEG、PNG文件（按内容判断）：请")


@pytest.mark.parametrize(
    "content",
    [b"\xef\xbb\xbf" + PDF, b"\r\n" + PDF, b" " * 1019 + PDF, PDF + b"\0" * 5000, PDF + b"\r\n" * 500],
    ids=["a byte order mark", "an empty line", "1,019 bytes before", "zeros behind", "1,000 bytes behind"],
)
def test_a_pdf_may_have_some_bytes_around_it(content: bytes) -> None:
    """PDF 1.7, appendix H: the marks lie within the first and the last 1,024 bytes."""
    assert media_type_of(content) is MediaType.PDF


def test_a_file_is_neither_empty_nor_too_large() -> None:
    whole = PDF.ljust(MATERIAL_BYTES - 6, b" ") + b"%%EOF\n"
    assert media_type_of(whole) is MediaType.PDF
    for content in (b"", whole + b" "):
        with pytest.raises(Invalid) as refusal:
            media_type_of(content)
        assert problems(refusal) == [("file", "FILE_SIZE")]


NAMES = {
    "毕业证.pdf": "毕业证.pdf",
    "毕业证.jpg": "毕业证.pdf",
    "毕业证": "毕业证.pdf",
    "../../etc/passwd": "passwd.pdf",
    "C:\\Users\\wang\\体检.PDF": "体检.pdf",
    "a\u202efdp.exe": "afdp.pdf",
    "a\r\nSet-Cookie: x.pdf": "aSet-Cookie_ x.pdf",
    'a"b<c>.pdf': "a_b_c_.pdf",
    "": "EDUCATION.pdf",
    "...": "EDUCATION.pdf",
    ".pdf": "pdf.pdf",
    "𠅤" * 200 + ".pdf": "𠅤" * 100 + ".pdf",
    "e\u0301.pdf": "é.pdf",
}


@pytest.mark.parametrize("given", NAMES)
def test_a_name_says_no_more_than_it_should(given: str) -> None:
    assert clean_name(given, MediaType.PDF, "EDUCATION") == NAMES[given]


ITEMS = [
    ChecklistItem("A", Words("甲", "A"), True, True, True, NOW),
    ChecklistItem("B", Words("乙", "B"), True, True, False, None),
    ChecklistItem("C", Words("丙", "C"), True, False, False, None),
    ChecklistItem("D", Words("丁", "D"), False, True, False, None),
]


def test_each_needed_material_that_is_missing_is_told() -> None:
    with pytest.raises(Invalid) as refusal:
        require_complete(ITEMS)
    assert problems(refusal) == [("materials.B", "MATERIAL_MISSING"), ("materials.C", "MATERIAL_MISSING")]
    assert refusal.value.problems[0].words == Words("缺少材料：乙", "Hand in what is missing: B.")
    require_complete([ITEMS[0], ITEMS[3]])


def test_each_needed_original_that_was_not_seen_is_told() -> None:
    with pytest.raises(Invalid) as refusal:
        require_originals(ITEMS)
    assert problems(refusal) == [("materials.B", "ORIGINALS_NOT_SEEN")]
    require_originals([ITEMS[0], *ITEMS[2:]])


@pytest.mark.parametrize("filed_by", [Party.INSTITUTION, Party.AUTHORITY])
def test_what_others_filed_without_a_copy_is_seen_instead(filed_by: Party) -> None:
    with pytest.raises(Invalid) as refusal:
        require_originals(ITEMS, filed_by)
    assert problems(refusal) == [("materials.B", "ORIGINALS_NOT_SEEN"), ("materials.C", "ORIGINALS_NOT_SEEN")]
    require_originals([ITEMS[0], replace(ITEMS[2], uploaded=True), ITEMS[3]], filed_by)
    seen = [ITEMS[0], replace(ITEMS[2], seen_at=NOW), ITEMS[3]]
    require_originals(seen, filed_by)
    require_complete(seen, filed_by)
    with pytest.raises(Invalid) as refusal:
        require_complete(seen)
    assert problems(refusal) == [("materials.C", "MATERIAL_MISSING")]


def test_a_code_that_the_list_does_not_have_is_refused() -> None:
    require_known(ITEMS, ["A", "D"], "codes")
    with pytest.raises(Invalid) as refusal:
        require_known(ITEMS, ["A", "X"], "codes")
    assert problems(refusal) == [("codes", "MATERIAL_UNKNOWN")]
    assert refusal.value.problems[0].words.en == "The list has no X; it has: A, B, C, D."


def test_there_is_room_for_so_many_files() -> None:
    require_room(MATERIALS_A_CODE - 1, MATERIALS_AN_APPLICATION - 1)
    for full in ((MATERIALS_A_CODE, 5), (0, MATERIALS_AN_APPLICATION)):
        with pytest.raises(Invalid) as refusal:
            require_room(*full)
        assert problems(refusal) == [("file", "TOO_MANY_FILES")]


def application(state: State, filed_by: Party = Party.NURSE, marked: tuple[str, ...] = ()) -> Application:
    """An application in a state."""
    revision = 0 if state is State.DRAFT else 1
    ids = (NURSE, HOSPITAL, DISTRICT)
    return Application(UUID(int=9), Kind.RENEWAL, state, 1, revision, *ids, {}, filed_by=filed_by, marked_fields=marked)


def actor(party: Party, of: UUID, *roles: Role, active: bool = True, herself: UUID | None = None) -> Actor:
    """Somebody."""
    return Actor(UUID(int=50), party, of, frozenset(roles), active, herself)


MARK = MarkedMaterial("CERTIFICATE", Words("护士执业证书", "The certificate"), Reason.SEAL_MISSING, False)
N = actor(Party.NURSE, NURSE, Role.NURSE, herself=NURSE)
IO = actor(Party.INSTITUTION, HOSPITAL, Role.OPERATOR)
AR = actor(Party.AUTHORITY, DISTRICT, Role.REVIEWER)
OPENINGS = {
    Party.NURSE: {State.DRAFT},
    Party.INSTITUTION: {State.AUTHORITY_INTAKE},
    Party.AUTHORITY: {State.AUTHORITY_INTAKE},
}


@pytest.mark.parametrize("who", [N, IO, AR], ids=lambda one: str(one.party))
@pytest.mark.parametrize("state", State)
def test_materials_are_open_to_the_filer_in_the_beginning(who: Actor, state: State) -> None:
    assert who.party is not None
    filed = application(state, who.party)
    if state in OPENINGS[who.party]:
        require_hands_in(who, filed, "CERTIFICATE")
        return
    with pytest.raises(RegistryError) as refusal:
        require_hands_in(who, filed, "CERTIFICATE")
    unfiled = state is State.DRAFT
    answering = state in (State.RETURNED, State.CORRECTION_REQUIRED)
    expected = NotFound if unfiled else NotAllowed if answering else WrongState
    assert type(refusal.value) is expected


@pytest.mark.parametrize("state", [State.RETURNED, State.CORRECTION_REQUIRED])
def test_materials_open_again_where_they_were_marked(state: State) -> None:
    marked, of_training = application(state, marked=("department",)), application(state, marked=("trainedFrom",))
    require_hands_in(N, marked, "CERTIFICATE", [MARK])
    require_hands_in(N, of_training, TRAINING)
    require_hands_in(N, application(state, marked=(UNNAMED,)), "HEALTH_REPORT")
    for one, code in ((marked, "HEALTH_REPORT"), (of_training, "EDUCATION")):
        with pytest.raises(NotAllowed) as refusal:
            require_hands_in(N, one, code, [MARK])
        assert refusal.value.reason == "MATERIALS_NOT_MARKED"
        assert refusal.value.words.zh == "该材料未被标注，不能修改；被标注的材料：“护士执业证书”"


def test_a_marked_material_is_answered_by_a_file_and_by_nothing_else() -> None:
    assert [*unanswered([replace(MARK, answered=True)])] == []
    (problem,) = unanswered([MARK, replace(MARK, answered=True)])
    assert (problem.path, problem.code) == ("materials.CERTIFICATE", "MATERIAL_UNANSWERED")
    assert problem.words.zh == "尚未重新上传材料“护士执业证书”（标注原因：申请材料缺少签字或盖章）"


STRANGERS = {
    "another nurse": (actor(Party.NURSE, UUID(int=8), Role.NURSE), NotFound),
    "another institution": (actor(Party.INSTITUTION, UUID(int=8), Role.OPERATOR), NotFound),
    "her institution": (IO, NotAllowed),
    "her authority": (AR, NotAllowed),
    "a viewer": (actor(Party.INSTITUTION, HOSPITAL, Role.VIEWER), NotAllowed),
    "an analyst": (Actor(UUID(int=51), Party.ANALYST, None, frozenset({Role.ANALYST})), NotFound),
    "nobody's account": (Actor(UUID(int=52), Party.NURSE, None, frozenset({Role.NURSE}), False), NotFound),
}


@pytest.mark.parametrize("name", STRANGERS)
def test_nobody_else_hands_in(name: str) -> None:
    who, refused = STRANGERS[name]
    with pytest.raises(refused):
        require_hands_in(who, application(State.RETURNED), "CERTIFICATE", [MARK])


def test_a_draft_is_not_even_there_for_others() -> None:
    with pytest.raises(NotFound):
        require_hands_in(IO, application(State.DRAFT, Party.INSTITUTION), "CERTIFICATE")


@pytest.mark.parametrize("state", State)
def test_originals_are_ticked_while_the_application_is_on_the_authoritys_desk(state: State) -> None:
    if state in (State.AUTHORITY_INTAKE, State.ACCEPTED):
        require_checks(AR, application(state))
        return
    with pytest.raises(NotFound if state is State.DRAFT else WrongState):
        require_checks(AR, application(state))


def test_only_a_reviewer_of_that_authority_ticks_and_not_her_own() -> None:
    there = application(State.AUTHORITY_INTAKE)
    decider = actor(Party.AUTHORITY, DISTRICT, Role.DECIDER)
    elsewhere = actor(Party.AUTHORITY, UUID(int=8), Role.REVIEWER)
    for who, refused in ((decider, NotAllowed), (IO, NotAllowed), (N, NotAllowed), (elsewhere, NotFound)):
        with pytest.raises(refused):
            require_checks(who, there)
    with pytest.raises(NotAllowed) as refusal:
        require_checks(actor(Party.AUTHORITY, DISTRICT, Role.REVIEWER, herself=NURSE), there)
    assert refusal.value.reason == "ABOUT_YOURSELF"


ASKED = Requirement(Kind.FIRST, "EDUCATION", Words("学历证书", "Diploma"), True, True, TODAY)
WRONG = {
    "a lower-case code": ({"code": "education"}, [("code", "CODE_FORM")]),
    "a code of one letter": ({"code": "E"}, [("code", "CODE_FORM")]),
    "yesterday": ({"valid_from": date(2026, 3, 1)}, [("validFrom", "DATE_PASSED")]),
    "an end before its beginning": ({"valid_until": date(2026, 3, 1)}, [("validUntil", "ENDS_BEFORE_START")]),
    "no titles": ({"title": Words(" ", "")}, [("titleZh", "FIELD_REQUIRED"), ("titleEn", "FIELD_REQUIRED")]),
    "a title that is too long": ({"title": Words("长" * 101, "x")}, [("titleZh", "TEXT_TOO_LONG")]),
    "a hidden character": ({"title": Words("学\u202e历", "x")}, [("titleZh", "TEXT_HIDDEN_CHARACTER")]),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_requirement_that_cannot_be_is_refused(name: str) -> None:
    changes, expected = WRONG[name]
    with pytest.raises(Invalid) as refusal:
        check_requirement(replace(ASKED, **changes), TODAY)  # type: ignore[arg-type]
    assert problems(refusal) == expected


def test_a_requirement_of_one_day_may_be() -> None:
    check_requirement(replace(ASKED, valid_until=TODAY, title=Words("长" * 100, "x")), TODAY)


def test_a_requirement_ends_today_at_the_earliest_and_is_not_prolonged() -> None:
    check_end(date(2020, 1, 1), None, TODAY, TODAY)
    check_end(date(2026, 4, 1), None, date(2026, 4, 1), TODAY)
    for known, last, code in (
        ((date(2020, 1, 1), None), date(2026, 3, 1), "DATE_PASSED"),
        ((date(2026, 4, 1), None), TODAY, "ENDS_BEFORE_START"),
        ((date(2020, 1, 1), date(2026, 5, 1)), date(2026, 5, 2), "ENDS_ALREADY"),
    ):
        with pytest.raises(Invalid) as refusal:
            check_end(*known, last, TODAY)
        assert problems(refusal) == [("validUntil", code)]


def test_only_provincial_admins_say_what_is_asked_for() -> None:
    require_sets(actor(Party.AUTHORITY, DISTRICT, Role.PROVINCIAL_ADMIN))
    inactive = actor(Party.AUTHORITY, DISTRICT, Role.PROVINCIAL_ADMIN, active=False)
    for who in (N, IO, AR, inactive):
        with pytest.raises(NotAllowed):
            require_sets(who)
