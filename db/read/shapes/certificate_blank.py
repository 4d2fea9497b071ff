"""Blank certificates (空白证书) and the stock of each authority: the shapes, and the lists of both."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sqlalchemy import ColumnElement, func, literal, select

from db.read import scope
from db.read.certificate_blank import SOURCE, STATE
from db.read.listing import Listing, Owner
from db.read.shape import One, Shape, plain
from db.read.viewer import Readers
from db.store.tables import authority
from db.store.tables_certificate import certificate, certificate_blank
from rules.certificate_blank import BlankState
from rules.people import Party

_b: Final = certificate_blank.c


def _counted(*states: BlankState) -> ColumnElement[int]:
    query = select(func.count()).select_from(SOURCE).where(_b.authority_id == authority.c.id)
    query = query.where(STATE.in_(literal(one.value) for one in states)) if states else query
    return query.correlate(authority).scalar_subquery()


SHAPES: Final[Mapping[str, Shape]] = {
    "CertificateBlank": Shape(
        SOURCE,
        _b.id,
        scope.certificate_blanks,
        {
            "id": _b.id,
            "state": STATE,
            **plain(certificate_blank, "number", "rowVersion", "receivedAt", "printedAt", "spoilReason", "spoilNote"),
            **plain(certificate_blank, "spoiledAt", "collector", "proxyName", "proxyDocumentLast4", "postalNumber"),
            **plain(certificate_blank, "handedOutAt"),
            "certificateNumber": certificate.c.number,
            "serial": certificate.c.serial,
            "issuedOn": certificate.c.issued_on,
        },
        {"authority_id": _b.authority_id, "nurse_id": certificate.c.nurse_id},
        links={"authority": One("Authority", "authority_id"), "nurse": One("Nurse", "nurse_id")},
    ),
    "CertificateStock": Shape(
        authority,
        authority.c.id,
        scope.stocks,
        {
            "received": _counted(),
            "free": _counted(BlankState.FREE),
            "printed": _counted(BlankState.PRINTED),
            "handedOut": _counted(BlankState.HANDED_OUT),
            "spoiled": _counted(BlankState.SPOILED),
            "void": _counted(BlankState.VOID),
        },
        {"authority_id": authority.c.id},
        links={"authority": One("Authority", "authority_id")},
    ),
}
_OFFICERS: Final = Readers(parties=(Party.AUTHORITY,))
LISTINGS: Final[Mapping[str, Listing]] = {
    "certificateBlanks": Listing(
        "CertificateBlank",
        SOURCE,
        scope.blanks_within,
        _b.id,
        {"number": _b.number},
        (("number", False),),
        {"number": _b.number, "state": STATE, "certificateNumber": certificate.c.number},
        owner=Owner("within", ("Authority",)),
        readers=_OFFICERS,
    ),
    "certificateStocks": Listing(
        "CertificateStock",
        authority,
        lambda viewer, *_: scope.stocks(viewer),
        authority.c.id,
        {"code": authority.c.code},
        (("code", False),),
        readers=_OFFICERS,
    ),
}
