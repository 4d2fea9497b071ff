"""Questions in words (验证码) for those who cannot see a picture: of several families, drawn afresh each time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Final

from rules.errors import Words
from rules.numeral import numeral

KINDS: Final[Mapping[Words, Sequence[Words]]] = {
    Words(zh, en): tuple(Words(*one.split()) for one in members.split(","))
    for zh, en, members in (
        ("水果", "fruits", "苹果 apple,香蕉 banana,葡萄 grape,西瓜 watermelon,柠檬 lemon,桃子 peach"),
        ("动物", "animals", "老虎 tiger,兔子 rabbit,大象 elephant,猴子 monkey,熊猫 panda,松鼠 squirrel"),
        ("家具", "furniture", "桌子 table,椅子 chair,沙发 couch,书架 bookshelf,衣柜 wardrobe"),
        ("交通工具", "vehicles", "火车 train,飞机 airplane,自行车 bicycle,地铁 subway,卡车 truck"),
        ("衣物", "clothes", "裤子 trousers,衬衫 shirt,手套 glove,围巾 scarf,毛衣 sweater,裙子 skirt"),
        ("文具", "stationery", "铅笔 pencil,橡皮 eraser,尺子 ruler,剪刀 scissors,本子 notebook"),
        ("蔬菜", "vegetables", "白菜 cabbage,黄瓜 cucumber,土豆 potato,菠菜 spinach,萝卜 radish"),
        ("乐器", "musical instruments", "钢琴 piano,小提琴 violin,吉他 guitar,笛子 flute,喇叭 trumpet"),
    )
}
"""Common words by what they are; none is part of another, and none is as short in English as a picture's letters."""
ASKED: Final = 2
SHOWN: Final = 7
"""So many words are asked for, of so many that are shown: who guesses is right once in 21 times."""


@dataclass(frozen=True, slots=True, repr=False)
class Question:
    """A question, and its answer: words in any order and either language, or a number."""

    text: Words
    words: tuple[Words, ...] = ()
    number: int | None = None


def drawn(dice: Random) -> Question:
    """A question of any family."""
    return dice.choice(FAMILIES)(dice)


def _list(words: Sequence[Words]) -> tuple[str, str]:
    return "、".join(one.zh for one in words), ", ".join(one.en for one in words)


def _of_others(dice: Random, kind: Words, count: int) -> list[Words]:
    """Words of so many other kinds, one of each."""
    return [dice.choice(KINDS[other]) for other in dice.sample([one for one in KINDS if one != kind], count)]


def _are(dice: Random) -> Question:
    """The two of seven words that are of a kind."""
    kind = dice.choice([*KINDS])
    answer = dice.sample(KINDS[kind], ASKED)
    zh, en = _shuffled(dice, [*answer, *_of_others(dice, kind, SHOWN - ASKED)])
    one = Words(f"下列词语中，哪两个是{kind.zh}？{zh}。", f"Which two of these are {kind.en}? {en}.")
    other = Words(f"{zh}：请写出其中的两种{kind.zh}。", f"{en}: write down the two that are {kind.en}.")
    return Question(dice.choice((one, other)), tuple(answer))


def _are_not(dice: Random) -> Question:
    """The two of seven words that are not of the kind of the others."""
    kind = dice.choice([*KINDS])
    answer = _of_others(dice, kind, ASKED)
    zh, en = _shuffled(dice, [*answer, *dice.sample(KINDS[kind], SHOWN - ASKED)])
    one = Words(f"下列词语中，哪两个不是{kind.zh}？{zh}。", f"Which two of these are not {kind.en}? {en}.")
    other = Words(f"{zh}：请写出不属于{kind.zh}的两个词。", f"{en}: write down the two that are not {kind.en}.")
    return Question(dice.choice((one, other)), tuple(answer))


_NTH: Final = ("first", "second", "third", "fourth", "fifth", "sixth", "last")


def _stand(dice: Random) -> Question:
    """The two words that stand at these places."""
    shown = [dice.choice(KINDS[kind]) for kind in dice.sample([*KINDS], SHOWN)]
    places = sorted(dice.sample(range(SHOWN), ASKED))
    zh = ["最后一个" if at == SHOWN - 1 else f"第{numeral(at + 1).zh}个" for at in places]
    en = [_NTH[at] for at in places]
    listed_zh, listed_en = _list(shown)
    asked = Words(
        f"请写出下列词语中的{zh[0]}和{zh[1]}：{listed_zh}。",
        f"Write down the {en[0]} and the {en[1]} of these words: {listed_en}.",
    )
    return Question(asked, tuple(shown[at] for at in places))


_COUNTED: Final = (
    *(("个", "苹果", "apples"), ("把", "椅子", "chairs"), ("支", "铅笔", "pencils"), ("条", "围巾", "scarves")),
    *(("件", "衬衫", "shirts"), ("个", "柠檬", "lemons"), ("只", "兔子", "rabbits")),
)


def _are_left(dice: Random) -> Question:
    """The number that is left, after some have gone and some have come."""
    unit, thing, things = dice.choice(_COUNTED)
    there, gone, come, age = 10 * dice.randint(2, 8), dice.randint(2, 9), dice.randint(2, 9), dice.randint(23, 59)
    before, less, more, years = (numeral(number) for number in (there, gone, come, age))
    box = Words(
        f"箱子里有{before.zh}{unit}{thing}。{years.zh}岁的王老师拿走了{less.zh}{unit}，又放进{more.zh}{unit}。"
        f"现在箱子里有多少{unit}{thing}？",
        f"There were {before.en} {things} in a box. Ms Wang, who is {years.en}, took out {less.en} and put in "
        f"{more.en}. How many {things} are in the box now?",
    )
    shop = Words(
        f"小李今年{years.zh}岁，店里有{before.zh}{unit}{thing}，上午卖出{less.zh}{unit}，下午运来{more.zh}{unit}，"
        f"还有多少{unit}？",
        f"Li is {years.en} and has {before.en} {things} in the shop. In the morning {less.en} were sold, and {more.en} "
        f"came in the afternoon. How many {things} are there now?",
    )
    return Question(dice.choice((box, shop)), number=there - gone + come)


def _shuffled(dice: Random, words: list[Words]) -> tuple[str, str]:
    dice.shuffle(words)
    return _list(words)


FAMILIES: Final[Sequence[Callable[[Random], Question]]] = (_are, _are_not, _stand, _are_left)
