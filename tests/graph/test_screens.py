"""The documents of docs/how-to/institution.md: each is answered as it stands there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from graph.context import Services
from graph.schema.node import global_id
from tests.support.live import Live
from tests.support.people import resident
from tests.support.plan_and_executor import Both
from tests.support.world import Cast

PAGE = (Path(__file__).parents[2] / "docs/how-to/institution.md").read_text("utf-8")
SCREENS = dict(re.findall(r"^## (.+)$(?:(?!^## )[\s\S])*?^```graphql\n([\s\S]*?)^```", PAGE, re.MULTILINE))
ASKED_OF_RULES = {"Who decides (审批机关设置, I6)", "A look before claiming (认领前查看, I16)"}


@pytest.mark.feature("I5")
def test_every_screen_has_its_document() -> None:
    assert len(SCREENS) == len(re.findall(r"^## ", PAGE, re.MULTILINE)) == 10
    assert {*SCREENS} > ASKED_OF_RULES


@pytest.mark.feature("I5")
@pytest.mark.parametrize("screen", SCREENS)
async def test_a_screen_is_answered_as_the_page_has_it(live: Live, services: Services, cast: Cast, screen: str) -> None:
    text = SCREENS[screen]
    given: dict[str, Any] = {"id": global_id("Nurse", cast.nurse_id)} if "$id:" in text else {}
    given |= {"idNumber": resident()} if "$idNumber:" in text else {}
    if screen in ASKED_OF_RULES:
        await live.as_(cast.operator).ask(text, **given)
    else:
        found = await Both(services).data(text, cast.operator, **given)
        assert all(one is not None for one in found.values())
