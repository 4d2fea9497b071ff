"""The steps of an account's activation."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any

import pytest

from db.store.engine import Database
from rules.errors import RegistryError
from tests.support.activation import Candidate
from tests.support.world import Person
from workflow.activation import (
    ActivationSubmitCertificate,
    ActivationSubmitExamCertificate,
    submit_certificate,
)
from workflow.activation_code import ActivationIssueCode, issue_code

WRONG = "WRONG00000"


async def submit(db: Database, of: Candidate, number: str, *, exam: bool = False, key: str | None = None) -> None:
    wish = ActivationSubmitExamCertificate if exam else ActivationSubmitCertificate
    assert await submit_certificate(db, of.person.session, wish(number, idempotency_key=key))


async def issue(db: Database, by: Person, of: Candidate, key: str | None = None) -> str:
    code = await issue_code(db, by.session, ActivationIssueCode(of.person.account_id, idempotency_key=key))
    assert code is not None
    return code


async def refused(of: Candidate, step: Awaitable[Any], kind: type[RegistryError], reason: str | None = None) -> None:
    """The step is refused so, and nothing but a count has moved."""
    before = await of.everything()
    with pytest.raises(kind) as refusal:
        await step
    assert getattr(refusal.value, "reason", None) == reason
    assert await of.everything() == before
