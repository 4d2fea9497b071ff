"""Looking one person up by the number of a document: by whom, how often, and how a search may ask for it."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from rules.errors import FieldProblem, Invalid, NotAllowed, Words
from rules.label import Labelled
from rules.people import Actor, Party, Role, require_active, require_party

WINDOW: Final = timedelta(hours=1)
BY_ONE, BY_ALL = 60, 300
"""So often one account, and all of an institution or authority, may name an ID number within the window."""
NOT_FOR_VIEWERS: Final = Words("查看人不能按证件号查找", "A viewer looks nobody up by an ID number.")
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


class Look(Labelled):
    """A look at somebody's data (查阅), under its name in the audit trail, which she can see."""

    FOUND = "identity.found", "按证件号码查找"
    NUMBER_PRINTED = "id_number.printed", "打印完整证件号码"
    DOWNLOADED = "file.download", "打印或下载文书"
    HELP_SEEN = "helpLookUp", "凭查询码查看办理状态"
    REASON_READ = "practice_reason.read", "查阅不得执业原因"


def require_may_look_up(actor: Actor) -> None:
    """Refuse who works for no institution or authority, or may only look at lists."""
    require_party(actor, Party.INSTITUTION, Party.AUTHORITY)
    require_active(actor)
    if not actor.roles - {Role.VIEWER, Role.WARD_HEAD}:
        raise NotAllowed("NOT_FOR_VIEWERS", NOT_FOR_VIEWERS)


def not_alone() -> Invalid:
    """The refusal of a number beside which others could be tried."""
    return Invalid(FieldProblem("where.idNumber", "ID_NUMBER_ALONE", ALONE))
