"""People are written to about what waits in their office (每周工作提示、待办事项提醒): each round once."""

from __future__ import annotations

from collections import Counter
from typing import Final
from uuid import UUID

from db import calendar, message, work_summary
from db.message import Post
from db.store.engine import Database, Tx
from db.store.statement import Statement
from db.work_summary import DAILY, EVERYBODY, WEEKLY, Office
from rules.message import Template
from rules.verification import Channel
from rules.work_summary import daily_due, monday_of, weekly_due

BATCH: Final = 100
_ONE_WEEK: Final = 7


async def run(db: Database, batch: int = BATCH) -> Counter[str]:
    """Write what is due by now; gives how many were written to, by template.

    What was written is marked in the same transaction, so that nobody hears twice, however often a server is restarted.
    """
    done = Counter[str]()
    async with db.begin() as tx:
        await tx.ask_time()
        rounds = await _due(tx)
    for what, asked, template in rounds:
        after: UUID | None = EVERYBODY
        while after is not None:
            after = await _chunk(db, (what, asked, template), after, batch, done)
    return done


async def _due(tx: Tx) -> list[tuple[str, Statement, Template]]:
    """The rounds that are due and not through."""
    eve = monday_of(tx.today).toordinal() - 1
    working = await calendar.working_days(tx, tx.today.fromordinal(eve), _ONE_WEEK)
    weekly, daily = weekly_due(tx.now, working), daily_due(tx.now, working)
    rounds = ((weekly, WEEKLY, Template.WEEKLY_SUMMARY), (daily, DAILY, Template.WORK_WAITS))
    due = [(what, asked, template) for what, asked, template in rounds if what is not None]
    return [one for one in due if not await work_summary.through(tx, one[0])]


async def _chunk(
    db: Database, due: tuple[str, Statement, Template], after: UUID, batch: int, done: Counter[str]
) -> UUID | None:
    """Some people of a asked, in one transaction; the last of them, or None where nobody is left."""
    what, asked, template = due
    async with db.begin() as tx:
        await tx.ask_time()
        if not await work_summary.alone(tx):
            return None
        found = await work_summary.offices(tx, asked, what, after, batch, tx.today)
        posts = [_post(one, template) for one in found if not one.idle]
        last = len(found) < batch
        await work_summary.mark(tx, what, [one.account_id for one in found] + [EVERYBODY] * last)
        await message.post(tx, posts)
    done.update({template.value: len(posts)} if posts else {})
    return None if last else found[-1].account_id


def _post(one: Office, template: Template) -> Post:
    values = {"place": one.place, **{name: str(count) for name, count in one.counts.items()}}
    return Post(Channel.MAIL, one.mail, template, values)
