"""Identity documents and names: the form of each number, and the facts about a person in it.

The key of a person is type + number, so every number is brought into one form first.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Final

from rules import spelling
from rules.errors import FieldProblem, Invalid, Words
from rules.label import Labelled
from rules.nurse import Sex
from rules.privacy import hidden_characters
from rules.spelling import HAN


class DocumentType(Labelled):
    """Type of identity document (证件类型)."""

    RESIDENT_ID = "RESIDENT_ID", "内地居民身份证"
    HK_MACAO_PERMIT = "HK_MACAO_PERMIT", "港澳居民来往内地通行证"
    TAIWAN_PERMIT = "TAIWAN_PERMIT", "台湾居民来往大陆通行证"
    HMT_RESIDENCE_PERMIT = "HMT_RESIDENCE_PERMIT", "港澳台居民居住证"
    FOREIGN_PERMANENT_RESIDENCE = "FOREIGN_PERMANENT_RESIDENCE", "外国人永久居留身份证"
    PASSPORT = "PASSPORT", "护照"


@dataclass(frozen=True, slots=True)
class Identity:
    """A checked document; sex and birth date where the number tells them."""

    type: DocumentType
    number: str
    birth_date: date | None = None
    sex: Sex | None = None


@dataclass(frozen=True, slots=True)
class _Shape:
    """The form of a type's numbers; `regions` are the prefixes of a number with a birth date in it."""

    pattern: str
    zh: str
    en: str
    regions: str = ""


# Counties come and go, so a region is judged by its province alone: codes long since abolished stay valid.
_PROVINCES: Final = "1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]"
_EIGHTEEN: Final = r"\d{17}[\dX]"
_SHAPES: Final[dict[DocumentType, _Shape]] = {
    DocumentType.RESIDENT_ID: _Shape(
        rf"{_EIGHTEEN}|\d{{15}}",
        "18位（末位可为X），或旧版15位数字",
        "18 digits (the last may be X), or the old 15",
        _PROVINCES,
    ),
    DocumentType.HK_MACAO_PERMIT: _Shape(r"[HM]\d{8}(\d\d)?", "H或M加8位数字", "H or M and 8 digits"),
    DocumentType.TAIWAN_PERMIT: _Shape(r"\d{8}", "8位数字", "8 digits"),
    DocumentType.HMT_RESIDENCE_PERMIT: _Shape(
        _EIGHTEEN, "18位（末位可为X）", "18 digits (the last may be X)", "810000|820000|830000"
    ),
    DocumentType.FOREIGN_PERMANENT_RESIDENCE: _Shape(
        rf"{_EIGHTEEN}|[A-Z]{{3}}\d{{12}}",
        "18位，或旧版3位字母加12位数字",
        "18 digits, or the old 3 letters and 12 digits",
        "9",
    ),
    DocumentType.PASSPORT: _Shape(r"(?=.*\d)[A-Z0-9]{5,17}", "5至17位字母或数字", "5 to 17 letters and digits"),
}
_EIGHTEENS: Final = [one for one, shape in _SHAPES.items() if shape.regions]
_EARLIEST: Final = date(1900, 1, 1)
_LEGACY, _FULL, _PERMIT = 15, 18, 9


def identify(type: DocumentType, number: str, today: date, *, path: str = "idNumber") -> Identity:
    """The document that a typed-in number stands for, or Invalid saying what is wrong with it.

    It is read as `spelling.code` reads it; a legacy 15-digit number becomes its 18-digit form, and a Hong Kong or Macao
    permit loses the two digits that count its re-issues.
    """
    text = spelling.code(number)
    if spelling.rounded(number):
        raise Invalid(FieldProblem(path, "ID_NUMBER_ROUNDED", spelling.ROUNDED))
    shape = _SHAPES[type]
    if not re.fullmatch(shape.pattern, text, re.ASCII):
        zh, en = _strange(text)
        raise _invalid(path, "FORMAT", f"{type.label}号码应为{shape.zh}{zh}", f"The number must be {shape.en}{en}.")
    if type is DocumentType.RESIDENT_ID and len(text) == _LEGACY:
        text = f"{text[:6]}19{text[6:]}"
        text += check_digit(text)
    if type is DocumentType.HK_MACAO_PERMIT:
        text = text[:_PERMIT]
    return _read(type, text, today, path) if shape.regions and len(text) == _FULL else Identity(type, text)


def _strange(number: str) -> Words:
    """The characters that stand in no number of a document, told after what is wrong; empty if there are none."""
    found = "".join(dict.fromkeys(filter(str.isprintable, re.sub("[0-9A-Z]", "", number))))[:5]
    return Words(f"，不能有“{found}”", f", without {found}") if found else Words("", "")


def looked_up(text: str, *, path: str = "idNumber") -> str:
    """The one number, of whatever type of document, that a search means; Invalid where there can be no such number.

    What is as long as a resident number and has nothing but digits is none of a passport (ICAO 9303 has nine).
    """
    long = re.fullmatch(rf"\d{{{_LEGACY - 1},}}X?", spelling.code(text), re.ASCII)
    for one in _EIGHTEENS if long else DocumentType:
        with suppress(Invalid):
            return identify(one, text, date.max, path=path).number
    if long or spelling.rounded(text):
        identify(DocumentType.RESIDENT_ID, text, date.max, path=path)
    raise _invalid(path, "FORMAT", "不是任何一种证件的号码", "No document has such a number.")


def check_digit(first17: str) -> str:
    """The eighteenth character of a citizen identity number (GB 11643: ISO 7064, MOD 11-2)."""
    total = sum(int(digit) * pow(2, 17 - place, 11) for place, digit in enumerate(first17))
    return "10X98765432"[total % 11]


def _read(type: DocumentType, number: str, today: date, path: str) -> Identity:
    """Region, birth date, sex and check digit of an 18-digit number."""
    if not re.match(_SHAPES[type].regions, number):
        start = number[:2]
        raise _invalid(
            path, "REGION", f"号码开头“{start}”不是有效的地区代码", f"No region of this document begins with {start}."
        )
    born = _birth_date(number[6:14], today, path)
    if check_digit(number[:17]) != number[17]:
        zh, en = (
            f"末位校验码“{number[17]}”不符，请逐位核对",
            f"The last character {number[17]} does not match: check each digit.",
        )
        raise _invalid(path, "CHECK_DIGIT", zh, en)
    return Identity(type, number, born, Sex.MALE if int(number[16]) % 2 else Sex.FEMALE)


def _birth_date(digits: str, today: date, path: str) -> date:
    try:
        born = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        raise _invalid(
            path, "BIRTH_DATE", f"号码中的出生日期{digits}不存在", f"There is no such birth date: {digits}."
        ) from None
    if not _EARLIEST <= born <= today:
        zh, en = (
            f"号码中的出生日期{born}应在{_EARLIEST}至今天之间",
            f"The birth date {born} must lie between {_EARLIEST} and today.",
        )
        raise _invalid(path, "BIRTH_DATE", zh, en)
    return born


def _invalid(path: str, code: str, zh: str, en: str) -> Invalid:
    return Invalid(FieldProblem(path, f"ID_NUMBER_{code}", Words(zh, en)))


_LATIN: Final = "A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u1e00-\u1eff"
_HAN_NAME: Final = re.compile(f"[{HAN}]+(·[{HAN}]+)*")
_ANY_NAME: Final = re.compile(f"[{HAN}{_LATIN}]+([·.,'’ -]{{1,2}}[{HAN}{_LATIN}]+)*[.]?")
_SHORTEST, _LONGEST = 2, 50


def readable(name: str) -> bool:
    """True if a folded spelling is a name, all Han or all Latin, so that machines may compare it."""
    latin = re.search(f"[{_LATIN}]", name) is not None
    return (_ANY_NAME if latin and not re.search(f"[{HAN}]", name) else _HAN_NAME).fullmatch(name) is not None


def person_name(text: str, type: DocumentType, *, path: str = "name") -> str:
    """A person's name as the register keeps it (`spelling.name`), or Invalid saying what is wrong with it.

    With a resident ID card it is Han characters and `·` only; other documents may spell it in Latin letters too.
    """
    name = spelling.name(text)
    if hidden := ", ".join(hidden_characters(name)):
        words = Words(f"姓名含有不可见字符（{hidden}），请删除", f"Remove the hidden characters: {hidden}.")
        raise Invalid(FieldProblem(path, "TEXT_HIDDEN_CHARACTER", words))
    if not _SHORTEST <= len(name) <= _LONGEST:
        words = Words(
            f"姓名为{len(name)}个字，应为2至50个字", f"The name has {len(name)} characters: 2 to 50 are allowed."
        )
        raise Invalid(FieldProblem(path, "NAME_LENGTH", words))
    chinese = type is DocumentType.RESIDENT_ID
    if not (_HAN_NAME if chinese else _ANY_NAME).fullmatch(name):
        zh, en = (
            ("汉字和“·”", "Han characters and ·") if chinese else ("汉字或拉丁字母", "Han characters or Latin letters")
        )
        words = Words(f"姓名“{name}”只能使用{zh}", f"The name {name!r} may use {en} only.")
        raise Invalid(FieldProblem(path, "NAME_CHARACTERS", words))
    return name
