"""A nurse's complaint about a look at her data (查阅投诉): who may complain, and who answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from rules.conflict import Situation
from rules.errors import Conflict, NotAllowed, NotFound, Words
from rules.label import Labelled
from rules.own_nurse import require_not_herself
from rules.people import Actor, Party, Role, require_active, require_party, wrong_role

OWN_LOOK: Final = Words("不能答复对本人查阅行为的投诉", "You may not answer a complaint about your own look.")


class ComplaintState(Labelled):
    """The state of a complaint about a look (查阅投诉状态)."""

    PENDING = "PENDING", "待答复"
    ANSWERED = "ANSWERED", "已答复"


@dataclass(frozen=True, slots=True, repr=False)
class LookComplaint:
    """A complaint as its steps see it: about whose look, by whom, and which authority answers."""

    id: UUID
    nurse_id: UUID
    authority_id: UUID
    officer_id: UUID
    state: ComplaintState
    version: int


def complaining(actor: Actor) -> UUID:
    """The nurse who complains; others are refused."""
    require_party(actor, Party.NURSE)
    require_active(actor)
    assert actor.party_id is not None
    return actor.party_id


def require_may_answer(actor: Actor, complaint: LookComplaint, expected_version: int) -> None:
    """Refuse whoever is no supervisor of the authority that answers, who is the nurse, and whose look it was."""
    own = actor.active and actor.party is Party.AUTHORITY and actor.party_id == complaint.authority_id
    if not own:
        raise NotFound
    if not actor.has(Role.SUPERVISOR):
        raise wrong_role({Role.SUPERVISOR})
    require_not_herself(actor, complaint.nurse_id)
    if complaint.officer_id in (actor.account_id, actor.on_behalf_of):
        raise NotAllowed("OWN_LOOK", OWN_LOOK)
    if complaint.state is not ComplaintState.PENDING:
        raise Conflict(Situation.REQUEST_DECIDED)
    if complaint.version != expected_version:
        raise Conflict(Situation.VERSION_STALE, current_version=complaint.version)
