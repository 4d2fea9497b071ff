"""What a person meant: every spelling that people, forms and spreadsheets bring is read as the one thing it stands for."""

from __future__ import annotations

import re
import shutil
import subprocess
import unicodedata
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules import spelling
from rules.account import user_name
from rules.activation import certificate_number, same_certificate
from rules.activation_code import normalized
from rules.captcha import readings
from rules.collective_list import read_list
from rules.contact import email_address, phone_number
from rules.direct_registration import _number
from rules.errors import Invalid
from rules.identity import DocumentType, check_digit, identify, looked_up, person_name
from rules.ideographs import UNIFIED
from rules.institution import institution_code, standard_name
from rules.kinds import Kind
from rules.list_table import text_table
from rules.matching import Entry, Exam, judge
from rules.passwords import PasswordPolicy
from rules.registration import RegistrationStatus
from rules.staff import display_name
from rules.verification import IdentityOutcome

TODAY = date(2026, 11, 29)
RESIDENT = DocumentType.RESIDENT_ID
NUMBER = "11010119830914154" + check_digit("11010119830914154")
LEGACY = NUMBER[:6] + NUMBER[8:17]
UIGHUR = "阿依古丽·买买提江"


def codes(error: pytest.ExceptionInfo[Invalid]) -> list[str]:
    return [problem.code for problem in error.value.problems]


DOTS = [
    "·",
    "．",
    ".",
    "•",
    "‧",
    "・",
    "∙",
    "⋅",
    "･",
    "●",
    "··",
    "．．",
    " · ",
    " • ",
    "•·",
    ". ",
    "\u200b·",
    "\u0387",
    "﹒",
    "。",
    "丶",
    "∶",
]


@pytest.mark.feature("N1", "N5")
@pytest.mark.parametrize("dot", DOTS)
def test_the_one_dot_of_a_name_is_read_in_every_spelling(dot: str) -> None:
    """GB/T 15834 has one 间隔号; exam library, identity card and keyboards write it in their own ways."""
    typed = f"阿依古丽{dot}买买提江"
    assert person_name(typed, RESIDENT) == UIGHUR
    entry = Entry(typed, RegistrationStatus.VALID)
    assert judge(UIGHUR, entry, []) is IdentityOutcome.REGISTERED
    assert judge(UIGHUR, None, [Exam(typed, 2015)]) is IdentityOutcome.EXAM_PASSED


@pytest.mark.feature("N1")
@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("⽅晓", "方晓"),  # Kangxi radical
        ("⻢丽", "马丽"),  # CJK Radicals Supplement
        ("⻓孙⽆忌", "长孙无忌"),
        ("⻰⻩⻬", "龙黄齐"),
        ("㇐㇒㇔", "一丿丶"),  # CJK Strokes
        ("方\ufe00晓", "方晓"),
        ("方\U000e0100晓", "方晓"),
        ("方\u180b晓", "方晓"),
        ("方\u200b晓", "方晓"),
        ("方\u2060晓", "方晓"),
        ("\ufeff方晓", "方晓"),
        ("方\u200d晓", "方晓"),
        ("方\u00ad晓", "方晓"),
        ("方\u3164晓", "方晓"),
        ("方\u200e晓\u200f", "方晓"),
        ("\uf91d英", "欄英"),  # compatibility ideograph
        ("李\U0002f9f4", "李" + unicodedata.normalize("NFKC", "\U0002f9f4")),
        ("李　娜", "李娜"),
        ("李\u00a0娜", "李娜"),
        ("李\u2003\u2009娜", "李娜"),
        ("  李娜\n", "李娜"),
        ("㊀李", "一李"),
    ],
)
def test_a_name_in_which_nothing_is_wrong_to_see_is_taken_in_its_right_form(typed: str, kept: str) -> None:
    assert person_name(typed, RESIDENT) == kept
    assert spelling.same_name(typed, kept)


@pytest.mark.feature("N1")
@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Ｍａｒｙ Ｊａｎｅ", "Mary Jane"),
        ("Mary  Jane", "Mary Jane"),
        ("Mary\u00a0Jane", "Mary Jane"),
        ("Jose\u0301 Núñez", "José Núñez"),
        ("Smith, J.", "Smith, J."),
        ("Maﬃa Rose", "Maffia Rose"),
    ],
)
def test_a_latin_name_keeps_its_words_and_stops(typed: str, kept: str) -> None:
    assert person_name(typed, DocumentType.PASSPORT) == kept


@pytest.mark.feature("N5")
@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("MARY JANE O’NEIL", "Mary Jane O'Neil"),
        ("ｍａｒｙｊａｎｅ", "Mary Jane"),
        ("Jean‐Paul Marat", "Jean-Paul Marat"),
        ("J.R. Doe", "J·R·Doe"),
        ("GROSSE Weiß", "Große Weiss"),
        ("王\u202e芳", "王芳"),
    ],
)
def test_two_spellings_compare_as_one_name(one: str, other: str) -> None:
    assert spelling.same_name(one, other)


@pytest.mark.feature("N5")
@pytest.mark.parametrize(
    ("one", "other"), [("阿依古丽买买提江", UIGHUR), ("王芳", "王方"), ("吕丽", "呂丽"), ("", "王芳")]
)
def test_two_names_stay_two(one: str, other: str) -> None:
    assert not spelling.same_name(one, other)


@pytest.mark.feature("N1")
@pytest.mark.parametrize("control", "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
def test_a_name_that_is_not_what_it_looks_like_is_refused(control: str) -> None:
    """What reorders letters is not simply left out: 晓U+202E方 is seen as another name than is kept."""
    with pytest.raises(Invalid) as refusal:
        person_name(f"王{control}芳", RESIDENT)
    assert codes(refusal) == ["TEXT_HIDDEN_CHARACTER"]


@pytest.mark.feature("N1", "N3")
@pytest.mark.parametrize(
    ("typed", "zh"),
    [
        ("⽅晓", "姓名按“方晓”登记（“⽅”（U+2F45）已改为“方”）"),
        ("⻢丽", "姓名按“马丽”登记（“⻢”（U+2EE2）已改为“马”）"),
        ("方\ufe00晓", "姓名按“方晓”登记（已去掉不可见字符U+FE00）"),
        ("李　娜", "姓名按“李娜”登记（已去掉空格）"),
        ("阿依古丽.买买提江", f"姓名按“{UIGHUR}”登记（“.”（U+002E）已改为“·”）"),
        ("阿依古丽··买买提江", f"姓名按“{UIGHUR}”登记"),
    ],
)
def test_what_was_changed_in_a_name_is_told(typed: str, zh: str) -> None:
    words = spelling.change_note(typed, person_name(typed, RESIDENT))
    assert words is not None
    assert words.zh == zh


@pytest.mark.feature("N3")
def test_a_name_kept_as_typed_tells_nothing() -> None:
    assert spelling.change_note(UIGHUR, UIGHUR) is None


NUMBERS = [
    "110101 19830914 154{}", "\u202d{0}\u202c", "\ufeff{0}", "{0}\u200b", "110101-19830914-154{}", "110101–19830914–154{}",
    "１１０１０１１９８３０９１４１５４{}", "\u2066{0}\u2069", "{0}\u3000", "11 01 01\u00a01983\u20090914 154{}",
]  # fmt: skip


@pytest.mark.feature("N1", "I16")
@pytest.mark.parametrize("typed", NUMBERS)
def test_a_resident_number_is_read_through_what_clings_to_it(typed: str) -> None:
    text = typed.format(NUMBER if "{0}" in typed else NUMBER[-1])
    assert identify(RESIDENT, text, TODAY).number == NUMBER
    assert looked_up(text) == NUMBER


@pytest.mark.feature("I10", "I11")
@pytest.mark.parametrize(
    ("typed", "found"),
    [
        (LEGACY, NUMBER),
        (f" {LEGACY[:6]} {LEGACY[6:]} ", NUMBER),
        (NUMBER.lower(), NUMBER),
        ("h1234567801", "H12345678"),
        ("E1234 5678", "E12345678"),
        ("12345678", "12345678"),
        ("USA110079091501", "USA110079091501"),
        (
            "81000019900307002" + check_digit("81000019900307002"),
            "81000019900307002" + check_digit("81000019900307002"),
        ),
        (
            "91184019900307001" + check_digit("91184019900307001"),
            "91184019900307001" + check_digit("91184019900307001"),
        ),
    ],
)
def test_a_search_means_one_number_whatever_the_document(typed: str, found: str) -> None:
    assert looked_up(typed) == found


@pytest.mark.feature("I10", "I11")
@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("x", "FORMAT"),
        ("", "FORMAT"),
        ("110***********56", "FORMAT"),
        (NUMBER[:-1], "FORMAT"),
        (NUMBER + "1", "FORMAT"),
        (NUMBER[:-1] + ("0" if NUMBER[-1] != "0" else "1"), "CHECK_DIGIT"),
        ("110101198313011543", "BIRTH_DATE"),
        ("000101198309141543", "REGION"),
        ("1.10199E+17", "ROUNDED"),
    ],
)
def test_a_number_that_cannot_be_one_is_refused_and_finds_nothing_silently(typed: str, code: str) -> None:
    with pytest.raises(Invalid) as refusal:
        looked_up(typed)
    assert codes(refusal) == [f"ID_NUMBER_{code}"]


@pytest.mark.feature("I16")
@pytest.mark.parametrize("typed", ["1.10199E+17", "1.10199e+17", "１.１０１９９Ｅ＋１７", "1E+17", " 1.10199E+17 "])
def test_a_number_that_a_spreadsheet_rounded_is_told_so(typed: str) -> None:
    for read in (lambda: identify(RESIDENT, typed, TODAY), lambda: certificate_number(typed, "certificateNumber")):
        with pytest.raises(Invalid) as refusal:
            read()
        assert codes(refusal)[0].endswith("_ROUNDED")
        assert "文本格式" in refusal.value.problems[0].words.zh


@pytest.mark.parametrize("typed", ["E1234567", "1E12345", "110101198309141543"])
def test_a_number_with_an_e_is_not_taken_for_a_rounded_one(typed: str) -> None:
    assert not spelling.rounded(typed)


@pytest.mark.feature("I16")
@pytest.mark.parametrize(
    ("cell", "read"),
    [
        (f"'{NUMBER}", NUMBER), (f'="{NUMBER}"', NUMBER), (f'"=""{NUMBER}"""', NUMBER), (f"’{NUMBER}", NUMBER),
        (f"\t{NUMBER}", NUMBER), (f"\u202d{NUMBER}\u202c", NUMBER), (f"110101 1983 0914 154{NUMBER[-1]}", NUMBER),
    ],
)  # fmt: skip
def test_a_list_is_read_however_a_spreadsheet_marks_a_number_as_text(cell: str, read: str) -> None:
    (row,) = read_list(Kind.RENEWAL, [text_table(f"姓名,身份证号\n李　娜,{cell}\n".encode())])
    assert row.problems == ()
    assert row.named == {"name": "李娜", "idNumber": read}


@pytest.mark.feature("I16")
def test_a_rounded_certificate_number_in_a_list_is_told_in_its_row() -> None:
    (row,) = read_list(Kind.RENEWAL, [text_table("护士执业证书编号\n2.01111E+11\n".encode())])
    assert [(one.path, one.code) for one in row.problems] == [("certificateNumber", "CERTIFICATE_NUMBER_ROUNDED")]


@pytest.mark.feature("N9")
@pytest.mark.parametrize(
    "typed", ["2011 1100 2233", "２０１１１１００２２３３", "2011-1100-2233", "\u202d201111002233\u202c"]
)
def test_a_certificate_number_is_one_wherever_it_is_given(typed: str) -> None:
    assert certificate_number(typed, "certificateNumber") == _number("certificateNumber", typed) == "201111002233"
    assert same_certificate(typed, "201111002233")


@pytest.mark.feature("N10", "N4", "A7")
def test_every_other_code_is_read_by_the_same_rule() -> None:
    assert normalized("ab1-0\u200bo il２") == "AB100112"
    assert "AC34" in readings("\u200bａｃ ３4")
    assert institution_code("91110000-60003734\u200b1L") == "91110000600037341L"
    assert spelling.receipt(" 110105–2026－000123\u200b") == "110105-2026-000123"


@pytest.mark.feature("N2")
@pytest.mark.parametrize(
    "typed", ["\u202d13912345678\u202c", "139\u200b12345678", "\ufeff139 1234 5678", "+86 139-1234-5678", "００８６１３９１２３４５６７８",
              "（86）13912345678"[4:], "139–1234–5678"],
)  # fmt: skip
def test_a_phone_number_is_read_through_what_clings_to_it(typed: str) -> None:
    assert phone_number(typed) == "13912345678"


@pytest.mark.feature("N2")
@pytest.mark.parametrize(
    "typed",
    [
        "\u202dLan@Example.com\u202c",
        "lan\u200b@example.com",
        "\ufefflan@example.com ",
        "ｌａｎ＠ｅｘａｍｐｌｅ．ｃｏｍ",
    ],
)
def test_a_mail_address_is_read_through_what_clings_to_it(typed: str) -> None:
    assert email_address(typed) == "lan@example.com"


@pytest.mark.feature("N2", "N4")
@pytest.mark.parametrize(
    "typed", ["operator03 ", "ｏｐｅｒａｔｏｒ０３", "oper\u200bator03", "\ufeffoperator03", "operator 03"]
)
def test_a_user_name_is_entered_and_found_as_it_is_meant(typed: str) -> None:
    assert user_name(typed) == spelling.sign_in_name(typed) == "operator03"
    with pytest.raises(Invalid) as refusal:
        PasswordPolicy().require("my-operator03-secret", user_name=typed)
    assert codes(refusal) == ["PASSWORD_IS_USER_NAME"]


@pytest.mark.feature("N4")
def test_tries_of_two_mail_boxes_are_not_counted_together() -> None:
    assert spelling.sign_in_name("a-b@x.cn") != spelling.sign_in_name("ab@x.cn")
    assert spelling.sign_in_name("+86 139-1234-5678") == "13912345678"


@pytest.mark.feature("A7", "I8")
def test_names_of_places_and_of_staff_are_folded_as_those_of_nurses() -> None:
    assert standard_name("北京⽅•晓 医\u200b院") == "北京方·晓医院"
    assert display_name(" 李　娜\ufe00 ") == "李娜"


@pytest.mark.feature("N1")
def test_radicals_stand_for_the_characters_that_unicode_says() -> None:
    """The table is the property EquivalentUnifiedIdeograph (Unicode 14.0), as perl's own copy has it."""
    assert len(UNIFIED) == 134
    assert all(unicodedata.normalize("NFKC", chr(found)) == chr(found) for found in UNIFIED.values())
    assert (UNIFIED[0x2EE2], UNIFIED[0x2E81], UNIFIED[0x31E1]) == (0x9A6C, 0x5382, 0x2010E)
    perl = shutil.which("perl")
    if perl is None:
        return
    where = subprocess.run([perl, "-e", "print join qq{\\n}, @INC"], capture_output=True, text=True, check=True).stdout
    for folder in map(Path, where.split("\n")):
        if (table := folder / "unicore/To/EqUIdeo.pl").exists():
            assert _property(table) == {**UNIFIED, **_kangxi()}


def _kangxi() -> dict[int, int]:
    """NFKC has these of its own."""
    return {one: ord(unicodedata.normalize("NFKC", chr(one))) for one in range(0x2F00, 0x2FD6)}


def _property(table: Path) -> dict[int, int]:
    found = {}
    for first, last, to in re.findall(r"^([0-9A-F]{4})\t([0-9A-F]*)\t([0-9A-F]+)$", table.read_text(), re.MULTILINE):
        found |= dict.fromkeys(range(int(first, 16), int(last or first, 16) + 1), int(to, 16))
    return found


ANY = st.text(st.characters(codec="utf-8"), max_size=20)
LIKELY = st.text(st.sampled_from("王⽅⻢芳·．.• 　\u200b\ufe00\u202eＡaé\u0301-’()1０Ｘ@\u3164ﬃ㈱ ̈"), max_size=12)
FOLDS = [spelling.name, spelling.name_key, spelling.code, spelling.receipt, spelling.phone, spelling.mail]
FOLDS += [spelling.user_name, spelling.sign_in_name]


@pytest.mark.parametrize("fold", FOLDS, ids=lambda fold: fold.__name__)
@given(text=ANY | LIKELY)
def test_folding_once_more_changes_nothing(fold: spelling.Fold, text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(text=ANY | LIKELY, type=st.sampled_from(DocumentType))
def test_a_name_that_was_entered_compares_as_it_was_typed(text: str, type: DocumentType) -> None:
    try:
        kept = person_name(text, type)
    except Invalid:
        return
    assert spelling.same_name(kept, text)
    assert person_name(kept, type) == kept
    assert spelling.name(text) == kept


NOISE = st.lists(
    st.sampled_from(["", " ", "-", "\u200b", "\u202d", "\ufeff", "\u3000", "－"]), min_size=19, max_size=19
)


@given(noise=NOISE, wide=st.booleans())
def test_a_number_that_was_entered_is_found_as_it_was_typed(noise: list[str], wide: bool) -> None:
    digits = [chr(ord(one) + 0xFEE0) if wide else one for one in NUMBER]
    text = "".join(one for pair in zip(noise, [*digits, ""], strict=True) for one in pair)
    assert identify(RESIDENT, text, TODAY).number == looked_up(text) == NUMBER


@given(text=ANY | LIKELY | st.from_regex(r"[A-Za-z][A-Za-z0-9]{5,11} ?", fullmatch=True))
def test_a_user_name_that_was_entered_is_found_as_it_was_typed(text: str) -> None:
    try:
        chosen = user_name(text)
    except Invalid:
        return
    assert spelling.sign_in_name(text) == spelling.sign_in_name(chosen) == chosen.lower()


@given(text=ANY | LIKELY | st.from_regex(r" ?1[3-9][0-9]{9}", fullmatch=True))
def test_a_phone_that_was_entered_is_found_as_it_was_typed(text: str) -> None:
    try:
        kept = phone_number(text)
    except Invalid:
        return
    assert spelling.sign_in_name(text) == kept


@given(text=ANY | LIKELY | st.from_regex(r"[a-z]{1,3}(-[a-z])?@[a-z]{2}\.cn", fullmatch=True))
def test_a_mail_box_that_was_entered_is_found_as_it_was_typed(text: str) -> None:
    try:
        kept = email_address(text)
    except Invalid:
        return
    assert spelling.sign_in_name(text) == kept


@pytest.mark.feature("N1")
@pytest.mark.parametrize("cross", ["x", "ｘ", "×", "✕", "╳", "Х", "х", "Χ", "χ"])
def test_whatever_is_typed_for_the_x_of_an_id_number_is_the_x(cross: str) -> None:
    number = next(f"{first}X" for n in range(1000) if check_digit(first := f"11010119830914{n:03}") == "X")
    assert identify(RESIDENT, number[:-1] + cross, TODAY).number == number


@pytest.mark.feature("N1")
@pytest.mark.parametrize("around", ["'{}", "‘{}", '"{}"', "“{}”", "{}，", "{}。", "{}；", " {} 、"])
def test_what_clings_to_a_copied_number_is_left_out(around: str) -> None:
    assert identify(RESIDENT, around.format(NUMBER), TODAY).number == NUMBER
    assert certificate_number(around.format("202611000001"), "number") == "202611000001"
    assert phone_number(around.format("13800000022")) == "13800000022"
    assert email_address(around.format("linxm@example.cn")) == "linxm@example.cn"


@pytest.mark.feature("N1")
@pytest.mark.parametrize(
    "typed",
    [
        "No.202611000648",
        "NO：202611000648",
        "编号:202611000648",
        "第202611000648号",
        "202611000648-2",
        "202611000648－12",
    ],
)
def test_a_certificate_number_is_read_as_it_is_printed(typed: str) -> None:
    """The certificate shows the serial behind the number; the words around it stand on the cover."""
    assert certificate_number(typed, "number") == "202611000648"
    assert same_certificate(typed, "202611000648")


@pytest.mark.feature("N1")
@pytest.mark.parametrize("typed", ["86 13800000022", "tel:13800000022", "tel:+86-138-0000-0022", "138.0000.0022"])
def test_a_phone_number_copied_from_a_card_is_read(typed: str) -> None:
    assert phone_number(typed) == "13800000022"


@pytest.mark.feature("N1")
@pytest.mark.parametrize(
    "typed", ["linxm@example。cn", "<linxm@example.cn>", "mailto:linxm@example.cn", "linxm＠example．cn"]
)
def test_a_mail_address_copied_from_a_card_is_read(typed: str) -> None:
    assert email_address(typed) == "linxm@example.cn"


@pytest.mark.feature("N1")
def test_a_character_that_no_number_has_is_named() -> None:
    with pytest.raises(Invalid) as refused:
        identify(RESIDENT, "110101#98309141/43", TODAY)
    assert refused.value.problems[0].words.zh == "内地居民身份证号码应为18位（末位可为X），或旧版15位数字，不能有“#/”"
