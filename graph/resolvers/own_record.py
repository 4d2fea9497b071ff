"""Getting a ticket for all that the register holds about a nurse."""

from __future__ import annotations

from typing import Final

from graph.context import Context
from graph.resolvers.mutation import Fields, Mutation
from graph.schema.node import key_of
from graph.schema.own_record import RecordTicketCreateForRelativeInput, RecordTicketCreateInput
from graph.schema.ticket import FILES, DownloadTicketPayload
from rules.relative import RelativeClaim
from rules.ticket import OWN_FILES
from workflow import own_record as workflow
from workflow.own_record import RecordTicketCreate, RecordTicketCreateForRelative
from workflow.ticket import Ticket


async def _own(context: Context, input: RecordTicketCreateInput) -> Fields:
    given = OWN_FILES[input.format], input.password
    return _shown(await workflow.create_own(context.db, context.services.passwords, context.signed_in, *given))


async def _relative(context: Context, input: RecordTicketCreateForRelativeInput) -> Fields:
    texts = (input.relative_name, input.document_last4, input.proof, input.case_note)
    claim = RelativeClaim(input.relation, *texts, papers_seen=input.papers_seen)
    key = key_of("Nurse", input.nurse_id)
    return _shown(await workflow.create_for_relative(context.db, context.signed_in, key, claim))


def _shown(ticket: Ticket) -> Fields:
    return {"ticket": ticket.token, "url": FILES, "expires_at": ticket.expires_at}


MUTATIONS: Final = (
    Mutation(
        RecordTicketCreate,
        RecordTicketCreateInput,
        DownloadTicketPayload,
        "Get a ticket for all that the register holds about you (个人信息查阅、复制): masked for nobody, who looked at "
        "you included; with the password given again, each form once in 24 hours.",
        _own,
        secret=True,
    ),
    Mutation(
        RecordTicketCreateForRelative,
        RecordTicketCreateForRelativeInput,
        DownloadTicketPayload,
        "Get a ticket for the record of a deceased nurse (近亲属查阅), for a near relative at the desk of her "
        "注册机关: who asked, on which proof and for what is kept.",
        _relative,
    ),
)
