"""The steps on institutions: what they take and what they answer."""

from __future__ import annotations

import strawberry

from graph.schema.place import Institution
from graph.schema.query import query_after
from graph.schema.step import IdempotentInput
from rules.identity import DocumentType
from rules.institution import InstitutionDocument
from rules.kinds import Kind

strawberry.enum(InstitutionDocument)


@strawberry.input
class ApprovalSettingInput:
    """The authority that decides on applications of one kind (审批机关设置, I6)."""

    kind: Kind = strawberry.field(description="业务类型.")
    authority: strawberry.ID = strawberry.field(
        description="审批机关: the licensing authority or one above it, by its global id."
    )


@strawberry.input
class InstitutionCreateInput(IdempotentInput):
    """A medical institution that comes to its authority for an account."""

    code: str = strawberry.field(description="统一社会信用代码 (GB 32100), checked.")
    name: str = strawberry.field(description="标准名称; no two institutions have the same.")
    division: str = strawberry.field(description="行政区划代码, six digits.")
    responsible_name: str = strawberry.field(description="医疗机构相关业务负责人: whose name it is.")
    responsible_phone: str = strawberry.field(description="预留手机号: user name and first password are sent there.")
    responsible_document_type: DocumentType = strawberry.field(
        default=DocumentType.RESIDENT_ID, description="证件类型 of the responsible person."
    )
    responsible_id_number: str = strawberry.field(
        description="证件号码 of the responsible person: kept sealed; a nurse is known by it, as all staff are."
    )
    documents_seen: list[InstitutionDocument] = strawberry.field(
        description="The documents seen on the spot: all three; a clinic on record (备案) has its record for a licence."
    )
    approval_settings: list[ApprovalSettingInput] = strawberry.field(
        default_factory=list, description="审批机关设置 to begin with; the institution may change them."
    )


@strawberry.input
class InstitutionStepInput(IdempotentInput):
    """One step on one institution."""

    id: strawberry.ID = strawberry.field(description="The institution's global id.")


@strawberry.input
class InstitutionSetNameInput(InstitutionStepInput):
    """A better standard name."""

    name: str = strawberry.field(description="标准名称; no two institutions have the same.")


@strawberry.input
class InstitutionReasonInput(InstitutionStepInput):
    """A step that is taken for a reason."""

    reason: str = strawberry.field(description="事由, up to 500 characters; kept in the audit trail.")


@strawberry.input
class InstitutionMergeInput(InstitutionReasonInput):
    """The other institution that takes over."""

    into: strawberry.ID = strawberry.field(
        description="并入的机构: by its global id; ACTIVE, and licensed on the same chain."
    )


@strawberry.input
class InstitutionReplaceManagerInput(InstitutionReasonInput):
    """Another manager of an institution, and those of its managers who leave."""

    responsible_name: str = strawberry.field(description="新任负责人: whose name it is.")
    responsible_phone: str = strawberry.field(description="预留手机号: user name and first password are sent there.")
    responsible_document_type: DocumentType = strawberry.field(
        default=DocumentType.RESIDENT_ID, description="证件类型 of the new manager."
    )
    responsible_id_number: str = strawberry.field(
        description="证件号码 of the new manager; an account of hers at this institution is opened afresh by it."
    )
    documents_seen: list[InstitutionDocument] = strawberry.field(
        description="The documents seen on the spot, all three as for a new institution."
    )
    leaving: list[strawberry.ID] = strawberry.field(
        default_factory=list,
        description="The managers who are shut out at once (停用), by global id, as `staff(within:)` shows them; "
        "the others keep their accounts.",
    )


@strawberry.interface
class InstitutionPayload:
    """The step was taken."""

    institution: Institution = strawberry.field(description="The institution as it stands now.")

    query = query_after("Anything else you want to read after the step.")
