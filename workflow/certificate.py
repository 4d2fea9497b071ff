"""A nurse's own word on her certificate: whoever has seen the code on it shall follow her no longer."""

from __future__ import annotations

from dataclasses import dataclass

from db import certificate as certificates
from rules.errors import NotFound
from rules.nurse_event import CERTIFICATE_TOKEN_VOIDED
from workflow.ending import news
from workflow.information_change import own_entry
from workflow.step import Command, Underway


@dataclass(frozen=True, slots=True, repr=False)
class CertificateTokenVoid(Command):
    """A nurse's wish that the code (核验码) of her certificate opens nothing any more; gives her record.

    The certificate stays as it is: the next paper bears another code.
    """

    reads = (own_entry,)
    writes = frozenset({"certificate"})

    async def take(self, step: Underway[CertificateTokenVoid]) -> None:
        """Another takes the place of the code of her certificate in force."""
        her = step[own_entry]
        step.key = step.nurse_id = her.registration.nurse_id
        certificate_id = await certificates.new_token(step.tx, step.key)
        if certificate_id is None:
            raise NotFound
        step.detail = {"certificate": certificate_id}
        step.news = news(CERTIFICATE_TOKEN_VOIDED, her, step.actor)
