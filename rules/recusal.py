"""Recusal (回避): nobody acts about herself, and nobody waits for an office where only she could act.

Where no other person of the institution may act, an application goes on to the authority without its word; where an
authority lacks an officer who may take the steps still to come, it goes to the authority above.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from rules.label import Labelled
from rules.people import Role
from rules.proposal import ROLE_OF
from rules.verification import RequestKind

OFFICE_OF: Final[Mapping[RequestKind, Role]] = {
    RequestKind.RECOVERY: Role.REVIEWER,
    RequestKind.KEY_FACT: Role.PROVINCIAL_ADMIN,
    **ROLE_OF,
}
"""The role of the officer who answers a request to a desk."""


class Unconfirmed(Labelled):
    """Why an application came to the authority without the institution's word (未经机构确认)."""

    NO_OTHER_PERSON = "NO_OTHER_PERSON", "机构无其他人员可以办理"
