"""Units of an institution (科室病区), and the nurses of each as its ward head sees them: the shapes, and the lists."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sqlalchemy import any_

from db.read import scope
from db.read.listing import Listing
from db.read.shape import Many, One, Shape, global_id, plain
from db.read.standing import may_practise, standing
from db.read.viewer import Readers
from db.store.tables import account, nurse, registration
from db.store.tables_application import application
from db.store.tables_unit import pre_review, unit
from rules.people import Party, Role

_c: Final = unit.c
SHAPES: Final[Mapping[str, Shape]] = {
    "Unit": Shape(
        unit,
        _c.id,
        scope.units,
        {
            "id": _c.id,
            **plain(unit, "name", "kind", "department", "otherDepartment", "createdAt", "closedAt", "rowVersion"),
        },
        {"parent_id": _c.parent_id},
        links={"parent": One("Unit", "parent_id")},
    ),
    "UnitLimit": Shape(
        account.join(unit, _c.id == any_(account.c.unit_ids)),
        account.c.id,
        scope.accounts,
        plain(unit, "name"),
        {"unit_id": _c.id},
        newest_first=_c.id,
        links={"unit": One("Unit", "unit_id")},
    ),
    "WardNurse": Shape(
        nurse.join(registration, registration.c.nurse_id == nurse.c.id),
        nurse.c.id,
        scope.ward_nurses,
        {
            "id": nurse.c.id,
            **plain(nurse, "name", "department", "post", "title"),
            "standing": standing,
            "mayPractise": may_practise,
            "validUntil": registration.c.valid_until,
            "rowVersion": nurse.c.row_version,
        },
        {"unit_id": registration.c.unit_id},
        links={"unit": One("Unit", "unit_id"), "applications": Many("WardApplication", "id")},
    ),
    "WardApplication": Shape(
        application,
        application.c.nurse_id,
        scope.ward_applications,
        {
            "applicationId": global_id("Application", application.c.id),
            **plain(application, "kind", "state", "version", "submittedAt"),
        },
        {"application_key": application.c.id},
        newest_first=application.c.id,
        links={"preReviews": Many("PreReview", "application_key")},
    ),
    "PreReview": Shape(
        pre_review.outerjoin(account, account.c.id == pre_review.c.account_id),
        pre_review.c.application_id,
        scope.pre_reviews,
        {**plain(pre_review, "revision", "confirmed", "note", "at"), "by": account.c.display_name},
        newest_first=pre_review.c.id,
    ),
}
LISTINGS: Final[Mapping[str, Listing]] = {
    "units": Listing(
        "Unit",
        unit,
        lambda viewer, *_: scope.units(viewer),
        _c.id,
        {"name": _c.name},
        (("name", False),),
        arguments={"onlyOpen": (_c.closed_at.is_(None), "eq")},
    ),
    "wardNurses": Listing(
        "WardNurse",
        SHAPES["WardNurse"].source,
        lambda viewer, *_: scope.ward_nurses(viewer),
        nurse.c.id,
        {"nameOrder": nurse.c.name_order, "validUntil": registration.c.valid_until},
        (("nameOrder", False),),
        {"standing": standing, "unit": registration.c.unit_id, "nurseName": nurse.c.name},
        readers=Readers((Party.INSTITUTION,), (Role.WARD_HEAD, Role.OPERATOR, Role.VIEWER)),
    ),
}
