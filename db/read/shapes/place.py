"""Institutions and authorities (医疗机构, 审批机关): the shapes, and the tree of authorities."""

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
from db.read.viewer import STAFF
from db.store.tables import (
    approval_setting,
    authority,
    institution,
)

SHAPES: Final[Mapping[str, Shape]] = {
    "Institution": Shape(
        institution,
        institution.c.id,
        scope.institutions,
        {"id": institution.c.id, **plain(institution, "code", "name", "state", "division")},
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
        {"id": authority.c.id, **plain(authority, "code", "name", "level")},
        {"parent_id": authority.c.parent_id},
        links={"parent": One("Authority", "parent_id")},
    ),
}

LISTINGS: Final[Mapping[str, Listing]] = {
    "authorities": Listing(
        "Authority",
        authority,
        scope.children,
        authority.c.id,
        {"code": authority.c.code},
        (("code", False),),
        owner=Owner("parent", ("Authority",)),
        readers=STAFF,
    ),
}
