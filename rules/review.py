"""Decisions of a reviewer on an application: coded reasons, each fit for its step, and the marks that they are for."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final
from uuid import UUID

from rules.application import Application, Step
from rules.errors import FieldProblem, Invalid, NotAllowed, Words
from rules.form import field_names
from rules.form_checks import text_problems
from rules.form_terms import title_zh
from rules.kinds import KINDS, Kind, form_of
from rules.law import LAW, Law, LawSubject
from rules.marks import LONGEST_NOTE, PROVES, UNNAMED, MaterialMark
from rules.reasons import GENERAL, HEALTH_REPORT, REASONS, Reason
from rules.wording import BREAKS

PROOFS_OF_HEALTH: Final = (Reason.HEALTH_PROOF_MISSING, Reason.HEALTH_PROOF_TOO_OLD)
_BACK: Final = frozenset({Step.RETURN, Step.REQUIRE_CORRECTION})


def markable_fields(kind: Kind, named: Sequence[str]) -> tuple[str, ...]:
    """The fields of a form that a reviewer may mark: of a change none of health, which it need not name (条例 9)."""
    unasked = PROVES[HEALTH_REPORT] if kind is Kind.CHANGE else frozenset[str]()
    return tuple(name for name in named if name not in unasked)


def require_reasons(
    step: Step,
    codes: Collection[str],
    marked: Collection[str] = (),
    materials: Sequence[MaterialMark] = (),
    *,
    kind: Kind | None = None,
    markable: Collection[str] = (),
    listed: Mapping[str, Words] | None = None,
    opinion: str | None = None,
    law: Law = LAW,
) -> tuple[Reason, ...]:
    """The reasons of a reviewer for a step, in the table's order; raises Invalid with all problems at once.

    `markable` are the fields of the form, `listed` the titles of the materials that are asked for. Sending back needs
    marks: each field covered by a reason, each material by its own, and each reason with a mark; refusing takes none.
    OTHER reasons need words. A kind is refused for those reasons only that the law of its filing has (不予理由).
    """
    said = {*codes, *(one.reason for one in materials)}
    problems = [*_code_problems(step, codes, opinion, needed=not materials), *_kind_problems(step, kind, said, law)]
    problems += _mark_problems(step, codes, marked, markable, materials)
    problems += _material_problems(materials, listed or {})
    problems += text_problems("opinion", (opinion or "").strip(), allowed=BREAKS)
    if problems:
        raise Invalid(*problems)
    return tuple(reason for reason in Reason if reason in said)


def _code_problems(step: Step, codes: Collection[str], opinion: str | None, *, needed: bool) -> Iterator[FieldProblem]:
    if needed and not codes:
        yield _problem("reasons", "FIELD_REQUIRED", "请至少选择一项原因", "Give at least one reason.")
    for code in codes:
        if code not in REASONS:
            yield _problem("reasons", "REASON_UNKNOWN", f"没有“{code}”这一原因", f"There is no reason {code}.")
        elif step not in REASONS[Reason(code)].steps:
            zh = f"“{Reason(code).label}”不能作为该操作的原因"
            yield _problem("reasons", "REASON_NOT_FOR_STEP", zh, f"{code} is no reason for {step}.")
    said = (opinion or "").strip()
    if any(one.unlisted for one in Reason if one in codes) and not said:
        yield _problem("opinion", "FIELD_REQUIRED", "请填写具体意见", "Say in words what the other reason is.")
    elif not said and (bare := [one for one in GENERAL if one in codes]):
        zh = f"“{bare[0].label}”须写明具体是哪一项，决定书据此载明理由"
        yield _problem(
            "opinion", "FIELD_REQUIRED", zh, f"{bare[0]}: say in words which; the letter gives it as ground."
        )


def unasked_health(kind: Kind, law: Law) -> frozenset[Reason]:
    """The reasons of health that no reviewer of this kind may name: the law asks for no proof, or the form for none.

    A change is a report (条例 9): whoever names her health there is judged by it as little as by a proof.
    """
    health = kind is not Kind.CHANGE and "healthStatus" in field_names(form_of(kind))
    proofs = frozenset[Reason]() if law.examined(kind) else frozenset(PROOFS_OF_HEALTH)
    return proofs if health else proofs | {Reason.HEALTH_UNCLEAR, Reason.HEALTH_UNFIT}


def _kind_problems(step: Step, kind: Kind | None, codes: Collection[str], law: Law) -> Iterator[FieldProblem]:
    if kind is None:
        return
    if step is not Step.REJECT:
        for reason in (one for one in unasked_health(kind, law) if one in codes):
            zh = f"{KINDS[kind].title.zh}不要求健康体检，“{reason.label}”不能作为原因"
            yield _problem("reasons", "REASON_NOT_FOR_KIND", zh, f"{kind} asks for no health examination: {reason}.")
        return
    known = [Reason(code) for code in codes if code in REASONS and step in REASONS[Reason(code)].steps]
    report = f"变更注册是报告事项（{law.article(LawSubject.CHANGE_ARTICLE)}），" if kind is Kind.CHANGE else ""
    for reason in (one for one in known if one not in law.refusals(kind)):
        zh = f"{report}“{reason.label}”不能作为不予{KINDS[kind].title.zh}的原因"
        yield _problem("reasons", "REASON_NOT_FOR_KIND", zh, f"{kind} is not refused for {reason}.")


def _mark_problems(
    step: Step,
    codes: Collection[str],
    marked: Collection[str],
    markable: Collection[str],
    materials: Collection[MaterialMark],
) -> Iterator[FieldProblem]:
    path, rules = "markedFields", [REASONS[Reason(code)] for code in codes if code in REASONS]
    if step in _BACK and not (marked or materials):
        yield _problem(path, "FIELD_REQUIRED", "请标注需更正的填报项或材料", "Mark fields or materials to correct.")
    for field in marked:
        title = title_zh(field)
        if step not in _BACK:
            yield _problem(
                path,
                "MARK_NOT_FOR_STEP",
                f"该操作不能标注“{title}”",
                f"{step} marks no field: {field}.",
            )
        elif field == UNNAMED:
            yield _problem(path, "FIELD_UNKNOWN", "申请材料请逐项标注", "Mark materials one by one, by their codes.")
        elif field not in markable:
            yield _problem(path, "FIELD_UNKNOWN", f"没有“{title}”这一填报项", f"The form has no field {field}.")
        elif not any(rule.may_mark(field) for rule in rules):
            yield _problem(
                path,
                "MARK_WITHOUT_REASON",
                f"所选原因与“{title}”无关，请选择对应的原因",
                f"No reason marks {field}.",
            )
    for rule in rules if step in _BACK and (marked or materials) else ():
        of_material = any(one.reason is rule.code for one in materials)
        if not of_material and not any(rule.may_mark(field) for field in marked):
            yield _problem(
                "reasons",
                "REASON_WITHOUT_MARK",
                f"“{rule.code.label}”没有标注填报项或材料",
                f"{rule.code} marks nothing.",
            )


def _material_problems(materials: Sequence[MaterialMark], listed: Mapping[str, Words]) -> Iterator[FieldProblem]:
    path, codes = "markedMaterials", [one.code for one in materials]
    for place, one in enumerate(materials):
        if one.code not in listed:
            titles = "、".join(f"{title.zh}“{code}”" for code, title in listed.items())
            known = ", ".join(listed)
            zh = f"本业务没有材料“{one.code}”，可标注：{titles or '无'}"
            yield _problem(path, "MATERIAL_UNKNOWN", zh, f"The list has no {one.code}; it has: {known or 'nothing'}.")
            continue
        title = listed[one.code]
        if one.code in codes[:place]:
            yield _problem(path, "MARKED_TWICE", f"材料“{title.zh}”标注了两次", f"{one.code} is marked twice.")
        if not REASONS[one.reason].may_mark_material(one.code):
            zh = f"原因“{one.reason.label}”与材料“{title.zh}”无关，请选择对应的原因"
            yield _problem(path, "MARK_WITHOUT_REASON", zh, f"{one.reason} does not mark {one.code}.")
        unsaid = Words(f"请说明材料“{title.zh}”需要如何更正", f"Say in words what is wrong with {one.code}.")
        yield from text_problems(path, one.note, LONGEST_NOTE, needed=one.reason.unlisted, missing=unsaid, allowed="")


def _problem(path: str, code: str, zh: str, en: str) -> FieldProblem:
    return FieldProblem(path, code, Words(zh, en))


def require_words_for_no(opinion: str | None, *, agrees: bool) -> None:
    """Refuse an opinion against (审查意见：不同意) without words: whoever decides must know what speaks against it."""
    if not agrees and not (opinion or "").strip():
        zh, en = "审查意见为不同意的，请说明理由", "Say in words what speaks against it."
        raise Invalid(_problem("opinion", "FIELD_REQUIRED", zh, en))


def require_words_against(opinion: str | None, *, overruled: bool) -> None:
    """Refuse an approval against the reviewer's opinion (审查意见) that does not say in words why."""
    if overruled and not (opinion or "").strip():
        zh, en = (
            "审查意见为不同意，作出同意决定的，请说明理由",
            "The reviewer advised against it: say in words why you approve.",
        )
        raise Invalid(_problem("opinion", "FIELD_REQUIRED", zh, en))


def require_news(application: Application, account_id: UUID, *, agrees: bool) -> None:
    """Refuse an opinion (审查意见) that its giver has given already, while nothing has happened since.

    Until it is decided she may change her mind: the other opinion is taken.
    """
    if application.recommended_by(account_id) and agrees is not application.recommended_against:
        raise NotAllowed("RECOMMENDED_ALREADY", _SAID)


_SAID: Final = Words(
    "您已提出相同的审查意见，此后该业务没有变化；改变意见的，请提出不同的意见",
    "You have said the same, and nothing has happened since: give the other opinion where you have changed your mind.",
)
