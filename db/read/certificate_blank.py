"""The state of a blank certificate (空白证书), as lists show it and steps judge it."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Text, case, literal

from db.store.tables_certificate import certificate, certificate_blank
from rules.certificate_blank import BlankState

SOURCE: Final = certificate_blank.outerjoin(certificate, certificate.c.id == certificate_blank.c.certificate_id)
"""Blanks with the certificates that they bear."""
STATE: Final = case(
    (certificate_blank.c.spoiled_at.is_not(None), literal(BlankState.SPOILED.value, Text())),
    (certificate_blank.c.certificate_id.is_(None), literal(BlankState.FREE.value, Text())),
    (certificate.c.voided_at.is_not(None), literal(BlankState.VOID.value, Text())),
    (certificate_blank.c.handed_out_at.is_not(None), literal(BlankState.HANDED_OUT.value, Text())),
    else_=literal(BlankState.PRINTED.value, Text()),
)
"""The state of a blank: a certificate that is void is so wherever it is."""
