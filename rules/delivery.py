"""The delivery of a decision (送达, 行政许可法 44): how, by whom, by when, and what is counted from it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from rules.errors import FieldProblem, Invalid, NotAllowed, NotFound, Words
from rules.label import Labelled
from rules.own_nurse import require_not_herself
from rules.people import Actor, Party, Role, require
from rules.wording import wording

DELIVERY_DAYS: Final = 10
"""The working days within which a decision is delivered (行政许可法 44, 82)."""
REVIEW_DAYS: Final = 60
"""The days within which one may ask for an administrative review, from the delivery on (行政复议法 20)."""
DELIVERED: Final = frozenset(
    {
        *(("AUTHORITY_DECISION", outcome) for outcome in ("AGREED", "REFUSED", "DEEMED", "VOIDED")),
        *(("AUTHORITY_REVIEW", outcome) for outcome in ("CORRECTION_REQUIRED", "NOT_ACCEPTED")),
    }
)
"""The decisions that are delivered, by stage and outcome: what ends it, and what asks something of her."""
DECISIVE: Final = frozenset({"AGREED", "REFUSED", "DEEMED", "VOIDED", "NOT_ACCEPTED"})
"""The outcomes against which an administrative review (行政复议) can be asked for."""
LONGEST_NUMBER: Final = 40
DELIVERERS: Final = (Role.REVIEWER, Role.DECIDER, Role.PROVINCIAL_ADMIN)
"""The officers who deliver what their authority has decided, and hand out its certificates."""


class DeliveryWay(Labelled):
    """The way in which a decision is delivered (送达方式)."""

    PAGE = "PAGE", "本人在网页签收"
    SMS_NOTICE = "SMS_NOTICE", "短信告知"
    COUNTER = "COUNTER", "窗口领取"
    POST = "POST", "邮寄"


REFUSALS: Final = {
    "DELIVERED_ALREADY": Words("该决定已经送达", "This decision has been delivered already."),
    "NOT_DELIVERED": Words(
        "该决定尚无送达登记，无须撤销", "No delivery of this decision is recorded: there is nothing to undo."
    ),
    "DELIVERED_BY_HERSELF": Words(
        "该决定由护士本人在网页签收，不能撤销",
        "The nurse herself has taken this decision on her page: that cannot be undone.",
    ),
    "NO_CONSENT": Words(
        "本人未同意电子送达，须以纸质方式送达",
        "She has not consented to electronic delivery: it is delivered on paper.",
    ),
}
_ONLY_HERSELF: Final = Words("网页签收只能由本人办理", "Only the nurse herself can take it on her page.")
_NUMBER: Final = Words("邮寄送达须填写邮件号", "Give the number of the item.")
_NO_NUMBER: Final = Words("只有邮寄送达才填写邮件号", "Only what is posted has the number of an item.")
_FUTURE: Final = Words("送达时间晚于现在", "It cannot have been delivered at a time that lies ahead.")
_BEFORE: Final = Words("送达时间早于决定时间", "It cannot have been delivered before it was decided.")


@dataclass(frozen=True, slots=True)
class Delivery:
    """A locked delivery: what is to be delivered to whom, by which authority, and whether it was."""

    id: UUID
    nurse_id: UUID
    authority_id: UUID
    decided_at: datetime
    at: datetime | None
    consented: bool
    how: DeliveryWay | None = None


def require_hers(actor: Actor, delivery: Delivery) -> None:
    """Refuse everybody but the nurse, and her without her consent to electronic delivery (电子送达)."""
    if not actor.active or actor.party is not Party.NURSE or actor.party_id != delivery.nurse_id:
        raise NotFound
    if not delivery.consented:
        raise NotAllowed("NO_CONSENT", REFUSALS["NO_CONSENT"])


def require_may_deliver(actor: Actor, delivery: Delivery) -> None:
    """Refuse everybody but an officer of the authority that decided; a delivery is recorded once."""
    _require_deliverer(actor, delivery)
    if delivery.at is not None:
        raise NotAllowed("DELIVERED_ALREADY", REFUSALS["DELIVERED_ALREADY"])


def require_may_withdraw(actor: Actor, delivery: Delivery) -> None:
    """Refuse everybody but such an officer; what the nurse has taken on her page stays."""
    _require_deliverer(actor, delivery)
    if delivery.at is None:
        raise NotAllowed("NOT_DELIVERED", REFUSALS["NOT_DELIVERED"])
    if delivery.how is DeliveryWay.PAGE:
        raise NotAllowed("DELIVERED_BY_HERSELF", REFUSALS["DELIVERED_BY_HERSELF"])


def _require_deliverer(actor: Actor, delivery: Delivery) -> None:
    if not actor.active or actor.party is not Party.AUTHORITY or actor.party_id != delivery.authority_id:
        raise NotFound
    require(actor, *DELIVERERS)
    require_not_herself(actor, delivery.nurse_id)


def require_way(way: DeliveryWay, postal_number: str | None, delivery: Delivery) -> str | None:
    """The number of the item, where it was posted; refuses a way that is not an officer's, or not agreed to."""
    if way is DeliveryWay.PAGE:
        raise Invalid(FieldProblem("how", "ONLY_HERSELF", _ONLY_HERSELF))
    if way is DeliveryWay.SMS_NOTICE and not delivery.consented:
        raise NotAllowed("NO_CONSENT", REFUSALS["NO_CONSENT"])
    if way is DeliveryWay.POST:
        return wording("postalNumber", postal_number, LONGEST_NUMBER, _NUMBER, allowed="")
    if (postal_number or "").strip():
        raise Invalid(FieldProblem("postalNumber", "NO_POSTAL_NUMBER", _NO_NUMBER))
    return None


def require_moment(at: datetime, delivery: Delivery, now: datetime) -> None:
    """Refuse a moment ahead, or before the decision."""
    if at > now:
        raise Invalid(FieldProblem("at", "DATE_IN_FUTURE", _FUTURE))
    if at < delivery.decided_at:
        raise Invalid(FieldProblem("at", "BEFORE_DECISION", _BEFORE))
