"""The right to act on a nurse's entry in the register: by the place of registration, and never on one's own entry."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from rules.errors import NotAllowed, NotFound, Words
from rules.people import PARTY_OF, Actor, Party, Role, wrong_role
from rules.registration import Registration

ABOUT_YOURSELF: Final = Words("不能办理本人的业务", "You may not act on your own registration.")


def require_own_nurse(actor: Actor, registration: Registration, role: Role) -> None:
    """Refuse an actor outside the nurse's current institution or 注册机关.

    Strangers get NotFound, an actor without `role` NotAllowed.
    """
    places = {Party.INSTITUTION: registration.institution_id, Party.AUTHORITY: registration.authority_id}
    place = places[party] if (party := PARTY_OF[role]) in places else None
    if not actor.active or actor.party is not party or place is None or actor.party_id != place:
        raise NotFound
    if not actor.has(role):
        raise wrong_role({role})
    require_not_herself(actor, registration.nurse_id)


def require_not_herself(actor: Actor, nurse_id: UUID) -> None:
    """Refuse a member of staff who is this nurse."""
    if actor.is_nurse(nurse_id):
        raise NotAllowed("ABOUT_YOURSELF", ABOUT_YOURSELF)


def require_at_counter(actor: Actor, registration: Registration) -> UUID:
    """The authority of the counter: the nurse's own, or any if the nurse is not registered."""
    if registration.authority_id is not None:
        require_own_nurse(actor, registration, Role.REVIEWER)
        return registration.authority_id
    return require_officer(actor)


def require_officer(actor: Actor) -> UUID:
    """The authority of the actor; raises NotFound to other actors."""
    if not actor.active or actor.party is not Party.AUTHORITY or actor.party_id is None:
        raise NotFound
    return actor.party_id
