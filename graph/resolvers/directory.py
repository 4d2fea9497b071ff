"""Lists of places and people."""

from __future__ import annotations

from typing import Annotated

import strawberry

from graph.schema.account import Account
from graph.schema.filter import InstitutionOrder, InstitutionWhere
from graph.schema.page import Connection, Taken, listed
from graph.schema.place import Authority, Institution

Parent = Annotated[
    strawberry.ID | None, strawberry.argument(description="Whose children, by global id; the nation unless told.")
]
Where = Annotated[InstitutionWhere | None, strawberry.argument(description="Only institutions like these.")]
OrderBy = Annotated[
    list[InstitutionOrder] | None, strawberry.argument(description="By which columns; by 标准名称 unless told.")
]
Within = Annotated[
    strawberry.ID | None,
    strawberry.argument(description="Only those licensed by this authority or one below it, by global id."),
]
Place = Annotated[
    strawberry.ID | None,
    strawberry.argument(description="Only the people of this institution, or of this authority and those below it."),
]


@strawberry.type
class DirectoryQuery:
    """Looking."""

    authorities = listed(
        "authorities",
        Connection[Authority],
        "The authorities right below one (A9), by code.",
        parent=Taken(Parent),
    )
    institutions = listed(
        "institutions",
        Connection[Institution],
        """The institutions to choose from (拟执业机构), by name: all that work.

        An authority sees those that it or one below it has licensed, in every state (A7).
        """,
        where=Taken(Where),
        orderBy=Taken(OrderBy),
        within=Taken(Within),
    )
    staff = listed(
        "staff",
        Connection[Account],
        """The accounts of your institution or authority (用户管理), by user name.

        An authority sees those of the authorities below it as well. `within` names one place: a reviewer, supervisor or
        provincial admin so finds the people of an institution that hers or one below it has licensed.
        """,
        within=Taken(Place),
    )
