"""An objection (异议) as it is kept: the nurse's own words, or what she or her guardian has said at the counter."""

from __future__ import annotations

from typing import Final

from rules import spelling
from rules.direct_filing import NOT_SEEN
from rules.errors import FieldProblem, Together, Words
from rules.nurse import DeregistrationReason
from rules.people import Actor, Party
from rules.wording import wording

LONGEST_NAME: Final = 50


def objection(actor: Actor, reason: object, text: str, *, identity_seen: bool, guardian: str | None) -> str:
    """The words that are kept; raises Invalid with all problems at once.

    A reviewer writes down only what she has heard from whom she has seen: from the nurse, or, where she is said to be
    incapable (丧失行为能力), from her guardian (监护人), who is named.
    """
    named, counter = (guardian or "").strip(), actor.party is Party.AUTHORITY
    with Together() as each:
        words = each(lambda: wording("text", text))
        if counter and not identity_seen:
            each.problems.append(FieldProblem("identitySeen", "IDENTITY_NOT_SEEN", NOT_SEEN))
        if named and (not counter or reason != DeregistrationReason.INCAPACITY):
            each.problems.append(FieldProblem("guardianName", "NO_GUARDIAN", _NO_GUARDIAN))
        elif named:
            each(lambda: wording("guardianName", named, LONGEST_NAME, allowed=""))
    if not counter:
        return words
    return f"（窗口登记，{f'监护人{spelling.name(named)}' if named else '本人'}到场）{words}"


_NO_GUARDIAN: Final = Words(
    "只有以丧失行为能力为由申请注销、且在窗口登记异议的，才填写监护人",
    "A guardian is named only at the counter, where incapacity is the reason of the filing.",
)
