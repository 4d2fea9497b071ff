"""Cursors: what they stand for, and every way in which one can be no good."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Callable
from uuid import UUID

import pytest

from db.feed.cursor import Cursors, FeedLost, FeedPosition
from db.store.keys import Keyring, new_keys
from rules.errors import Invalid
from rules.events import Lost

HERE, ELSEWHERE = UUID(int=1), UUID(int=2)
KEYS = new_keys()
CURSORS = Cursors(Keyring.parse(KEYS), b"epoch-01")
LARGEST = 2**64 - 1


def flipped(cursor: str, place: int) -> str:
    """The cursor with one character changed."""
    other = "B" if cursor[place] == "A" else "A"
    return cursor[:place] + other + cursor[place + 1 :]


@pytest.mark.parametrize("seq", [0, 1, 255, 10**12, LARGEST])
def test_a_cursor_reads_as_the_place_it_was_written_for(seq: int) -> None:
    cursor = CURSORS.write(HERE, seq)
    assert CURSORS.read(HERE, cursor) == FeedPosition(CURSORS, HERE, seq)
    assert FeedPosition(CURSORS, HERE, 3).after(seq).cursor == cursor


def test_a_cursor_needs_no_escaping_and_says_nothing_in_the_clear() -> None:
    cursor = CURSORS.write(HERE, 7)
    assert len(cursor) == 66
    assert set(cursor) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


def test_every_process_with_the_same_keys_reads_it_and_new_keys_in_front_change_nothing() -> None:
    rotated = Cursors(Keyring.parse(f"{new_keys()},{KEYS}"), CURSORS.epoch)
    assert rotated.read(HERE, CURSORS.write(HERE, 7)).seq == 7


BAD: dict[str, Callable[[str], str]] = {
    "empty": lambda cursor: "",
    "no base64": lambda cursor: "not a cursor",
    "not ASCII": lambda cursor: "游标",
    "a lone surrogate": lambda cursor: "\ud800",
    "a NUL": lambda cursor: "\0" + cursor,
    "truncated by a character": lambda cursor: cursor[:-1],
    "truncated to its signature": lambda cursor: cursor[-22:],
    "longer": lambda cursor: cursor + "AAAA",
    "a foreign character in it": lambda cursor: f"{cursor[:8]}!!!!{cursor[8:]}",
    "a line break after it": lambda cursor: f"{cursor}\n",
    "another version": lambda cursor: flipped(cursor, 0),
    "another epoch by hand": lambda cursor: flipped(cursor, 5),
    "another scope by hand": lambda cursor: flipped(cursor, 20),
    "another number by hand": lambda cursor: flipped(cursor, 42),
    "another signature": lambda cursor: flipped(cursor, 50),
    "nothing but zeros": lambda cursor: urlsafe_b64encode(bytes(49)).decode(),
    "of another scope": lambda cursor: CURSORS.write(ELSEWHERE, 7),
    "of other keys": lambda cursor: Cursors(Keyring.parse(new_keys()), CURSORS.epoch).write(HERE, 7),
}


@pytest.mark.parametrize("spoil", BAD.values(), ids=BAD)
@pytest.mark.parametrize("argument", ["after", "since"])
def test_what_is_no_cursor_of_this_feed_is_refused_by_its_argument(spoil: Callable[[str], str], argument: str) -> None:
    with pytest.raises(Invalid) as refusal:
        CURSORS.read(HERE, spoil(CURSORS.write(HERE, 7)), argument)
    assert [(problem.path, problem.code) for problem in refusal.value.problems] == [(argument, "CURSOR")]


def test_no_character_of_a_cursor_can_be_changed() -> None:
    cursor = CURSORS.write(HERE, 7)
    for place in range(len(cursor)):
        with pytest.raises(Invalid):
            CURSORS.read(HERE, flipped(cursor, place))


def test_a_cursor_of_the_database_before_the_restore_is_lost_not_forged() -> None:
    restored = Cursors(CURSORS.keyring, b"epoch-02")
    with pytest.raises(FeedLost) as refusal:
        restored.read(HERE, CURSORS.write(HERE, 7))
    assert (refusal.value.because, refusal.value.code) == (Lost.EPOCH, "FEED_RESET")
    assert refusal.value.words == ("数据已恢复，请重新读取列表", "The database was restored; read the list afresh.")
