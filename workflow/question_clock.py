"""Questions (提问) as time goes by: closed when nobody comes back, put back, and told when nobody answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Final

from db import news
from db import question as questions
from db.feed.event import Addressed
from db.store.engine import Database, Tx
from rules.question import Question, QuestionState
from workflow.question import close, heard

BATCH: Final = 100
_Batch = Callable[[Tx, int], Awaitable[list[Question]]]
_Done = Callable[[Tx, Question], Awaitable[list[Addressed]]]


async def run(db: Database, batch: int = BATCH) -> Counter[str]:
    """Close and tell what is due; by several processes at once, and again after a crash."""
    done: Counter[str] = Counter()
    done["QUESTIONS_CLOSED"] = await _all(db, questions.to_close, _close, batch)
    done["QUESTIONS_OVERDUE"] = await _all(db, questions.overdue, _overdue, batch)
    return +done


async def put_back(db: Database, batch: int = BATCH) -> int:
    """The end of the leases that have run out; gives how many."""
    return await _all(db, questions.run_out, _put_back, batch)


async def _all(db: Database, due: _Batch, do: _Done, size: int) -> int:
    done = 0
    while True:
        async with db.begin() as tx:
            await tx.ask_time()
            found = await due(tx, size)
            heard_of = [event for one in found for event in await do(tx, one)]
            await news.tell(tx, heard_of)
        done += len(found)
        if len(found) < size:
            return done


async def _close(tx: Tx, question: Question) -> list[Addressed]:
    return await close(tx, question, QuestionState.CLOSED, None)


async def _overdue(tx: Tx, question: Question) -> list[Addressed]:
    await questions.tell_overdue(tx, question)
    return heard(question, "question.overdue", None, question.state)


async def _put_back(tx: Tx, question: Question) -> list[Addressed]:
    await questions.hold(tx, question.id, None, None)
    return heard(question, "question.put_back", None, question.state)
