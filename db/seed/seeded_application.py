"""The rows of a seeded application: the same ones that the steps of the workflow would have written."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property

from db.seed.authorities import Authority
from db.seed.event_rows import ScopeEvent, event_row, move_events, step_events
from db.seed.forms import MARKED, UNEXAMINED, form
from db.seed.papers import ACCEPTS, ASKS_BACK, DECISIONS, REVISES, STAMPS, WRITES, draft
from db.seed.pauses import SeededPeriod
from db.seed.people import Nurse
from db.seed.random_source import Dice, Part, Row, identifier, part_key
from db.seed.stories import Story
from rules.application import Move, State, Step
from rules.kinds import Kind
from rules.lease import LEASE
from rules.moves import LEASES
from rules.people import PARTY_OF, Party, Role


@dataclass
class SeededApplication:
    """One seeded application, whose steps are taken one after the other."""

    nurse: Nurse
    story: Story
    id: str
    row: Row
    authority: Authority
    period: SeededPeriod
    revisions: list[Row] = field(default_factory=list)
    decisions: list[Row] = field(default_factory=list)
    events: list[Row] = field(default_factory=list)
    refused: list[Row] = field(default_factory=list)
    taken_by: dict[datetime, str | None] = field(default_factory=dict)

    @classmethod
    def of(cls, nurse: Nurse) -> SeededApplication | None:
        """The nurse's application with all its rows, if the nurse has a story."""
        if nurse.story is None:
            return None
        application = cls.begin(nurse, nurse.story)
        for move, at in zip(nurse.story.path.moves, nurse.story.times, strict=True):
            application.take(move, at)
        application.run_out()
        return application

    @classmethod
    def begin(cls, nurse: Nurse, story: Story) -> SeededApplication:
        """The nurse's application before the first step."""
        key = identifier(part_key(nurse.key, Part.APPLICATION), story.times[0])
        row, period = draft(nurse, story, key, story.times[0]), SeededPeriod(key, story.kind, nurse)
        return cls(nurse, story, key, row, story.authority, period)

    @property
    def approved(self) -> bool:
        """True if the application changed the register."""
        return self.row["state"] is State.APPROVED

    def take(self, move: Move, at: datetime) -> None:
        """Take one step: the state, the step's own values, the decision it keeps, and its events."""
        before, account = dict(self.row), self._account(move)
        self.taken_by[at] = account
        self.row |= self._effect(move, at, account)
        if move.step not in LEASES:
            version = self.row["version"]
            assert isinstance(version, int)
            self.row |= {"state": move.target, "version": version + 1, "moved_by": account, "moved_at": at}
        self.row |= self.period.follow(move, at, self.row)
        if move.step in DECISIONS:
            self._decide(move.step, at, account)
        if not self.story.path.old:
            self._record_events(move, before, at, account)

    def run_out(self) -> None:
        """A lease that was not put back has run out since: nobody took it today."""
        until, state = self.row["held_until"], self.row["state"]
        if isinstance(until, datetime) and isinstance(state, State):
            self.take(Move(Role.SYSTEM, Step.PUT_BACK, state, state), until)

    def _effect(self, move: Move, at: datetime, account: str | None) -> Row:
        step = move.step
        effect: Row = dict.fromkeys(STAMPS.get(step, ()), at)
        if move.target is not move.source:
            effect |= {"holder_id": None, "held_until": None}
        if step in REVISES:
            effect |= self._revise(at, account)
        if step in ASKS_BACK:
            effect["marked_fields"] = [MARKED]
        if step in ACCEPTS:
            forwarded_at = self.row["forwarded_at"]
            assert isinstance(forwarded_at, datetime)
            # An acceptance by silence counts from receipt.
            accepted_at = forwarded_at if move.role is Role.SYSTEM else at
            effect |= self.period.due(forwarded_at.date(), accepted_at.date(), self.authority.promised_days)
        if step is Step.TAKE:
            effect |= {"holder_id": account, "held_until": at + LEASE}
        if step is Step.PUT_BACK:
            effect |= {"holder_id": None, "held_until": None}
        if step is Step.RECOMMEND:
            effect["recommender_id"] = account
        return effect | WRITES.get(step, {}) | self._readdress(step, at)

    def _readdress(self, step: Step, at: datetime) -> Row:
        """The new address of the application, for a step that sends it on."""
        to: Row = {}
        match step:
            case Step.FORWARD | Step.ESCALATE | Step.FILE_DEREGISTRATION | Step.FILE_AT_COUNTER:
                to = {"authority_id": self.authority.id}
            case Step.SUBMIT if self.story.kind is Kind.REISSUE:
                to = {"authority_id": self.authority.id, "forwarded_at": at}
            case Step.TRANSFER:
                self.authority = self.authority.parent or self.authority
                to = {"authority_id": self.authority.id}
            case Step.CLAIM_BY_ID_NUMBER:
                to = {"institution_id": self.story.target.id}
            case Step.REJECT_CLAIM:
                refused = self.row["institution_id"]
                self.refused.append({"application_id": self.id, "institution_id": refused, "at": at})
                to = {"institution_id": None}
        return to

    def _revise(self, at: datetime, account: str | None) -> Row:
        """The form as it is filed now; each time with a fresh health examination, where one is asked for."""
        revision = len(self.revisions) + 1
        days = self._dice.between(10, 150) if revision == 1 else self._dice.between(1, 5)
        filled = form(self.nurse, self.story, at.date() - timedelta(days=days))
        changed = [] if revision == 1 or self.story.kind in UNEXAMINED else [MARKED]
        kept = {"application_id": self.id, "revision": revision, "form": filled, "changed_fields": changed}
        self.revisions.append({**kept, "account_id": account, "at": at})
        return {"form": filled, "revision": revision, "marked_fields": []}

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

    def _record_events(self, move: Move, before: Row, at: datetime, account: str | None) -> None:
        """The events of one step, for each party of the application, and of its effect on the register."""
        scope_events: list[ScopeEvent] = [*step_events(move, before, self.row)]
        scope_events += move_events(self.nurse, self.story, self.row, move)
        ids: dict[str, str] = {}
        for one in scope_events:
            event_id = ids.setdefault(one.type, self._next_id(at))
            self.events.append(event_row(one, event_id, at, account))

    def _next_id(self, at: datetime) -> str:
        return identifier(self._dice.getrandbits(64), at)

    @cached_property
    def _dice(self) -> Dice:
        return Dice(part_key(self.nurse.key, Part.TRACES))

    def _account(self, move: Move) -> str | None:
        """The account that took a step in a role; the system's scheduler has no account."""
        code, staff_id = self.authority.code, self.nurse.register.staff_id
        match PARTY_OF[move.role]:
            case Party.NURSE:
                return self.nurse.account_id
            case Party.INSTITUTION:
                return staff_id(move.role, self.story.target.number)
            case Party.AUTHORITY if move.role is Role.PROVINCIAL_ADMIN:
                return staff_id(move.role, int(f"{code[:2]}0000"))
            case Party.AUTHORITY:
                return staff_id(move.role, int(code))
        return None
