"""The outcome of a seeded application for a registration: the stages before it, and those of its approval."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, Final

from db.seed.random_source import Dice
from db.seed.registration_stage import Career, RegistrationStage, granted
from db.seed.stories import Story
from rules.application import Step
from rules.kinds import Kind
from rules.registration import YEARS_VALID, DeregistrationReason, RegistrationStatus, bar_after
from rules.working_days import add_years

VOIDED: Final = "准予决定被撤销"


def outcome_of(story: Story, dice: Dice) -> Career:
    """The registration of a nurse who has a seeded application."""
    before = () if story.kind in _FROM_NOTHING else tuple(granted(dice, story.expires, story.origin))
    if story.kind is Kind.REREGISTRATION and story.reason is not None:
        return ended(before, story.reason, _ended_on(story, dice))
    if story.path.has(Step.END_REGISTRATION):
        assert story.reason is not None
        return ended(before, story.reason, story.times[-1].date())
    if story.path.has(Step.VOID):
        at = story.times[-1]
        (renewal,) = _approved(story, before, story.times[-2])
        undone = after(before[-1], at.date(), at=at, reason=VOIDED, business=False)
        return Career((*before, renewal, undone))
    approved = _approved(story, before, story.times[-1]) if story.path.approved else ()
    off = story.reason if approved and story.kind is Kind.DEREGISTRATION else None
    return Career((*before, *approved), deregistration=off)


_FROM_NOTHING: Final = (Kind.FIRST, Kind.MILITARY_TRANSFER)


def after(stage: RegistrationStage, on: date, **changes: Any) -> RegistrationStage:
    """A later stage, with the authority of the one before unless it is among the changes."""
    same = {"authority": stage.decided_by, "reason": None, "at": None}
    return replace(stage, on=on, **{**same, **changes})


def ended(stages: Sequence[RegistrationStage], reason: DeregistrationReason, on: date) -> Career:
    """Off the register since that day."""
    return Career((*stages, _off(stages[-1], reason, on)), None, reason, bar_after(reason, on))


def _off(
    stage: RegistrationStage, reason: DeregistrationReason, on: date, at: datetime | None = None
) -> RegistrationStage:
    off = RegistrationStatus.DEREGISTERED
    return after(stage, on, at=at, kind=Kind.DEREGISTRATION, institution=None, status=off, reason=reason.label)


def _ended_on(story: Story, dice: Dice) -> date:
    """After the expiry where it ran out, before it otherwise."""
    if story.reason is DeregistrationReason.EXPIRED:
        return story.expires + timedelta(days=dice.between(1, (story.filed_on - story.expires).days - 1))
    return story.expires - timedelta(days=dice.between(1, 300))


def _approved(story: Story, before: Sequence[RegistrationStage], at: datetime) -> tuple[RegistrationStage, ...]:
    """The stages that the approval added; the last one is the nurse's standing."""
    on, last = at.date(), before[-1] if before else None
    if story.kind in _FROM_NOTHING or story.kind is Kind.REREGISTRATION:
        return tuple(_entered(story, last, at))
    assert last is not None
    match story.kind:
        case Kind.RENEWAL:
            until = add_years(story.expires, YEARS_VALID)
            return (after(last, on, at=at, kind=Kind.RENEWAL, valid_until=until),)
        case Kind.CHANGE:
            place = {"institution": story.target, "authority": story.authority}
            return (after(last, on, at=at, kind=Kind.CHANGE, **place),)
        case Kind.DEREGISTRATION:
            assert story.reason is not None
            return (_off(last, story.reason, on, at),)
        case _:
            return (after(last, on, at=at, kind=Kind.REISSUE),)


def _entered(story: Story, last: RegistrationStage | None, at: datetime) -> Iterator[RegistrationStage]:
    """A new entry on the register; an expired one is deregistered first (届满未延续)."""
    on = at.date()
    until = add_years(on, YEARS_VALID)
    if last is not None:
        yield _off(last, DeregistrationReason.EXPIRED, on, at)
    if story.kind is Kind.MILITARY_TRANSFER:
        until = story.expires
    yield RegistrationStage(on, story.kind, until, story.target, authority=story.authority, at=at)
