"""Undoing the merge of two records (撤销合并档案): what forbids it, and what is left with the record that was kept."""

from __future__ import annotations

from dataclasses import dataclass, replace

from rules.errors import NotAllowed
from rules.record_merge import refusal
from rules.registration import Registration


@dataclass(frozen=True, slots=True)
class Since:
    """The facts since a merge that forbid to undo it."""

    application_filed: bool
    registered_by_its_exam: bool
    document_corrected: bool


def require_undoable(since: Since) -> None:
    """Refuse to undo a merge on which something has been built since, with what is to be done first."""
    if since.application_filed:
        raise refusal(
            "UNMERGE_APPLICATION_OPEN",
            "合并后提交的业务正在办理，请先办结或撤回，再撤销合并",
            "An application filed since the merge is open: decide or withdraw it first.",
        )
    if since.registered_by_its_exam:
        raise refusal(
            "UNMERGE_REGISTERED_SINCE",
            "合并后已凭并入档案的考试成绩注册，请先撤销该注册决定，再撤销合并",
            "She was registered since by the other record's examination: undo that decision first.",
        )
    if since.document_corrected:
        raise refusal(
            "UNMERGE_DOCUMENT_CORRECTED",
            "合并后两份档案的证件号码已互换，请先将证件号码更正回原号码，再撤销合并",
            "The documents of both records were exchanged since: correct the number back first.",
        )


def nothing_merged() -> NotAllowed:
    """The refusal to undo what is not there."""
    return refusal(
        "NOTHING_MERGED", "该档案没有可撤销的合并", "No other record was merged into this one, or it was undone."
    )


def unmerged(now: Registration, before: Registration, after: Registration) -> Registration:
    """The registration of the kept record once a merge is undone.

    What the merge brought goes (`before` it, `after` it); what has changed since stays.
    """
    first = before.first_registered_on if now.first_registered_on == after.first_registered_on else None
    bar = before.bar_until if now.bar_until == after.bar_until else now.bar_until
    return replace(now, first_registered_on=first or now.first_registered_on, bar_until=bar)
