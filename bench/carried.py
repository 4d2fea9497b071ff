"""One application that real clients carry from step to step, checked at every turn."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from bench.person import Differs, Person, Screen, expect

STEP: Final = """
mutation Step($input: %s!) { step: %s(input: $input) { __typename
  ... on ApplicationPayload { application { id version receiptNumber dueOn } }
  ... on Problem { code message } ... on ConflictProblem { currentVersion } } }"""
INPUTS: Final = {
    "applicationCreateDraft": "ApplicationCreateDraftInput",
    "applicationSubmit": "ApplicationSubmitInput",
    "applicationReturn": "ApplicationMarkInput",
    "applicationResubmit": "ApplicationResubmitInput",
    "applicationAccept": "ApplicationAcceptInput",
    "applicationRecommend": "ApplicationRecommendInput",
}
PLAIN_INPUT: Final = "ApplicationOpinionInput"


@dataclass(kw_only=True)
class Carried:
    """An application as its last step left it; there is none before the first."""

    application: dict[str, Any] = field(default_factory=dict)

    async def take(self, person: Person, name: str, **more: Any) -> None:
        """One step; Differs where it is refused."""
        done = await self.attempt(person, name, **more)
        if "application" not in done:
            raise Differs(f"{name} was refused: {done['message']} ({done['code']}).")
        self.application = done["application"]

    async def attempt(self, person: Person, name: str, **more: Any) -> Any:
        """One step, as somebody wishes it who has seen the last one; the answer."""
        if self.application:
            more |= {"id": self.application["id"], "expectedVersion": self.application["version"]}
        return (await person.ask(STEP % (INPUTS.get(name, PLAIN_INPUT), name), input=more))["step"]


async def shown(screen: Screen, change: str, event: str) -> int:
    """Wait until the screen shows this change as its next one; the milliseconds it took."""
    found = await screen.change()
    expect("The next change on the screen", (found.change, found.type), (change, event))
    return found.milliseconds


def examined_on() -> str:
    """The day of a recent health examination."""
    return (datetime.now(ZoneInfo("Asia/Shanghai")).date() - timedelta(days=10)).isoformat()
