"""The stock of blank certificates, and certificates that are handed out."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Annotated, Final
from uuid import UUID

import strawberry

from db import certificate_blank as blanks
from graph.context import Context
from graph.resolvers import mutation
from graph.resolvers.act import retry_key
from graph.resolvers.mutation import Fields, Input, Mutation
from graph.resolvers.shown import Shows
from graph.schema.certificate_blank import (
    BlankRangeInput,
    BlanksPayload,
    CertificateBlank,
    CertificateBlankSpoilInput,
    CertificateBlankSpoilPayload,
    CertificateBlanksUseInput,
    CertificatesHandOutInput,
    CertificatesHandOutWithdrawInput,
    CertificateStock,
    StockPayload,
)
from graph.schema.filter import CertificateBlankWhere
from graph.schema.node import keys_of
from graph.schema.page import Connection, Taken, listed
from workflow.certificate_blank import (
    CertificateBlankSpoil,
    CertificateBlanksReceive,
    CertificateBlanksRelease,
    CertificateBlanksUse,
    CertificateBlanksWithdraw,
    OfCertificates,
)
from workflow.hand_out import CertificatesHandOut, CertificatesHandOutWithdraw
from workflow.step import take

Where = Annotated[CertificateBlankWhere | None, strawberry.argument(description="Only blanks like these.")]
Within = Annotated[
    strawberry.ID | None,
    strawberry.argument(description="Only of this authority and all below it, by global id: of your own unless told."),
]


def _receive(input: BlankRangeInput) -> CertificateBlanksReceive:
    return CertificateBlanksReceive(input.first, input.last, idempotency_key=retry_key(input))


def _withdraw(input: BlankRangeInput) -> CertificateBlanksWithdraw:
    return CertificateBlanksWithdraw(input.first, input.last, idempotency_key=retry_key(input))


def _release(input: BlankRangeInput) -> CertificateBlanksRelease:
    return CertificateBlanksRelease(input.first, input.last, idempotency_key=retry_key(input))


def _spoil(input: CertificateBlankSpoilInput) -> CertificateBlankSpoil:
    return CertificateBlankSpoil(input.number, input.reason, input.note, idempotency_key=retry_key(input))


def _use(input: CertificateBlanksUseInput) -> CertificateBlanksUse:
    return CertificateBlanksUse(keys_of("Nurse", input.ids), input.first_number, idempotency_key=retry_key(input))


def _hand_out(input: CertificatesHandOutInput) -> CertificatesHandOut:
    proxy = (input.proxy_name, input.proxy_document_last4)
    how = (input.collector, *proxy, input.postal_number, input.at)
    return CertificatesHandOut(keys_of("Nurse", input.ids), *how, idempotency_key=retry_key(input))


def _hand_out_withdraw(input: CertificatesHandOutWithdrawInput) -> CertificatesHandOutWithdraw:
    return CertificatesHandOutWithdraw(keys_of("Nurse", input.ids), input.reason, idempotency_key=retry_key(input))


async def _blanks(context: Context, nurse_ids: Sequence[UUID]) -> list[CertificateBlank]:
    """The blanks that bear the certificates of nurses, in their order, read afresh."""
    async with context.db.read() as reader:
        found = await blanks.of_nurses(reader, nurse_ids)
    context.forget()
    shown = await asyncio.gather(*(context.load.one(CertificateBlank, found.get(key)) for key in nurse_ids))
    return [one for one in shown if one is not None]


def _of_list(
    command: type[OfCertificates], input: type[Input], description: str, wish: Callable[[Input], OfCertificates]
) -> Mutation[Input]:
    """The mutation of a step on a list of certificates, which shows their blanks."""

    async def carry(context: Context, given: Input) -> Fields:
        made = wish(given)
        await take(context.db, context.signed_in, made)
        return {"certificate_blanks": await _blanks(context, made.nurse_ids)}

    return Mutation(command, input, BlanksPayload, description, carry)


MUTATIONS: Final = (
    mutation.of(
        CertificateBlanksReceive,
        BlankRangeInput,
        StockPayload,
        "Enter blanks with consecutive numbers into the stock of your authority (空白证书入库). A number is in one "
        "stock of the country: where one of them is known already, none is entered.",
        _receive,
        Shows("CertificateStock"),
    ),
    mutation.of(
        CertificateBlanksWithdraw,
        BlankRangeInput,
        StockPayload,
        "Take back a receipt that was recorded by mistake (撤销入库), where all of the range are free.",
        _withdraw,
        Shows("CertificateStock"),
    ),
    _of_list(
        CertificateBlanksUse,
        CertificateBlanksUseInput,
        "Record the blanks on which certificates of your authority were printed (空白证书使用登记): all of the list, "
        "in its order, or none.",
        _use,
    ),
    mutation.of(
        CertificateBlanksRelease,
        BlankRangeInput,
        StockPayload,
        "Take back the record of use of blanks, where it was wrong (撤销使用登记) and nobody took the certificates "
        "yet: the blanks are free again.",
        _release,
        Shows("CertificateStock"),
    ),
    mutation.of(
        CertificateBlankSpoil,
        CertificateBlankSpoilInput,
        CertificateBlankSpoilPayload,
        "Record that a blank is spoiled (空白证书作废); the certificate that was on it can be printed on another one.",
        _spoil,
        Shows("CertificateBlank"),
    ),
    _of_list(
        CertificatesHandOut,
        CertificatesHandOutInput,
        "Record who took certificates, and when (领证登记): all of the list, or none. With a certificate the decision "
        "that granted it is delivered, where it was not yet (许可法 44).",
        _hand_out,
    ),
    _of_list(
        CertificatesHandOutWithdraw,
        CertificatesHandOutWithdrawInput,
        "Take back that certificates were taken, where it was recorded by mistake (撤销领证登记): all of the list, or "
        "none. The decisions that were delivered with them wait to be delivered again.",
        _hand_out_withdraw,
    ),
)


@strawberry.type
class CertificateBlankQuery:
    """Looking."""

    certificate_blanks = listed(
        "certificateBlanks",
        Connection[CertificateBlank],
        "The blank certificates of your authority and those below it (空白证书), in the order of their numbers.",
        where=Taken(Where),
        within=Taken(Within),
    )
    certificate_stocks = listed(
        "certificateStocks",
        Connection[CertificateStock],
        "How many blanks your authority and each below it have (空白证书库存): free, used, spoiled.",
    )
