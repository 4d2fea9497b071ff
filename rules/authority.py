"""Health authorities (卫生健康行政部门): their levels in the tree."""

from __future__ import annotations

from typing import Final

from rules.label import Labelled

NATION_CODE: Final = "100000"
"""The code of the nation in the tree (GB/T 2260 has none)."""
NATION_NAME: Final = "国家卫生健康委员会"


class AuthorityLevel(Labelled):
    """The level of an authority (行政层级)."""

    NATION = "NATION", "国家级"
    PROVINCE = "PROVINCE", "省级"
    CITY = "CITY", "设区的市级"
    DISTRICT = "DISTRICT", "县级"
