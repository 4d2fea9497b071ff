"""Steps on applications as tests order them: a session, and the command of a step by its name."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from db.session import Session
from db.store.engine import Database
from rules.application import Step
from rules.form import Form
from workflow import step as steps
from workflow.application import COMMANDS
from workflow.draft import ApplicationCreateDraft
from workflow.step import Command


@dataclass(frozen=True)
class Order:
    """Somebody's command."""

    session: Session
    command: Command

    def but(self, **other: Any) -> Order:
        """The same order with another input."""
        return Order(self.session, replace(self.command, **other))


def order_of(session: Session, step: Step, application_id: UUID, expected_version: int, **more: Any) -> Order:
    """The order of a step on an application; who recommends agrees, unless she says."""
    more = {"agrees": True, **more} if step is Step.RECOMMEND else more
    return Order(session, COMMANDS[step](application_id, expected_version, **more))


def draft_of(session: Session, form: Form, idempotency_key: str | None = None, **more: Any) -> Order:
    """A nurse's order to begin an application."""
    return Order(session, ApplicationCreateDraft(form, idempotency_key=idempotency_key, **more))


async def take_order(db: Database, order: Order) -> UUID:
    """Carry it out as anybody's."""
    return await steps.take(db, order.session, order.command)
