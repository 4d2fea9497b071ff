"""The articles on which decisions rest (依据条文), by what is decided: the letters cite them as they held that day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from rules.kinds import Kind
from rules.law import MEASURES, REGULATION, Law, LawSubject
from rules.nurse import DeregistrationReason
from rules.reasons import REASONS, Reason

GRANTED_UNDER: Final[Mapping[Kind, LawSubject]] = {
    Kind.FIRST: LawSubject.CONDITIONS_ARTICLE,
    Kind.RENEWAL: LawSubject.TERM_ARTICLE,
    Kind.CHANGE: LawSubject.CHANGE_ARTICLE,
    Kind.REREGISTRATION: LawSubject.AGAIN_ARTICLE,
}
"""The article that a granted application of this kind meets; the others meet the regulations as a whole."""
ENDED_UNDER: Final[Mapping[DeregistrationReason, LawSubject]] = {
    DeregistrationReason.EXPIRED: LawSubject.EXPIRY_ENDING_ARTICLE,
    DeregistrationReason.DEATH: LawSubject.DEATH_ENDING_ARTICLE,
    DeregistrationReason.INCAPACITY: LawSubject.DEATH_ENDING_ARTICLE,
    DeregistrationReason.LICENCE_REVOKED: LawSubject.STRUCK_ENDING_ARTICLE,
    DeregistrationReason.ANNULLED: LawSubject.STRUCK_ENDING_ARTICLE,
    DeregistrationReason.OTHER: LawSubject.ENDING_ARTICLE,
}
"""The item of 许可法 70 under which a registration ends."""
OF_LETTERS: Final = (
    *(LawSubject.GRANT_ARTICLE, LawSubject.REFUSAL_ARTICLE, LawSubject.SILENCE_ARTICLE, LawSubject.CORRECTION_ARTICLE),
    *(LawSubject.ACCEPTANCE_ARTICLE, LawSubject.INTAKE_ARTICLE, LawSubject.CERTIFICATE_ARTICLE),
    *(LawSubject.EXTENSION_ARTICLE, LawSubject.PAUSE_ARTICLE),
    *(LawSubject.RECONSIDERATION_ARTICLE, LawSubject.LITIGATION_ARTICLE),
)
"""The articles that letters cite for the kind of decision itself, whatever its reasons."""
_AS_A_WHOLE: Final = f"{REGULATION}和{MEASURES}"


def met(kind: Kind, law: Law) -> str:
    """The provision that a granted application meets, as a letter names it."""
    subject = GRANTED_UNDER.get(kind)
    return _AS_A_WHOLE if subject is None else law[subject]


def cited(codes: Iterable[str], law: Law, of_step: LawSubject, *, always: bool) -> str:
    """The articles of the reasons that were given, each once, as a sentence names them.

    The article of the step itself comes last: `always`, or only where a reason has none of its own.
    """
    own = [REASONS[Reason(code)].article for code in codes if code in {*Reason}]
    named = [law[subject] for subject in own if subject is not None]
    if always or not named or None in own:
        named.append(law[of_step])
    *before, last = dict.fromkeys(named)
    return f"{'、'.join(before)}和{last}" if before else last
