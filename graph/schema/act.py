"""A mutation declared in one line: its input, and the payload and result union that are its own."""

from __future__ import annotations

from typing import Annotated, Any

import strawberry

from graph.schema.problem import Problems


class Act:
    """One mutation: `payload` is what its payload says, `input` what it takes."""

    def __init__(self, name: str, input: type[Any], payload: type[Any], description: str) -> None:
        self.name, self.input, self.description = name, input, description
        title = name[0].upper() + name[1:]
        told = {"__doc__": f"{name} was carried out.", "__annotations__": {}, "__module__": __name__}
        self.payload: Any = strawberry.type(type(f"{title}Payload", (payload,), told))
        answer = strawberry.union(f"{title}Result", description=f"What {name} answers.")
        self.result: Any = Annotated[self.payload | Problems, answer]
