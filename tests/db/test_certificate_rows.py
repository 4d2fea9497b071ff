"""Whoever was registered before the system gets her certificate by the migration, and everybody why one is void."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime

import pytest
import pytest_asyncio
from alembic import command
from uuid_utils.compat import uuid7

from tests.support.old_register import OldRegister

pytestmark = pytest.mark.feature("N20")
BEFORE, HERE = "0037", "0038"
ENDED = datetime(2024, 5, 6, 7, tzinfo=UTC)


@pytest_asyncio.fixture
async def register(empty_url: str) -> AsyncIterator[OldRegister]:
    """An empty register of the release before."""
    found = await OldRegister.at(empty_url, BEFORE)
    yield found
    await found.owner.close()


async def test_everybody_on_the_register_has_one_in_force_and_who_is_off_it_a_void_one(register: OldRegister) -> None:
    bare = await register.nurse("VALID", "2015A")
    known = await register.nurse("VALID", "2015B")
    await register.certificate(known, "2015B", 1)
    lost = await register.nurse("VALID", "2015C")
    await register.certificate(lost, "2015C", 3, ENDED)
    off = await register.nurse("DEREGISTERED", "2015D", deregistration_reason="DEATH")
    await register.history(off, "DEREGISTRATION", "DEREGISTERED", at=ENDED)
    struck = await register.nurse("DEREGISTERED", "2015E", deregistration_reason="LICENCE_REVOKED")
    never = await register.nurse("NEVER", None)
    merged = await register.nurse("NEVER", "2015F")
    again = await register.nurse("VALID", "2022G")
    await register.history(again, "REREGISTRATION", "VALID", at=ENDED)
    await register.move(command.upgrade, HERE)
    assert await register.certificates(bare) == [("2015A-1", True, None)]
    assert await register.certificates(known) == [("2015B-1", True, None)]
    assert await register.certificates(lost) == [("2015C-3", False, "REISSUED"), ("2015C-4", True, None)]
    assert await register.certificates(off) == [("2015D-1", False, "DEREGISTERED")]
    assert await register.certificates(struck) == [("2015E-1", False, "LICENCE_REVOKED")]
    assert [await register.certificates(one) for one in (never, merged)] == [[], []]
    dates = "select issued_on, voided_at from certificate where nurse_id = $1"
    assert [tuple(await register.owner.fetchrow(dates, one)) for one in (bare, off, again)] == [
        (date(2015, 1, 1), None),
        (date(2015, 1, 1), ENDED),
        (date(2024, 5, 6), None),
    ]
    tokens = await register.owner.fetch("select token from certificate")
    assert {len(row["token"]) for row in tokens} == {16}
    assert len({row["token"] for row in tokens}) == len(tokens) == 7
    await register.move(command.downgrade, BEFORE)
    await register.move(command.upgrade, HERE)
    assert await register.certificates(bare) == [("2015A-1", True, None)]


async def test_why_each_is_void_is_told_by_what_came_after_it(register: OldRegister) -> None:
    again = await register.nurse("VALID", "2024H")
    await register.certificate(again, "2015H", 1, ENDED)
    issued = {"number": "2024H", "serial": "2024H-1", "issued_on": date(2024, 5, 6)}
    await register.insert("certificate", nurse_id=again, authority_id=register.authority, **issued)
    later = await register.nurse("VALID", "2025I")
    await register.certificate(later, "2015I", 1, ENDED)
    issued = {"number": "2025I", "serial": "2025I-1", "issued_on": date(2025, 5, 6)}
    await register.insert("certificate", nurse_id=later, authority_id=register.authority, **issued)
    await register.move(command.upgrade, HERE)
    assert await register.certificates(again) == [("2015H-1", False, "REREGISTERED"), ("2024H-1", True, None)]
    assert await register.certificates(later) == [("2015I-1", False, "DEREGISTERED"), ("2025I-1", True, None)]


async def test_a_re_issue_that_history_called_a_renewal_is_called_by_its_name(register: OldRegister) -> None:
    nurse_id = await register.nurse("VALID", "2015J", last_kind="RENEWAL")
    moved_on = await register.nurse("VALID", "2015K", last_kind="CHANGE")
    for one in (nurse_id, moved_on):
        key = uuid7()
        who = {"nurse_id": one, "nurse_name": "王", "nurse_sex": "FEMALE", "nurse_birth_date": date(1985, 5, 6)}
        form = {"kind": "REISSUE", "state": "APPROVED", "filed_by": "NURSE", "form": "{}", "document_type": "PASSPORT"}
        place = {
            "authority_id": register.authority,
            "id_number_masked": "E****78",
            "revision": 1,
            "submitted_at": ENDED,
        }
        await register.insert("application", id=key, **who, **form, **place)
        await register.history(one, "RENEWAL", "VALID")
        await register.history(one, "RENEWAL", "VALID", application_id=key)
        await register.history(one, None, "VALID", reason="离职报告")
    await register.history(moved_on, "CHANGE", "VALID")
    await register.move(command.upgrade, HERE)
    kinds = "select kind from registration_history where nurse_id = $1 order by id"
    assert [row["kind"] for row in await register.owner.fetch(kinds, nurse_id)] == ["RENEWAL", "REISSUE", None]
    entry = "select last_kind, version from registration where nurse_id = $1"
    assert [tuple(await register.owner.fetchrow(entry, one)) for one in (nurse_id, moved_on)] == [
        ("REISSUE", 2),
        ("CHANGE", 1),
    ]
