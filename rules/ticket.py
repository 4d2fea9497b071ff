"""Tickets (下载凭证): a file is handed out once, soon, and only to a person who may read its subject."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from rules.errors import NotFound, Words
from rules.label import Labelled

TICKET_LIFETIME: Final = timedelta(seconds=60)
TICKETS_A_MINUTE: Final = 30


class FileKind(Labelled):
    """A kind of file for download."""

    APPLICATION_FORM = "APPLICATION_FORM", "申请审核表"
    ACCEPTANCE_NOTICE = "ACCEPTANCE_NOTICE", "受理通知书"
    CORRECTION_NOTICE = "CORRECTION_NOTICE", "补正告知书"
    INTAKE_REFUSAL = "INTAKE_REFUSAL", "不予受理通知书"
    DECISION_LETTER = "DECISION_LETTER", "决定书"
    CERTIFICATE = "CERTIFICATE", "护士执业证书"
    MATERIAL = "MATERIAL", "申请材料"


NOUN_OF: Final[Mapping[FileKind, str]] = {
    **dict.fromkeys(FileKind, "Application"),
    **{FileKind.CERTIFICATE: "Nurse", FileKind.MATERIAL: "Material"},
}
"""The noun whose global id names the file: a certificate has the id of its nurse."""


class TicketSpent(NotFound):
    """An unknown, used or expired ticket, or one whose session has ended: the refusal does not tell which."""

    words = Words("下载凭证无效或已使用，请重新获取", "This ticket is not good, or no longer: get a new one.")
