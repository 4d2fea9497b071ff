"""Medical institutions: their code, their standard name, and where one stands."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from rules.errors import FieldProblem, Invalid, Words
from rules.label import Labelled
from rules.privacy import hidden_characters


class InstitutionState(Labelled):
    """Where an institution stands (机构状态); only an ACTIVE one confirms applications and issues codes."""

    PENDING = "PENDING", "待启用"
    ACTIVE = "ACTIVE", "正常"
    SUSPENDED = "SUSPENDED", "暂停"
    CLOSED = "CLOSED", "已关闭"


_ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # without I, O, S, V and Z, which are misread
_CODE: Final = re.compile(f"[{_ALPHABET}]{{2}}[0-9]{{6}}[{_ALPHABET}]{{10}}")
_MODULUS: Final = 31


def institution_code_check(first17: str) -> str:
    """The eighteenth character of a unified social credit code (GB 32100, MOD 31-3)."""
    total = sum(_ALPHABET.index(letter) * pow(3, place, _MODULUS) for place, letter in enumerate(first17))
    return _ALPHABET[-total % _MODULUS]


def institution_code(text: str, *, path: str = "code") -> str:
    """A unified social credit code (统一社会信用代码) in its one form, or Invalid saying what is wrong with it."""
    code = "".join(unicodedata.normalize("NFKC", text).upper().split())
    if not _CODE.fullmatch(code):
        zh = f"统一社会信用代码“{code}”应为18位数字或大写字母（不含I、O、S、V、Z），第3至8位为数字"
        en = f"{code!r} is not 18 digits and letters (no I, O, S, V, Z) of which the third to eighth are digits."
        raise Invalid(FieldProblem(path, "INSTITUTION_CODE_FORMAT", Words(zh, en)))
    if institution_code_check(code[:17]) != code[17]:
        zh = f"统一社会信用代码“{code}”末位校验码不符，请逐位核对"
        en = f"The last character of {code} does not match: check each character."
        raise Invalid(FieldProblem(path, "INSTITUTION_CODE_CHECK", Words(zh, en)))
    return code


_NAME: Final = re.compile(r"[0-9A-Za-z（）·\-—、〇\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003fffd]{4,100}")
_HAN: Final = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003fffd]")
_BRACKETS: Final = str.maketrans("()〔〕", "（）（）")


def standard_name(text: str, *, path: str = "name") -> str:
    """An institution's name as it is registered and compared (标准名称): NFKC, no spaces, full-width brackets."""
    if hidden := ", ".join(hidden_characters(text.strip())):
        words = Words(f"机构名称含有不可见字符（{hidden}），请删除", f"Remove the hidden characters: {hidden}.")
        raise Invalid(FieldProblem(path, "NAME_HIDDEN_CHARACTER", words))
    name = "".join(unicodedata.normalize("NFKC", text).split()).translate(_BRACKETS)
    if not (_NAME.fullmatch(name) and _HAN.search(name)):
        zh = f"机构名称“{name}”应为4至100个字，含汉字，只能使用汉字、字母、数字、括号、“·”、“、”和连接号"
        en = f"{name!r} is not 4 to 100 Han characters, letters, digits, brackets, · 、 and dashes with some Han."
        raise Invalid(FieldProblem(path, "INSTITUTION_NAME", Words(zh, en)))
    return name
