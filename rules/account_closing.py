"""Closing one's account (账户注销, PIPL 47): nothing may be under way for her that she could no longer follow."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from rules.application import OPEN, Application
from rules.errors import NotAllowed, Words
from rules.kinds import KINDS
from rules.moment import printed

CHANGE_OPEN: Final = Words(
    "您的信息修改正在审核，办结或撤回后才能注销账户",
    "A change of your information is under review: once it is decided or withdrawn you can close your account.",
)


def require_free(held_until: datetime | None, now: datetime) -> None:
    """Refuse while a desk holds the account: who has just been let in by it may not be she."""
    if held_until is not None and now < held_until:
        zh = f"账户刚由窗口核实恢复，{printed(held_until)}前不能注销账户"
        en = f"A desk has just let you in again: the account cannot be closed before {printed(held_until)}."
        raise NotAllowed("CONTACTS_HELD", Words(zh, en))


def require_nothing_open(applications: Sequence[Application], *, change_open: bool) -> None:
    """Refuse while an application or a change of information is under way, saying which."""
    waiting = [one for one in applications if one.state in OPEN]
    if waiting:
        zh = "、".join(f"{KINDS[one.kind].title.zh}（{one.state.label}）" for one in waiting)
        en = ", ".join(f"{KINDS[one.kind].title.en} ({one.state.english})" for one in waiting)
        words = Words(
            f"您还有业务正在办理：{zh}。办结或撤回后才能注销账户",
            f"Still under way: {en}. Once it is decided or withdrawn you can close your account.",
        )
        raise NotAllowed("BUSINESS_OPEN", words, waiting[0].id)
    if change_open:
        raise NotAllowed("CHANGE_OPEN", CHANGE_OPEN)
