"""Certificates handed out (领证登记): who took each, herself, a proxy or the post, and when."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from rules import spelling
from rules.certificate_blank import Blank, BlankState, Certificate
from rules.delivery import LONGEST_NUMBER, DeliveryWay
from rules.errors import FieldProblem, Invalid, Together, Words
from rules.label import Labelled
from rules.wording import wording

LONGEST_NAME: Final = 50
_LAST4: Final = re.compile("[0-9A-Z]{4}")
NOT_PRINTED: Final = Words(
    "该证书未登记空白证书编号，请先登记", "This certificate is on no blank yet: record its blank first."
)
TAKEN_ALREADY: Final = Words("该证书已登记领取", "This certificate was handed out already.")
NOT_TAKEN: Final = Words("该证书未登记领取，无须撤销", "This certificate was not handed out: there is nothing to undo.")
PROXY_MISSING: Final = Words("代领须填写代领人姓名", "Name the proxy.")
LAST4_FORMAT: Final = Words(
    "代领须填写代领人证件号码后4位", "Give the last 4 characters of the number of the proxy's document."
)
NO_PROXY: Final = Words("只有代领才填写代领人", "Only a proxy is named.")
_POSTED: Final = Words("邮寄须填写邮件号", "Give the number of the item.")
_NOT_POSTED: Final = Words("只有邮寄才填写邮件号", "Only what is posted has the number of an item.")
_FUTURE: Final = Words("领取时间晚于现在", "It cannot have been taken at a time that lies ahead.")
_BEFORE: Final = Words("领取时间早于发证日期", "It cannot have been taken before it was issued.")


class Collector(Labelled):
    """The person who takes a certificate (领取人)."""

    HERSELF = "HERSELF", "本人领取"
    PROXY = "PROXY", "他人代领"
    POST = "POST", "邮寄"


@dataclass(frozen=True, slots=True)
class Taking:
    """The way in which certificates were taken: by whom, or by which item of the post."""

    collector: Collector
    proxy_name: str | None = None
    proxy_last4: str | None = None
    postal_number: str | None = None

    @property
    def delivers(self) -> DeliveryWay:
        """The way in which the decision was delivered with it (行政许可法 44: 颁发、送达行政许可证件)."""
        return DeliveryWay.POST if self.collector is Collector.POST else DeliveryWay.COUNTER


def require_waiting(nurse_ids: Sequence[UUID], live: Mapping[UUID, Blank]) -> None:
    """Refuse all where one of the certificates is on no blank, or was taken already; `live` is by nurse."""
    _require_each(nurse_ids, live, BlankState.PRINTED, "TAKEN_ALREADY", TAKEN_ALREADY)


def require_handed_out(nurse_ids: Sequence[UUID], live: Mapping[UUID, Blank]) -> None:
    """Refuse all where one of the certificates is on no blank, or was not taken; `live` is by nurse."""
    _require_each(nurse_ids, live, BlankState.HANDED_OUT, "NOT_TAKEN", NOT_TAKEN)


def _require_each(
    nurse_ids: Sequence[UUID], live: Mapping[UUID, Blank], state: BlankState, code: str, words: Words
) -> None:
    missing = [place for place, key in enumerate(nurse_ids) if key not in live]
    if missing:
        raise Invalid(*(FieldProblem(f"ids.{place}", "NOT_PRINTED", NOT_PRINTED) for place in missing))
    if others := [place for place, key in enumerate(nurse_ids) if live[key].state is not state]:
        raise Invalid(*(FieldProblem(f"ids.{place}", code, words) for place in others))


def taking(collector: Collector, proxy_name: str | None, proxy_last4: str | None, postal_number: str | None) -> Taking:
    """The way in which certificates were taken, as it is kept: a proxy has a name and a document, the post a number."""
    name, last4, posted = None, None, None
    with Together() as each:
        if collector is Collector.PROXY:
            name = each(lambda: wording("proxyName", proxy_name, LONGEST_NAME, PROXY_MISSING, allowed=""))
            last4 = each(lambda: _last4(proxy_last4))
        else:
            given = {"proxyName": proxy_name, "proxyDocumentLast4": proxy_last4}
            each.problems += [FieldProblem(path, "NO_PROXY", NO_PROXY) for path, text in given.items() if _said(text)]
        if collector is Collector.POST:
            posted = each(lambda: wording("postalNumber", postal_number, LONGEST_NUMBER, _POSTED, allowed=""))
        elif _said(postal_number):
            each.problems.append(FieldProblem("postalNumber", "NO_POSTAL_NUMBER", _NOT_POSTED))
    return Taking(collector, name and spelling.name(name), last4, posted)


def _said(text: str | None) -> bool:
    return bool((text or "").strip())


def _last4(text: str | None) -> str:
    last4 = spelling.code(text or "")
    if not _LAST4.fullmatch(last4):
        raise Invalid(FieldProblem("proxyDocumentLast4", "LAST4_FORMAT", LAST4_FORMAT))
    return last4


def require_taken(at: datetime, now: datetime, on: date, issued: Sequence[Certificate]) -> None:
    """Refuse a moment ahead, or before the day on which one of the certificates was issued."""
    if at > now:
        raise Invalid(FieldProblem("at", "DATE_IN_FUTURE", _FUTURE))
    if any(on < one.issued_on for one in issued):
        raise Invalid(FieldProblem("at", "BEFORE_ISSUE", _BEFORE))
