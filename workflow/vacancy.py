"""A role that a place needs is left by the last who held it (岗位空缺): the place and the level above hear of it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from db import message, vacancy
from db.feed.event import Addressed
from db.message import Post
from db.vacancy import Premises
from rules.message import Template
from rules.notice import by_day
from rules.people import Role
from rules.staff import Workplace, vacated
from rules.staff_event import UNATTENDED, staff_body
from workflow.step import Underway


async def tell(step: Underway[Any], premises: Premises, place: Workplace, lost: Collection[Role]) -> None:
    """Say which needed roles nobody active holds any more, now that somebody has lost hers: in the feeds, and written.

    The premises are locked, so that of the last two who go at once the second is seen to be the last.
    """
    missing = vacated(place.party, lost, await vacancy.held_roles(step.tx, place.id))
    if not missing:
        return
    body = staff_body(place, premises.name, step.actor.party, missing=missing)
    scopes = [one for one in (place.id, premises.above) if one is not None]
    step.news += [Addressed(scope, UNATTENDED, None, step.by, None, body) for scope in scopes]
    values = {"place": premises.name, "roles": "、".join(role.label for role in missing)}
    recipients = await vacancy.overseers(step.tx, premises)
    posts = [Post(channel, to, Template.PLACE_UNATTENDED, values) for channel, to in recipients]
    await message.post(step.tx, posts, by_day(step.tx.now))
