"""Blank certificate forms with pre-printed numbers (空白证书): each used for one certificate, or spoiled."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from rules import spelling
from rules.delivery import DELIVERERS
from rules.errors import FieldProblem, Invalid, NotAllowed, NotFound, Together, Words
from rules.label import Labelled
from rules.own_nurse import require_not_herself
from rules.people import Actor, Party, require, require_party
from rules.wording import remark, wording

MOST_RECEIVED: Final = 10_000
"""The most blanks of one receipt."""
LONGEST_NOTE: Final = 200
_NUMBER: Final = re.compile(rf"([A-Z{spelling.HAN}]{{0,6}})([0-9]{{4,12}})")


class BlankState(Labelled):
    """The state of a blank (空白证书状态)."""

    FREE = "FREE", "未使用"
    PRINTED = "PRINTED", "已打印，待领取"
    HANDED_OUT = "HANDED_OUT", "已领取"
    SPOILED = "SPOILED", "作废"
    VOID = "VOID", "所载证书已失效"


class SpoilReason(Labelled):
    """The reason for which a blank is spoiled (作废原因)."""

    PRINTER_FAULT = "PRINTER_FAULT", "打印机故障"
    DAMAGED = "DAMAGED", "破损、污损"
    MISPRINT = "MISPRINT", "打印错误"
    LOST = "LOST", "遗失"
    OTHER = "OTHER", "其他"


REFUSALS: Final = {
    "BLANK_UNKNOWN": Words(
        "该编号的空白证书未登记入本机关库，请核对编号，或先登记入库",
        "Your authority has never received a blank of this number: check it, or record what was received first.",
    ),
    "BLANK_NOT_FREE": Words(
        "该空白证书已使用或已作废，请核对编号", "This blank is used or spoiled already: check its number."
    ),
    "BLANK_SPOILED": Words("该空白证书已作废", "This blank is spoiled already."),
    "BLANK_VOID": Words(
        "该空白证书所载证书已失效，无须作废",
        "The certificate on this blank is void already: there is nothing to spoil.",
    ),
    "HANDED_OUT": Words(
        "证书已领取，不能再作废或撤销；遗失、损坏的请办理证书补办",
        "The certificate was handed out: where it is lost or damaged, it is issued again (REISSUE).",
    ),
    "NOT_ALL_FREE": Words(
        "该号段中有不属于本机关、已使用或已作废的空白证书，不能撤销入库",
        "Not all of this range are free blanks of your authority: the receipt cannot be taken back.",
    ),
    "NOT_ALL_PRINTED": Words(
        "该号段中有未登记打印或已作废的空白证书，不能撤销使用登记",
        "Not all of this range are blanks of your authority that bear a certificate: the use cannot be taken back.",
    ),
}
NUMBER_FORMAT: Final = Words(
    "空白证书编号应为至多6个字母或汉字加4至12位数字，请照证书印制的编号填写",
    "A blank's number is up to 6 letters or Han characters and 4 to 12 digits: enter it as it is printed.",
)
OTHER_SERIES: Final = Words(
    "起止编号的字头和位数须相同", "The first and last number have the same letters and as many digits."
)
RANGE_ORDER: Final = Words("止号小于起号", "The last number comes before the first.")
TOO_LONG: Final = Words(
    f"一次最多登记{MOST_RECEIVED}份，请分段登记", f"At most {MOST_RECEIVED} blanks at once: enter them in parts."
)
NO_CERTIFICATE: Final = Words(
    "该护士没有由本机关颁发的有效证书", "This nurse has no certificate in force that your authority has issued."
)
PRINTED_ALREADY: Final = Words(
    "该证书已登记空白证书编号，请先将该空白证书作废", "This certificate is on a blank already: spoil that one first."
)
NOTE_MISSING: Final = Words("作废原因为其他的，须说明", "Say in words why, where the reason is OTHER.")


class NoCertificate(NotFound):
    """One nurse, alone, without a certificate in force of the actor's authority."""

    words = NO_CERTIFICATE


@dataclass(frozen=True, slots=True)
class Blank:
    """A locked blank, with the certificate that it bears or bore, and whose that is."""

    id: UUID
    number: str
    authority_id: UUID
    state: BlankState
    certificate_id: UUID | None = None
    nurse_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Certificate:
    """A locked certificate in force, and its nurse as events tell of her."""

    id: UUID
    nurse_id: UUID
    application_id: UUID | None
    number: str
    issued_on: date
    name: str
    id_number_masked: str | None


def require_keeper(actor: Actor) -> UUID:
    """The authority whose blanks the actor keeps; refuses everybody but officers who deliver what it decides."""
    require_party(actor, Party.AUTHORITY)
    require(actor, *DELIVERERS)
    if actor.party_id is None:
        raise NotFound
    return actor.party_id


def blank_number(path: str, text: str) -> str:
    """A blank's number in its one form (空白证书编号), or Invalid."""
    number = spelling.code(text)
    if not _NUMBER.fullmatch(number):
        raise Invalid(FieldProblem(path, "BLANK_NUMBER_FORMAT", NUMBER_FORMAT))
    return number


def series(number: str) -> tuple[str, str]:
    """The first and last number that have the same letters and as many digits as this one."""
    found = _NUMBER.fullmatch(number)
    assert found is not None
    return found[1] + "0" * len(found[2]), found[1] + "9" * len(found[2])


def blank_range(first: str, last: str) -> list[str]:
    """The numbers from the first to the last, both included, or Invalid."""
    with Together() as each:
        start = each(lambda: blank_number("first", first))
        end = each(lambda: blank_number("last", last))
    if series(start) != series(end):
        raise Invalid(FieldProblem("last", "OTHER_SERIES", OTHER_SERIES))
    letters = start.rstrip("0123456789")
    digits = len(start) - len(letters)
    low, high = (int(one[len(letters) :]) for one in (start, end))
    if high < low:
        raise Invalid(FieldProblem("last", "RANGE_ORDER", RANGE_ORDER))
    if high - low >= MOST_RECEIVED:
        raise Invalid(FieldProblem("last", "TOO_MANY", TOO_LONG))
    return [f"{letters}{one:0{digits}d}" for one in range(low, high + 1)]


def known_already(number: str) -> Invalid:
    """The refusal of a range in which a number is somewhere in the country already."""
    zh = f"空白证书“{number}”已经登记入库（本机关或其他机关），请核对号段"
    en = f"The blank {number} is in stock already, here or with another authority: check the range."
    return Invalid(FieldProblem("first", "BLANK_KNOWN", Words(zh, en)))


def require_first_free(blanks: Sequence[Blank], first: str, wanted: int, *, stocked: bool) -> None:
    """Refuse where the named blank is not free or was never received, or too few of its series are from there on."""
    if not stocked:
        raise NotAllowed("BLANK_UNKNOWN", REFUSALS["BLANK_UNKNOWN"])
    if not blanks or blanks[0].number != first:
        raise NotAllowed("BLANK_NOT_FREE", REFUSALS["BLANK_NOT_FREE"])
    if len(blanks) < wanted:
        zh = f"从该编号起本字头的空白证书只余{len(blanks)}份，不足{wanted}份"
        en = f"Only {len(blanks)} blanks of this series are free from this number on, and {wanted} are needed."
        raise Invalid(FieldProblem("firstNumber", "TOO_FEW_BLANKS", Words(zh, en)))


def require_spoilable(actor: Actor, blank: Blank) -> None:
    """Refuse a blank of another authority, one spoiled or void already, and one whose certificate was taken."""
    if actor.party_id != blank.authority_id:
        raise NotFound
    _require_not_about_herself(actor, [blank])
    if blank.state is BlankState.SPOILED:
        raise NotAllowed("BLANK_SPOILED", REFUSALS["BLANK_SPOILED"])
    if blank.state is BlankState.VOID:
        raise NotAllowed("BLANK_VOID", REFUSALS["BLANK_VOID"])
    if blank.state is BlankState.HANDED_OUT:
        raise NotAllowed("HANDED_OUT", REFUSALS["HANDED_OUT"])


def spoil_note(reason: SpoilReason, note: str | None) -> str | None:
    """The words beside a reason: needed where it is OTHER."""
    if reason is SpoilReason.OTHER:
        return wording("note", note, LONGEST_NOTE, NOTE_MISSING)
    return remark("note", note, LONGEST_NOTE)


def require_withdrawable(actor: Actor, blanks: Sequence[Blank], wanted: int) -> None:
    """Refuse unless all of a range are free blanks of the actor's authority."""
    if len(blanks) != wanted or any((b.authority_id, b.state) != (actor.party_id, BlankState.FREE) for b in blanks):
        raise NotAllowed("NOT_ALL_FREE", REFUSALS["NOT_ALL_FREE"])


def require_releasable(actor: Actor, blanks: Sequence[Blank], wanted: int) -> None:
    """Refuse unless all of a range bear certificates of the actor's authority that were not taken yet."""
    if any(b.authority_id == actor.party_id and b.state is BlankState.HANDED_OUT for b in blanks):
        raise NotAllowed("HANDED_OUT", REFUSALS["HANDED_OUT"])
    borne = {BlankState.PRINTED, BlankState.VOID}
    if len(blanks) != wanted or any(b.authority_id != actor.party_id or b.state not in borne for b in blanks):
        raise NotAllowed("NOT_ALL_PRINTED", REFUSALS["NOT_ALL_PRINTED"])
    _require_not_about_herself(actor, blanks)


def _require_not_about_herself(actor: Actor, blanks: Sequence[Blank]) -> None:
    for one in blanks:
        if one.nurse_id is not None:
            require_not_herself(actor, one.nurse_id)


def require_certificates(actor: Actor, nurse_ids: Sequence[UUID], found: Mapping[UUID, Certificate]) -> None:
    """Refuse all where one of the nurses has no certificate in force of the actor's authority, or is the actor."""
    lacking = [place for place, key in enumerate(nurse_ids) if key not in found]
    if lacking and len(nurse_ids) == 1:
        raise NoCertificate
    if lacking:
        raise Invalid(*(FieldProblem(f"ids.{place}", "NO_CERTIFICATE", NO_CERTIFICATE) for place in lacking))
    for key in nurse_ids:
        require_not_herself(actor, key)


def require_unprinted(nurse_ids: Sequence[UUID], live: Mapping[UUID, Blank]) -> None:
    """Refuse all where one of the certificates is on a blank already; `live` is by nurse."""
    if printed := [place for place, key in enumerate(nurse_ids) if key in live]:
        raise Invalid(*(FieldProblem(f"ids.{place}", "PRINTED_ALREADY", PRINTED_ALREADY) for place in printed))


RECEIVED: Final = "stock.received"
USED: Final = "stock.used"
SPOILED: Final = "stock.spoiled"
RELEASED: Final = "stock.released"
WITHDRAWN: Final = "stock.withdrawn"


def stock_body(authority_id: UUID, numbers: Sequence[str], by: Party | None) -> dict[str, Any]:
    """The body of an event about blanks of an authority: the first and the last of them, and how many they are."""
    bounds = {"first": numbers[0], "last": numbers[-1], "count": len(numbers)}
    return {"authority": str(authority_id), **bounds, "by": by}
