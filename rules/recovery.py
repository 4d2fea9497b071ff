"""Recovery (找回): who is let in again, and what a desk decides (N22)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from rules.conflict import Situation
from rules.errors import Conflict, FieldProblem, Invalid, NotAllowed, Words
from rules.verification import RequestState
from rules.wording import remark, wording

CODES: Final = ((timedelta(seconds=60), 1), (timedelta(days=1), 10))
"""The spans in which one name is sent so many codes."""
FREE_TRIES: Final = 10
"""So many codes for one name are looked at without a captcha: those of two messages."""
REQUESTS: Final = (timedelta(days=1), 3)
"""The span in which one ID number, and one phone, come with so many requests to a desk."""
LONGEST_EVIDENCE: Final = 1000
EVIDENCE: Final = Words(
    "请写明能证明身份的其他信息，不超过1000字", "Say what else identifies you, in 1 to 1,000 characters."
)
LONGEST_OPINION: Final = 500
NO_REASON: Final = Words("请填写意见或理由", "Say why.")
OWN: Final = Words("不能处理与本人有关的申请", "Nobody decides about herself.")
NOBODY: Final = Words("姓名与证件号码没有对应的账户，只能驳回", "No account has this name and number: reject it.")
REACHABLE: Final = Words(
    "该账户的手机或邮箱已验证，应由本人自行找回", "A phone or mail box of this account is proved: she recovers by that."
)


def evidence(text: str) -> str:
    """Other facts that identify a person, in her words; Invalid if nothing is said, too much, or something hidden."""
    return wording("evidence", text, LONGEST_EVIDENCE, EVIDENCE)


def opinion(text: str, *, path: str) -> str:
    """An officer's words on a request (意见, 理由); Invalid if there are none, or too many."""
    said = remark("opinion", text, LONGEST_OPINION)
    if said is None:
        raise Invalid(FieldProblem(path, "FIELD_REQUIRED", NO_REASON))
    return said


def require_open(state: RequestState, decided_at: datetime | None, *, herself: bool) -> None:
    """Refuse a request that is about the officer herself, and one that was decided already."""
    if herself:
        raise NotAllowed("ABOUT_YOURSELF", OWN)
    if state is not RequestState.PENDING:
        raise Conflict(Situation.REQUEST_DECIDED, at=decided_at)


def nobody() -> NotAllowed:
    """The refusal to let in a person whom no living account is known of."""
    return NotAllowed("NO_ACCOUNT", NOBODY)


def require_unreachable(proved: bool) -> None:
    """Refuse to let in whoever can help herself by a proved phone or mail box."""
    if proved:
        raise NotAllowed("VERIFIED_CONTACT", REACHABLE)
