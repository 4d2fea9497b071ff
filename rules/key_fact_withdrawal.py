"""Taking back a request to correct who a nurse is (撤回关键信息修改申请): only the side that asked may."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from rules.errors import NotAllowed, NotFound, Words
from rules.key_fact import OWN
from rules.people import Actor, Party, Role, require

_NOT_YOURS: Final = Words(
    "该申请由您的执业机构提出，由其撤回", "Your institution has asked for it, and takes it back itself."
)


def require_may_withdraw(
    actor: Actor, nurse_id: UUID, asked_by: UUID, asked_at: UUID | None, unit_id: UUID | None
) -> None:
    """Refuse to take back what another side asked for: the nurse her own, an institution's people theirs."""
    own = actor.party is Party.NURSE and actor.nurse_id == nurse_id
    ours = actor.party is Party.INSTITUTION and asked_at is not None and actor.party_id == asked_at
    ours &= actor.active and actor.reaches(unit_id)
    if ours:
        require(actor, Role.OPERATOR)
        if actor.is_nurse(nurse_id):
            raise NotAllowed("ABOUT_YOURSELF", OWN)
    elif own and actor.active and actor.account_id != asked_by:
        raise NotAllowed("NOT_YOUR_FILING", _NOT_YOURS)
    elif not own or actor.account_id != asked_by:
        raise NotFound
