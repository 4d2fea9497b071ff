"""The looks at seeded nurses (查阅记录): her institution verifies a few against its list, her authority one.

The audit trail has them as the register writes them, so that a nurse sees who looked at her (`looks`).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from json import dumps
from typing import Final

from db.seed.people import Nurse
from db.seed.random_source import CHINA, Dice, Part, Row, identifier, part_key
from rules.look_up import Look, LookUpPurpose
from rules.people import Party, Role

LOOKED_AT: Final = 40
"""One of so many registered nurses was looked at lately."""
_TEN: Final = time(10, tzinfo=CHINA)


def look_rows(nurse: Nurse) -> Iterator[Row]:
    """The looks at one nurse: few have any; the first was also looked at by her authority, as a supervisor."""
    if nurse.certificate_number is None or not nurse.home.staffed:
        return
    register, home, first = nurse.register, nurse.home, nurse.index == 0
    if first or Dice(part_key(nurse.key, Part.LOOK)).one_in(LOOKED_AT):
        operator = register.staff_id(Role.OPERATOR, home.number)
        yield _row(nurse, 0, Party.INSTITUTION, Role.OPERATOR, operator, home.id, LookUpPurpose.ROSTER)
    if first:
        officer = register.staff_id(Role.REVIEWER, int(home.authority.code))
        yield _row(nurse, 1, Party.AUTHORITY, Role.REVIEWER, officer, home.authority.id, LookUpPurpose.SUPERVISION)


def _row(nurse: Nurse, nth: int, party: Party, role: Role, account: str, place: str, purpose: LookUpPurpose) -> Row:
    at = datetime.combine(nurse.register.today - timedelta(days=1 + nth + nurse.key % 25), _TEN)
    return {
        "id": identifier(part_key(nurse.key, Part.LOOK, nth), at),
        "at": at,
        "account_id": account,
        "party": party,
        "place_id": place,
        "roles": [role],
        "nurse_id": nurse.id,
        "action": Look.VERIFIED,
        "purpose": purpose,
        "detail": dumps({"by": "document"}),
    }
