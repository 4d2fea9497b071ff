"""The special situations of some seeded nurses, for what nobody else can show: who waits for a code, or for a claim."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from db.seed.application_paths import NamedInstitution
from db.seed.demo import CLAIMABLE, CODELESS, MAIL, MOVER, PHONE
from db.seed.people import Nurse
from db.seed.random_source import Dice, Part, Row, part_key
from db.seed.stories import CYCLE
from db.store.keys import Keyring
from rules.kinds import Kind
from rules.message import mask_recipient
from rules.moves import State
from rules.people import AccountState
from rules.verification import Channel

PARTS: Final = ("key_id", "sealed", "index", "masked")
"""The columns of a private value, after its name."""
FILED: Final = 2
"""The moves of an application that was drafted and filed, and nothing since."""


def seat_of(nurse: Nurse) -> str:
    """The nurse's seat among the demo accounts, if it is one."""
    if nurse.index == nurse.register.mover:
        return MOVER
    return CLAIMABLE if _is_first_unclaimed(nurse) else str(nurse.index)


def _is_first_unclaimed(nurse: Nurse) -> bool:
    """True of the first nurse whose change of registration waits for an institution that claims it."""
    earlier = range(nurse.index % CYCLE, nurse.index, CYCLE)
    return _is_unclaimed(nurse) and not any(_is_unclaimed(Nurse.at(nurse.register, index)) for index in earlier)


def _is_unclaimed(nurse: Nurse) -> bool:
    path = nurse.story and nurse.story.path
    waits = path and path.kind is Kind.CHANGE and path.moves[-1].target is State.INSTITUTION_REVIEW
    return bool(path and waits and path.named is NamedInstitution.NONE and len(path.moves) == FILED)


def waits_for_code(nurse: Nurse) -> bool:
    """True of some who have proved all that they can, and wait for their hospital's activation code (待生成激活码)."""
    if nurse.account_state is not AccountState.INACTIVE or nurse.index == 1:
        return False
    half_way = nurse.key % 4 > 1 and Dice(part_key(nurse.key, Part.WAITING)).one_in(2)
    return nurse.index == CODELESS or half_way


def contacts(keyring: Keyring, proved_at: datetime | None) -> Row:
    """The columns of a phone and a mail box that are proved, or of none."""
    row: Row = {}
    for name, channel, to in (("phone", Channel.SMS, PHONE), ("email", Channel.MAIL, MAIL)):
        columns: Row = dict.fromkeys((*(f"{name}_{part}" for part in PARTS), f"{name}_verified_at"))
        if proved_at is not None:
            sealed = keyring.seal(to, name)
            kept = (sealed.key_id, sealed.ciphertext, keyring.blind_index(to, name), mask_recipient(channel, to))
            columns = dict(zip(columns, (*kept, proved_at), strict=True))
        row |= columns
    return row
