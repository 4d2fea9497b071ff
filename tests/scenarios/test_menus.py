"""Every entry of the old client's menus is a screen whose documents are run, and no client is needed to reach one."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path
from typing import Final
from urllib.request import Request, urlopen

import pytest

from tests.support.live import Live
from tests.support.screens import screens
from tests.support.world import Cast

DOCS: Final = Path(__file__).parents[2] / "docs"
ROW: Final = re.compile(
    r"^\| (?P<menu>[^|]+) \| (?P<entry>[^|]+) \| \[(?P<screen>[^\]]+)\]\((?P<page>[^)]+)\)", re.MULTILINE
)
ROWS: Final = [found.groupdict() for found in ROW.finditer((DOCS / "reference/menus.md").read_text("utf-8"))]
ENTRIES: Final = frozenset(
    [
        "系统主页",
        "账号激活",
        "账号撤销",
        "本院护士信息",
        "历史沿革",
        "信息修改",
        "本院护士信息修改审核",
        "本院待延续注册",
        "本院过期未延续注册",
        "护士中断执业信息",
        "护士中断信息列表",
        "护士申请业务办理",
        "护士正在申办的业务",
        "已完成审批列表",
        "注销注册申请",
        "注销申请列表",
        "护士执业信息验证",
        "审批机关设置",
        "统计信息",
        "客服中心",
        "机构必读手册、用户手册、使用手册下载",
        "主执业",
        "获取最新数据",
    ]
)
"""The entries that the handbook's pictures of the client show."""


@pytest.mark.feature("I5")
def test_the_page_has_every_entry_of_the_menus() -> None:
    assert {row["entry"] for row in ROWS} == ENTRIES


@pytest.mark.feature("I5")
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["entry"])
def test_every_entry_leads_to_a_screen_with_documents(row: dict[str, str]) -> None:
    assert ((DOCS / "reference") / row["page"]).resolve().is_file()
    if row["page"].endswith("screens.md"):
        found = [screen for screen in screens() if screen.title.partition(" · ")[0] == row["screen"]]
        assert len(found) == 1
        assert found[0].documents


def _asked(origin: str, token: str, document: str) -> dict[str, dict[str, object]]:
    """The data, as a program gets it that has nothing but its language's own way to send a request."""
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    request = Request(f"{origin}/graphql", json.dumps({"query": document}).encode(), headers)
    with urlopen(request, timeout=30) as answer:
        found: dict[str, dict[str, object]] = json.load(answer)["data"]
    return found


@pytest.mark.feature("I2")
async def test_a_hospital_works_with_nothing_installed(live: Live, cast: Cast) -> None:
    found = await asyncio.to_thread(_asked, live.origin, cast.operator.token, "{ nurses(first: 1) { totalCount } }")
    assert found == {"nurses": {"totalCount": 1}}
