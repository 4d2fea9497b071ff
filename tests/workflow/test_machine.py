"""The whole machine walked at random beside an oracle that was written from the handbook: they never differ."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from random import Random
from typing import Any, Final

import asyncpg
import pytest
import pytest_asyncio

from db.store import known_law
from db.store.announced_days import fill, working_days
from db.store.engine import SHANGHAI, Database
from db.store.keys import Keyring
from db.store.migrate import migrate
from db.store.url import asyncpg_dsn
from rules.errors import NotFound
from rules.forms import DeregistrationForm
from rules.kinds import Kind
from rules.nurse import DeregistrationReason
from tests.support.kinds import forms
from tests.support.oracle import ROWS, TARGETED, Act, App, Nurse, Places, Register, Who
from tests.support.oracle_acts import ACTS, do, expect, pass_time
from tests.support.oracle_comparison import Comparison
from tests.support.oracle_steps import STRANGER
from tests.support.oracle_walk import Country
from tests.support.postgres import new_database
from tests.support.story import Clock
from tests.support.until import LONG_ENOUGH
from tests.support.world import World
from workflow.scheduler import run

LONG: Final = bool(os.environ.get("HUSHI_TEST_LONG"))
SEEDS: Final = [int(one) for one in os.environ.get("HUSHI_TEST_SEEDS", "").split()] or range(20 if LONG else 2)
STEPS: Final = int(os.environ.get("HUSHI_TEST_STEPS", "2000" if LONG else "200"))
# A suspension lasts a year and is looked for on the real day: the walk ends before today, and within that year.
DAYS: Final = 190
PAUSES: Final = 27
WHAT: Final = [*sorted({name for (name,), *_ in ROWS}), *ACTS]
OFTEN: Final = ("CREATE_DRAFT", "SUBMIT", "SUBMIT", "FORWARD", "ACCEPT", "RECOMMEND", "APPROVE", "APPROVE")
ENDING: Final = ("revoke", "strike off", "DECLINE", "REFUSE_INTAKE", "REJECT", "WITHDRAW", "FILE_DEREGISTRATION")
BY_TWO: Final = ("VOID", "strike off")
ENDS: Final = {
    DeregistrationReason.DEATH: DeregistrationForm(DeregistrationReason.DEATH, proof="死亡证明2026-118"),
    DeregistrationReason.LICENCE_REVOKED: DeregistrationForm(DeregistrationReason.LICENCE_REVOKED, proof="处罚2026-7"),
    DeregistrationReason.OTHER: DeregistrationForm(DeregistrationReason.OTHER, "不再从事护理工作"),
}


def places() -> Places:
    """Three districts, six places of work; one has not said who decides a change, and sends renewals to the province."""
    licensed = {"H1": "D1", "H2": "D1", "H3": "D2", "H4": "D2", "H5": "D1", "H6": "D3"}
    route = {(hospital, kind): district for hospital, district in licensed.items() for kind in Kind}
    unset: dict[Any, str | None] = {("H2", Kind.CHANGE): None, ("H2", Kind.RENEWAL): "P"}
    return Places(licensed, {*licensed} - {"H4"}, {**route, **unset}, {"P", "D2", "D3"}, [*working_days()])


@dataclass
class RandomWalk:
    """One walk: what is done next, and the story so far."""

    country: Country
    story: list[str] = field(default_factory=list)
    days: int = 0

    @property
    def r(self) -> Register:
        """The oracle's register."""
        return self.country.r

    async def step(self) -> None:
        """A day goes by, somebody comes, or somebody does something; then both are compared."""
        chance, self.r.events = self.country.chance, type(self.r.events)()
        dice = chance.random()
        pause = chance.choice((1, 1, 1, 2, 3, 5, 12, 32))
        if (dice < PAUSES / STEPS and self.days < DAYS) or self.r.now.hour >= 22:
            await self._day(pause)
        elif dice > 0.97:
            await self.country.tick()
            await self.country.newcomer()
            self.story.append(f"{self.r.now:%m-%d %H:%M} {[*self.r.nurses][-1]} comes")
        else:
            await self.country.tick()
            await self._act(self.next())

    async def _day(self, days: int) -> None:
        days = min(days, DAYS - self.days) or 1
        self.days += days
        await self.country.tick(days)
        pass_time(self.r)
        done = await run(self.country.db)
        self.story.append(f"{self.r.now:%m-%d %H:%M} the clock: {dict(done)}")
        assert not done["FAILED"]

    async def _act(self, act: Act) -> None:
        why = expect(self.r, act)
        self.story.append(f"{self.r.now:%m-%d %H:%M} {act} -> {why or 'done'}")
        refused = await self.country.refusal(act)
        assert (refused is None) is (why is None), f"was {refused!r}, should be {why or 'done'}"
        if why is None:
            do(self.r, act)
        elif act.step not in BY_TWO:
            assert isinstance(refused, NotFound) is (why == STRANGER), f"was {refused!r}, should be {why}"

    def next(self) -> Act:
        """Any act by anybody; more often than not one that is allowed."""
        chance = self.country.chance
        tries = 1 if chance.random() < 0.3 else 40
        for _ in range(tries):
            step = chance.choice((*WHAT, *OFTEN))
            for _ in range(1 if step in ENDING and chance.random() < 0.8 else tries):
                act = self.draw(step)
                if expect(self.r, act) is None:
                    return self._nearly(act)
        return act

    def _nearly(self, act: Act) -> Act:
        """Now and then what is allowed is spoilt: an old version, or a colleague in her place."""
        dice = self.country.chance.random()
        if dice < 0.1 and act.app and act.step not in ("VOID", "CLAIM_BY_ID_NUMBER"):
            return replace(act, given={**act.given, "stale": True})
        colleagues = [who for who in self.r.people.values() if who.place == act.who.place]
        return replace(act, who=self.country.chance.choice(colleagues)) if dice > 0.8 else act

    def draw(self, step: str) -> Act:
        """Something that somebody might want."""
        chance, r = self.country.chance, self.r
        if step in ACTS and step != "VOID":
            nurse = chance.choice(self._nurses(step))
            near = (nurse.inst, nurse.auth, nurse.departed and nurse.departed[0])
            who = r.people[nurse.key] if step == "CREATE_DRAFT" else self._who(*near)
            return Act(step, who, None, nurse, self._given(step, who, None, nurse))
        apps = self._apps(step)
        if not apps:
            return self.draw("CREATE_DRAFT")
        app = chance.choice(apps)
        near = {"CLAIM_BY_ID_NUMBER": (*r.places.licensed_by,), "VOID": ("P",)}.get(
            step, (app.nurse, app.inst, app.auth)
        )
        who = self._who(*near)
        return Act(step, who, app, None, self._given(step, who, app, r.nurses[app.nurse]))

    def _nurses(self, step: str) -> list[Nurse]:
        nurses = [*self.r.nurses.values()]
        likely = {"come back": lambda one: one.departed, "lift": lambda one: one.suspended}.get(step, lambda one: True)
        return [one for one in nurses if likely(one)] or nurses

    def _apps(self, step: str) -> list[App]:
        """What the step is for, more often than anything else."""
        apps, dice = [*self.r.apps.values()], self.country.chance.random()
        if step == "CLAIM_BY_ID_NUMBER":
            # Whoever names an ID number finds what waits for an institution, so nothing else can be meant.
            waiting = {app.nurse: app for app in apps if app.state == "INSTITUTION_REVIEW" and app.kind in TARGETED}
            return [*waiting.values()] or [app for app in apps if app.nurse not in waiting]
        if step == "VOID":
            return [app for app in apps if app.state in ("APPROVED", "REJECTED") or dice < 0.1]
        states = {state for (name,), sources, *_ in ROWS if name == step for state in sources}
        if step == "WITHDRAW" and dice < 0.8:
            states -= {"DRAFT"}
        return [app for app in apps if app.state in states or dice > 0.9]

    def _who(self, *near: str | None) -> Who:
        people = [*self.r.people.values()]
        close = [who for who in people if who.place in near]
        return self.country.chance.choice(close if close and self.country.chance.random() < 0.85 else people)

    def _given(self, step: str, who: Who, app: App | None, nurse: Nurse) -> dict[str, Any]:  # noqa: PLR0911
        chance, r = self.country.chance, self.r
        form, inst = forms(r.today), chance.choice([None, *r.places.licensed_by])
        key = {"key": f"a{len(r.apps) + 1}"}
        match step:
            case "CREATE_DRAFT" | "FILE_AT_COUNTER":
                kind = chance.choice([*Kind])
                return {**key, "kind": kind, "inst": inst, "form": form[kind]}
            case "FILE_DEREGISTRATION":
                ends = chance.choice([*ENDS.values()])
                return {**key, "kind": Kind.DEREGISTRATION, "form": ends, "proven": chance.random() < 0.8}
            case "SAVE_DRAFT":
                assert app is not None
                return {"form": form[app.kind], "inst": inst if chance.random() < 0.3 else None, **self._stale()}
            case "SUBMIT":
                assert app is not None
                return {"form": form[app.kind], **self._stale()}
            case "RESUBMIT":
                assert app is not None
                names = app.kind in TARGETED and app.inst is None
                return {"inst": inst if names or chance.random() < 0.3 else None, "names": names}
            case "REASSIGN":
                return {"to": chance.choice([one.name for one in r.people.values() if one.place == who.place])}
            case "TRANSFER":
                return {"to": chance.choice(("D1", "D2", "D3", "P"))}
            case "EXTEND":
                return {"days": chance.randint(1, 10)}
            case "REFUSE_INTAKE" | "REJECT":
                return {"false": chance.random() < 0.4}
            case "VOID":
                return {"by": chance.choice(("P-PA0", "P-PA1"))}
            case "strike off":
                deciders = [one.name for one in r.people.values() if "AD" in one.roles and one.place == nurse.auth]
                by = chance.choice(deciders or ["D1-AD1"])
                return {"by": by, "reason": chance.choice(("LICENCE_REVOKED", "OTHER", "DEATH", "ANNULLED"))}
        return self._stale() if step not in (*ACTS, "CLAIM_BY_ID_NUMBER") else {}

    def _stale(self) -> dict[str, Any]:
        return {"stale": True} if self.country.chance.random() < 0.04 else {}

    def report(self, found: list[str]) -> str:
        """What differs, and the story of whom it is about."""
        words = {word.strip(":,'\"()") for line in (*found, self.story[-1]) for word in line.split()}
        about = {*words} & {*self.r.apps, *self.r.nurses}
        nurses = {self.r.apps[one].nurse if one in self.r.apps else one for one in about}
        keys = nurses | {app.key for app in self.r.apps.values() if app.nurse in nurses}
        lines = [line for line in self.story if line.split(" ", 2)[2].startswith("the clock") or keys & {*line.split()}]
        return "\n".join([*found, f"after {len(self.story)} steps, of which:", *lines[-40:]])


@pytest_asyncio.fixture
async def empty(server: str, keyring: Keyring) -> AsyncIterator[tuple[World, Database, Clock]]:
    """A register that nobody else is in: the clock looks through all of it."""
    url, clock = await new_database(server), Clock(datetime.combine(datetime.now(SHANGHAI), time(8), SHANGHAI))
    await migrate(url)
    owner = await asyncpg.connect(asyncpg_dsn(url))
    await fill(owner)
    await known_law.fill(owner)
    db = Database(url, keyring, clock=clock, statement_seconds=LONG_ENOUGH)
    yield World(owner, keyring), db, clock
    await db.close()
    await owner.close()


@pytest.mark.parametrize("seed", SEEDS)
async def test_the_machine_does_what_the_handbook_says(empty: tuple[World, Database, Clock], seed: int) -> None:
    world, db, clock = empty
    clock.now -= timedelta(days=DAYS + 10)
    country = Country(world, db, clock, Random(seed), Register(places(), now=clock.now))
    await country.settle()
    for _ in range(8):
        await country.newcomer()
    walk, comparison = RandomWalk(country), Comparison(country)
    for _ in range(STEPS):
        try:
            await walk.step()
            found = await comparison.divergences()
        except Exception as broken:
            found = [repr(broken)]
        if found:
            began = walk.r.today - timedelta(days=walk.days)
            pytest.fail(f"seed {seed}, begun on {began}\n{walk.report(found)}", pytrace=False)
    done = sum(line.endswith("done") for line in walk.story)
    assert done > STEPS / 3, f"only {done} of {STEPS} steps were taken: too few to show anything"
