"""Questions in words: people read each once and answer it as they like; nobody learns a table of them."""

from __future__ import annotations

from itertools import combinations
from random import Random

import pytest

from bench.captcha import answer_to
from rules.captcha import LETTER_COUNT, answer_of, readings
from rules.captcha_question import ASKED, FAMILIES, KINDS, SHOWN, Question, drawn
from rules.numeral import number_in, numeral

DICE = Random(2026)
DRAWN = [drawn(DICE) for _ in range(4000)]
WORDS = [one for kind in KINDS.values() for one in kind]


def ways(question: Question) -> list[str]:
    """How people write the answer, in either language."""
    if question.number is not None:
        zh, en = (numeral(question.number).zh, numeral(question.number).en)
        digits = str(question.number)
        wide = digits.translate({ord(one): ord(one) + 0xFEE0 for one in digits})
        return [
            digits,
            wide,
            zh,
            f"{zh}支",
            f"一共{zh}个",
            f"{digits} 条。",
            en,
            en.replace("-", " ").title(),
            f"{en} shirts",
        ]
    one, other = question.words
    zh = [f"{one.zh}、{other.zh}", f"{other.zh}和{one.zh}", one.zh + other.zh, f"是{one.zh} {other.zh}。"]
    return [*zh, f"{one.en} and {other.en}", f"{other.en.upper()}s, {one.en}s", f"{one.en},{other.en}"]


def test_every_family_is_drawn_and_each_answer_is_read_however_it_is_written() -> None:
    for question in DRAWN:
        for given in ways(question):
            assert answer_of(question) in readings(given), (question.text, given)
    assert {len(question.words) for question in DRAWN} == {0, ASKED}


def test_who_reads_the_question_finds_the_answer() -> None:
    assert [answer_of(one) in readings(answer_to(one.text.zh)) for one in DRAWN] == [True] * len(DRAWN)


@pytest.mark.parametrize("family", FAMILIES)
def test_one_who_has_seen_thousands_has_not_seen_the_next(family: object) -> None:
    """K4: of sums of two numbers below ten there are 81, and so there were of questions."""
    assert callable(family)
    seen = {family(DICE).text for _ in range(2000)}
    assert len(seen) > 1900
    new = [family(DICE).text for _ in range(500)]
    assert sum(text in seen for text in new) < 25


def test_who_guesses_is_hardly_ever_right() -> None:
    """Two of seven words, or a number among dozens; all of the words are no answer."""
    of_words = [one for one in DRAWN if one.words]
    assert len([*combinations(range(SHOWN), ASKED)]) == 21
    for question in of_words:
        shown = [word for word in WORDS if word.zh in question.text.zh]
        assert len(shown) == SHOWN
        assert answer_of(question) not in readings("、".join(word.zh for word in shown))
    numbers = [one.number for one in DRAWN if one.number is not None]
    assert max(numbers.count(number) for number in {*numbers}) < len(numbers) / 30


def test_no_word_is_part_of_another_or_could_be_the_letters_of_a_picture() -> None:
    for one, other in combinations(WORDS, 2):
        assert one.zh not in other.zh
        assert other.zh not in one.zh
        assert one.en not in other.en
        assert other.en not in one.en
    assert min(len(word.en) for word in WORDS) > LETTER_COUNT


@pytest.mark.parametrize("number", range(100))
def test_a_number_is_read_as_it_is_written(number: int) -> None:
    words = numeral(number)
    assert [number_in(words.zh), number_in(words.en.upper().replace("-", "")), number_in(str(number))] == [number] * 3


@pytest.mark.parametrize("text", ["", "苹果", "3个或4个", "APPLES"])
def test_what_has_no_one_number_has_none(text: str) -> None:
    assert number_in(text) is None
