"""Institutions: every check character of GB 32100, and the standard name."""

import pytest

from rules.errors import Invalid
from rules.institution import InstitutionState, institution_code, institution_code_check, standard_name

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)


def codes(error: pytest.ExceptionInfo[Invalid]) -> list[tuple[str, str]]:
    return [(problem.path, problem.code) for problem in error.value.problems]


def check_by_the_standard(first17: str) -> str:
    """The table of GB 32100, written out."""
    total = sum(ALPHABET.index(letter) * weight for letter, weight in zip(first17, WEIGHTS, strict=True))
    return ALPHABET[(31 - total % 31) % 31]


def test_codes_printed_on_real_licences() -> None:
    assert institution_code("91110000600037341L") == "91110000600037341L"
    assert institution_code(" 9111000060003734 1l") == "91110000600037341L"
    assert institution_code("９１１１００００６０００３７３４１Ｌ") == "91110000600037341L"


def test_each_of_the_31_check_characters_is_given_and_only_it_is_accepted() -> None:
    seen = set()
    for letter in ALPHABET:
        for other in ALPHABET:
            first17 = f"12110000400{letter}{other}6874"
            right = institution_code_check(first17)
            assert right == check_by_the_standard(first17)
            seen.add(right)
            assert institution_code(first17 + right) == first17 + right
    assert seen == set(ALPHABET)
    first17 = "12110000400686874"
    for last in set(ALPHABET) - {institution_code_check(first17)}:
        with pytest.raises(Invalid) as error:
            institution_code(first17 + last)
        assert codes(error) == [("code", "INSTITUTION_CODE_CHECK")]


@pytest.mark.parametrize("letter", "IOSVZ")
@pytest.mark.parametrize("place", [0, 1, 8, 16, 17])
def test_letters_that_are_misread_are_refused(letter: str, place: int) -> None:
    good = "91110000600037341L"
    with pytest.raises(Invalid) as error:
        institution_code(good[:place] + letter + good[place + 1 :])
    assert codes(error) == [("code", "INSTITUTION_CODE_FORMAT")]


@pytest.mark.parametrize(
    "text", ["", "91110000600037341", "91110000600037341LL", "91A10000600037341L", "9111000060003734１٢"]
)
def test_what_is_no_code_is_refused(text: str) -> None:
    with pytest.raises(Invalid) as error:
        institution_code(text, path="institution.code")
    assert codes(error) == [("institution.code", "INSTITUTION_CODE_FORMAT")]


@pytest.mark.feature("A7")
@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("首都医科大学附属北京朝阳医院", "首都医科大学附属北京朝阳医院"),
        (" 首都医科大学 附属北京朝阳医院(西院) ", "首都医科大学附属北京朝阳医院（西院）"),
        ("北京大学第一医院〔北院〕", "北京大学第一医院（北院）"),
        ("中国人民解放军第三〇一医院", "中国人民解放军第三〇一医院"),
        ("上海ＡＢＣ门诊部", "上海ABC门诊部"),
    ],
)
def test_two_spellings_have_one_standard_name(typed: str, kept: str) -> None:
    assert standard_name(typed) == kept
    assert standard_name(kept) == kept


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "INSTITUTION_NAME"),
        ("某医院", "INSTITUTION_NAME"),
        ("医" * 101, "INSTITUTION_NAME"),
        ("General Hospital", "INSTITUTION_NAME"),
        ("北京<b>医院", "INSTITUTION_NAME"),
        ("=北京朝阳医院", "INSTITUTION_NAME"),
        ("北京\u202e朝阳医院", "TEXT_HIDDEN_CHARACTER"),
    ],
)
def test_what_is_no_name_is_refused(text: str, code: str) -> None:
    with pytest.raises(Invalid) as error:
        standard_name(text)
    assert codes(error) == [("name", code)]


def test_states() -> None:
    assert [*InstitutionState] == ["PENDING", "ACTIVE", "SUSPENDED", "CLOSED"]
