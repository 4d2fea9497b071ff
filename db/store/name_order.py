"""The order of people's names by pinyin (姓名按拼音排序): a key beside the name, compared byte by byte."""

from __future__ import annotations

from functools import cache
from typing import Final

from pypinyin import Style, lazy_pinyin

# As surnames these characters are read otherwise than as words (现代汉语词典); the library knows the words alone.
SURNAMES: Final = {
    **{"曾": "zeng1", "单": "shan4", "解": "xie4", "仇": "qiu2", "区": "ou1", "查": "zha1", "任": "ren2", "华": "hua4"},
    **{"朴": "piao2", "乐": "yue4", "盖": "ge3", "葛": "ge3", "员": "yun4", "繁": "po2", "秘": "bi4", "黑": "he4"},
    **{"翟": "zhai2", "缪": "miao4", "覃": "qin2", "种": "chong2", "召": "shao4", "洗": "xian3", "折": "she2"},
    **{"句": "gou1", "过": "guo1", "燕": "yan1", "卜": "bu3", "隗": "wei3", "阚": "kan4", "佴": "nai4", "乜": "nie4"},
    **{"那": "na1", "相": "xiang4", "都": "du1", "干": "gan1", "哈": "ha3", "祭": "zhai4", "能": "nai4", "撒": "sa3"},
    **{"重": "chong2", "肖": "xiao1", "薄": "bo2", "占": "zhan1", "要": "yao1", "令": "ling2"},
}
COMPOUND: Final = {"单于": "chan2", "尉迟": "yu4", "万俟": "mo4", "长孙": "zhang3"}
"""Surnames of two characters whose first is read otherwise than alone."""


def name_order(name: str) -> str:
    """The key of a name: of each character the reading with its tone and itself, at last the name.

    All of one surname stand together, as in a telephone book; Latin letters stand before what is read.
    """
    return f"{_spelled(name, COMPOUND.get(name[:2]) or _surname(name[:1]))} {name}"


def beginnings(start: str) -> tuple[str, ...]:
    """The beginnings of the keys of exactly those names that begin so: two where a compound surname may, too."""
    known = [reading for surname, reading in COMPOUND.items() if surname.startswith(start)]
    first = COMPOUND.get(start[:2]) or _surname(start[:1])
    return tuple(_spelled(start, reading) for reading in (first, *(known if len(start) == 1 else ())))


def _spelled(name: str, first: str) -> str:
    readings = [first, *map(_reading, name[1:])]
    # What has no reading is marked: the letter a is no beginning of 阿.
    return ",".join(f"!{mark}" if one == mark else one + mark for one, mark in zip(readings, name, strict=False))


def _surname(first: str) -> str:
    return SURNAMES.get(first) or _reading(first)


@cache
def _reading(character: str) -> str:
    """The reading of a character by itself, as given names tell no context; one without a reading stays as it is."""
    return "".join(lazy_pinyin(character, style=Style.TONE3))


def named(name: str) -> dict[str, str]:
    """The columns of a nurse's name: whoever writes the one writes the other, or the table refuses it."""
    return {"name": name, "name_order": name_order(name)}
