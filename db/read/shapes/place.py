"""Institutions and authorities (医疗机构, 审批机关): the shapes, the list to choose from, and the tree."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from db.read import scope
from db.read.listing import Listing, Owner
from db.read.shape import (
    Many,
    One,
    Shape,
    plain,
)
from db.store.tables import (
    approval_setting,
    authority,
    institution,
    institution_key,
)

SHAPES: Final[Mapping[str, Shape]] = {
    "Institution": Shape(
        institution,
        institution.c.id,
        scope.institutions,
        {"id": institution.c.id, **plain(institution, "code", "name", "state", "division", "rowVersion")},
        {"authority_id": institution.c.authority_id, "merged_into_id": institution.c.merged_into},
        links={
            "authority": One("Authority", "authority_id"),
            "mergedInto": One("Institution", "merged_into_id"),
            "approvalSettings": Many("ApprovalSetting", "id"),
        },
    ),
    "ApprovalSetting": Shape(
        approval_setting,
        approval_setting.c.institution_id,
        scope.approval_settings,
        plain(approval_setting, "kind", "setAt"),
        {"authority_id": approval_setting.c.authority_id},
        newest_first=approval_setting.c.kind,
        links={"authority": One("Authority", "authority_id")},
    ),
    "Authority": Shape(
        authority,
        authority.c.id,
        scope.authorities,
        {
            "id": authority.c.id,
            **plain(
                authority, "code", "name", "level", "twoPersons", "renewalWindowDays", "promisedDays", "rowVersion"
            ),
        },
        {"parent_id": authority.c.parent_id},
        links={"parent": One("Authority", "parent_id")},
    ),
}

LISTINGS: Final[Mapping[str, Listing]] = {
    "institutions": Listing(
        "Institution",
        institution,
        scope.institutions_to_choose,
        institution.c.id,
        {"name": institution.c.name, "code": institution.c.code},
        (("name", False),),
        {
            "namePart": institution_key,
            "code": institution.c.code,
            "division": institution.c.division,
            "state": institution.c.state,
        },
        owner=Owner("within", ("Authority",)),
    ),
    "authorities": Listing(
        "Authority",
        authority,
        scope.children,
        authority.c.id,
        {"code": authority.c.code},
        (("code", False),),
        owner=Owner("parent", ("Authority",)),
    ),
}
