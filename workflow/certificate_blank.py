"""The stock of blank certificates (空白证书): received, used, spoiled, and mistakes taken back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from db import audit
from db import certificate as certificates
from db import certificate_blank as blanks
from db.feed.event import Addressed
from rules.certificate_blank import (
    RECEIVED,
    RELEASED,
    SPOILED,
    USED,
    WITHDRAWN,
    Blank,
    Certificate,
    SpoilReason,
    blank_number,
    blank_range,
    known_already,
    require_certificates,
    require_first_free,
    require_keeper,
    require_releasable,
    require_spoilable,
    require_unprinted,
    require_withdrawable,
    spoil_note,
    stock_body,
)
from rules.errors import NotFound, Together
from rules.ticket import MOST, FileKind, require_list
from workflow.step import Command, Lock, Underway, read


@dataclass(frozen=True, slots=True, repr=False)
class CertificateBlanksReceive(Command):
    """An officer's word that blanks of a range of numbers came into stock (空白证书入库); gives her authority."""

    first: str
    last: str
    writes = frozenset({"certificate_blank"})

    async def take(self, step: Underway[CertificateBlanksReceive]) -> None:
        """Enter them all, or none where one is known anywhere in the country: a number is printed on one form only."""
        step.key = require_keeper(step.actor)
        numbers = blank_range(self.first, self.last)
        made = await blanks.receive(step.tx, step.key, numbers, step.actor.account_id)
        for number in numbers:
            if number not in made:
                raise known_already(number)
        _tell(step, RECEIVED, numbers)


@dataclass(frozen=True, slots=True, repr=False)
class BlankRange(Command):
    """An officer's word on the blanks of a range of numbers; gives her authority."""

    first: str
    last: str


@read(Lock.BLANK)
async def ranged(step: Underway[BlankRange]) -> list[Blank]:
    """The blanks of the range, locked."""
    step.key = require_keeper(step.actor)
    return await blanks.lock_range(step.tx, blank_range(step.command.first, step.command.last))


@dataclass(frozen=True, slots=True, repr=False)
class CertificateBlanksWithdraw(BlankRange):
    """An officer's word that a receipt was recorded by mistake (撤销入库)."""

    reads = (ranged,)
    writes = frozenset({"certificate_blank"})

    async def take(self, step: Underway[CertificateBlanksWithdraw]) -> None:
        """Take them out of the stock, where all are free still."""
        found = step[ranged]
        require_withdrawable(step.actor, found, len(blank_range(self.first, self.last)))
        await blanks.withdraw(step.tx, [one.id for one in found])
        _tell(step, WITHDRAWN, [one.number for one in found])


@dataclass(frozen=True, slots=True, repr=False)
class CertificateBlanksRelease(BlankRange):
    """An officer's word that the use of blanks was recorded by mistake (撤销使用登记)."""

    reads = (ranged,)
    writes = frozenset({"certificate_blank"})
    audited = False

    async def take(self, step: Underway[CertificateBlanksRelease]) -> None:
        """Make them free again, where nobody has taken the certificates yet."""
        found = step[ranged]
        require_releasable(step.actor, found, len(blank_range(self.first, self.last)))
        await blanks.release(step.tx, [one.id for one in found])
        _tell(step, RELEASED, [one.number for one in found])
        await record_each(step, {one.nurse_id: {"blank": one.id, **_borne(one)} for one in found if one.nurse_id})


@dataclass(frozen=True, slots=True, repr=False)
class OfCertificates(Command):
    """An officer's word on the certificates of nurses, one or a list in its order."""

    nurse_ids: tuple[UUID, ...]


@read(Lock.CERTIFICATE)
async def in_force(step: Underway[OfCertificates]) -> Mapping[UUID, Certificate]:
    """The certificates in force that her authority has issued to them, by nurse, locked."""
    authority_id = require_keeper(step.actor)
    return await certificates.lock_in_force(step.tx, authority_id, step.command.nurse_ids[:MOST])


def require_each(step: Underway[OfCertificates]) -> None:
    """Refuse a list that is none, and one in which somebody has no certificate in force of this authority."""
    require_list(FileKind.CERTIFICATE, step.command.nurse_ids)
    require_certificates(step.actor, step.command.nurse_ids, step[in_force])


@read(Lock.BLANK)
async def live(step: Underway[OfCertificates]) -> Mapping[UUID, Blank]:
    """The blanks that bear these certificates, by nurse, locked."""
    found = await blanks.lock_of(step.tx, [one.id for one in step[in_force].values()])
    return {one.nurse_id: one for one in found if one.nurse_id}


@dataclass(frozen=True, slots=True, repr=False)
class CertificateBlanksUse(OfCertificates):
    """An officer's word that certificates were printed on blanks from a number on (空白证书使用登记).

    The certificates are in the order of the list. What is not free is in no tray: it is passed over.
    """

    first_number: str
    reads = (in_force, live)
    writes = frozenset({"certificate_blank"})
    audited = False

    async def take(self, step: Underway[CertificateBlanksUse]) -> None:
        """Record which certificate is on which blank: all of the list, or none."""
        step.key = require_keeper(step.actor)
        found, wanted = step[in_force], len(self.nurse_ids)
        with Together() as each:
            first = each(lambda: blank_number("firstNumber", self.first_number))
            each(lambda: require_each(step))
            each(lambda: require_unprinted(self.nurse_ids, step[live]))
        free = await blanks.lock_free(step.tx, step.key, first, wanted)
        require_first_free(free, first, wanted, stocked=await blanks.is_stocked(step.tx, step.key, first))
        borne = {blank.id: found[nurse_id].id for blank, nurse_id in zip(free, self.nurse_ids, strict=True)}
        await blanks.use(step.tx, borne, step.actor.account_id)
        _tell(step, USED, [one.number for one in free])
        pairs = zip(free, self.nurse_ids, strict=True)
        await record_each(step, {key: {"blank": one.id, "certificate": found[key].id} for one, key in pairs})


@read(Lock.BLANK)
async def blank(step: Underway[CertificateBlankSpoil]) -> Blank:
    """The blank, locked."""
    require_keeper(step.actor)
    with Together() as each:
        number = each(lambda: blank_number("number", step.command.number))
        each(lambda: spoil_note(step.command.reason, step.command.note))
    found = await blanks.lock_range(step.tx, [number])
    if not found:
        raise NotFound
    return found[0]


@dataclass(frozen=True, slots=True, repr=False)
class CertificateBlankSpoil(Command):
    """An officer's word that a blank is spoiled (空白证书作废); gives the blank."""

    number: str
    reason: SpoilReason
    note: str | None = None
    reads = (blank,)
    writes = frozenset({"certificate_blank"})

    async def take(self, step: Underway[CertificateBlankSpoil]) -> None:
        """Record it; a certificate that was on it can be printed on another one."""
        found = step[blank]
        require_spoilable(step.actor, found)
        note = spoil_note(self.reason, self.note)
        await blanks.spoil(step.tx, found.id, self.reason, note, step.actor.account_id)
        step.key = found.id
        _tell(step, SPOILED, [found.number])
        step.nurse_id = found.nurse_id
        step.detail = {"blank": found.id, "reason": self.reason, **_borne(found)}


def _borne(one: Blank) -> dict[str, UUID]:
    return {} if one.certificate_id is None else {"certificate": one.certificate_id}


def _tell(step: Underway[Any], type: str, numbers: Sequence[str]) -> None:
    """The authority whose stock it is hears, and the audit trail has the range: a blank's number is nobody's secret."""
    authority_id = require_keeper(step.actor)
    body = stock_body(authority_id, numbers, step.actor.party)
    step.news.append(Addressed(authority_id, type, None, step.by, None, body))
    step.detail = {"first": numbers[0], "last": numbers[-1], "count": len(numbers)}


async def record_each(step: Underway[Any], details: Mapping[UUID, Mapping[str, Any]]) -> None:
    """One row of the audit trail a nurse, so that each trail has it; of a list it says how many there were."""
    deputy = step.actor.on_behalf_of
    more = {"onBehalfOf": deputy} if deputy else {}
    for nurse_id, detail in details.items():
        about = {**detail, "of": len(details), **more}
        await audit.record(step.tx, step.command.mutation(), step.by, about, nurse_id=nurse_id)
