"""Lists of places and people."""

from __future__ import annotations

from typing import Annotated

import strawberry

from graph.schema.account import Account
from graph.schema.page import Connection, Taken, listed
from graph.schema.place import Authority

Parent = Annotated[
    strawberry.ID | None, strawberry.argument(description="Whose children, by global id; the nation unless told.")
]


@strawberry.type
class DirectoryQuery:
    """Looking."""

    authorities = listed(
        "authorities",
        Connection[Authority],
        "The authorities right below one (A9), by code; for institutions and authorities.",
        parent=Taken(Parent),
    )
    staff = listed(
        "staff", Connection[Account], "The accounts of your institution or authority (用户管理), by user name."
    )
