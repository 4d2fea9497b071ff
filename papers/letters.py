"""The authority's letters (决定书、通知书): the decision, the reasons, the article, and the remedies."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from db.read.batch import Row
from papers.labels import LABELS, PAPERS
from papers.values import because, shown
from rules.kinds import Kind
from rules.nurse import DeregistrationReason
from rules.other import said
from rules.people import Party
from rules.reasons import REASONS, Reason

LAW: Final = "《中华人民共和国行政许可法》"
REMEDIES: Final = (
    "如不服本决定，可以自收到本{document}之日起60日内，依照《中华人民共和国行政复议法》向有管辖权的行政复议机关申请行政复议；"
    "也可以自收到本{document}之日起6个月内，依照《中华人民共和国行政诉讼法》向有管辖权的人民法院提起行政诉讼。"
)
"""The two remedies, which a refusal must state (许可法 38)."""
_GROUNDS: Final = "《护士条例》和《护士执业注册管理办法》"
_ENDED_BY: Final[Mapping[str, str]] = {
    DeregistrationReason.EXPIRED: "第七十条第一项",
    DeregistrationReason.DEATH: "第七十条第二项",
    DeregistrationReason.INCAPACITY: "第七十条第二项",
    DeregistrationReason.LICENCE_REVOKED: "第七十条第四项",
    DeregistrationReason.ANNULLED: "第七十条第四项",
}
"""The item of 许可法 70 under which a registration ends."""
_WHOEVER: Final = "核发拟执业机构《医疗机构执业许可证》或者为其备案的卫生健康主管部门"
_LAPSES: Final = "请在收到本告知书之日起30日内一次补正上述内容；逾期未补正的，本次申请失效，可以另行申请。"


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
    opinion = kept["opinion"]
    points = [*because(_of_fields(kept), kept["law"]), *_marked(kept)]
    said = [f"说明：{opinion}"] if opinion and kept["outcome"] not in _GRANTED else []
    return {
        "title": letter.title.format(subject),
        "foot": f"申请编号：{kept['id']}",
        "authority": kept["authority"],
        "number": f"{letter.mark}字〔{kept['receipt_number'] or kept['id']}〕号",
        "recipient": _recipient(kept),
        "before": [letter.before(kept, subject)],
        "points": points,
        "after": [*said, *letter.after(kept, subject)],
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


def _recipient(kept: Row) -> str:
    """The nurse; where she has died, the institution that filed it and her relatives."""
    her = f"{kept['nurse_name']}（证件号码：{kept['id_number_masked']}）"
    return f"{kept['institution'] or ''}、{her}的近亲属".lstrip("、") if _dead(kept) else her


def _dead(kept: Row) -> bool:
    return bool(kept["form"].get("reason") == DeregistrationReason.DEATH)


def _received(kept: Row, subject: str) -> str:
    """The first sentence: the applicant, the authority, the subject, and the day of receipt."""
    receiver = "本机关" if kept["received_by"] == kept["authority"] else kept["received_by"]
    by = f"由{kept['institution']}为你" if kept["filed_by"] == Party.INSTITUTION else "你"
    if _dead(kept):
        by = f"{kept['institution'] or '有关单位'}为{kept['nurse_name']}"
    number = f"（受理编号：{kept['receipt_number']}）" if kept["receipt_number"] else ""
    return f"{receiver}于{shown(kept['forwarded_at'])}收到{by}提出的{subject}申请{number}。"


def _granted(kept: Row, subject: str) -> str:
    law = f"{LAW}第三十八条第一款"
    return f"{_received(kept, subject)}经审查，符合{_GROUNDS}的规定，依照{law}，决定准予{subject}。"


def _ended(kept: Row, subject: str) -> str:
    """A registration ended, for this reason (许可法 70); the item of the law where one names it."""
    form = kept["form"]
    reason = DeregistrationReason(form["reason"])
    why = said(reason, form.get("remarks"))
    law, whose = f"{LAW}{_ENDED_BY.get(reason, '第七十条')}", kept["nurse_name"] if _dead(kept) else "你"
    return f"{_received(kept, subject)}经审查，因{why}，依照{law}，决定注销{whose}的护士执业注册。"


def _refused(kept: Row, subject: str) -> str:
    laws = f"《护士条例》、《护士执业注册管理办法》和{LAW}第三十八条第二款"
    return f"{_received(kept, subject)}经审查，因下列情形，依照{laws}，决定不予{subject}："


def _deemed(kept: Row, subject: str) -> str:
    return (
        f"{_received(kept, subject)}因在注册有效期届满前未作出决定，依照{LAW}第五十条第二款，"
        f"自有效期届满之日起视为准予{subject}。"
    )


def _voided(kept: Row, subject: str) -> str:
    return f"{_received(kept, subject)}就该申请作出的决定，经审查应予撤销。现依照{LAW}，决定予以撤销，依据如下："


def _not_accepted(kept: Row, subject: str) -> str:
    return f"{_received(kept, subject)}因下列情形，依照{LAW}第三十二条，决定不予受理："


def _corrected(kept: Row, subject: str) -> str:
    received = _received(kept, subject)
    return f"{received}经审查，申请材料不齐全或者不符合法定形式，依照{LAW}第三十二条第一款第四项，告知如下："


def _accepted(kept: Row, subject: str) -> str:
    return f"{_received(kept, subject)}申请材料齐全、符合法定形式，依照{LAW}第三十二条第一款第五项，决定予以受理。"


def _certificate(kept: Row, subject: str) -> Iterator[str]:
    if kept["granted_until"]:
        yield f"注册有效期至{shown(kept['granted_until'])}。"
    yield f"依照{LAW}第四十四条，本机关自作出决定之日起10个工作日内颁发、送达护士执业证书。"


def _remedies(kept: Row, subject: str) -> Iterator[str]:
    years = max((REASONS[Reason(code)].bar_years for code in kept["reasons"] if code in {*Reason}), default=0)
    if years:
        yield f"自本决定作出之日起{years}年内，不得再次提出该项申请。"
    yield REMEDIES.format(document="决定书")


def _elsewhere(kept: Row, subject: str) -> Iterator[str]:
    """The competent authority where this one is not (许可法 32), and the remedies of a notice."""
    if Reason.OUT_OF_COMPETENCE in kept["reasons"]:
        competent = kept["competent"]
        yield f"你可以向{_WHOEVER if competent in {None, kept['received_by']} else competent}提出申请。"
    yield REMEDIES.format(document="通知书")


def _due(kept: Row, subject: str) -> Iterator[str]:
    due, promised = kept["due_on"], kept["promised_due_on"]
    if due:
        yield f"法定办结期限：{shown(due)}。" + (f"承诺办结期限：{shown(promised)}。" if promised else "")
    yield "请凭受理编号查询办理进度。"


def _in_time(kept: Row, subject: str) -> Iterator[str]:
    yield _LAPSES


_GRANTED: Final = frozenset({"AGREED", "DEEMED", "ACCEPTED"})

LETTERS: Final[Mapping[str, Letter]] = {
    "AGREED": Letter("准予{}决定书", "准决", _granted, _certificate),
    "REFUSED": Letter("不予{}决定书", "不准决", _refused, _remedies),
    "DEEMED": Letter("视为准予{}决定书", "视准决", _deemed, _certificate),
    "VOIDED": Letter("撤销{}决定书", "撤决", _voided, _remedies),
    "ACCEPTED": Letter("受理通知书", "受", _accepted, _due),
    "NOT_ACCEPTED": Letter("不予受理通知书", "不受", _not_accepted, _elsewhere),
    "CORRECTION_REQUIRED": Letter("补正告知书", "补", _corrected, _in_time),
}
"""The letter of each outcome."""
ENDED: Final = Letter("注销护士执业注册决定书", "注决", _ended, _remedies)
"""The letter of a registration that ended (注销): an adverse decision, with its reason and the remedies."""
