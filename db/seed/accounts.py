"""The accounts of the register: its staff, and the nurses who signed up."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import Final

from db.account import document
from db.seed.authorities import Authority
from db.seed.demo import (
    DEMO_ACCOUNTS,
    MORE_ACCOUNTS,
    NOBODYS_HASH,
    PASSWORD_HASH,
    REACHED,
    Seat,
)
from db.seed.identity import han_name
from db.seed.people import Nurse
from db.seed.random_source import CHINA, OPENED, Dice, Part, Row, identifier, part_key
from db.seed.register import Register
from db.seed.situations import PARTS, contacts, seat_of, waits_for_code
from db.store.keys import Keyring
from rules.identity import Identity
from rules.nurse import Department, Sex
from rules.people import PARTY_OF, AccountState, Party, Role

OFFICERS: Final = (Role.REVIEWER, Role.DECIDER, Role.SUPERVISOR)
SIGNED_UP_WITHIN: Final = 500
"""The days in which the nurses' accounts were made, before the seeded applications."""
ON_THEIR_WAY: Final = 30
"""The days in which accounts that are not active yet were made: activation never takes 90."""
OLDEST_STORY: Final = 1100
GIVEN: Final = timedelta(minutes=20)
FILLED_IN: Final = timedelta(hours=1)
"""After an hour an account is active, by a code that was given twenty minutes before."""

_DEMO: Final = {demo.seat: demo for demo in (*DEMO_ACCOUNTS, *MORE_ACCOUNTS)}
_LETTER: Final = {
    Role.MANAGER: "m",
    Role.OPERATOR: "o",
    Role.VIEWER: "v",
    Role.WARD_HEAD: "w",
    Role.REVIEWER: "r",
    Role.DECIDER: "d",
    Role.SUPERVISOR: "s",
    Role.PROVINCIAL_ADMIN: "p",
    Role.HELP_DESK: "h",
    Role.ANALYST: "a",
}


_DOCUMENT: Final = ("document_type", *(f"id_number_{part}" for part in PARTS))


def staff(register: Register, keyring: Keyring, demo: bool) -> Iterator[Row]:
    """A manager and an operator for each institution, three officers for each authority, an admin for a province."""
    for place in register.institutions:
        if place.staffed:
            for role in (Role.MANAGER, Role.OPERATOR):
                yield _staff_member(register, Seat(role, str(place.number)), demo, institution_id=place.id)
    for authority in _offices(register):
        for role in (*OFFICERS, Role.PROVINCIAL_ADMIN) if authority.level == "PROVINCE" else OFFICERS:
            yield _staff_member(register, Seat(role, authority.code), demo, authority_id=authority.id)
    if demo:
        first = register.institutions[0].id
        nurse = Nurse.at(register, 2)
        double = _staff_member(
            register, Seat(Role.OPERATOR, "0", 1), demo, institution_id=first, name=nurse.identity.name
        )
        identity = Identity(nurse.identity.document_type, nurse.identity.number)
        yield {**double, **document(keyring, identity, owns=True)}
        yield _staff_member(register, Seat(Role.VIEWER, "0"), demo, institution_id=first)
        ward = register.unit_id(register.institutions[0], Department.WARD)
        yield {**_staff_member(register, Seat(Role.WARD_HEAD, "0"), demo, institution_id=first), "unit_ids": [ward]}
        yield _staff_member(register, Seat(Role.HELP_DESK), demo)
        yield _staff_member(register, Seat(Role.ANALYST), demo)


def _offices(register: Register) -> list[Authority]:
    """The authorities that institutions turn to, and every province's."""
    nearest = {place.authority.code for place in register.institutions}
    above = {place.authority.parent.code for place in register.institutions if place.authority.parent}
    provinces = {authority.code for authority in register.authorities.values() if authority.level == "PROVINCE"}
    return [register.authorities[code] for code in sorted(nearest | above | provinces)]


def nurse_account(nurse: Nurse, keyring: Keyring, demo: bool) -> Row | None:
    """The nurse's account, if there is one; an account that is not active yet has come half of the way."""
    state = nurse.account_state
    if state is None:
        return None
    named = _DEMO.get(Seat(Role.NURSE, seat_of(nurse))) if demo else None
    active = state is AccountState.ACTIVE
    codeless = waits_for_code(nurse)
    created_at = _created_at(nurse)
    return {
        **_nobody(named.user_name if named else f"n{nurse.index:07d}", nurse.identity.name, demo),
        "id": nurse.account_id,
        "party": Party.NURSE,
        "nurse_id": nurse.id,
        "state": state,
        "roles": [Role.NURSE],
        "identity_verified": active or codeless or nurse.key % 4 > 0,
        "contact_verified": active or codeless or nurse.key % 4 > 1,
        "certificate_verified": active or codeless,
        "created_at": created_at,
        "activated_at": created_at + FILLED_IN if active else None,
        **contacts(keyring, created_at if demo and nurse.index == REACHED else None),
    }


def _created_at(nurse: Nurse) -> datetime:
    within = SIGNED_UP_WITHIN if nurse.account_state is AccountState.ACTIVE else ON_THEIR_WAY
    days = nurse.key % within + (OLDEST_STORY if nurse.story else 1)
    return datetime.combine(nurse.register.today - timedelta(days=days), time(9), CHINA)


def activation_code_row(nurse: Nurse) -> Row | None:
    """The code (激活码) with which a registered nurse's account became active; her hospital's operator gave it."""
    active, home = nurse.account_state is AccountState.ACTIVE, nurse.home
    if not active or nurse.certificate_number is None or not home.staffed:
        return None
    activated_at = _created_at(nurse) + FILLED_IN
    issued_at = activated_at - GIVEN
    return {
        "id": identifier(part_key(nurse.key, Part.ACTIVATION_CODE), later=nurse.index),
        "account_id": nurse.account_id,
        "institution_id": home.id,
        "issued_by": nurse.register.staff_id(Role.OPERATOR, home.number),
        # Of no code that there is: it was used.
        "code_hash": nurse.key.to_bytes(32, "big"),
        "issued_at": issued_at,
        "expires_at": issued_at + timedelta(days=7),
        "used_at": activated_at,
    }


def _staff_member(
    register: Register,
    seat: Seat,
    demo: bool,
    *,
    institution_id: str | None = None,
    authority_id: str | None = None,
    name: str | None = None,
) -> Row:
    account_id = register.staff_id(seat.role, int(seat.place or 0), seat.number)
    named, dice = _DEMO.get(seat) if demo else None, Dice(int(account_id, 16))
    user_name = named.user_name if named else f"{_LETTER[seat.role]}{int(seat.place or 0):06d}"
    return {
        **_nobody(user_name, name or han_name(dice, dice.pick(tuple(Sex))), demo),
        **dict.fromkeys(_DOCUMENT),
        "id": account_id,
        "party": PARTY_OF[seat.role],
        "institution_id": institution_id,
        "authority_id": authority_id,
        "state": AccountState.ACTIVE,
        "roles": [seat.role],
        **dict.fromkeys(("identity_verified", "contact_verified", "certificate_verified"), True),
        "created_at": OPENED,
    }


def _nobody(user_name: str, display_name: str, demo: bool) -> Row:
    """The columns every account has, in one order."""
    return {
        **dict.fromkeys(("id", "party", "nurse_id", "institution_id", "authority_id")),
        "user_name": user_name,
        "display_name": display_name,
        "password_hash": PASSWORD_HASH if demo else NOBODYS_HASH,
        "unit_ids": [],
        **dict.fromkeys(("state", "roles", "identity_verified", "contact_verified", "certificate_verified")),
        "created_at": None,
    }
