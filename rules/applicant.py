"""Applicants whose account is not active yet: a nurse who moved and gets no code, and one from the military."""

from __future__ import annotations

from dataclasses import replace
from typing import Final
from uuid import UUID

from rules.account import AccountStep, Progress, open_steps
from rules.application import Application
from rules.kinds import Kind
from rules.people import AccountState, Actor, Party

BEFORE_ACTIVATION: Final = frozenset({Kind.CHANGE, Kind.MILITARY_TRANSFER})


def may_begin(kind: Kind, progress: Progress | None) -> bool:
    """True if an account may begin this kind: it is active, verified by its certificate, or declared military."""
    if progress is None or progress.state is not AccountState.INACTIVE:
        return progress is not None and progress.state is AccountState.ACTIVE
    match kind:
        case Kind.CHANGE:
            return AccountStep.FILE_CHANGE in open_steps(progress)
        case Kind.MILITARY_TRANSFER:
            return AccountStep.FILE_MILITARY_TRANSFER in open_steps(progress)
        case _:
            return False


def in_her_own_matter(viewer: Actor, application: Application) -> Actor:
    """The actor in the nurse's own matter: a nurse whose account is not active yet acts on the applications it filed.

    Any other actor stays the same. Only applications filed by that account are shown to it; the session may not know
    the nurse yet.
    """
    early = not viewer.active and viewer.party is Party.NURSE and application.kind in BEFORE_ACTIVATION
    hers = viewer.nurse_id in (None, application.nurse_id)
    return as_active(viewer, application.nurse_id) if early and hers else viewer


def as_active(actor: Actor, nurse_id: UUID) -> Actor:
    """The nurse as an actor after the account's activation."""
    return replace(actor, active=True, party_id=nurse_id, nurse_id=nurse_id)
