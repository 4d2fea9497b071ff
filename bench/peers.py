"""`make bench-peers`: the same questions to Hushi, Mercurius and PostGraphile, in turn on the same database."""

from __future__ import annotations

import json
import subprocess
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

from bench.asking import Asking
from bench.measure import Failed
from bench.questions import COMPARED, PEOPLE, READS, STEPS, facts
from bench.report import Goal, Sheet, machine
from bench.rounds import Run, carry_out
from bench.server import HUSHI, MERCURIUS, PEERS, POSTGRAPHILE, TUNED, require_peers, running
from bench.stage import Stage, staged

SYSTEMS: Final = (HUSHI, MERCURIUS, TUNED, POSTGRAPHILE)
READ_GOALS: Final = {MERCURIUS: 1 / 3, POSTGRAPHILE: 1 / 5}
STEP_GOAL: Final = 2.5
COMPARED_REQUESTS: Final = 24


def goals(sheet: Sheet, nurses: int) -> Iterator[Goal]:
    """Hushi's server CPU as a part of each peer's."""
    for question in (*READS, *STEPS):
        ours = sheet.cost(nurses, HUSHI, question)
        for peer in SYSTEMS[1:]:
            theirs = sheet.cost(nurses, peer, question)
            if ours and theirs:
                most = STEP_GOAL if question in STEPS and peer == MERCURIUS else READ_GOALS.get(peer)
                yield Goal(f"server CPU, Hushi ÷ {peer}, {question.title}", ours.server / theirs.server, most)


async def compare(stage: Stage) -> None:
    """Refuse to measure peers that answer otherwise: Mercurius in anything, PostGraphile in who and what is shown."""
    answers: dict[str, list[list[object]]] = {}
    for system in SYSTEMS:
        async with running(system, stage.address) as target:
            asking = Asking(stage, target)
            requests = [(await asking.requests(question))[:COMPARED_REQUESTS] for question in READS]
            answers[system] = [await target.ask(some) for some in requests]
    for system in SYSTEMS[1:]:
        for question, ours, theirs in zip(READS, answers[HUSHI], answers[system], strict=True):
            keys = PEOPLE if system == POSTGRAPHILE else COMPARED
            for one, other in zip(ours, theirs, strict=True):
                missing = Counter(facts(one, keys)) - Counter(facts(other, keys))
                more = Counter(facts(other, keys)) - Counter(facts(one, keys))
                if missing or (more and system != POSTGRAPHILE):
                    raise Failed(f"{system} answers {question.name} otherwise: it lacks {missing}, and has {more}.")


async def bench(run: Run) -> tuple[dict[str, Any], list[Goal]]:
    """Measure Hushi and its peers on a register of NURSES nurses, in turn."""
    require_peers()
    async with staged(run.nurses) as stage:
        await compare(stage)
        for _ in range(run.rounds):
            for system in SYSTEMS:
                await run.measure(stage, system, READS, steps=system in (HUSHI, MERCURIUS))
        return machine(stage.version, **_versions()), list(goals(run.sheet, run.nurses))


def _versions() -> dict[str, str]:
    node = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True)
    wanted = json.loads((PEERS / "package.json").read_text(encoding="utf-8"))["dependencies"]
    return {"node": node.stdout.strip(), **wanted}


if __name__ == "__main__":
    carry_out("peers", bench)
