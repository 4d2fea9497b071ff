"""What the nurse does to her application: file it, answer what was marked, take it back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from db import application as applications
from db import registration
from rules.errors import FieldProblem, Invalid, Words
from rules.form import Form, answer, check, form_to_json
from rules.kinds import Kind, form_from_json, kind_of
from workflow.case import Case
from workflow.review import acceptance, require_eligible


async def submit(case: Case) -> None:
    """The nurse files her draft (提交); her institution sees it at once (N18, I16)."""
    tx, application = case.tx, case.application
    form = case.order.form or form_from_json(application.kind, application.form)
    _same_kind(application.kind, form)
    entry = await registration.lock(tx, application.nurse_id)
    check(form, tx.today)
    await require_eligible(case, entry, form, tx.today)
    case.values = {
        "institution_id": entry.registration.institution_id,
        "certificate_number": entry.registration.certificate_number,
        "submitted_at": tx.now,
        "queued_at": tx.now,
        **await _revise(case, form),
    }


async def resubmit(case: Case) -> None:
    """The nurse answers what was marked (重新提交); only those fields are open."""
    case.values = {"queued_at": case.tx.now, **await _answer(case)}


async def supplement(case: Case) -> None:
    """The corrections asked for are supplied (补正); the application counts as accepted."""
    case.values = {**await _answer(case), **await acceptance(case)}


async def _answer(case: Case) -> dict[str, Any]:
    application = case.application
    if case.order.form is None:
        raise Invalid(FieldProblem("form", "REQUIRED", Words("请填写需要更正的内容", "Answer the marked fields.")))
    _same_kind(application.kind, case.order.form)
    old = form_from_json(application.kind, application.form)
    changed = answer(old, application.marked_fields, case.order.form, case.order.confirmed_fields)
    check(case.order.form, case.tx.today, only=case.application.marked_fields)
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
