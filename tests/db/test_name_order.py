"""The order of names by pinyin: a key that the table demands with each name, and what begins as a name does."""

from __future__ import annotations

from itertools import product

import asyncpg
import pytest

from db.store.name_order import COMPOUND, SURNAMES, beginnings, name_order
from tests.support.world import Cast, World

TELEPHONE_BOOK = (
    *("JOY TAN", "MARIA CRUZ", "阿依古丽", "曹丽", "单于红", "李", "李爱", "里红", "林小满", "玛依热·爱尼", "马丽"),
    *("万俟雪", "区晓红", "欧阳娜", "仇英", "山丽", "单雄信", "万丽", "尉明", "解珍", "尉迟恭", "曾丽", "张伟", "章伟"),
)
"""By the surname's reading: 曾 is Zeng and not Ceng, 单 Shan, 解 Xie, 仇 Qiu, 区 Ou, 尉迟 Yuchi, 万俟 Moqi."""
ODD = ("", "·", "阿", "阿Q", "a阿", "ai", "艾a", "〇", "𰻝丽", "䶮", "José", "王 王")


@pytest.mark.feature("I10")
def test_names_stand_as_in_a_telephone_book() -> None:
    assert sorted(TELEPHONE_BOOK) != [*TELEPHONE_BOOK]
    assert tuple(sorted(TELEPHONE_BOOK, key=name_order)) == TELEPHONE_BOOK


def test_all_of_one_surname_stand_together() -> None:
    """张 and 章 sound alike, and do not mingle."""
    assert sorted(("章伟", "张一", "章一", "张伟"), key=name_order) == ["张伟", "张一", "章伟", "章一"]


def test_every_surname_of_the_list_is_one_character_with_a_reading() -> None:
    assert all(len(surname) == 1 and reading[-1] in "1234" for surname, reading in SURNAMES.items())
    assert all(len(surname) == 2 and reading[-1] in "1234" for surname, reading in COMPOUND.items())


def test_a_key_begins_so_exactly_where_the_name_does() -> None:
    names = (*TELEPHONE_BOOK, *ODD, *COMPOUND)
    starts = {name[:length] for name in names for length in range(len(name) + 1)}
    wrong = [
        (name, start)
        for name, start in product(names, starts)
        if name.startswith(start) != name_order(name).startswith(beginnings(start))
    ]
    assert wrong == []


@pytest.mark.parametrize("change", ["name = '李四'", "name_order = 'x'", "name_order = ' 李四'"])
async def test_the_table_refuses_a_name_without_its_key(world: World, cast: Cast, change: str) -> None:
    with pytest.raises(asyncpg.CheckViolationError):
        await world.owner.execute(f"update nurse set {change} where id = $1", cast.nurse_id)


async def test_the_key_of_a_name_is_no_change_of_a_record(world: World, cast: Cast) -> None:
    await world.rename(cast.nurse_id, "李四")
    rows = await world.owner.fetch("select field, before, after from nurse_change where nurse_id = $1", cast.nurse_id)
    assert [tuple(row) for row in rows] == [("name", "王护士", "李四")]
