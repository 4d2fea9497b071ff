"""The verification of anybody's registration (护士执业信息验证, I11): who may ask, and what of the answer is whose."""

from __future__ import annotations

from typing import Final

from rules.label import Labelled
from rules.look_up import require_may_look_up
from rules.people import Actor
from rules.spelling import certificate, name
from rules.unit import require_whole
from rules.wording import wording

BY_DOCUMENT: Final = frozenset({"document_type", "id_number_masked", "birth_date"})
"""The facts for those alone who know the number of her document: a certificate hangs on walls."""


class VerifiedPlace(Labelled):
    """Her institution (执业机构) beside the one that asks, which finds its own name written otherwise by it (X4)."""

    HERE = "HERE", "本机构"
    NAMED_ALIKE = "NAMED_ALIKE", "名称与本机构相近的另一机构"
    ELSEWHERE = "ELSEWHERE", "其他机构"
    NOWHERE = "NOWHERE", "无执业机构"


def require_may_verify(actor: Actor) -> None:
    """Refuse whoever looks nobody up, and who is limited to units: anybody of the country is told."""
    require_may_look_up(actor)
    require_whole(actor)


def certificate_and_name(number: str, whole_name: str) -> tuple[str, str]:
    """A certificate's number and the name on it, as both are kept; Invalid where one is missing."""
    return wording("certificateNumber", certificate(number)), wording("name", name(whole_name))
