"""The photos of the register: a few hundred drawn heads, each of which stands for many nurses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from io import BytesIO
from typing import Final

from db import blob
from db.seed.people import Nurse
from db.seed.random_source import CHINA, OPENED, Dice, Part, Row, Salt, identifier, key_of, part_key
from db.store.keys import Keyring
from rules.people import AccountState, Party
from rules.photo import HEIGHT, WIDTH, PhotoState

MOST, SHARED_BY = 300, 50
"""The most pictures of a register; in a small one there is one for so many nurses."""
WAITING: Final = 12
"""One in so many has filed another one since."""
_HAIR: Final = ((26, 22, 20), (46, 34, 28), (70, 52, 40), (20, 20, 24))
_FACES: Final = ((232, 198, 172), (222, 184, 156), (240, 208, 184), (206, 168, 140))
_COATS: Final = ((236, 242, 248), (198, 222, 240), (246, 208, 218), (176, 206, 196))


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that is kept once: where, and how large it is."""

    id: str
    size: int


def pictures(seed: int, nurses: int, keyring: Keyring) -> dict[Picture, Row]:
    """The pictures of a register of so many nurses, each with its row."""
    found = {}
    for number in range(min(MOST, nurses // SHARED_BY)):
        key = key_of(seed, Salt.PICTURE, number)
        content, name = _drawn(Dice(key)), identifier(key)
        kept = {"id": name, **blob.sealed(keyring, content), "media_type": "image/jpeg", "created_at": OPENED}
        found[Picture(name, len(content))] = kept
    return found


def _drawn(dice: Dice) -> bytes:
    """Head and shoulders before white."""
    from PIL import Image, ImageDraw  # noqa: PLC0415 - the processes that write the rows draw nothing

    picture, made = Image.new("RGB", (WIDTH, HEIGHT), "white"), BytesIO()
    pen, wide, high = ImageDraw.Draw(picture), dice.between(64, 76), dice.between(92, 108)
    middle, brow = WIDTH // 2 + dice.between(-5, 5), dice.between(196, 212)
    pen.ellipse((middle - 150, 348, middle + 150, 640), fill=dice.pick(_COATS), outline=(120, 130, 140))
    pen.ellipse((middle - wide - 14, brow - high - 24, middle + wide + 14, brow + high), fill=dice.pick(_HAIR))
    pen.rectangle((middle - 28, brow + high - 30, middle + 28, 372), fill=(face := dice.pick(_FACES)))
    pen.ellipse((middle - wide, brow - high + 22, middle + wide, brow + high + 12), fill=face)
    for eye in (-30, 30):
        pen.ellipse((middle + eye - 8, brow - 8, middle + eye + 8, brow + 2), fill=(38, 30, 28))
    pen.arc((middle - 22, brow + 44, middle + 22, brow + 72), 20, 160, fill=(168, 84, 80), width=4)
    picture.save(made, "JPEG", quality=85)
    return made.getvalue()


def picture_of(nurse: Nurse, drawn: tuple[Picture, ...]) -> Picture | None:
    """The picture on a nurse's record: those who have an active account have one."""
    return drawn[nurse.key % len(drawn)] if nurse.account_state is AccountState.ACTIVE else None


def photo_rows(nurse: Nurse, drawn: tuple[Picture, ...]) -> list[Row]:
    """The photo on record and, of some who are registered at an institution, the one that waits for its review."""
    current = picture_of(nurse, drawn)
    if current is None:
        return []
    dice = Dice(part_key(nurse.key, Part.PHOTO))
    rows = [_row(nurse, current, PhotoState.CURRENT, dice)]
    if nurse.career.last is not None and nurse.career.last.institution and dice.one_in(WAITING):
        rows.append(_row(nurse, drawn[(nurse.key + 1) % len(drawn)], PhotoState.PENDING, dice))
    return rows


def _row(nurse: Nurse, picture: Picture, state: PhotoState, dice: Dice) -> Row:
    waits = state is PhotoState.PENDING
    today = datetime.combine(nurse.register.today, time(8), CHINA)
    at = today - timedelta(days=dice.between(1, 6) if waits else dice.between(200, 900), minutes=dice.between(0, 500))
    return {
        "id": identifier(part_key(nurse.key, Part.PHOTO, waits), at),
        "nurse_id": nurse.id,
        "state": state,
        "filed_by": Party.NURSE,
        "account_id": nurse.account_id,
        "blob_id": picture.id,
        "size": picture.size,
        "white_border": 100,
        "version": 2 if waits else 3,
        "created_at": at,
        "queued_at": at,
        "decided_at": None if waits else at + timedelta(days=2),
    }
