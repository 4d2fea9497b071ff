"""An application (业务申请) as the register holds it: the values that the rules of every step read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from rules.competence import Places, may_decide
from rules.kinds import Kind
from rules.moves import State
from rules.people import Party


@dataclass(frozen=True, slots=True)
class Application:
    """One nurse's request, as stored and locked.

    `filed_by` is the party that made it: the nurse, or the institution.
    """

    id: UUID
    kind: Kind
    state: State
    version: int
    revision: int
    nurse_id: UUID
    institution_id: UUID | None
    authority_id: UUID | None
    form: Mapping[str, object]
    filed_by: Party = Party.NURSE
    marked_fields: tuple[str, ...] = ()
    corrections: int = 0
    recommender_id: UUID | None = None
    recommended_against: bool = False
    recommended_version: int | None = None
    """The version that the recommendation made."""
    answering_id: UUID | None = None
    """The officer to whom the recommendation was handed over; she decides on it as little as who gave it."""
    two_persons: bool = False
    on_hold: bool = False
    objected: bool = False
    extended: bool = False
    blocked_by_id: UUID | None = None
    claimed: bool = False
    stranded: bool = False
    """True if it lies with an institution that cannot send it on, for whatever reason."""
    unattended: bool = False
    """True if it lies with an institution where nobody but the nurse herself may act."""
    passed_up_from_id: UUID | None = None
    """The authority that lacked the officers for it, where one above has taken it on."""
    submitted_at: datetime | None = None
    queued_at: datetime | None = None
    forwarded_at: datetime | None = None
    due_on: date | None = None
    holder_id: UUID | None = None
    held_until: datetime | None = None
    holder_name: str | None = None
    moved_at: datetime | None = None
    moved_by_party_id: UUID | None = None
    moved_by_name: str | None = None
    unit_id: UUID | None = None
    """The unit (科室病区) of the institution to which the nurse belongs; None where she is registered elsewhere."""
    places: Places | None = None
    """Places of the authorities that may decide it; None where nothing is decided on what was read."""

    def recommended_by(self, account_id: UUID) -> bool:
        """True if this account gave the recommendation (审查意见), and nothing has happened since."""
        return self.recommender_id == account_id and self.recommended_version == self.version

    @property
    def overruled(self) -> bool:
        """True if an approval goes against the reviewer's recommendation."""
        return self.recommender_id is not None and self.recommended_against

    @property
    def competent(self) -> bool:
        """True if the authority that has it may decide it."""
        return self.places is None or may_decide(self.kind, self.places, self.places.deciding)

    @property
    def entered_by(self) -> UUID | None:
        """The authority to which the entry belongs (注册机关), also where the one above decides in its place."""
        return self.passed_up_from_id or self.authority_id

    def party(self, party: Party | None) -> UUID | None:
        """The id of the nurse, institution or authority of this application, for one end of the system."""
        match party:
            case Party.NURSE:
                return self.nurse_id
            case Party.INSTITUTION:
                return self.institution_id
            case Party.AUTHORITY:
                return self.authority_id
            case _:
                return None
