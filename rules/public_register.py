"""The public register (上网公示, A10): who is listed there, what is told of her, and how often one may ask."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from rules.errors import FieldProblem, Invalid, Words
from rules.label import Labelled
from rules.registration import RegistrationStatus

LISTED: Final = RegistrationStatus.VALID
"""Listed is who is on the register (在册): in force, expired or suspended; who is deregistered is as one unknown."""
WINDOW: Final = timedelta(hours=1)
BY_NUMBER: Final = 30
"""So often in an hour one number may be asked for with a wrong name, by all together."""
BY_NUMBER_AND_ADDRESS: Final = 5
"""So often from then on by one address: nobody keeps others from a number by asking for it."""
PACE: Final = 0.25
"""Seconds: no look-up is answered before, so that the time of an answer tells nothing."""


class PublicCertificateState(Labelled):
    """The state of a certificate as everybody may know it (公示状态)."""

    LISTED = "LISTED", "在册"
    REPLACED = "REPLACED", "该证书已作废，请出示现行有效的证书", "replaced or void: ask for the certificate in force"


@dataclass(frozen=True, slots=True)
class PublicNurse:
    """All that everybody may know of a nurse who is listed, at a moment."""

    name: str
    certificate_number: str
    institution_name: str | None
    valid_until: date
    may_practise: bool
    as_of: datetime


@dataclass(frozen=True, slots=True)
class PublicCertificate:
    """A certificate that was printed: listed, with whose it is, or void."""

    state: PublicCertificateState
    nurse: PublicNurse | None = None


def require_given(number: str, name: str) -> None:
    """Refuse a look-up without a number or a name: nothing was asked, so that nobody is told to be unlisted."""
    asked = (("certificateNumber", number, _NUMBER), ("name", name, _NAME))
    if missing := [FieldProblem(path, "FIELD_REQUIRED", words) for path, text, words in asked if not text.strip()]:
        raise Invalid(*missing)


_NUMBER: Final = Words("请填写护士执业证书编号", "Give the number of the certificate.")
_NAME: Final = Words("请填写姓名", "Give the full name.")
