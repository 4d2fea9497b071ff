"""The rows an application leaves behind: what the steps of the workflow would have written, told from a story."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property

from db.seed.authorities import Authority
from db.seed.chance import Dice, Part, Row, identifier, part_key
from db.seed.papers import ACCEPTS, ASKS_BACK, DECISIONS, MARKED, REVISES, STAMPS, as_json, draft, form
from db.seed.people import Nurse
from rules.application import Move, State, Step
from rules.events import EVENT_OF, EVENTS, queue_change, queue_count
from rules.kinds import KINDS, Kind
from rules.people import PARTY_OF, Party, Role


@dataclass
class Filing:
    """One application as its steps are taken again."""

    nurse: Nurse
    id: str
    row: Row
    revisions: list[Row] = field(default_factory=list)
    decisions: list[Row] = field(default_factory=list)
    events: list[Row] = field(default_factory=list)

    @classmethod
    def of(cls, nurse: Nurse) -> Filing | None:
        """The nurse's application with all its traces, if a story is told of her."""
        story = nurse.story
        if story is None:
            return None
        application_id = identifier(part_key(nurse.key, Part.APPLICATION), story.times[0])
        filing = cls(nurse, application_id, draft(nurse, application_id, story.times[0]))
        for version, (move, at) in enumerate(zip(story.plot.moves, story.times, strict=True), start=1):
            filing.row["version"] = version
            filing._take(move, at, told=not story.plot.old)
        return filing

    @property
    def approved(self) -> bool:
        """Whether the register changed by it."""
        return self.row["state"] is State.APPROVED

    def _take(self, move: Move, at: datetime, told: bool) -> None:
        """One step: the state, what is particular to the step, the decision it keeps, and who hears of it."""
        account = self._account(move.role)
        self.row |= {"state": move.target, "moved_by": account, "moved_at": at, **self._effect(move.step, at, account)}
        if move.step in DECISIONS:
            self._decide(move.step, at, account)
        if told and move.step in EVENT_OF:
            self._tell(move, at, account)

    def _effect(self, step: Step, at: datetime, account: str | None) -> Row:
        effect: Row = dict.fromkeys(STAMPS.get(step, ()), at)
        if step in REVISES:
            effect |= self._revise(at, account)
        if step in ASKS_BACK:
            effect["marked_fields"] = [MARKED]
        if step in ACCEPTS:
            effect |= self._due(at)
        match step:
            case Step.FORWARD:
                effect["authority_id"] = self._authority.id
            case Step.REQUIRE_CORRECTION:
                effect["corrections"] = 1
            case Step.RECOMMEND:
                effect["recommender_id"] = account
        return effect

    def _revise(self, at: datetime, account: str | None) -> Row:
        """The form as it is filed now; each time with a fresh health examination."""
        revision = len(self.revisions) + 1
        days = self._dice.between(10, 150) if revision == 1 else self._dice.between(1, 5)
        filled = form(self.nurse, at.date() - timedelta(days=days))
        self.revisions.append(
            {
                "application_id": self.id,
                "revision": revision,
                "form": filled,
                "changed_fields": [] if revision == 1 else [MARKED],
                "account_id": account,
                "at": at,
            }
        )
        return {"form": filled, "revision": revision, "marked_fields": []}

    def _due(self, at: datetime) -> Row:
        """The days that the decision is due; the receipt number comes when all are there to be counted."""
        period, days = KINDS[Kind.RENEWAL].period, self.nurse.register.working_days
        forwarded_at, promised = self.row["forwarded_at"], self._authority.promised_days
        assert isinstance(forwarded_at, datetime)
        received_on, shorter = forwarded_at.date(), period.promised(promised)
        return {
            "due_on": period.due_on(received_on, at.date(), days),
            "promised_due_on": shorter.due_on(received_on, at.date(), days) if promised else None,
        }

    def _decide(self, step: Step, at: datetime, account: str | None) -> None:
        stage, outcome, reason = DECISIONS[step]
        self.decisions.append(
            {
                "id": self._next_id(at),
                "application_id": self.id,
                "revision": self.row["revision"],
                "stage": stage,
                "outcome": outcome,
                "reasons": [reason] if reason else [],
                "marked_fields": [MARKED] if step in ASKS_BACK else [],
                "decider_id": account,
                "at": at,
            }
        )

    def _tell(self, move: Move, at: datetime, account: str | None) -> None:
        """One event, as each party of the application hears it."""
        kind = EVENTS[EVENT_OF[move.step]]
        body = {"kind": self.row["kind"], "step": move.step, "from": move.source, "to": move.target}
        body |= {"version": self.row["version"], "by": PARTY_OF[move.role]}
        if move.step in DECISIONS:
            body["outcome"] = DECISIONS[move.step][1]
        told = {"id": self._next_id(at), "type": kind.type, "application_id": self.id, "account_id": account}
        for hearer in (Party.NURSE, Party.INSTITUTION, Party.AUTHORITY):
            scope = self.row[f"{hearer.lower()}_id"]
            if scope is not None and hearer in kind.audience:
                stamped = hearer is Party.AUTHORITY and move.step is Step.FORWARD
                queue = queue_change(hearer, move.step, None if stamped else move.source, move.target)
                said = as_json(body | queue_count(queue, move.source, move.target))
                self.events.append({"scope": scope, "at": at, **told, "queue": queue, "body": said})

    def _next_id(self, at: datetime) -> str:
        return identifier(self._dice.getrandbits(64), at)

    @cached_property
    def _dice(self) -> Dice:
        return Dice(part_key(self.nurse.key, Part.TRACES))

    @property
    def _authority(self) -> Authority:
        return self.nurse.home.authority

    def _account(self, role: Role) -> str | None:
        """Who took a step in a role; the system's clock has no account."""
        code, staff_id = self._authority.code, self.nurse.register.staff_id
        match role:
            case Role.NURSE:
                return self.nurse.account_id
            case Role.OPERATOR:
                return staff_id(role, self.nurse.home.number)
            case Role.REVIEWER | Role.DECIDER:
                return staff_id(role, int(code))
            case Role.PROVINCIAL_ADMIN:
                return staff_id(role, int(f"{code[:2]}0000"))
        return None
