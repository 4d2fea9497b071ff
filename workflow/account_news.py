"""Events about a nurse's account, for her institution, her 注册机关 and the nurse herself (账户动态)."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from db import activation as activations
from db.feed.event import Addressed
from db.store.engine import Tx
from rules.account import AccountStep
from rules.activation import Candidate, may
from rules.nurse_event import nurse_body
from rules.people import AccountState, Party


async def if_waiting(tx: Tx, before: Candidate | None) -> list[Addressed]:
    """The event for the party that vouches for her: she awaits her code (待发激活码), now and not before."""
    if before is None or may(before, AccountStep.ACTIVATE):
        return []
    return awaiting_code([await activations.get(tx, before.account_id)])


def awaiting_code(candidates: Iterable[Candidate]) -> list[Addressed]:
    """Events for the parties that vouch for them, about the nurses whose next step is to enter a code."""
    ready = ((one, one.issuer) for one in candidates if may(one, AccountStep.ACTIVATE))
    return [_heard(one, issuer[1], "account.awaiting_code", Party.NURSE) for one, issuer in ready if issuer]


async def activated(tx: Tx, account_id: UUID) -> list[Addressed]:
    """She, where she works and where she is registered hear that her account is active.

    It is the last event of the feed that she had before: from there her feed goes on in the scope of her record.
    """
    now = await activations.get(tx, account_id)
    scopes = (now.nurse_id, account_id, now.institution_id, now.authority_id)
    return [_heard(now, scope, "account.activated", Party.NURSE) for scope in scopes if scope is not None]


def revoked(candidate: Candidate, by: Party | None) -> list[Addressed]:
    """She and who vouched for her hear that her account has ended; the steps of the same moment go with it."""
    if candidate.nurse_id is None:
        return []
    early = [candidate.account_id] if candidate.progress.state is AccountState.INACTIVE else []
    scopes = [candidate.nurse_id, *early, *([candidate.issuer[1]] if candidate.issuer else [])]
    return [_heard(candidate, scope, "account.revoked", by) for scope in scopes]


def _heard(candidate: Candidate, scope: UUID, type: str, by: Party | None) -> Addressed:
    numbers = (candidate.certificate_number, candidate.id_number_masked)
    body = nurse_body(str(candidate.nurse_id), candidate.name, *numbers, by)
    return Addressed(scope, type, None, candidate.account_id, None, body)
