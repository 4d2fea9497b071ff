"""Rows of nurses (护士) and of their registrations, as clients see them."""

from __future__ import annotations

from typing import Final

from graph.dataloaders.row import Shown, node, owner, plain
from graph.schema.nurse import Certificate, Nurse, Registration, RegistrationHistory, RegistrationSpan

SHOWN: Final[Shown] = {
    "Nurse": owner(Nurse),
    "Registration": owner(Registration),
    "RegistrationHistory": node(RegistrationHistory),
    "RegistrationSpan": plain(RegistrationSpan),
    "Certificate": plain(Certificate),
}
