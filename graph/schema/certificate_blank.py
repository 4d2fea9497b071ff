"""Blank certificates (空白证书) as the office that prints certificates keeps them."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import strawberry

from graph.schema.link import link
from graph.schema.node import Node
from graph.schema.nurse import Nurse
from graph.schema.place import Authority
from graph.schema.query import query_after
from graph.schema.step import IdempotentInput
from rules.certificate_blank import BlankState, SpoilReason
from rules.hand_out import Collector

strawberry.enum(BlankState)
strawberry.enum(SpoilReason)
strawberry.enum(Collector)


@strawberry.type
class CertificateBlank(Node):
    """A form with a pre-printed number (空白证书) on which one certificate is printed, or none."""

    number: str = strawberry.field(description="空白证书编号, as it is printed on the form.")
    state: BlankState = strawberry.field(
        description="FREE until it is used; VOID once the certificate on it is, also after it was handed out."
    )
    received_at: datetime = strawberry.field(description="入库时间.")
    certificate_number: str | None = strawberry.field(
        description="护士执业证书编号 of what it bears; of a SPOILED one, of what it was to bear."
    )
    serial: str | None = strawberry.field(description="证书序号: the certificate number with its issue.")
    issued_on: date | None = strawberry.field(description="发证日期.")
    printed_at: datetime | None = strawberry.field(description="When the certificate was recorded on it.")
    spoil_reason: SpoilReason | None = strawberry.field(description="作废原因.")
    spoil_note: str | None = strawberry.field(description="作废说明, in words.")
    spoiled_at: datetime | None = strawberry.field(description="作废时间.")
    collector: Collector | None = strawberry.field(description="领取人: herself, a proxy, or the post.")
    proxy_name: str | None = strawberry.field(description="代领人姓名.")
    proxy_document_last4: str | None = strawberry.field(description="代领人证件号码后4位.")
    postal_number: str | None = strawberry.field(description="邮件号, of what was posted.")
    handed_out_at: datetime | None = strawberry.field(description="领取时间.")
    authority_id: strawberry.Private[UUID]
    nurse_id: strawberry.Private[UUID | None]
    authority = link(Authority, "authority_id", "The authority that keeps it (发证机关).")
    nurse = link(Nurse, "nurse_id", "Whose certificate it bears, where you may read her record.")


@strawberry.type
class CertificateStock:
    """The blanks of an authority, counted (空白证书库存)."""

    received: int = strawberry.field(description="入库: all that are on record.")
    free: int = strawberry.field(description="未使用.")
    printed: int = strawberry.field(description="已打印，待领取.")
    handed_out: int = strawberry.field(description="已领取.")
    spoiled: int = strawberry.field(description="作废.")
    void: int = strawberry.field(description="所载证书已失效.")
    authority_id: strawberry.Private[UUID]
    authority = link(Authority, "authority_id", "Whose they are.")


@strawberry.input
class BlankRangeInput(IdempotentInput):
    """Blanks with consecutive numbers: the same letters, and as many digits."""

    first: str = strawberry.field(
        description="起号: up to 6 letters or Han characters and 4 to 12 digits; blanks, width and hyphens make no "
        "difference."
    )
    last: str = strawberry.field(description="止号, inclusive: at most 10,000 at once; the same as `first` for one.")


@strawberry.input
class CertificatesInput(IdempotentInput):
    """The certificates in force of nurses."""

    ids: list[strawberry.ID] = strawberry.field(
        description="The nurses, by global ids, in the order of the certificates: 1 to 500, each once. Where one "
        "cannot be, nothing is recorded, and the refusal names it by its place (`ids.3` is the fourth)."
    )


@strawberry.input
class CertificateBlanksUseInput(CertificatesInput):
    """The certificates that were printed, and from which blank on."""

    first_number: str = strawberry.field(
        description="空白证书编号 of the first: it must be free. The others follow on the next free ones of the same "
        "letters and digits, past what is used or spoiled."
    )


@strawberry.input
class CertificateBlankSpoilInput(IdempotentInput):
    """The blank that is spoiled, and why."""

    number: str = strawberry.field(description="空白证书编号.")
    reason: SpoilReason = strawberry.field(description="作废原因.")
    note: str | None = strawberry.field(
        default=None, description="作废说明, up to 200 characters; needed where the reason is OTHER."
    )


@strawberry.input
class CertificatesHandOutInput(CertificatesInput):
    """The certificates that were taken, by whom, and when."""

    collector: Collector = strawberry.field(description="领取人: one for the whole list.")
    proxy_name: str | None = strawberry.field(default=None, description="代领人姓名, for PROXY alone.")
    proxy_document_last4: str | None = strawberry.field(
        default=None, description="代领人证件号码后4位, for PROXY alone."
    )
    postal_number: str | None = strawberry.field(default=None, description="邮件号, for POST alone.")
    at: datetime | None = strawberry.field(default=None, description="领取时间; now unless told.")


@strawberry.input
class CertificatesHandOutWithdrawInput(CertificatesInput):
    """The certificates that were recorded as taken, and why that was wrong."""

    reason: str = strawberry.field(description="撤销原因, in words, up to 500 characters.")


@strawberry.interface
class StockPayload:
    """The step was taken."""

    certificate_stock: CertificateStock = strawberry.field(description="The stock of your authority as it stands now.")

    query = query_after("Anything else you want to read after the step.")


@strawberry.type
class CertificateBlankSpoilPayload:
    """The blank is spoiled."""

    certificate_blank: CertificateBlank = strawberry.field(description="The blank as it stands now.")

    query = query_after("Anything else you want to read after the step.")


@strawberry.interface
class BlanksPayload:
    """The step was taken."""

    certificate_blanks: list[CertificateBlank] = strawberry.field(
        description="The blanks that bear these certificates, in the order of the list, as they stand now."
    )

    query = query_after("Anything else you want to read after the step.")
