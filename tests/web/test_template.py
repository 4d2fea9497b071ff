"""Templates of lists (集体申请名单模板), downloaded by anybody as what they are and nothing else."""

from __future__ import annotations

from urllib.parse import quote

import httpx
import pytest

from papers.list_template import XLSX, list_template
from rules.kinds import Kind
from tests.support.live import Live

pytestmark = pytest.mark.feature("I16")


@pytest.mark.parametrize(
    ("name", "kind", "title"), [("FIRST", Kind.FIRST, "首次注册"), ("RENEWAL", Kind.RENEWAL, "延续注册"), ("renewal", Kind.RENEWAL, "延续注册")]
)  # fmt: skip
async def test_a_template_is_saved_under_its_chinese_name(live: Live, name: str, kind: Kind, title: str) -> None:
    async with httpx.AsyncClient(base_url=live.origin) as client:
        answer = await client.get(f"/templates/collective/{name}.xlsx")
    assert (answer.status_code, answer.headers["content-type"]) == (200, XLSX)
    assert answer.content == list_template(kind).content
    assert quote(f"{title}名单模板.xlsx") in answer.headers["content-disposition"]
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("path", ["CHANGE.xlsx", "REISSUE.xlsx", "FIRST.xls", "FIRST", "..%2FFIRST.xlsx", ".xlsx"])
async def test_there_are_no_templates_of_kinds_that_are_not_filed_together(live: Live, path: str) -> None:
    async with httpx.AsyncClient(base_url=live.origin) as client:
        assert (await client.get(f"/templates/collective/{path}")).status_code == 404
        assert (await client.post(f"/templates/collective/{path}")).status_code in {404, 405}
