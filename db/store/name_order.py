"""The order of people's names by pinyin (姓名按拼音排序): a key beside the name, compared byte by byte."""

from __future__ import annotations

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
COMPOUND: Final = ("单于",)
"""Surnames of two characters whose first would be read otherwise alone; those of the others the library reads right."""


def name_order(name: str) -> str:
    """The key of a name: each character's reading with its tone, then the character, at last the name itself.

    All of one surname stand together, as in a telephone book; letters come by the alphabet, whatever their case.
    """
    tokens = [token for word in name.lower().replace("·", " ").split() for token in _read(word)]
    if name[:1] in SURNAMES and not name.startswith(COMPOUND):
        tokens[0] = SURNAMES[name[0]] + name[0]
    return f"{','.join(tokens)} {name}"


def _read(word: str) -> list[str]:
    if word.isascii():
        return [word]
    readings = lazy_pinyin(word, style=Style.TONE3, errors=list)
    return [mark if one == mark else one + mark for one, mark in zip(readings, word, strict=True)]


def named(name: str) -> dict[str, str]:
    """The columns of a nurse's name: whoever writes the one writes the other, or the table refuses it."""
    return {"name": name, "name_order": name_order(name)}
