"""Names: Han and dots with a resident ID card, Latin letters with other documents, nothing hidden with any."""

import pytest

from rules.errors import Invalid
from rules.identity import DocumentType, person_name

RESIDENT = DocumentType.RESIDENT_ID


def codes(error: pytest.ExceptionInfo[Invalid]) -> list[tuple[str, str]]:
    return [(problem.path, problem.code) for problem in error.value.problems]


@pytest.mark.feature("N1")
@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("王芳", "王芳"),
        (" 王芳 ", "王芳"),
        ("阿依古丽·买买提", "阿依古丽·买买提"),
        ("阿依古丽•买买提", "阿依古丽·买买提"),
        ("阿依古丽・买买提・江", "阿依古丽·买买提·江"),
        ("王 芳", "王芳"),
        ("王··芳", "王·芳"),
        ("王\u200b芳", "王芳"),
        ("欧阳\U00020000娜", "欧阳\U00020000娜"),  # plane 2
        ("李\U00030edd", "李\U00030edd"),  # plane 3
        ("张㛃", "张㛃"),  # extension A
        ("刘〇", "刘〇"),
        ("\uf91d英", "欄英"),  # NFC
        ("王" * 50, "王" * 50),
    ],
)
def test_a_chinese_name_is_han_and_dots(typed: str, kept: str) -> None:
    assert person_name(typed, RESIDENT) == kept


@pytest.mark.parametrize("type", [*DocumentType][1:])
@pytest.mark.parametrize("name", ["Mary Jane O'Neil", "José-María Núñez", "Smith, J.", "陈大文", "Anna·Müller"])
def test_latin_letters_are_for_other_documents_only(type: DocumentType, name: str) -> None:
    assert person_name(name, type) == name
    if name != "陈大文":
        with pytest.raises(Invalid) as error:
            person_name(name, RESIDENT)
        assert codes(error) == [("name", "NAME_CHARACTERS")]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("", "NAME_LENGTH"),
        ("王", "NAME_LENGTH"),
        ("王" * 51, "NAME_LENGTH"),
        ("王芳1", "NAME_CHARACTERS"),
        ("·王芳", "NAME_CHARACTERS"),
        ("王芳·", "NAME_CHARACTERS"),
        ("王芳😀", "NAME_CHARACTERS"),
        ("王\ue000", "NAME_CHARACTERS"),  # private use
        ("王\u202e芳", "TEXT_HIDDEN_CHARACTER"),
        ("王\u2066芳", "TEXT_HIDDEN_CHARACTER"),
        ("王\n芳", "TEXT_HIDDEN_CHARACTER"),
        ("王\x00芳", "TEXT_HIDDEN_CHARACTER"),
        ("王\ud800", "TEXT_HIDDEN_CHARACTER"),
    ],
)
def test_a_name_that_is_none_is_refused(name: str, code: str) -> None:
    with pytest.raises(Invalid) as error:
        person_name(name, RESIDENT, path="nurse.name")
    assert codes(error) == [("nurse.name", code)]
