"""Looking one person up by the number of a document: by whom, how often, and how a search may ask for it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from rules.errors import FieldProblem, Invalid, NotAllowed, Words
from rules.label import Labelled
from rules.other import remark_on
from rules.people import Actor, Party, Role, require_active, require_party

WINDOW: Final = timedelta(hours=1)
BY_ONE, BY_ALL = 60, 300
"""So often one account, and all of an institution or authority, may name an ID number within the window."""
NOT_FOR_VIEWERS: Final = Words(
    "您的账户只能查看本单位的名单，不能查找、核验某一个人，请由本单位有办理权限的同事操作",
    "Your account only looks at the lists of your place: ask a colleague who works on them to look one person up.",
)
ALONE: Final = Words(
    "证件号只能作为最外层的单独条件，不能放在“and”“or”“not”之内，每次查询只能查一个",
    "An ID number stands at the top of the condition, never inside and, or, not, and one in a query.",
)


class LookUpPurpose(Labelled):
    """The purpose for which somebody is looked up by her document (查找目的); the audit trail keeps it."""

    FILING = "FILING", "受理或代办业务"
    ROSTER = "ROSTER", "核对在册护士"
    CORRECTION = "CORRECTION", "更正关键信息"
    REGISTRATION_ACT = "REGISTRATION_ACT", "暂停、注销、吊销或撤销注册"
    SUPERVISION = "SUPERVISION", "监督检查"
    COMPLAINT = "COMPLAINT", "核查投诉举报"
    EMPLOYMENT = "EMPLOYMENT", "拟聘用或接收"
    TRAINING = "TRAINING", "进修、支援或多机构执业"
    INVESTIGATION = "INVESTIGATION", "立案调查"
    OTHER = "OTHER", "其他"


class Look(Labelled):
    """A look at somebody's data (查阅), under its name in the audit trail, which she can see."""

    FOUND = "identity.found", "按证件号码查找"
    VERIFIED = "nurse.verified", "验证执业信息"
    NUMBER_PRINTED = "id_number.printed", "打印完整证件号码"
    DOWNLOADED = "file.download", "打印或下载文书"
    HELP_SEEN = "helpLookUp", "凭查询码查看办理状态"
    REASON_READ = "practice_reason.read", "查阅不得执业原因"


class LookKind(Labelled):
    """The kind of a look (查阅行为), as clients read it."""

    FOUND = "FOUND", "按证件号码查找"
    VERIFIED = "VERIFIED", "验证执业信息"
    NUMBER_PRINTED = "NUMBER_PRINTED", "打印完整证件号码"
    DOWNLOADED = "DOWNLOADED", "打印或下载文书"
    HELP_SEEN = "HELP_SEEN", "凭查询码查看办理状态"
    REASON_READ = "REASON_READ", "查阅不得执业原因"


LONGEST_NOTE: Final = 200
BOTH: Final = Words(
    "目的为“立案调查”时须填写调查，其他目的不填",
    "The purpose INVESTIGATION needs an investigation, and no other purpose has one.",
)
NOT_YOURS: Final = Words(
    "“立案调查”仅供卫生健康主管部门选择，请选择其他目的",
    "Only an authority looks somebody up for an investigation: choose another purpose.",
)
WITH_NUMBER: Final = Words(
    "说明中不能写证件号码、手机号等号码", "No document number or phone number belongs into these words: leave it out."
)
_NUMBER: Final = re.compile(r"(?:\d[\s-]?){10}\d")


@dataclass(frozen=True, slots=True, repr=False)
class Why:
    """The purpose (查找目的) for which somebody is looked up, and the words beside it, which the trail keeps."""

    purpose: LookUpPurpose
    note: str | None = None
    investigation_id: UUID | None = None

    @classmethod
    def of(cls, purpose: LookUpPurpose, note: str | None, investigation_id: UUID | None = None) -> Why:
        """A purpose in words: they may be left out, but not where the list does not have it (其他); never a number."""
        words = remark_on(purpose, "note", note, LONGEST_NOTE)
        if words and _NUMBER.search(words):
            raise Invalid(FieldProblem("note", "NOTE_WITH_NUMBER", WITH_NUMBER))
        if (purpose is LookUpPurpose.INVESTIGATION) != (investigation_id is not None):
            raise Invalid(FieldProblem("investigation", "INVESTIGATION_NEEDED", BOTH))
        return cls(purpose, words, investigation_id)

    @property
    def detail(self) -> dict[str, str]:
        """The words and the investigation, as the audit trail keeps them."""
        said = {"note": self.note, "investigation": self.investigation_id and str(self.investigation_id)}
        return {name: value for name, value in said.items() if value}


def require_may_look_up(actor: Actor) -> None:
    """Refuse who works for no institution or authority, or may only look at lists."""
    require_party(actor, Party.INSTITUTION, Party.AUTHORITY)
    require_active(actor)
    if not actor.roles - {Role.VIEWER, Role.WARD_HEAD}:
        raise NotAllowed("NOT_FOR_VIEWERS", NOT_FOR_VIEWERS)


def require_own_purpose(actor: Actor, purpose: LookUpPurpose) -> None:
    """Refuse a purpose that an institution cannot have: it has no investigation (立案调查) to name."""
    if purpose is LookUpPurpose.INVESTIGATION and actor.party is Party.INSTITUTION:
        raise Invalid(FieldProblem("purpose", "PURPOSE_NOT_YOURS", NOT_YOURS))


def not_alone() -> Invalid:
    """The refusal of a number beside which others could be tried."""
    return Invalid(FieldProblem("where.idNumber", "ID_NUMBER_ALONE", ALONE))
