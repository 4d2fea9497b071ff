"""Documents: every check digit, every type's border, and what a number tells of a person."""

from datetime import date

import pytest

from rules.errors import Invalid
from rules.identity import DocumentType, Identity, check_digit, identify
from rules.nurse import Sex

TODAY = date(2026, 11, 20)
RESIDENT, FOREIGN = DocumentType.RESIDENT_ID, DocumentType.FOREIGN_PERMANENT_RESIDENCE


def codes(error: pytest.ExceptionInfo[Invalid]) -> list[tuple[str, str]]:
    return [(problem.path, problem.code) for problem in error.value.problems]


def number(first17: str) -> str:
    return first17 + check_digit(first17)


@pytest.mark.parametrize(
    "good",
    ["11010519491231002X", "440524198001010013", "110101199003077459", "330302198607019025", "653101199912310018"],
)
def test_a_whole_number_has_its_check_digit(good: str) -> None:
    assert check_digit(good[:17]) == check_digit_by_the_standard(good[:17])
    assert identify(RESIDENT, good[:17] + check_digit(good[:17]), TODAY).number[:17] == good[:17]


def check_digit_by_the_standard(first17: str) -> str:
    """The table of GB 11643, written out."""
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return "10X98765432"[sum(int(digit) * weight for digit, weight in zip(first17, weights, strict=True)) % 11]


def test_the_standards_own_examples() -> None:
    assert check_digit("11010519491231002") == "X"
    assert check_digit("44052418800101001") == "4"


def test_each_of_the_eleven_check_digits_is_given_and_only_it_is_accepted() -> None:
    seen = set()
    for sequence in range(1000):
        first17 = f"11010519900307{sequence:03}"
        right = check_digit(first17)
        assert right == check_digit_by_the_standard(first17)
        seen.add(right)
        for last in "0123456789X":
            if last == right:
                assert identify(RESIDENT, first17 + last, TODAY).number == first17 + last
                continue
            with pytest.raises(Invalid) as error:
                identify(RESIDENT, first17 + last, TODAY)
            assert codes(error) == [("idNumber", "ID_NUMBER_CHECK_DIGIT")]
    assert seen == set("0123456789X")


def test_every_single_wrong_digit_and_every_swap_is_noticed() -> None:
    good = "110105199003070017"
    assert good == number(good[:17])
    wrong = {good[:place] + digit + good[place + 1 :] for place in range(17) for digit in "0123456789"}
    wrong |= {good[:place] + good[place + 1] + good[place] + good[place + 2 :] for place in range(16)}
    for text in wrong - {good}:
        with pytest.raises(Invalid):
            identify(RESIDENT, text, TODAY)


def test_a_resident_number_tells_birth_date_and_sex() -> None:
    woman, man = number("11010519900307002"), number("11010519900307001")
    assert identify(RESIDENT, woman, TODAY) == Identity(RESIDENT, woman, date(1990, 3, 7), Sex.FEMALE)
    assert identify(RESIDENT, man, TODAY) == Identity(RESIDENT, man, date(1990, 3, 7), Sex.MALE)


@pytest.mark.parametrize(
    "typed", ["11010519491231002x", " 110105 19491231 002X\n", "１１０１０５１９４９１２３１００２Ｘ"]
)
def test_spaces_small_and_full_width_letters_are_forgiven(typed: str) -> None:
    assert identify(RESIDENT, typed, TODAY).number == "11010519491231002X"


def test_a_legacy_number_is_matched_through_its_eighteen_digit_form() -> None:
    assert identify(RESIDENT, "110105491231002", TODAY) == identify(RESIDENT, "11010519491231002X", TODAY)


@pytest.mark.parametrize("province", [f"{code:02}" for code in range(100)])
def test_a_region_is_known_by_its_province_alone(province: str) -> None:
    """Abolished counties (here: any four digits) stay valid; unknown provinces do not."""
    provinces = {*range(11, 16), *range(21, 24), *range(31, 38), *range(41, 47), *range(50, 55), *range(61, 66)}
    text = number(f"{province}999919900307002")
    if int(province) in provinces:
        assert identify(RESIDENT, text, TODAY).number == text
    else:
        with pytest.raises(Invalid) as error:
            identify(RESIDENT, text, TODAY)
        assert codes(error) == [("idNumber", "ID_NUMBER_REGION")]


@pytest.mark.parametrize(
    ("born", "good"),
    [
        ("19000101", True),
        ("18991231", False),
        ("20240229", True),
        ("20230229", False),
        ("19000229", False),
        ("19900431", False),
        ("19901301", False),
        ("19900010", False),
        ("20261119", True),
        ("20261120", True),  # born today
        ("20261121", False),
        ("00000101", False),
    ],
)
def test_a_birth_date_is_real_and_not_in_the_future(born: str, good: bool) -> None:
    text = number(f"110105{born}002")
    if good:
        assert f"{identify(RESIDENT, text, TODAY).birth_date:%Y%m%d}" == born
    else:
        with pytest.raises(Invalid) as error:
            identify(RESIDENT, text, TODAY, path="nurse.idNumber")
        assert codes(error) == [("nurse.idNumber", "ID_NUMBER_BIRTH_DATE")]


@pytest.mark.parametrize(
    ("type", "typed", "kept"),
    [
        (DocumentType.HK_MACAO_PERMIT, "h12345678", "H12345678"),
        (DocumentType.HK_MACAO_PERMIT, "M1234567801", "M12345678"),  # the last two count its re-issues
        (DocumentType.TAIWAN_PERMIT, "12345678", "12345678"),
        (FOREIGN, "usa110079091501", "USA110079091501"),
        (DocumentType.PASSPORT, "e12345678", "E12345678"),
        (DocumentType.PASSPORT, "E1234-567", "E1234567"),
        (DocumentType.PASSPORT, "12345", "12345"),
        (DocumentType.PASSPORT, "A1234567890123456", "A1234567890123456"),
    ],
)
def test_a_number_without_birth_date_is_only_brought_into_form(type: DocumentType, typed: str, kept: str) -> None:
    assert identify(type, typed, TODAY) == Identity(type, kept)


@pytest.mark.parametrize("region", ["810000", "820000", "830000"])
def test_a_residence_permit_tells_birth_date_and_sex(region: str) -> None:
    text = number(f"{region}19900307002")
    identity = identify(DocumentType.HMT_RESIDENCE_PERMIT, text, TODAY)
    assert (identity.birth_date, identity.sex) == (date(1990, 3, 7), Sex.FEMALE)


def test_a_new_foreign_residence_card_begins_with_nine_and_tells_birth_date_and_sex() -> None:
    text = number("91184019900307001")
    assert identify(FOREIGN, text, TODAY) == Identity(FOREIGN, text, date(1990, 3, 7), Sex.MALE)


@pytest.mark.parametrize(
    ("type", "text", "code"),
    [
        (RESIDENT, "", "FORMAT"),
        (RESIDENT, "11010519491231002", "FORMAT"),
        (RESIDENT, "11010519491231002XX", "FORMAT"),
        (RESIDENT, "X10105194912310020", "FORMAT"),
        (RESIDENT, "١١٠١٠٥١٩٤٩١٢٣١٠٠٢٢", "FORMAT"),  # Arabic digits
        (RESIDENT, number("81000019900307002"), "REGION"),
        (DocumentType.HMT_RESIDENCE_PERMIT, number("11010519900307002"), "REGION"),
        (DocumentType.HMT_RESIDENCE_PERMIT, "810000199003071", "FORMAT"),
        (FOREIGN, number("11010519900307002"), "REGION"),
        (FOREIGN, "US1100790915011", "FORMAT"),
        (DocumentType.HK_MACAO_PERMIT, "C12345678", "FORMAT"),
        (DocumentType.HK_MACAO_PERMIT, "H1234567", "FORMAT"),
        (DocumentType.HK_MACAO_PERMIT, "H123456789", "FORMAT"),
        (DocumentType.TAIWAN_PERMIT, "1234567", "FORMAT"),
        (DocumentType.TAIWAN_PERMIT, "123456789", "FORMAT"),
        (DocumentType.PASSPORT, "E123", "FORMAT"),
        (DocumentType.PASSPORT, "ABCDEFGH", "FORMAT"),
        (DocumentType.PASSPORT, "A12345678901234567", "FORMAT"),
        (DocumentType.PASSPORT, "E1234/567", "FORMAT"),
    ],
)
def test_a_number_that_is_none_is_refused(type: DocumentType, text: str, code: str) -> None:
    with pytest.raises(Invalid) as error:
        identify(type, text, TODAY)
    assert codes(error) == [("idNumber", f"ID_NUMBER_{code}")]


def test_a_refusal_does_not_print_the_number() -> None:
    with pytest.raises(Invalid) as error:
        identify(RESIDENT, "110105199003070021", TODAY)
    texts = [str(error.value), *(text for problem in error.value.problems for text in problem.words)]
    assert not any("11010519900307" in text for text in texts)
