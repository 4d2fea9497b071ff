"""The facts of a nurse in the events about her: enough to tell two of one name apart, whoever may read her record."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from rules.people import Party

MOVED_IN: Final = "registration.moved_in"
MOVED_OUT: Final = "registration.moved_out"
DEREGISTERED: Final = "registration.deregistered"
CERTIFICATE_HANDED_OUT: Final = "certificate.handed_out"
CERTIFICATE_HAND_OUT_WITHDRAWN: Final = "certificate.hand_out_withdrawn"
CERTIFICATE_TOKEN_VOIDED: Final = "certificate.token_voided"


def nurse_body(
    nurse_id: UUID | str, name: str, certificate_number: str | None, id_number_masked: str | None, by: Party | None
) -> dict[str, Any]:
    """The body of an event about a nurse, as it is stored; the certificate is the one that she has by then."""
    known = {"certificate": certificate_number, "idNumber": id_number_masked}
    return {"nurse": str(nurse_id), "name": name, **{key: one for key, one in known.items() if one}, "by": by}


def notice(institution_id: UUID | str | None, authority_id: UUID | str | None) -> dict[str, str]:
    """The places that she goes to, as the 注册机关 that she leaves reads them (通报, 条例 9)."""
    places = {"newInstitution": institution_id, "newAuthority": authority_id}
    return {name: str(place) for name, place in places.items() if place is not None}
