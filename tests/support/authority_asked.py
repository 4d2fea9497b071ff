"""The tries of the authorization matrix at each mutation but the steps on an application: who, and with which input."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from typing import Any, Final

from tests.support.authority_acts import ACT_PROBES
from tests.support.authority_desks import DESK_PROBES
from tests.support.authority_files import EARLY, FILE_PROBES
from tests.support.authority_matrix import PEOPLE
from tests.support.authority_people import ready
from tests.support.authority_probes import ON_THE_WAY, OWN, PROBES, Ask
from tests.support.authority_rights import RIGHTS_PROBES
from tests.support.authority_stage import Stage
from tests.support.authority_steps import Key, inputs_of, wanted
from tests.support.authority_stock import STOCK_PROBES
from tests.support.authority_trials import Trial
from tests.support.live import Live

ALL: Final = {**PROBES, **DESK_PROBES, **ACT_PROBES, **FILE_PROBES, **STOCK_PROBES, **RIGHTS_PROBES}
PERSONAL: Final = {name for _, name in PROBES} | {
    *("staffInvite", "approvalSettingSet", "accountClose", "recordTicketCreate", "privacyNoticeAccept"),
    "certificateTokenVoid",
}
"""What somebody does about herself, or at her own place: everybody needs an input of her own."""


async def trials_of(live: Live, stage: Stage, key: Key, entitled: Collection[str]) -> AsyncIterator[Trial]:
    """Everybody's try: those who are refused share one subject, but for what is one's own."""
    shared: dict[str, Any] | None = None
    for name in PEOPLE:
        person = await ready(stage, key[1]) if (key[0], name) == (ON_THE_WAY, "inactive nurse") else stage.people[name]
        ask = Ask(stage, person, live.as_(None))
        if name in entitled or key[1] in PERSONAL:
            given = await input_of(ask, key)
        else:
            given = shared = shared or await input_of(ask, key)
        herself = "inactive nurse" if key[0] == EARLY else "the nurse"
        person = given.get("herself" if name == herself and "instead" not in given else "instead", person)
        yield Trial(name, person, wanted(key[1], given))


async def input_of(ask: Ask, key: Key) -> dict[str, Any]:
    """What is needed to take it; nothing much for whoever has no account."""
    if ask.person is None and key[0] == OWN:
        return {name: "SMS" if name == "channel" else "x" for name in inputs_of(key[1]) - {"idempotencyKey"}}
    return {**await ALL[key](ask)}
