"""A nurse's own step on her certificate."""

from __future__ import annotations

from typing import Final

from graph.resolvers import mutation
from graph.resolvers.act import retry_key
from graph.resolvers.shown import Shows
from graph.schema.certificate import CertificateTokenVoidInput, CertificateTokenVoidPayload
from workflow.certificate import CertificateTokenVoid


def _void(input: CertificateTokenVoidInput) -> CertificateTokenVoid:
    return CertificateTokenVoid(idempotency_key=retry_key(input))


MUTATIONS: Final = (
    mutation.of(
        CertificateTokenVoid,
        CertificateTokenVoidInput,
        CertificateTokenVoidPayload,
        "Let the code on your certificate open nothing any more (作废核验码): the certificate stays in force, and the "
        "next paper bears another code.",
        _void,
        Shows("Nurse"),
    ),
)
