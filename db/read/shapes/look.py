"""Looks at somebody's data (查阅), complaints about one, and the audit trail of an area: the shapes, and the lists."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import ColumnElement, Text, case, cast, func, literal, select

from db.read import scope
from db.read.listing import Listing, Owner
from db.read.look import FILE, NOTE, kind_of, place_name
from db.read.shape import NEVER_CHANGED, One, Shape, global_id, plain
from db.read.viewer import NURSES, Readers, Visibility
from db.store.tables import account, audit, nurse
from db.store.tables_look import investigation, look_complaint
from rules.audit import require_period
from rules.people import Party, Role
from rules.ticket import FileKind

_c: Final = look_complaint.c
_i: Final = investigation.c
_opener, _second = account.alias("opener"), account.alias("second")
_withheld = audit.alias("withheld")
_INVESTIGATION: Final = investigation.join(_opener, _opener.c.id == _i.opened_by).outerjoin(
    _second, _second.c.id == _i.confirmed_by
)
_NOT_YET: Final = (
    select(func.count())
    .where(
        *(_withheld.c.place_id == _i.authority_id, _withheld.c.at >= _i.opened_at),
        _withheld.c.detail.op("->>", return_type=Text())(literal("investigation", Text())) == cast(_i.id, Text()),
        *(_withheld.c.nurse_id.is_not(None), _withheld.c.withheld_until >= func.current_date()),
    )
    .correlate(investigation)
    .scalar_subquery()
)
_OFFICER: Final = look_complaint.join(account, account.c.id == _c.officer_id).join(nurse, nurse.c.id == _c.nurse_id)
_ENTRY: Final = audit.outerjoin(account, account.c.id == audit.c.account_id).outerjoin(
    nurse, nurse.c.id == audit.c.nurse_id
)
_FILE: Final = case((FILE.in_(sorted(FileKind)), FILE))
_LOOK: Final[Mapping[str, ColumnElement[Any]]] = {
    "kind": kind_of(audit),
    "note": NOTE,
    "file": _FILE,
    "placeName": place_name(audit),
}
SHAPES: Final[Mapping[str, Shape]] = {
    "Look": Shape(
        audit,
        audit.c.id,
        scope.looks,
        {"id": audit.c.id, "rowVersion": NEVER_CHANGED, **plain(audit, "at", "purpose", "party", "roles"), **_LOOK},
    ),
    "LookComplaint": Shape(
        _OFFICER,
        _c.id,
        scope.look_complaints,
        {
            "id": _c.id,
            "lookId": global_id("Look", _c.look_id),
            **plain(look_complaint, "state", "lookedAt", "purpose", "party", "roles", "words", "createdAt"),
            **plain(look_complaint, "upheld", "answer", "answeredAt", "version", "rowVersion"),
            "kind": kind_of(look_complaint),
            "placeName": place_name(look_complaint),
            "nurseName": nurse.c.name,
            "officerName": account.c.display_name,
            "officerUserName": account.c.user_name,
        },
        {"authority_id": _c.authority_id},
        {"officerName": Visibility.STAFF, "officerUserName": Visibility.STAFF},
        links={"authority": One("Authority", "authority_id")},
    ),
    "Investigation": Shape(
        _INVESTIGATION,
        _i.id,
        scope.investigations,
        {
            "id": _i.id,
            **plain(investigation, "caseNumber", "legalGround", "withheldUntil", "openedAt", "confirmedAt", "version"),
            "rowVersion": _i.row_version,
            "openedByName": _opener.c.display_name,
            "confirmedByName": _second.c.display_name,
            "withheldLooks": _NOT_YET,
        },
        {"authority_id": _i.authority_id},
        links={"authority": One("Authority", "authority_id")},
    ),
    "AuditEntry": Shape(
        _ENTRY,
        audit.c.id,
        scope.audit_entries,
        {
            **plain(audit, "at", "action", "purpose", "party", "roles", "withheldUntil"),
            **_LOOK,
            "officerName": account.c.display_name,
            "officerUserName": account.c.user_name,
            "nurseName": nurse.c.name,
            "idNumberMasked": nurse.c.id_number_masked,
            "memberCount": func.coalesce(func.cardinality(audit.c.members), 0),
        },
        {"nurse_id": audit.c.nurse_id},
        links={"nurse": One("Nurse", "nurse_id")},
    ),
}
LISTINGS: Final[Mapping[str, Listing]] = {
    "looks": Listing(
        "Look",
        audit,
        lambda viewer, *_: scope.looks(viewer),
        audit.c.id,
        {"at": audit.c.at},
        (("at", True),),
        readers=NURSES,
    ),
    "lookComplaints": Listing(
        "LookComplaint",
        _OFFICER,
        lambda viewer, *_: scope.look_complaints(viewer),
        _c.id,
        newest_first=True,
        filters={"state": _c.state},
    ),
    "investigations": Listing(
        "Investigation",
        _INVESTIGATION,
        lambda viewer, *_: scope.investigations(viewer),
        _i.id,
        newest_first=True,
        readers=Readers((Party.AUTHORITY,), (Role.DECIDER, Role.SUPERVISOR)),
    ),
    "auditEntries": Listing(
        "AuditEntry",
        _ENTRY,
        scope.audit_within,
        audit.c.id,
        {"at": audit.c.at},
        (("at", True),),
        {name: audit.c[name] for name in ("action", "purpose", "party")} | {"account": audit.c.account_id},
        {"since": (audit.c.at, "gte"), "until": (audit.c.at, "lt")},
        Owner("within", ("Institution", "Authority", "Nurse")),
        readers=Readers((Party.AUTHORITY,), (Role.SUPERVISOR,)),
        judge=lambda given: require_period(given["since"], given["until"]),
        kept="audit.read",
    ),
}
