"""One renewal (延续注册) from filing to approval, lived through by real clients and checked at every turn."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, TypeAlias

from bench.carried import Carried, examined_on, shown
from bench.person import Change, Differs, Person, Screen, expect
from rules.errors import Words
from rules.working_days import add_years

DESK: Final = "{ viewer { institution { name } } pendingReviews(first: 0) { totalCount } }"
RECORD: Final = """{ viewer { nurse { name department registration { validUntil
  history(first: 1) { kind validUntil application { id } } } } } }"""
EVENTS: Final = """query Events($since: String) { events(since: $since, first: 100) {
  nodes { id type ... on ApplicationEvent { applicationId } } } }"""

SUBMITTED, RETURNED, RESUBMITTED = "APPLICATION_SUBMITTED", "APPLICATION_RETURNED", "APPLICATION_RESUBMITTED"
FORWARDED, ACCEPTED, DECIDED = "APPLICATION_FORWARDED", "APPLICATION_ACCEPTED", "APPLICATION_DECIDED"
RECOMMENDED: Final = "APPLICATION_RECOMMENDED"
FOR_ALL: Final = [SUBMITTED, RETURNED, RESUBMITTED, FORWARDED, ACCEPTED, DECIDED]
FOR_AUTHORITY: Final = [FORWARDED, ACCEPTED, RECOMMENDED, DECIDED]

NURSE, DASHBOARD = Words("护士", "Nurse"), Words("医院大屏", "Dashboard")
OPERATOR, OPERATORS = Words("经办人", "Operator"), Words("两经办人", "Operators")
AUTHORITY, REVIEWER = Words("审批机关", "Authority"), Words("审查人", "Reviewer")
DECIDER, REGISTER, ALL = Words("决定人", "Decider"), Words("注册信息", "Register"), Words("三方", "All three")

Say: TypeAlias = Callable[[Words, Words], None]
"""Tells one beat of the story: who, and what."""


@dataclass(frozen=True)
class Cast:
    """The people of the story, signed in: `dashboard` is any account of the hospital, `operators` are two of it."""

    nurse: Person
    dashboard: Person
    operators: tuple[Person, Person]
    reviewer: Person
    decider: Person


async def tell(cast: Cast, say: Say) -> None:
    """Live through the story on a running server; raises Differs at the first thing that is not as it should be."""
    story = _Story(cast, say)
    async with cast.reviewer.screen() as desk:
        story.authority_since = desk.cursor
        async with cast.dashboard.screen() as wall:
            await story.files(wall)
        await story.corrects()
        async with cast.dashboard.screen(after=wall.cursor) as again:
            await story.catches_up(again)
            await story.forwards(again)
        await story.is_decided(desk)
        await story.is_on_record()
        await story.was_heard([*wall.shown, *again.shown], desk.shown)


@dataclass
class _Story(Carried):
    """The story so far: its cast, its application, and the dates that must come back."""

    cast: Cast
    say: Say
    valid_until: date = date.min
    hospital_since: str = ""
    authority_since: str = ""

    async def files(self, wall: Screen) -> None:
        """The nurse files, and her hospital sees it."""
        self.hospital_since = wall.cursor
        desk = await self.cast.dashboard.ask(DESK)
        waiting = desk["pendingReviews"]["totalCount"]
        self.say(DASHBOARD, Words(f"打开待办推送，待办{waiting}件", f"opens its live feed: {waiting} reviews wait"))
        self.valid_until = date.fromisoformat((await self._record())["registration"]["validUntil"])
        await self.take(self.cast.nurse, "applicationCreateDraft", form=_form("WARD"))
        await self.take(self.cast.nurse, "applicationSubmit")
        until = self.valid_until
        self.say(NURSE, Words(f"提交延续注册，原有效期至{until}", f"files her renewal; registered until {until}"))
        waited = await shown(wall, "ADDED", SUBMITTED)
        self.say(DASHBOARD, Words(f"{waited}毫秒后显示这件待办", f"shows it {waited} ms later"))

    async def corrects(self) -> None:
        """The hospital returns it and the nurse corrects it, while the dashboard is away."""
        self.say(DASHBOARD, Words("断线", "loses its connection"))
        marks = {"reasons": ["DEPARTMENT_WRONG"], "markedFields": ["department"]}
        await self.take(self.cast.operators[0], "applicationReturn", **marks)
        self.say(OPERATOR, Words("退回更正：工作科室不符", "returns it: the department is wrong"))
        await self.take(self.cast.nurse, "applicationResubmit", form=_form("EMERGENCY"))
        self.say(NURSE, Words("更正科室，重新提交", "corrects the department and files again"))

    async def catches_up(self, wall: Screen) -> None:
        """The dashboard gets what it missed; the next thing it gets must be live, so nothing came twice."""
        await shown(wall, "REMOVED", RETURNED)
        await shown(wall, "ADDED", RESUBMITTED)
        self.say(DASHBOARD, Words("凭游标续接，补收错过的2件", "reconnects with its cursor and gets the 2 it missed"))

    async def forwards(self, wall: Screen) -> None:
        """Both operators agree to what both have read: one is first, and the other is told who."""
        version = self.application["version"]
        both = [self.attempt(one, "applicationForward") for one in self.cast.operators]
        done = dict(zip(self.cast.operators, await asyncio.gather(*both), strict=True))
        (first, won), (late, lost) = sorted(done.items(), key=lambda one: "application" not in one[1])
        expect("The first of two who forward at once", won["__typename"], "ApplicationForwardPayload")
        expect("The second of two who forward at once", lost["__typename"], "ConflictProblem")
        expect("The version that the second is told", lost["currentVersion"], version + 1)
        self.application = won["application"]
        zh = f"同时点“同意”：{first.name}办成，{late.name}得到{lost['code']}"
        self.say(OPERATORS, Words(zh, f"agree at once: {first.name} forwards it, {late.name} gets {lost['code']}"))
        waited = await shown(wall, "REMOVED", FORWARDED)
        self.say(DASHBOARD, Words(f"{waited}毫秒后移出待办", f"drops it {waited} ms later"))

    async def is_decided(self, desk: Screen) -> None:
        """The authority takes it in; one officer recommends, another decides."""
        waited = await shown(desk, "ADDED", FORWARDED)
        self.say(AUTHORITY, Words(f"{waited}毫秒后收到", f"has it on its desk {waited} ms later"))
        await self.take(self.cast.reviewer, "applicationAccept")
        await shown(desk, "CHANGED", ACCEPTED)
        number, due = self.application["receiptNumber"], self.application["dueOn"]
        if not (number and due):
            raise Differs(f"The accepted application has the receipt number {number!r} and the due date {due!r}.")
        self.say(REVIEWER, Words(f"受理，编号{number}，{due}前决定", f"accepts it as {number}, due on {due}"))
        await self.take(self.cast.reviewer, "applicationRecommend", agrees=True)
        await shown(desk, "CHANGED", RECOMMENDED)
        self.say(REVIEWER, Words("审查意见：同意", "recommends it"))
        await self.take(self.cast.decider, "applicationApprove")
        await shown(desk, "REMOVED", DECIDED)
        self.say(DECIDER, Words("审批决定：同意", "approves it"))

    async def is_on_record(self) -> None:
        """The register says so, and its history by which application."""
        nurse, until = await self._record(), add_years(self.valid_until, 5).isoformat()
        row = {"kind": "RENEWAL", "validUntil": until, "application": {"id": self.application["id"]}}
        expect("The last day of the renewed registration", nurse["registration"]["validUntil"], until)
        expect("The newest row of its history", nurse["registration"]["history"], [row])
        expect("The department in the nurse's record", nurse["department"], "EMERGENCY")
        self.say(REGISTER, Words(f"有效期至{until}，历史沿革已记录", f"valid until {until}; the history says why"))

    async def was_heard(self, wall: list[Change], desk: list[Change]) -> None:
        """Everybody can read what happened, and the screens showed exactly that."""
        nurse = await self._events(self.cast.nurse, None, FOR_ALL)
        hospital = await self._events(self.cast.operators[0], self.hospital_since, FOR_ALL)
        authority = await self._events(self.cast.decider, self.authority_since, FOR_AUTHORITY)
        expect("The hospital's events", hospital, nurse)
        expect("What the dashboard showed", [one.event_id for one in wall], hospital[:4])
        expect("What the authority's desk showed", [one.event_id for one in desk], authority)
        zh = f"事件均在：护士{len(nurse)}、医院{len(hospital)}、审批机关{len(authority)}，依次，不重不漏"
        numbers = f"nurse {len(nurse)}, hospital {len(hospital)}, authority {len(authority)}"
        self.say(ALL, Words(zh, f"have their events ({numbers}): in order, none lost, none twice"))

    async def _record(self) -> Any:
        return (await self.cast.nurse.ask(RECORD))["viewer"]["nurse"]

    async def _events(self, person: Person, since: str | None, types: list[str]) -> list[str]:
        found = (await person.ask(EVENTS, since=since))["events"]["nodes"]
        about = [event for event in found if event["applicationId"] == self.application["id"]]
        expect("The types of the events", [event["type"] for event in about], types)
        return [event["id"] for event in about]


def _form(department: str) -> dict[str, Any]:
    answers = {"healthStatus": "GOOD", "healthExaminedOn": examined_on(), "title": "SENIOR_NURSE"}
    return {"renewal": {**answers, "department": department}}
