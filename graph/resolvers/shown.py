"""The contents of payloads, of what a step has made or moved: read by the executor's loaders, or by a plan."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from strawberry.utils.str_converters import to_camel_case

from db.read.payload import Payload
from db.read.plan import Builder, Plan
from db.read.shape import snake
from graph.context import Context
from graph.resolvers.act import shown
from graph.resolvers.mutation import Fields
from graph.schema.account import Viewer
from graph.schema.node import global_id
from rules.errors import Unauthenticated


@dataclass(frozen=True)
class Shows:
    """This noun, read afresh under the viewer's scope, in the field of its name, or in that of another."""

    noun: str
    name: str = ""

    async def __call__(self, context: Context, key: UUID) -> Fields:
        """The noun; NotFound where it is not the viewer's to see."""
        return {self.field: await shown(context, self.noun, key)}

    def plan(self, builder: Builder, payload: Payload) -> Plan:
        """The same as a statement, without a row instead of NotFound."""
        return payload.noun(builder, self.noun, to_camel_case(self.field))

    @property
    def field(self) -> str:
        """The payload's field in Python."""
        return self.name or snake(self.noun)


@dataclass(frozen=True)
class ShowsWhileSeen(Shows):
    """The same, null where the viewer does not see it any more."""

    async def __call__(self, context: Context, key: UUID) -> Fields:
        """The noun, or null."""
        context.forget()
        return {self.field: await context.load.one(self.noun, key)}

    def plan(self, builder: Builder, payload: Payload) -> Plan:
        """The same as a statement."""
        return payload.noun_or_null(builder, self.noun, to_camel_case(self.field))


@dataclass(frozen=True)
class ShowsViewer:
    """The account that asks, whose rows are read afresh."""

    async def __call__(self, context: Context, _: UUID | None = None) -> Fields:
        """You."""
        context.forget()
        found = Viewer.of(context.viewer)
        if found is None:
            raise Unauthenticated
        return {"viewer": found}

    def plan(self, builder: Builder, payload: Payload) -> Plan:
        """The same as a statement."""
        return payload.viewer(builder, "viewer")


@dataclass(frozen=True)
class ShowsNothing:
    """Nothing but what is read on from the payload's `query`."""

    async def __call__(self, context: Context, key: UUID) -> Fields:
        """No field."""
        return {}

    def plan(self, builder: Builder, payload: Payload) -> Plan:
        """The same as a statement."""
        return payload.nothing(builder)


@dataclass(frozen=True)
class Names:
    """The id alone, in the field of this name: what it is of may not be the viewer's to see any more."""

    noun: str
    field: str

    async def __call__(self, context: Context, key: UUID) -> Fields:
        """The global id."""
        return {self.field: global_id(self.noun, key)}

    def plan(self, builder: Builder, payload: Payload) -> Plan:
        """The same as a statement."""
        return payload.id(builder, self.noun, to_camel_case(self.field))
