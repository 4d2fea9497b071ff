"""The steps of an account's activation."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any

import pytest

from db.store.engine import Database
from rules.errors import RegistryError
from tests.support.activation import Candidate
from tests.support.world import Person
from workflow import activation as workflow
from workflow.activation import About, Certificate

WRONG = "WRONG0000"


async def submit(db: Database, of: Candidate, number: str, *, exam: bool = False, key: str | None = None) -> None:
    assert await workflow.submit_certificate(db, Certificate(of.person.session, number, exam, key))


async def issue(db: Database, by: Person, of: Candidate, key: str | None = None) -> str:
    code = await workflow.issue_code(db, About(by.session, of.person.account_id, key))
    assert code is not None
    return code


async def refused(of: Candidate, step: Awaitable[Any], kind: type[RegistryError], reason: str | None = None) -> None:
    """The step is refused so, and nothing but a count has moved."""
    before = await of.everything()
    with pytest.raises(kind) as refusal:
        await step
    assert getattr(refusal.value, "reason", None) == reason
    assert await of.everything() == before
