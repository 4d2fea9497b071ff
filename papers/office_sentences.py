"""The sentences of what an authority tells by itself: an end by office (A8), a longer period, one that stands still."""

from __future__ import annotations

from collections.abc import Iterator

from db.read.batch import Row
from papers.sentences import is_about_the_dead, received, remedies
from papers.values import shown
from rules.grounds import ENDED_UNDER
from rules.hold import Pause
from rules.law import LawSubject
from rules.moment import SHANGHAI
from rules.nurse import DeregistrationReason
from rules.other import said
from rules.registration import bar_after


def ended_by_office(kept: Row) -> str:
    """A registration ended by the authority itself (依职权注销, 许可法 70), for this reason and in these words."""
    reason, whose = kept["reason"], kept["nurse_name"] if is_about_the_dead(kept) else "你"
    why = (
        f"{reason.label}（{kept['remarks']}）"
        if kept["remarks"] and not reason.unlisted
        else said(reason, kept["remarks"])
    )
    fraud = "，且系以欺骗、贿赂等不正当手段取得" if kept["fraud"] else ""
    number = f"（执业证书编号：{kept['certificate_number']}）"
    return f"经查，因{why}{fraud}，依照{kept['law'][ENDED_UNDER[reason]]}，决定注销{whose}的护士执业注册{number}。"


def bar_and_remedies(kept: Row) -> Iterator[str]:
    """The bar that the end of a registration brings, with its last day, and the remedies."""
    barred = kept["fraud"] or kept["reason"] is not DeregistrationReason.ANNULLED
    day = kept["at"].astimezone(SHANGHAI).date()
    if barred and (until := bar_after(kept["reason"], day)):
        yield f"自本决定作出之日起至{shown(until)}，不得再次申请护士执业注册。"
    yield from remedies({**kept, "reasons": []}, "")


def extended(kept: Row, subject: str) -> str:
    """The head of the reason for which the period is longer (许可法 42)."""
    law, was = kept["law"][LawSubject.EXTENSION_ARTICLE], kept["extended_from"]
    within = f"在法定办结期限（{shown(was)}）内" if was else "在法定办结期限内"
    why = f"{within}不能作出决定，依照{law}，经本机关负责人批准，延长审批期限，理由如下："
    return f"{received(kept, subject)}{why}"


def until(kept: Row, subject: str) -> Iterator[str]:
    """The last day of the longer period."""
    yield f"延长后的办结期限：{shown(kept['extended_until'])}。"


def paused(kept: Row, subject: str) -> str:
    """The head of the reason for which the period stands still, and how long that may take (许可法 45)."""
    law, pause = kept["law"][LawSubject.PAUSE_ARTICLE], Pause(kept["pause"]).label
    days = f"预计所需时间{kept['expected_days']}个工作日，" if kept["expected_days"] else ""
    why = f"需要依法进行{pause}，{days}依照{law}，所需时间不计算在审批期限内，理由如下："
    return f"{received(kept, subject)}{why}"


def resumed(kept: Row, subject: str) -> Iterator[str]:
    """The day since which it stands still, and where she sees that it runs again."""
    yield f"审批期限自{shown(kept['at'])}起中止计算；恢复计算后，请凭受理编号查询办理进度。"
