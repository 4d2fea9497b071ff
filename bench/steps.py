"""The cost of each step on a renewal in this process: `python -m bench.steps`, one step after the other.

Steps that only a manager, a supervisor or the system's scheduler takes are not in the cast, so not measured.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Annotated, Any, Final

import typer
from rich.console import Console
from rich.table import Table

from bench import everyday, information, looking
from bench.cast import Case
from bench.measure import Failed
from bench.stage import Stage, staged
from bench.statements import counted
from db.embedded.server import EmbeddedError
from db.session import Session, digest, find_all
from rules.application import Step
from rules.command_error import CommandError
from rules.hold import Pause
from rules.kinds import RenewalForm
from rules.moves import LEASES
from rules.nurse import Department, HealthStatus, Title
from rules.reasons import Reason
from web.stopping import stoppable
from workflow.application import COMMANDS
from workflow.draft import ApplicationCreateDraft
from workflow.step import take

NURSES: Final = 10_000
MARKED: Final = {"reasons": (Reason.DEPARTMENT_WRONG,), "marked_fields": ("department",)}
HEARING: Final = {"kind": Pause.HEARING, "reason": "听证"}
Taken = tuple[Step, str, dict[str, Any]]
FILED: Final[Taken] = (Step.SUBMIT, "nurse", {})
FORWARDED: Final[Taken] = (Step.FORWARD, "operator", {})
ACCEPTED: Final[Taken] = (Step.ACCEPT, "reviewer", {})
PATHS: Final[Sequence[Sequence[Taken]]] = (
    (
        *(FILED, (Step.TAKE, "operator", {}), (Step.PUT_BACK, "operator", {}), (Step.RETURN, "operator", MARKED)),
        *((Step.RESUBMIT, "nurse", {}), FORWARDED, (Step.REQUIRE_CORRECTION, "reviewer", MARKED)),
        *((Step.SUPPLEMENT, "nurse", {}), (Step.HOLD, "reviewer", HEARING), (Step.RESUME, "reviewer", {})),
        *((Step.RECOMMEND, "reviewer", {"agrees": True}), (Step.APPROVE, "decider", {})),
    ),
    (
        FILED,
        FORWARDED,
        ACCEPTED,
        (Step.REJECT, "decider", {"reasons": (Reason.CONDITIONS_NOT_MET,), "opinion": "学历不符合规定"}),
    ),
    (FILED, FORWARDED, (Step.REFUSE_INTAKE, "reviewer", {"reasons": (Reason.OUT_OF_COMPETENCE,)})),
    (FILED, (Step.DECLINE, "operator", {"reasons": (Reason.LEAVING,)})),
    (FILED, (Step.WITHDRAW, "nurse", {})),
)
"""The ways that renewals go while they are measured: each step, who takes it, and what she says."""
UNPAUSE: Final = """
delete from application_pause where application_id in (
  select id from application where nurse_id in (select nurse_id from bench_nurse)
    and created_at > (select at from bench_since))"""


@dataclass
class Spent:
    """The cost of one step so far, in seconds."""

    cpu: float = 0
    waited: float = 0
    times: int = 0
    statements: int = 0


@dataclass
class Steps:
    """Carries renewals along and keeps what each step cost."""

    stage: Stage
    cases: list[Case]
    sessions: dict[bytes, Session]
    spent: dict[str, Spent] = field(default_factory=dict)

    async def go(self, path: Sequence[Taken]) -> None:
        """All cases along one path, one at a time; then the register is as before."""
        form = await self._form()
        for case in self.cases:
            await self._along(path, case, form)
        await self.stage.owner.execute(UNPAUSE)
        await self.stage.undo()

    async def _along(self, path: Sequence[Taken], case: Case, form: RenewalForm) -> None:
        begun, version = take(self.stage.db, self.session(case.nurse.token), ApplicationCreateDraft(form)), 1
        application_id = await self.timed("CREATE_DRAFT", begun)
        for step, role, said in path:
            answers = step in (Step.RESUBMIT, Step.SUPPLEMENT)
            more = {"form": form, "confirmed_fields": ("department",)} if answers else said
            command = COMMANDS[step](application_id, version, **more)
            await self.timed(step, take(self.stage.db, self.session(getattr(case, role).token), command))
            version += step not in LEASES

    async def _form(self) -> RenewalForm:
        today = await self.stage.owner.fetchval("select current_date")
        return RenewalForm(HealthStatus.GOOD, today - timedelta(days=10), Department.WARD, Title.SENIOR_NURSE)

    def session(self, token: str) -> Session:
        """The session of one of the cast."""
        return self.sessions[digest(token)]

    async def timed(self, name: str, work: Any) -> Any:
        """One step's result, once its cost is kept."""
        cpu, clock = time.process_time(), time.perf_counter()
        with counted(self.stage.db) as statements:
            answer = await work
        one = self.spent.setdefault(name, Spent())
        one.statements += len(statements)
        one.cpu, one.waited = one.cpu + time.process_time() - cpu, one.waited + time.perf_counter() - clock
        one.times += 1
        return answer

    def table(self) -> Table:
        """The figures, in milliseconds a step."""
        table = Table("step", "times", "CPU ms", "ms until done", "statements")
        for name, one in self.spent.items():
            each = (1000 * one.cpu / one.times, 1000 * one.waited / one.times)
            counts = f"{one.statements / one.times:.1f}"
            table.add_row(name, str(one.times), *(f"{value:.2f}" for value in each), counts)
        return table


async def measure(rounds: int) -> None:
    """Every path, `rounds` times, and the figures."""
    async with staged(NURSES) as stage:
        cases = (await stage.cases())[:rounds]
        tokens = {person.token for case in cases for person in vars(case).values()}
        async with stage.db.read() as reader:
            sessions = await find_all(reader, [digest(token) for token in tokens])
        steps = Steps(stage, cases, sessions)
        warm = Steps(stage, cases[:5], sessions)
        for path in PATHS:
            await warm.go(path)
            await steps.go(path)
        for walk in (information, looking, everyday):
            await walk.go(warm)
            await walk.go(steps)
        Console().print(steps.table())


def main(rounds: Annotated[int, typer.Option(help="How often each path is gone.")] = 200) -> None:
    """Measure each step."""
    try:
        asyncio.run(stoppable(measure(rounds)))
    except* (Failed, CommandError, EmbeddedError) as failures:
        raise SystemExit(str(failures.exceptions[0])) from None


if __name__ == "__main__":
    typer.run(main)
