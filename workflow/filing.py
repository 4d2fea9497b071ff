"""What the nurse does to her application: file it, answer what was marked, take it back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from db import application as applications
from db import eligibility, registration
from rules.errors import FieldProblem, Invalid, Words
from rules.escalation import PICK_ANOTHER
from rules.form import Form, answer, check, form_to_json
from rules.kinds import Kind, form_from_json, kind_of
from rules.moves import CLAIMED_KINDS
from rules.people import Party
from rules.reasons import MATERIALS
from rules.registration import Registration
from rules.target import require_no_target, require_target
from workflow.case import Case
from workflow.eligibility import require_eligible
from workflow.material import require_handed_in
from workflow.review import acceptance


async def submit(case: Case) -> None:
    """The nurse files her draft (提交); her institution sees it at once (N18, I16)."""
    tx, application = case.tx, case.application
    form = case.order.form or form_from_json(application.kind, application.form)
    _same_kind(application.kind, form)
    entry = await registration.lock(tx, application.nurse_id)
    check(form, tx.today)
    address = _address(case, entry.registration)
    await require_eligible(case, entry, form, tx.today, address["institution_id"])
    await require_handed_in(case, address["institution_id"])
    case.values = {
        **address,
        "certificate_number": entry.registration.certificate_number,
        "submitted_at": tx.now,
        "queued_at": tx.now,
        **await _revise(case, form),
    }


def _address(case: Case, entry: Registration) -> dict[str, Any]:
    """Who has it next: where she is, where she wants to go (or nobody yet), for a new certificate the authority."""
    kind, named = case.application.kind, case.order.given
    if kind in CLAIMED_KINDS:
        return {"institution_id": named.get("institution_id", case.application.institution_id)}
    require_no_target(kind, named.get("institution_id"))
    if kind is Kind.REISSUE:
        return {"institution_id": None, "authority_id": entry.authority_id, "forwarded_at": case.tx.now}
    return {"institution_id": entry.institution_id}


async def resubmit(case: Case) -> None:
    """The nurse answers what was marked (重新提交); only those fields are open."""
    case.values = {"queued_at": case.tx.now, **await _answer(case), **await _readdress(case)}


async def _readdress(case: Case) -> dict[str, Any]:
    """Another institution, where she picks one: the one that returned it may be gone."""
    if "institution_id" not in case.order.given:
        return {}
    target_id = case.order.given["institution_id"]
    if case.application.kind not in CLAIMED_KINDS:
        require_no_target(case.application.kind, target_id)
        return {}
    if target_id is not None:
        require_target(await eligibility.target_state(case.tx, target_id))
    return {"institution_id": target_id}


async def supplement(case: Case) -> None:
    """The corrections asked for are supplied (补正); the application counts as accepted."""
    case.values = {**await _answer(case), **await acceptance(case)}


async def _answer(case: Case) -> dict[str, Any]:
    application = case.application
    if case.order.form is None:
        raise Invalid(FieldProblem("form", "REQUIRED", Words("请填写需要更正的内容", "Answer the marked fields.")))
    _same_kind(application.kind, case.order.form)
    old = form_from_json(application.kind, application.form)
    # Whoever names an institution has answered that mark; to confirm it leaves the choice to whoever claims it.
    answered = {PICK_ANOTHER} if "institution_id" in case.order.given else set()
    marked = [name for name in application.marked_fields if name not in answered]
    changed = answer(old, marked, case.order.form, case.order.confirmed_fields)
    check(case.order.form, case.tx.today, only=marked)
    # What others filed for her came on paper: files can be handed in only where the materials were marked.
    if case.application.filed_by is Party.NURSE or MATERIALS in case.application.marked_fields:
        await require_handed_in(case)
    return await _revise(case, case.order.form, changed)


async def _revise(case: Case, form: Form, changed: Sequence[str] = ()) -> dict[str, Any]:
    """Keep the form as a revision of its own."""
    revision, filled = case.application.revision + 1, form_to_json(form)
    application_id, by = case.application.id, case.actor.account_id
    await applications.insert_revision(
        case.tx, application_id=application_id, revision=revision, form=filled, changed=changed, by=by
    )
    return {"form": filled, "revision": revision, "marked_fields": []}


def _same_kind(kind: Kind, form: Form) -> None:
    if kind_of(form) is not kind:
        raise Invalid(FieldProblem("form", "OTHER_KIND", Words("表单与业务类型不符", "The form is of another kind.")))


async def withdraw(case: Case) -> None:
    """Whoever filed the application takes it back (撤回)."""
    case.values = {"decided_at": case.tx.now}
