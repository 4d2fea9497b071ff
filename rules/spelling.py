"""The meaning of what a person typed: one fold each for names, numbers and codes, phones, mail and user names.

Entering, comparing, searching, lists and counting all go through here. Each fold is settled: folding once more changes
nothing. Whether the result may be kept is for others to judge.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Final

from rules.errors import Words
from rules.ideographs import UNIFIED

_FILLERS: Final = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u3164\uffa0")
_REORDERING: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Controls that change the order in which letters are seen: with them, a name is not what it looks like."""
_DASHES: Final = re.compile("[-\u2010-\u2015\u2043\u2212\uff0d]")
_COUNTRY: Final = re.compile(r"^(tel:)?(\+?86|0086)?(?=1[0-9]{10}$)")
_CROSSES: Final = str.maketrans(dict.fromkeys("×✕✖╳ХΧ", "X"))
"""Signs and letters that look like the X of a document number, and are typed for it."""
_AROUND: Final = "'\"‘’“”,，。;；、"
"""Quotes and stops that cling to a number or an address copied out of a table or a sentence."""
_CERTIFICATE: Final = re.compile(r"(?:编号|NO|第)?[:.]?([0-9]{12})(?:-[0-9]{1,2})?号?")
_ROUNDED: Final = re.compile(r"\d(\.\d+)?E\+\d+", re.ASCII)
_APOSTROPHES: Final = str.maketrans(dict.fromkeys("‘’ʼ", "'"))
_DOT: Final = "·"
_DOTS: Final = str.maketrans(dict.fromkeys("•‧∙⋅・●⸱᛫。∶", _DOT))
"""Spellings of the one 间隔号 (GB/T 15834, U+00B7): where it stands, a keyboard, a form or a font has put these."""
HAN: Final = "〇\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003fffd"
"""Unified Han with its extensions (planes 2 and 3 hold rare name characters), compatibility Han, and the zero 〇."""
_STOPS: Final = str.maketrans(dict.fromkeys("。．｡", "."))
"""Full stops that a Chinese keyboard writes between the labels of a domain (RFC 3490, section 3.1)."""
_FULL_STOP: Final = re.compile(rf"(?<=[{HAN}·]) *\.|\.(?= *[{HAN}·])|(?<=[{HAN}][{HAN}])丶(?=[{HAN}][{HAN}])")
_NOTHING: Final = re.compile(r"[-\u2010-\u2015\u2212\u2500\uff0d/\uff0f\\\uff3c]+")
_BLANKS: Final = re.compile("[ \u1680]+")
_LOOSE: Final = re.compile(rf"(?<=[{HAN}]) (?=[{HAN}])| ?· ?")


Fold = Callable[[str], str]


def _settled(fold: Fold, text: str) -> str:
    """The text folded until it stays: NFKC can bring forth what another step folds, and the other way round."""
    while (folded := fold(text)) != text:
        text = folded
    return text


def unseen(character: str) -> bool:
    """True for what leaves no trace on paper: format characters, variation selectors, fillers."""
    selector = "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef"
    return selector or character in _FILLERS or unicodedata.category(character) == "Cf"


def _seen(text: str, *, besides: frozenset[str] = frozenset()) -> str:
    return unicodedata.normalize("NFKC", "".join(one for one in text if one in besides or not unseen(one)))


def _no_blanks(text: str) -> str:
    return "".join(text.split())


def name(text: str) -> str:
    """A person's name as it is kept (姓名): whole characters, one 间隔号, no blanks beside Han, one between words.

    A control that reorders letters stays, to be refused: without it the name would be another than the one seen.
    """
    return _settled(_name, text)


def _name(text: str) -> str:
    plain = _seen(text.strip(), besides=_REORDERING).translate(UNIFIED).translate(_DOTS)
    plain = _FULL_STOP.sub(_DOT, _BLANKS.sub(" ", plain))
    return re.sub("·+", _DOT, _LOOSE.sub(lambda found: found[0].strip(), plain)).strip()


def same_name(one: str, other: str) -> bool:
    """True if two spellings are one name, whatever the case, the blanks, the width and the dots."""
    return name_key(one) == name_key(other)


def name_key(text: str) -> str:
    """A name as names are compared."""
    return _settled(_name_key, text)


def _name_key(text: str) -> str:
    plain = _no_blanks(_seen(text).translate(UNIFIED).translate(_DOTS).translate(_APOSTROPHES)).casefold()
    return re.sub("[·.]+", _DOT, _FULL_STOP.sub(_DOT, _DASHES.sub("-", plain)))


def code(text: str) -> str:
    """A number of a document or a certificate, or any other code (证件号码、证书编号): no blanks, no hyphens."""
    return _settled(lambda one: _DASHES.sub("", _code(one)), text)


def _code(text: str) -> str:
    return _no_blanks(_seen(text)).strip(_AROUND).upper().translate(_CROSSES)


def certificate(text: str) -> str:
    """A certificate number (护士执业证书编号) without the words around it and without the serial printed behind it."""
    plain = _settled(lambda one: _DASHES.sub("-", _code(one)), text)
    printed = _CERTIFICATE.fullmatch(plain)
    return printed[1] if printed else code(text)


def receipt(text: str) -> str:
    """A receipt number (受理编号), whose parts are joined by hyphens."""
    return _settled(lambda one: _DASHES.sub("-", _code(one)), text)


def rounded(text: str) -> bool:
    """True if a spreadsheet has rounded a long number (1.10199E+17): its last digits are lost."""
    return _ROUNDED.fullmatch(code(text)) is not None


ROUNDED: Final = Words(
    "号码被电子表格取整（如1.10199E+17），末几位已丢失：请将该列设为文本格式后重新填写",
    "The spreadsheet has rounded this number and lost its last digits: format the column as text and enter it again.",
)


def cell(text: str) -> str:
    """A spreadsheet's cell without the marks by which it is told to be text: '110… and ="110…".

    A dash or a stroke alone is how people leave a cell empty.
    """
    plain = text.strip()
    if _NOTHING.fullmatch(plain):
        return ""
    quoted = re.fullmatch(r'=\s*"(.*)"', plain, re.DOTALL)
    return (quoted[1] if quoted else plain.removeprefix("'").removeprefix("’")).strip()


def phone(text: str) -> str:
    """A phone number (手机号): no blanks, hyphens, dots, brackets, and no country before a mainland mobile number."""
    return _settled(lambda one: _COUNTRY.sub("", re.sub("[().]", "", code(one).lower())), text)


def mail(text: str) -> str:
    """A mail address (邮箱) in small letters; blanks inside it stay, since two addresses may stand there."""
    return _settled(_mail, text)


def _mail(text: str) -> str:
    plain = _seen(text).strip().lower().removeprefix("mailto:")
    return plain.strip(_AROUND + "<>").translate(_STOPS)


def user_name(text: str) -> str:
    """A user name (用户名) in the case in which it was chosen."""
    return _settled(lambda one: _no_blanks(_seen(one)), text)


def sign_in_name(text: str) -> str:
    """A user name, phone or mail address as an account is found by it, and as its tries are counted."""
    return mail(text) if "@" in _seen(text) else phone(text)


def change_note(typed: str, kept: str) -> Words | None:
    """The changes to a name as it was typed; None if there are none."""
    if typed == kept:
        return None
    changes = [_change(one) for one in dict.fromkeys(typed) if one not in kept]
    zh, en = "、".join(one.zh for one in changes), ", ".join(one.en for one in changes)
    detail = Words(f"（{zh}）", f" ({en})") if changes else Words("", "")
    return Words(f"姓名按“{kept}”登记{detail.zh}", f"The name is kept as {kept}{detail.en}.")


def _change(one: str) -> Words:
    point, folded = f"U+{ord(one):04X}", _settled(_name, one)
    if unseen(one):
        return Words(f"已去掉不可见字符{point}", f"the unseen {point} was left out")
    if not one.strip():
        return Words("已去掉空格", "blanks were left out")
    folded = _DOT if folded == "." else folded
    return Words(f"“{one}”（{point}）已改为“{folded}”", f"{one} ({point}) became {folded}")
