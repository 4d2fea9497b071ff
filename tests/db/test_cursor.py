"""Cursors: what they stand for, and every way in which one can be no good."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

import pytest

from db.feed.cursor import Claim, Cursors, FeedLost, FeedPosition, Stand
from db.store.keys import Keyring, new_keys
from rules.errors import Invalid
from rules.events import Lost
from tests.support.first_cursors import of_version_1

HERE, ELSEWHERE = UUID(int=1), UUID(int=2)
EVENT, OTHER = UUID(int=7), UUID(int=8)
KEYS = new_keys()
CURSORS = Cursors(Keyring.parse(KEYS), UUID(int=3), b"timeline")
LARGEST = 2**64 - 1


def flipped(cursor: str, place: int) -> str:
    """The cursor with one character changed."""
    other = "B" if cursor[place] == "A" else "A"
    return cursor[:place] + other + cursor[place + 1 :]


@pytest.mark.parametrize("seq", [0, 1, 255, 10**12, LARGEST])
def test_a_cursor_reads_as_the_place_it_was_written_for(seq: int) -> None:
    event_id = EVENT if seq else None
    place = FeedPosition(CURSORS, HERE, seq, event_id)
    assert CURSORS.read(HERE, place.cursor) == place.claim == Claim(CURSORS, HERE, seq, CURSORS.mark(event_id))
    assert CURSORS.placed(f"{HERE}:{seq}:{event_id or ''}") == place.cursor


STANDS = {
    "at the end": Stand(7, EVENT, kept=False, previous_id=None),
    "before one that is kept": Stand(9, OTHER, kept=True, previous_id=EVENT),
}


@pytest.mark.parametrize("stand", STANDS.values(), ids=STANDS)
def test_a_place_is_found_by_its_event_and_by_no_other(stand: Stand) -> None:
    place = FeedPosition(CURSORS, HERE, 7, EVENT)
    assert place.claim.found(stand) == place
    with pytest.raises(FeedLost) as refusal:
        place._replace(event_id=OTHER).claim.found(stand)
    assert refusal.value.because is Lost.EPOCH


def test_a_place_beyond_the_end_is_of_another_history_and_one_before_what_is_kept_is_gone() -> None:
    claim = FeedPosition(CURSORS, HERE, 7, EVENT).claim
    for stand, because in (
        (Stand(6, EVENT, kept=False, previous_id=None), Lost.EPOCH),
        (Stand(9, OTHER, kept=False, previous_id=None), Lost.RETENTION),
    ):
        with pytest.raises(FeedLost) as refusal:
            claim.found(stand)
        assert refusal.value.because is because


def test_the_beginning_is_that_of_one_register_alone() -> None:
    claim = FeedPosition(CURSORS, HERE, 0).claim
    stand = Stand(2, OTHER, kept=True, previous_id=None)
    assert claim.found(stand) == FeedPosition(CURSORS, HERE, 0)
    with pytest.raises(FeedLost):
        claim._replace(cursors=replace(CURSORS, birth=UUID(int=4))).found(stand)


def test_a_cursor_of_version_1_is_good_where_it_was_written_and_becomes_one_of_its_event() -> None:
    cursor = of_version_1(CURSORS, HERE, 7)
    claim = CURSORS.read(HERE, cursor)
    assert claim == Claim(CURSORS, HERE, 7, None)
    assert claim.found(STANDS["before one that is kept"]) == FeedPosition(CURSORS, HERE, 7, EVENT)
    for other in (replace(CURSORS, timeline=b"promoted"), replace(CURSORS, timeline=b"")):
        with pytest.raises(FeedLost) as refusal:
            other.read(HERE, cursor)
        assert (refusal.value.because, refusal.value.code) == (Lost.EPOCH, "FEED_RESET")
        assert refusal.value.words == ("数据已恢复，请重新读取列表", "The database was restored; read the list afresh.")
    for place in range(len(cursor)):
        with pytest.raises(Invalid):
            CURSORS.read(HERE, flipped(cursor, place))
    with pytest.raises(Invalid):
        CURSORS.read(ELSEWHERE, cursor)


def test_a_cursor_needs_no_escaping_and_says_nothing_in_the_clear() -> None:
    cursor = CURSORS.write(HERE, 7)
    assert len(cursor) == 66
    assert set(cursor) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


def test_every_process_with_the_same_keys_reads_it_and_new_keys_in_front_change_nothing() -> None:
    rotated = Cursors(Keyring.parse(f"{new_keys()},{KEYS}"), CURSORS.birth)
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
    "another scope by hand": lambda cursor: flipped(cursor, 5),
    "another number by hand": lambda cursor: flipped(cursor, 32),
    "another event by hand": lambda cursor: flipped(cursor, 42),
    "another signature": lambda cursor: flipped(cursor, 50),
    "nothing but zeros": lambda cursor: urlsafe_b64encode(bytes(49)).decode(),
    "of another scope": lambda cursor: CURSORS.write(ELSEWHERE, 7),
    "of other keys": lambda cursor: Cursors(Keyring.parse(new_keys()), CURSORS.birth).write(HERE, 7),
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
