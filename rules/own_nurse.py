"""Who may act on a nurse's entry in the register: where she is registered, and nobody about herself."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from rules.errors import NotAllowed, NotFound, Words
from rules.people import PARTY_OF, Actor, Party, Role
from rules.registration import Registration

ABOUT_YOURSELF: Final = Words("不能办理本人的业务", "You may not act on your own registration.")


def require_own_nurse(actor: Actor, registration: Registration, role: Role) -> None:
    """Her current institution or her 注册机关, by `role`: NotFound to strangers, NotAllowed without the role."""
    places = {Party.INSTITUTION: registration.institution_id, Party.AUTHORITY: registration.authority_id}
    place = places[party] if (party := PARTY_OF[role]) in places else None
    if not actor.active or actor.party is not party or place is None or actor.party_id != place:
        raise NotFound
    if not actor.has(role):
        raise NotAllowed
    require_not_herself(actor, registration.nurse_id)


def require_not_herself(actor: Actor, nurse_id: UUID) -> None:
    """Nobody who signs in as staff acts on the nurse that she is."""
    if actor.nurse_id == nurse_id:
        raise NotAllowed("ABOUT_YOURSELF", ABOUT_YOURSELF)


def require_at_counter(actor: Actor, registration: Registration) -> UUID:
    """The authority at whose counter she is: her own, or any where she is registered nowhere yet."""
    if registration.authority_id is not None:
        require_own_nurse(actor, registration, Role.REVIEWER)
        return registration.authority_id
    return require_officer(actor)


def require_officer(actor: Actor) -> UUID:
    """The authority that somebody speaks for; NotFound to everybody else."""
    if not actor.active or actor.party is not Party.AUTHORITY or actor.party_id is None:
        raise NotFound
    return actor.party_id
