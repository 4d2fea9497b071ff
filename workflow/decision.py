"""An authority's decision (决定, A4): a reviewer's opinion before it, then agreed, or refused with reasons."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

from db import eligibility, material
from db import ending as endings
from rules.application import Application, Step
from rules.errors import FieldProblem, Together
from rules.form import field_names
from rules.institution import InstitutionState
from rules.kinds import Kind, form_from_json, form_of
from rules.material import ChecklistItem, require_originals, require_proof
from rules.moves import CLAIMED_KINDS
from rules.review import require_news, require_words_against, require_words_for_no
from workflow.application_step import OpinionStep, ReasonsStep, barred_until, case, entry, law_filed_under
from workflow.approval import enter
from workflow.case import Case
from workflow.companion import companion_of, follow
from workflow.eligibility import Grounds, grounds, require_eligible
from workflow.information_carry import carry
from workflow.photo import take_effect
from workflow.step import Lock, Underway, read


@read()
async def papers(step: Underway[ApplicationRecommend | ApplicationApprove]) -> list[ChecklistItem]:
    """The materials that were asked for: nobody agrees to what nobody has seen, whichever way it was taken in."""
    return await material.checklist(step.tx, step[case].application.id)


def _require_seen(step: Underway[ApplicationRecommend | ApplicationApprove]) -> None:
    """Refuse to agree while an original that is asked for was not seen: by silence and by 补正 it came in without."""
    application = step[case].application
    require_originals(step[papers], application.filed_by)


@dataclass(frozen=True, slots=True, repr=False, kw_only=True)
class ApplicationRecommend(OpinionStep):
    """A reviewer's opinion (审查意见), for the one who decides."""

    agrees: bool
    step = Step.RECOMMEND
    reads = (case, papers)
    writes = frozenset({"application", "review_decision"})

    async def effect(self, step: Underway[ApplicationRecommend], moving: Case) -> None:
        """Keep it, with who gave it."""
        require_news(moving.application, moving.actor.account_id, agrees=self.agrees)
        require_words_for_no(self.opinion, agrees=self.agrees)
        if self.agrees:
            _require_seen(step)
        await moving.decide("AUTHORITY_REVIEW", "AGREED" if self.agrees else "REFUSED", opinion=self.opinion)
        given = {"recommended_against": not self.agrees, "recommended_version": moving.version}
        moving.values = {"recommender_id": moving.actor.account_id, "answering_id": None, **given}


@read(Lock.APPLICATION)
async def companion(step: Underway[ApplicationApprove]) -> Application | None:
    """The renewal that stands open beside a change, held before the nurse is; None for other kinds."""
    return await companion_of(step.tx, step[case].application)


@read(Lock.APPLICATION)
async def under_way(step: Underway[ApplicationApprove]) -> None:
    """All that is under way for a nurse whose registration ends, held before she is."""
    application = step[case].application
    if application.kind is Kind.DEREGISTRATION:
        await endings.lock_open(step.tx, application.nurse_id)


@read(Lock.PLACE)
async def place(step: Underway[ApplicationApprove]) -> InstitutionState | None:
    """The state of the institution that she comes to, kept until it is written; None where she comes to none."""
    application = step[case].application
    if application.kind not in CLAIMED_KINDS or application.institution_id is None:
        return None
    return await eligibility.lock_target(step.tx, application.institution_id)


@read()
async def decided_on(step: Underway[ApplicationApprove]) -> Grounds:
    """The facts on which it is decided."""
    application = step[case].application
    return await grounds(step.tx, application, application.institution_id)


@dataclass(frozen=True, slots=True, repr=False, kw_only=True)
class ApplicationApprove(OpinionStep):
    """An authority's agreement (同意, A4): the register changes and the history keeps why."""

    step = Step.APPROVE
    reads = (case, companion, under_way, entry, place, decided_on, papers)
    writes = frozenset(
        {
            *("application", "review_decision", "registration", "registration_history", "registration_span", "nurse"),
            *("certificate", "certificate_counter", "activation_code", "application_pause", "account", "delivery"),
            *("information_change", "photo"),
        }
    )

    def located(self, step: Underway[Self], problem: FieldProblem) -> FieldProblem:
        """The problem from the input, which has no form: a condition, or a field of the form, is the application's."""
        fields = {"kind", *field_names(form_of(step[case].application.kind))}
        return replace(problem, path="id") if problem.path in fields else problem

    async def effect(self, step: Underway[ApplicationApprove], moving: Case) -> None:
        """Enter it, where she is still eligible; an open renewal beside a change goes the same way."""
        application, tx = moving.application, step.tx
        form = form_from_json(application.kind, application.form)
        assert application.submitted_at is not None
        filed_on = tx.date_of(application.submitted_at)
        with Together() as each:
            each(lambda: require_eligible(application, step[entry], form, filed_on, step[decided_on]))
            each(lambda: require_proof(application.kind, application.form, step[papers]))
            each(lambda: _require_seen(step))
            each(lambda: require_words_against(self.opinion, overruled=application.overruled))
        await moving.decide("AUTHORITY_DECISION", "AGREED", opinion=self.opinion)
        after = await enter(moving, step[entry], form, step[place])
        moving.also += await carry(tx, step[entry], form.record(), moving.actor, after)
        moving.also += await take_effect(tx, step[entry], moving.actor)
        renewal = step[companion]
        if renewal is not None:
            await follow(moving, renewal, after)
        moving.values = {"decided_at": tx.now}


@dataclass(frozen=True, slots=True, repr=False, kw_only=True)
class ApplicationReject(ReasonsStep):
    """An authority's refusal (不同意, A4), with coded reasons."""

    step = Step.REJECT
    reads = (case, law_filed_under, barred_until)
    writes = frozenset({"application", "delivery", "registration", "review_decision"})

    async def effect(self, step: Underway[ApplicationReject], moving: Case) -> None:
        """End it, for these reasons."""
        await self.refuse(moving, "AUTHORITY_DECISION", "REFUSED", step[law_filed_under])
        await self.bar(step, moving)
        moving.values = {"decided_at": step.tx.now}
