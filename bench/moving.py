"""One change of registration (变更注册): another hospital's nurse comes to ours, and her old one hears of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from bench.carried import Carried, examined_on, shown
from bench.person import Person, expect
from rules.errors import Words

PLACE: Final = "{ viewer { institution { id name } } pendingReviews(first: 0) { feedCursor } }"
RECORD: Final = """{ viewer { nurse { name registration { validUntil institution { id name }
  history(first: 1) { kind application { id } } } } } }"""
HEARD: Final = """query Heard($since: String) { events(since: $since, first: 10) {
  nodes { type ... on RegistrationMovedOut { nurseName } } } }"""

NURSE, DASHBOARD = Words("转院护士", "Mover"), Words("医院大屏", "Dashboard")
AUTHORITY, REGISTER = Words("审批机关", "Authority"), Words("注册信息", "Register")
LEFT: Final = Words("原医院", "Old place")
Say = Callable[[Words, Words], None]


@dataclass(frozen=True)
class Cast:
    """The people of the story, signed in: `left` is an operator of the hospital that the nurse leaves."""

    nurse: Person
    left: Person
    dashboard: Person
    operator: Person
    reviewer: Person
    decider: Person


async def move(cast: Cast, say: Say) -> None:
    """Live through the change on a running server; raises Differs at the first thing that is not as it should be."""
    story = _Story(cast, say)
    since = (await cast.left.ask(PLACE))["pendingReviews"]["feedCursor"]
    place = (await cast.dashboard.ask(PLACE))["viewer"]["institution"]
    before = await story.record()
    await story.comes(place)
    await story.is_decided()
    await story.is_on_record(before, place)
    await story.is_told(before, since)


@dataclass
class _Story(Carried):
    cast: Cast
    say: Say

    async def comes(self, place: dict[str, str]) -> None:
        """She names the hospital where she will practise; its dashboard shows her, and its operator agrees."""
        health = {"healthStatus": "GOOD", "healthExaminedOn": examined_on()}
        form = {**health, "department": "WARD", "changeReason": "工作调动"}
        async with self.cast.dashboard.screen() as wall:
            await self.take(self.cast.nurse, "applicationCreateDraft", form={"change": form}, institutionId=place["id"])
            await self.take(self.cast.nurse, "applicationSubmit")
            name = place["name"]
            self.say(NURSE, Words(f"申请变更到{name}", f"applies to move to {name}"))
            waited = await shown(wall, "ADDED", "APPLICATION_SUBMITTED")
            self.say(DASHBOARD, Words(f"{waited}毫秒后显示这件待办", f"shows it {waited} ms later"))
            await self.take(self.cast.operator, "applicationForward")
            await shown(wall, "REMOVED", "APPLICATION_FORWARDED")

    async def is_decided(self) -> None:
        """Within seven working days of receipt, the law says."""
        await self.take(self.cast.reviewer, "applicationAccept")
        due = self.application["dueOn"]
        await self.take(self.cast.reviewer, "applicationRecommend", agrees=True)
        await self.take(self.cast.decider, "applicationApprove")
        self.say(AUTHORITY, Words(f"受理并同意，法定期限为{due}", f"takes it in and approves; the law says by {due}"))

    async def is_on_record(self, before: Any, place: dict[str, str]) -> None:
        """She is registered at her new hospital, as long as before, and her history says why."""
        after = (await self.record())["registration"]
        row = {"kind": "CHANGE", "application": {"id": self.application["id"]}}
        expect("Where she is registered now", after["institution"], place)
        expect("The last day of her registration", after["validUntil"], before["registration"]["validUntil"])
        expect("The newest row of her history", after["history"], [row])
        zh, en = f"执业机构已变更，有效期不变（{after['validUntil']}）", f"valid until {after['validUntil']}, as before"
        self.say(REGISTER, Words(zh, f"she is registered here, {en}"))

    async def is_told(self, before: Any, since: str) -> None:
        """Her old hospital hears that she has gone, and nothing of her application."""
        heard = (await self.cast.left.ask(HEARD, since=since))["events"]["nodes"]
        expect("What her old hospital heard", heard, [{"type": "REGISTRATION_MOVED_OUT", "nurseName": before["name"]}])
        was = before["registration"]["institution"]["name"]
        self.say(LEFT, Words(f"{was}收到转出通知：{before['name']}", f"{was} hears that {before['name']} has left"))

    async def record(self) -> Any:
        """Her own record on the register."""
        return (await self.cast.nurse.ask(RECORD))["viewer"]["nurse"]
