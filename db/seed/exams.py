"""The exam library (考试库) of the demonstration: the persons a newcomer can register as without a record."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final

from db.seed.demo import DEMO_PEOPLE
from db.seed.random_source import Row, Salt, identifier, key_of
from db.store.keys import Keyring
from rules.identity import DocumentType
from rules.nurse import ExamResult
from rules.privacy import mask_id_number

_PASSED, _EARLY = DEMO_PEOPLE[1], DEMO_PEOPLE[2]
_EXAMS: Final = (
    (_PASSED, "201811990000012", date(2018, 5, 20)),
    (_PASSED, _PASSED.certificate, date(2020, 5, 20)),  # the latest one counts
    (_EARLY, "200611990000034", date(2006, 5, 20)),
)


def exam_rows(seed: int, keyring: Keyring) -> Iterator[Row]:
    """The rows of `exam_record`."""
    for nth, (person, number, on) in enumerate(_EXAMS):
        sealed = keyring.seal(person.id_number, "id_number")
        yield {
            "id": identifier(key_of(seed, Salt.EXAM, nth)),
            "name": person.name,
            "document_type": DocumentType.RESIDENT_ID,
            "id_number_key_id": sealed.key_id,
            "id_number_sealed": sealed.ciphertext,
            "id_number_index": keyring.blind_index(person.id_number, "id_number"),
            "id_number_masked": mask_id_number(person.id_number),
            "exam_certificate_number": number,
            "passed_on": on,
            "year": on.year,
            "score": ExamResult.PASSED.label,
            "pool_linked": True,
        }
