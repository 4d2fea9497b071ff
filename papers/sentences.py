"""The sentences of the authority's letters: each cites the articles of what was decided, as they held that day."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from db.read.batch import Row
from papers.values import shown
from rules.deadline import lapses_after
from rules.decision import DecisionStage
from rules.grounds import ENDED_UNDER, cited, met
from rules.kinds import Kind
from rules.law import Law, LawSubject
from rules.moment import SHANGHAI
from rules.nurse import DeregistrationReason
from rules.other import said
from rules.people import Party
from rules.reasons import REASONS, Reason, bar_until

REMEDIES: Final = (
    "如不服本决定，可以自收到本{document}之日起60日内，依照{reconsideration}向有管辖权的行政复议机关申请行政复议；"
    "也可以自收到本{document}之日起6个月内，依照{litigation}向有管辖权的人民法院提起行政诉讼。"
)
"""The two remedies, which a refusal must state (许可法 38)."""
_WHOEVER: Final = "核发拟执业机构《医疗机构执业许可证》或者为其备案的卫生健康主管部门"
_LAPSES: Final = "请在{}前（含当日）一次补正上述内容；逾期未补正的，本次申请失效，可以另行申请。"
_DAYS_OF_DELIVERY: Final = 10
_BEFORE_ACCEPTANCE: Final = frozenset({"CORRECTION_REQUIRED", "NOT_ACCEPTED"})


def recipient(kept: Row) -> str:
    """The nurse; where she has died, the institution that filed it and her relatives."""
    her = f"{kept['nurse_name']}（证件号码：{kept['id_number_masked']}）"
    return f"{kept['institution'] or ''}、{her}的近亲属".lstrip("、") if is_about_the_dead(kept) else her


def is_about_the_dead(kept: Row) -> bool:
    """True of a registration that ends with her death (死亡)."""
    reason = kept["form"].get("reason") if "form" in kept else kept["reason"]
    return bool(reason == DeregistrationReason.DEATH)


def receipt(kept: Row) -> str | None:
    """The receipt number, on what was written after the acceptance."""
    number: str | None = kept["receipt_number"]
    return None if kept["outcome"] in _BEFORE_ACCEPTANCE else number


def received(kept: Row, subject: str) -> str:
    """The first sentence: the applicant, the authority, the subject, and the day of receipt."""
    here = kept["stage"] != DecisionStage.AUTHORITY_DECISION or kept["received_by"] == kept["authority"]
    receiver = "本机关" if here else kept["received_by"]
    by = f"由{kept['institution']}为你" if kept["filed_by"] == Party.INSTITUTION else "你"
    if is_about_the_dead(kept):
        by = f"{kept['institution'] or '有关单位'}为{kept['nurse_name']}"
    number = f"（受理编号：{receipt(kept)}）" if receipt(kept) else ""
    return f"{receiver}于{shown(kept['forwarded_at'])}收到{by}提出的{subject}申请{number}。"


def granted(kept: Row, subject: str) -> str:
    """A wish that is granted, and the article that it meets."""
    law: Law = kept["law"]
    meets, by = met(Kind(kept["kind"]), law), law[LawSubject.GRANT_ARTICLE]
    return f"{received(kept, subject)}经审查，符合{meets}的规定，依照{by}，决定准予{subject}。"


def ended(kept: Row, subject: str) -> str:
    """A registration ended, for this reason and in these words (许可法 70), with what proves it."""
    form, whose = kept["form"], kept["nurse_name"] if is_about_the_dead(kept) else "你"
    reason = DeregistrationReason(form["reason"])
    words = form.get("remarks")
    why = f"{reason.label}（{words}）" if words and not reason.unlisted else said(reason, words)
    proof = f"（证明：{form['proof']}）" if form.get("proof") else ""
    law = kept["law"][ENDED_UNDER[reason]]
    return f"{received(kept, subject)}经审查，因{why}{proof}，依照{law}，决定注销{whose}的护士执业注册。"


def refused(kept: Row, subject: str) -> str:
    """A refusal, under the articles of its reasons."""
    laws = cited(kept["reasons"], kept["law"], LawSubject.REFUSAL_ARTICLE, always=True)
    return f"{received(kept, subject)}经审查，因下列情形，依照{laws}，决定不予{subject}："


def deemed(kept: Row, subject: str) -> str:
    """The grant by law, since nobody decided in time."""
    law = kept["law"][LawSubject.SILENCE_ARTICLE]
    return f"{received(kept, subject)}因在注册有效期届满前未作出决定，依照{law}，自有效期届满之日起视为准予{subject}。"


def voided(kept: Row, subject: str) -> str:
    """The ground with its article stands in the words of the decision."""
    return f"{received(kept, subject)}就该申请作出的决定，经审查应予撤销，现决定予以撤销，依据如下："


def not_accepted(kept: Row, subject: str) -> str:
    """A refusal to take it in, under the articles of its reasons."""
    laws = cited(kept["reasons"], kept["law"], LawSubject.INTAKE_ARTICLE, always=False)
    return f"{received(kept, subject)}因下列情形，依照{laws}，决定不予受理："


def corrected(kept: Row, subject: str) -> str:
    """The head of all that is missing, told at once."""
    law = kept["law"][LawSubject.CORRECTION_ARTICLE]
    return f"{received(kept, subject)}经审查，申请材料不齐全或者不符合法定形式，依照{law}，告知如下："


def accepted(kept: Row, subject: str) -> str:
    """An acceptance."""
    law = kept["law"][LawSubject.ACCEPTANCE_ARTICLE]
    return f"{received(kept, subject)}申请材料齐全、符合法定形式，依照{law}，决定予以受理。"


def certificate(kept: Row, subject: str) -> Iterator[str]:
    """Until when it is granted, and when the certificate comes."""
    if kept["granted_until"]:
        yield f"注册有效期至{shown(kept['granted_until'])}。"
    law = kept["law"][LawSubject.CERTIFICATE_ARTICLE]
    yield f"依照{law}，本机关自作出决定之日起{_DAYS_OF_DELIVERY}个工作日内颁发、送达护士执业证书。"


def remedies(kept: Row, subject: str, document: str = "决定书") -> Iterator[str]:
    """The bar that a reason brings, with its last day, and the remedies."""
    reasons = [Reason(code) for code in kept["reasons"] if code in {*Reason}]
    if until := bar_until(reasons, kept["at"].astimezone(SHANGHAI).date()):
        years = max(REASONS[reason].bar_years for reason in reasons)
        yield f"自本决定作出之日起{years}年内（至{shown(until)}），不得再次提出该项申请。"
    law: Law = kept["law"]
    laws = {"reconsideration": LawSubject.RECONSIDERATION_ARTICLE, "litigation": LawSubject.LITIGATION_ARTICLE}
    yield REMEDIES.format(document=document, **{name: law[subject] for name, subject in laws.items()})


def end(kept: Row, subject: str) -> Iterator[str]:
    """Her objection and what was answered to it, and the remedies."""
    if kept["objection"]:
        yield f"护士对该申请提出的异议：{kept['objection']}"
        yield f"本机关的答复：{shown(kept['objection_answer'])}"
    yield from remedies(kept, subject)


def elsewhere(kept: Row, subject: str) -> Iterator[str]:
    """The competent authority where this one is not (许可法 32), and the bar and the remedies of a notice."""
    if Reason.OUT_OF_COMPETENCE in kept["reasons"]:
        competent = kept["competent"]
        yield f"你可以向{_WHOEVER if competent in {None, kept['authority']} else competent}提出申请。"
    yield from remedies(kept, subject, "通知书")


def due(kept: Row, subject: str) -> Iterator[str]:
    """The days by which it is due, as they were told."""
    due, promised = kept["due_on"], kept["promised_due_on"]
    if due:
        yield f"法定办结期限：{shown(due)}。" + (f"承诺办结期限：{shown(promised)}。" if promised else "")
    yield "请凭受理编号查询办理进度。"


def in_time(kept: Row, subject: str) -> Iterator[str]:
    """The last day for the answer, after which the application lapses."""
    yield _LAPSES.format(shown(lapses_after(kept["at"].astimezone(SHANGHAI).date())))
