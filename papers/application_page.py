"""The official form of an application (申请审核表) as rows of labels and values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from typing import Any, Final

from db.read.batch import Row
from papers.labels import LABELS, PAPERS
from papers.values import BLANK_DATE, because, photo, qr_code, receipt, row, shown
from papers.values import Row as Line
from rules.application import State
from rules.decision import DecisionOutcome, DecisionStage, counts
from rules.form import Form, field_names
from rules.identity import DocumentType
from rules.kinds import Kind, form_from_json
from rules.label import Labelled
from rules.nurse import Degree, Education, Sex, StudyLength
from rules.other import OTHERS, said
from rules.people import Party
from rules.recusal import Unconfirmed
from workflow.paper import Filed

_RECORD: Final[tuple[tuple[str, str, type[Labelled] | None], ...]] = (
    ("education", "学历", Education),
    ("degree", "学位", Degree),
    ("school", "毕业学校", None),
    ("major", "所学专业", None),
    ("study_length", "学制", StudyLength),
    ("graduated_on", "毕业时间", None),
    ("exam_certificate_number", "考试合格证编码", None),
    ("exam_passed_on", "通过考试时间", None),
)
"""The fields of the form that come from the record, if the nurse does not give them."""
_FILED_BY: Final[Mapping[str, str]] = {
    Party.NURSE: "护士本人网上申请",
    Party.INSTITUTION: "执业机构代为申请",
    Party.AUTHORITY: "窗口申请",
}
_AS_OF_PRINT: Final = "教育与考试信息（申请时未留存，为打印时在册信息）"
_MOVES_HER: Final = frozenset({Kind.FIRST, Kind.CHANGE, Kind.REREGISTRATION, Kind.MILITARY_TRANSFER})
_REVIEW: Final = DecisionStage.AUTHORITY_REVIEW
_TRUTH: Final = "以上内容及所附材料真实有效，如有不实，愿承担法律责任。"


def application_page(filed: Filed) -> dict[str, Any]:
    """The values for the template of the form."""
    kept = filed.application
    kind, number = Kind(kept["kind"]), str(kept["id"])
    form = form_from_json(kind, kept["form"])
    return {
        "title": PAPERS[kind].form,
        "foot": f"申请编号：{number}",
        "number": number,
        "receipt": shown(kept["receipt_number"]),
        "filed": _FILED_BY[kept["filed_by"]],
        "submitted": shown(kept["submitted_at"]),
        "state": State[kept["state"]].label,
        "watermark": State.DRAFT.label if kept["state"] == State.DRAFT else None,
        "qr": qr_code(number),
        "qr_says": f"二维码：{number}",
        "photo": photo(kept),
        **receipt(kept),
        "identity": _identity(filed),
        "sections": [{"title": title, "rows": rows} for title, rows in _sections(kind, kept, form) if rows],
        "opinions": list(_opinions(kind, filed)),
    }


def _identity(filed: Filed) -> list[Line]:
    kept = filed.application
    document, sex = kept["document_type"], kept["nurse_sex"]
    return [
        row("姓名", kept["nurse_name"]),
        row("性别", Sex[sex]),
        row("出生日期", kept["nurse_birth_date"]),
        row("民族", kept["ethnicity"]),
        row("国籍", kept["nationality"]),
        row("证件类型", DocumentType[document], wide=True),
        row("证件号码", filed.id_number, wide=True),
    ]


def _sections(kind: Kind, kept: Row, form: Form) -> Iterator[tuple[str, list[Line]]]:
    asked = {field.name: getattr(form, field.name) for field in fields(form)}
    if kept["record_id"] is not None:
        title = "教育与考试信息" if kept["record_kept"] else _AS_OF_PRINT
        yield title, [_of_record(kept, *each) for each in _RECORD if each[0] not in asked]
    if kept["registered_number"] or kept["certificate_number"]:
        yield "执业注册信息", _registration(kept)
    names = field_names(type(form))
    words = {name: asked[words] for name, words in OTHERS.items() if words in asked}
    rows = [
        row(LABELS[path], _in_words(asked[name], words.get(name)))
        for path, name in zip(names, asked, strict=True)
        if name not in OTHERS.values()
    ]
    if kind is not Kind.REISSUE:
        rows.append(row("拟执业机构" if kind in _MOVES_HER else "执业机构", kept["institution"], wide=True))
    yield "申请内容", rows
    if kept["objection"]:
        answer = row("异议答复", kept["objection_answer"], wide=True)
        yield "护士异议", [row("护士异议", kept["objection"], wide=True), answer]


def _of_record(kept: Row, name: str, label: str, listed: type[Labelled] | None) -> Line:
    value = kept[name]
    if name == "exam_passed_on" and value is None and kept["exam_year"]:
        value = f"{kept['exam_year']}年"
    return row(label, _in_words(listed[value], kept.get(OTHERS.get(name, ""))) if listed and value else value)


def _in_words(value: object, words: str | None) -> object:
    """A value of a list with the words for what the list does not have."""
    return said(value, words) if isinstance(value, Labelled) else value


def _registration(kept: Row) -> list[Line]:
    return [
        row("执业证书编号", kept["registered_number"] or kept["certificate_number"]),
        row("首次注册日期", kept["first_registered_on"]),
        row("有效期至", kept["valid_until"]),
        row("现执业机构", kept["registered_at"], wide=True),
        row("注册机关", kept["registered_with"], wide=True),
    ]


def _opinions(kind: Kind, filed: Filed) -> Iterator[dict[str, Any]]:
    """The applicant's word, and of each desk the opinion that counts for what is filed now."""
    kept = filed.application
    by_institution = kept["filed_by"] == Party.INSTITUTION
    who = "申请机构" if by_institution else "申请人"
    promise = f"{'本机构' if by_institution else '本人'}承诺：{_TRUTH}"
    signer = "负责人（签名）" if by_institution else "申请人（签名）"
    yield {"label": f"{who}声明", "text": promise, "signer": signer, "seal": by_institution, "date": BLANK_DATE}
    confirmed = _last(filed, DecisionStage.INSTITUTION)
    if confirmed or (kind is not Kind.REISSUE and not by_institution):
        why = f"（{Unconfirmed[kept['unconfirmed']].label}）" if kept["unconfirmed"] else ""
        silent = f"执业机构未确认{why}，转注册机关办理。" if kept["escalated_at"] else ""
        yield _opinion("执业机构\n意见", confirmed, silent)
    yield _opinion("注册机关\n审查意见", [*_taken_in(filed), *_recommended(filed)])
    yield _opinion("注册机关\n审批决定", _last(filed, DecisionStage.AUTHORITY_DECISION))


def _last(filed: Filed, stage: DecisionStage, *outcomes: DecisionOutcome) -> list[Row]:
    """The last decision of a stage that counts, where there is one; of these outcomes, where some are named."""
    kept = filed.application
    found = [
        each
        for each in filed.decisions
        if each["stage"] == stage
        and (not outcomes or each["outcome"] in outcomes)
        and counts(
            *(stage, DecisionOutcome[each["outcome"]]),
            state=State[kept["state"]],
            current=each["revision"] == kept["revision"],
        )
    ]
    return found[-1:]


def _taken_in(filed: Filed) -> list[Row]:
    """The authority's word when it came: a corrected one is accepted by the law, and nobody says so."""
    kept, outcome = filed.application, DecisionOutcome
    said = _last(filed, _REVIEW, outcome.ACCEPTED, outcome.NOT_ACCEPTED, outcome.CORRECTION_REQUIRED)
    if said or not kept["accepted_at"]:
        return said
    return [{"at": kept["accepted_at"], "by": kept["authority"], "outcome": outcome.ACCEPTED, "reasons": ()}]


def _recommended(filed: Filed) -> list[Row]:
    """The reviewer's recommendation, while there is one: who passes the application on leaves none behind."""
    given = filed.application["recommender_id"] is not None
    return _last(filed, _REVIEW, DecisionOutcome.AGREED, DecisionOutcome.REFUSED) if given else []


def _opinion(label: str, rows: Sequence[Row], otherwise: str = "") -> dict[str, Any]:
    signed = shown(rows[-1]["at"]) if rows else BLANK_DATE
    text = "\n".join(map(_decided, rows)) or otherwise
    return {"label": label, "text": text, "signer": "负责人（签名）", "seal": True, "date": signed}


def _decided(decision: Row) -> str:
    """The day, the place, the outcome, and why."""
    reasons = "；".join(because(decision["reasons"], decision["law"])) if decision["reasons"] else ""
    why = "。".join(part for part in (reasons, decision.get("opinion")) if part)
    words = "：".join(part for part in (decision["by"], DecisionOutcome[decision["outcome"]].label, why) if part)
    return f"{shown(decision['at'])}　{words}"
