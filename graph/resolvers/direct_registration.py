"""Registering by the province."""

from __future__ import annotations

from typing import Final

from graph.resolvers import mutation
from graph.resolvers.act import retry_key
from graph.resolvers.shown import Shows
from graph.schema.direct_registration import NursePayload, NurseRegisterDirectInput
from graph.schema.node import key_of
from rules.direct_registration import DirectEntry
from rules.other import trimmed
from workflow.direct_registration import NurseRegisterDirect


def _register(input: NurseRegisterDirectInput) -> NurseRegisterDirect:
    entry = DirectEntry(
        name=input.name,
        document_type=input.document_type,
        id_number=input.id_number,
        ethnicity=input.ethnicity,
        health_status=input.health_status,
        education=input.education,
        degree=input.degree,
        exam_passed_on=input.exam_passed_on,
        certificate_number=input.certificate_number,
        institution_id=key_of("Institution", input.institution),
        evidence=input.evidence,
        exam_certificate_number=input.exam_certificate_number,
        sex=input.sex,
        birth_date=input.birth_date,
        training_institution=input.training_institution,
        trained_from=input.trained_from,
        trained_until=input.trained_until,
        other_education=trimmed(input.other_education),
    )
    return NurseRegisterDirect(entry, idempotency_key=retry_key(input))


MUTATIONS: Final = (
    mutation.of(
        NurseRegisterDirect,
        NurseRegisterDirectInput,
        NursePayload,
        "Register somebody who passed before 2008-05 and never was (A6, X6); for provincial admins.",
        _register,
        Shows("Nurse"),
    ),
)
