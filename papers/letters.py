"""The authority's letters (决定书、通知书): the decision, the reasons, the article, and the remedies."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from db.read.batch import Row
from papers import office_sentences, sentences
from papers.labels import LABELS, PAPERS
from papers.values import because, shown
from rules.decision import DecisionOutcome
from rules.kinds import Kind
from rules.reasons import REASONS, Reason


@dataclass(frozen=True, slots=True)
class Letter:
    """One outcome's letter: its title (the subject goes into the braces), its mark in the number, and its words."""

    title: str
    mark: str
    before: Callable[[Row, str], str]
    after: Callable[[Row, str], Iterator[str]]


def letter_page(kept: Row) -> dict[str, Any]:
    """The values for the template of a letter."""
    letter, subject = _letter(kept), PAPERS[Kind(kept["kind"])].subject
    points = [*because(_of_fields(kept), kept["law"]), *_marked(kept)]
    # What the law grants says its article itself.
    said = [f"说明：{kept['opinion']}"] if kept["opinion"] and kept["outcome"] != DecisionOutcome.DEEMED else []
    return {
        "title": letter.title.format(subject),
        "foot": f"申请编号：{kept['id']}",
        "authority": kept["authority"],
        "number": f"{letter.mark}字〔{sentences.receipt(kept) or kept['id']}〕号",
        "recipient": sentences.recipient(kept),
        "before": [letter.before(kept, subject)],
        "points": points,
        "after": [*said, *letter.after(kept, subject)],
        "date": shown(kept["at"]),
    }


def deregistration_page(kept: Row) -> dict[str, Any]:
    """The values for the template of a decision by office: nobody has applied for it."""
    return {
        "title": "依职权注销护士执业注册决定书",
        "foot": f"执业证书编号：{kept['certificate_number']}",
        "authority": kept["authority"],
        "number": kept["number"],
        "recipient": sentences.recipient(kept),
        "before": [office_sentences.ended_by_office(kept)],
        "points": [],
        "after": [*office_sentences.bar_and_remedies(kept)],
        "date": shown(kept["at"]),
    }


def _of_fields(kept: Row) -> list[str]:
    """The reasons that are not said with their materials already."""
    materials = {one["reason"] for one in kept["marked_materials"]}
    fields = kept["marked_fields"]
    return [
        code
        for code in kept["reasons"]
        if code not in materials or any(REASONS[Reason(code)].may_mark(field) for field in fields)
    ]


def _marked(kept: Row) -> Iterator[str]:
    """Everything that is to be corrected, told at once (许可法 32): the fields, and each material with its reason."""
    if fields := "、".join(LABELS[name] for name in kept["marked_fields"]):
        yield f"需要补正的填报项：{fields}"
    for one in kept["marked_materials"]:
        note = f"，{one['note']}" if one["note"] else ""
        (reason,) = because([one["reason"]], kept["law"])
        yield f"需要补正的材料：“{one['title']}”，{reason}{note}"


def _letter(kept: Row) -> Letter:
    """The letter of an outcome; a registration that ends at another's word is no wish that was granted."""
    ended = kept["kind"] == Kind.DEREGISTRATION and kept["outcome"] == "AGREED"
    return ENDED if ended else LETTERS[kept["outcome"]]


LETTERS: Final[Mapping[str, Letter]] = {
    "AGREED": Letter("准予{}决定书", "准决", sentences.granted, sentences.certificate),
    "REFUSED": Letter("不予{}决定书", "不准决", sentences.refused, sentences.remedies),
    "DEEMED": Letter("视为准予{}决定书", "视准决", sentences.deemed, sentences.certificate),
    "VOIDED": Letter("撤销{}决定书", "撤决", sentences.voided, sentences.remedies),
    "ACCEPTED": Letter("受理通知书", "受", sentences.accepted, sentences.due),
    "NOT_ACCEPTED": Letter("不予受理通知书", "不受", sentences.not_accepted, sentences.elsewhere),
    "EXTENDED": Letter("延长{}审批期限告知书", "延", office_sentences.extended, office_sentences.until),
    "PAUSED": Letter("{}特别程序告知书", "特", office_sentences.paused, office_sentences.resumed),
    "CORRECTION_REQUIRED": Letter("补正告知书", "补", sentences.corrected, sentences.in_time),
}
"""The letter of each outcome."""
ENDED: Final = Letter("注销护士执业注册决定书", "注决", sentences.ended, sentences.end)
"""The letter of a registration that ended (注销): an adverse decision, with its reason and the remedies."""
