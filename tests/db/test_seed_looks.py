"""The looks that a seeded register knows of (查阅记录)."""

from __future__ import annotations

import pytest

from db.seed.looks import LOOKED_AT
from tests.support.seeded_databases import NURSES, Connection

pytestmark = pytest.mark.feature("I11")

BY_HER_OWN: str = """
select count(*) as looks, count(distinct a.nurse_id) as nurses,
  count(*) filter (where a.place_id in (r.institution_id, r.authority_id)) as hers,
  count(*) filter (where k.id is not null and k.party = a.party and k.roles @> a.roles) as known
from audit a join registration r on r.nurse_id = a.nurse_id left join account k on k.id = a.account_id
where a.action = 'nurse.verified'"""


async def test_some_nurses_were_looked_at_by_their_own_institution_and_one_by_her_authority_too(
    connection: Connection,
) -> None:
    found = await connection.fetchrow(BY_HER_OWN)
    assert found is not None
    assert NURSES / LOOKED_AT / 4 < found["nurses"] < NURSES / LOOKED_AT * 4
    assert found["looks"] == found["nurses"] + 1 == found["known"]
    assert found["hers"] > 0
    rows = await connection.fetch("select purpose, count(*) from audit where action = 'nurse.verified' group by 1")
    assert {row["purpose"]: row["count"] for row in rows} == {"ROSTER": found["nurses"], "SUPERVISION": 1}
