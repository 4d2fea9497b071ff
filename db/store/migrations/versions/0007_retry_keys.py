"""Retry keys bear the name of their mutation: those of the last seven days are still found under it."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

RENAMED = {
    "CREATE_DRAFT": "applicationCreateDraft",
    "SUBMIT": "applicationSubmit",
    "RETURN": "applicationReturn",
    "RESUBMIT": "applicationResubmit",
    "FORWARD": "applicationForward",
    "DECLINE": "applicationDecline",
    "REQUIRE_CORRECTION": "applicationRequireCorrection",
    "SUPPLEMENT": "applicationSupplement",
    "ACCEPT": "applicationAccept",
    "REFUSE_INTAKE": "applicationRefuseIntake",
    "RECOMMEND": "applicationRecommend",
    "APPROVE": "applicationApprove",
    "REJECT": "applicationReject",
    "HOLD": "applicationHold",
    "RESUME": "applicationResume",
    "EXTEND": "applicationExtend",
    "WITHDRAW": "applicationWithdraw",
    "OBJECT": "applicationObject",
    "ANSWER_OBJECTION": "applicationAnswerObjection",
    "TAKE": "applicationTake",
    "PUT_BACK": "applicationPutBack",
    "REASSIGN": "applicationReassign",
    "REJECT_CLAIM": "applicationRejectClaim",
    "ESCALATE": "applicationEscalate",
    "TRANSFER": "applicationTransfer",
    "void.propose": "voidPropose",
}


def upgrade() -> None:
    """Rename them."""
    _rename(RENAMED)


def downgrade() -> None:
    """Give them their old names again."""
    _rename({new: old for old, new in RENAMED.items()})


def _rename(names: dict[str, str]) -> None:
    rows = ", ".join(f"('{old}', '{new}')" for old, new in names.items())
    op.execute(f"UPDATE idempotency SET mutation = new FROM (VALUES {rows}) AS named(old, new) WHERE mutation = old")
