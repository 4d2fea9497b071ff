"""Somebody whom the province registers by herself (A6), as her papers have her."""

from __future__ import annotations

import secrets
from datetime import date
from typing import Any

from rules.direct_registration import DirectEntry
from rules.identity import DocumentType
from rules.nurse import Degree, Education, HealthStatus
from tests.support.key_facts import EVIDENCE, Place, new_number


def entry(place: Place, **changes: Any) -> DirectEntry:
    """Somebody who passed in 2007, at sixteen, and was trained this year."""
    values = {
        "name": "陈早年",
        "document_type": DocumentType.RESIDENT_ID,
        "id_number": new_number(),
        "ethnicity": "汉族",
        "health_status": HealthStatus.GOOD,
        "education": Education.SECONDARY_VOCATIONAL,
        "degree": Degree.NONE,
        "exam_passed_on": date(2007, 6, 1),
        "certificate_number": f"D{secrets.token_hex(6).upper()}",
        "institution_id": place.cast.hospital,
        "evidence": EVIDENCE,
        **{"training_institution": "示范医院", "trained_from": date(2026, 1, 1), "trained_until": date(2026, 4, 1)},
    }
    return DirectEntry(**{**values, **changes})
