"""Changes of a nurse's information, stood where a test wants them, and everybody who might take a step on them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from db import session as sessions
from db.store.engine import Database
from rules.errors import RegistryError
from rules.information_change import ChangeStep
from rules.information_form import InformationForm
from rules.material import UploadedFile
from rules.nurse import Department, Education, Title
from rules.people import Party, Role
from tests.support.papers import PDF
from tests.support.world import Cast, Person, World
from workflow.information_change import (
    InformationChangeAnswer,
    InformationChangeEscalate,
    InformationChangeRequest,
    InformationChangeStep,
    InformationChangeWithdraw,
)
from workflow.information_edit import InformationChangeObject, InformationEdit, InformationEditWithProof
from workflow.information_review import InformationChangeApprove, InformationChangeReject, InformationChangeReturn
from workflow.step import Command, Underway, carry_out, take

PAPER: Final = UploadedFile("毕业证书.pdf", PDF)
COMMANDS: Final[Mapping[ChangeStep, type[InformationChangeStep]]] = {
    ChangeStep.ANSWER: InformationChangeAnswer,
    ChangeStep.WITHDRAW: InformationChangeWithdraw,
    ChangeStep.ESCALATE: InformationChangeEscalate,
    ChangeStep.OBJECT: InformationChangeObject,
    ChangeStep.APPROVE: InformationChangeApprove,
    ChangeStep.REJECT: InformationChangeReject,
    ChangeStep.RETURN: InformationChangeReturn,
}
ASKED: Final = InformationForm(school="北京大学", department=Department.EMERGENCY)
ANSWERED: Final = InformationForm(school="清华大学", department=Department.EMERGENCY)
WORKED: Final = InformationForm(department=Department.INTENSIVE_CARE)
PROVEN: Final = InformationForm(title=Title.CHIEF_NURSE, education=Education.MASTER)


class Undone(Exception):
    """Nothing of what was tried stays."""


@dataclass
class Desk:
    """A nurse's changes, and the people who may have to do with them."""

    db: Database
    world: World
    cast: Cast
    people: dict[str, Person] = field(default_factory=dict)

    async def invite(self) -> None:
        """All who might take a step: her places' people, those who are she, those above, and strangers."""
        world, cast = self.world, self.cast
        far, she = await world.cast(), cast.nurse_id
        at, of = (Party.INSTITUTION, cast.hospital), (Party.AUTHORITY, cast.district)
        self.people = {
            **{name: getattr(cast, name) for name in ("nurse", "operator", "manager", "viewer", "reviewer", "decider")},
            "herself at her hospital": await world.person(*at, Role.OPERATOR, self_nurse=she),
            "herself at her authority": await world.person(*of, Role.REVIEWER, self_nurse=she),
            "above": await world.person(Party.AUTHORITY, cast.nation, Role.REVIEWER),
            **{f"other {name}": getattr(far, name) for name in ("nurse", "operator", "reviewer")},
        }

    async def ask(self, form: InformationForm = ASKED) -> UUID:
        """What she asks for."""
        return await take(self.db, self.cast.nurse.session, InformationChangeRequest(form))

    async def edit(self, form: InformationForm = WORKED) -> UUID:
        """What her institution writes at once."""
        return await take(self.db, self.cast.operator.session, InformationEdit(self.cast.nurse_id, form))

    async def prove(self, form: InformationForm = PROVEN) -> UUID:
        """What her institution writes by a proof paper."""
        wish = InformationEditWithProof(self.cast.nurse_id, form, PAPER)
        return await take(self.db, self.cast.operator.session, wish)

    async def command(self, step: ChangeStep, key: UUID, **more: Any) -> Command:
        """A step with right values, on the change as it stands."""
        row = await self.row(key)
        field = min(row["asked"]) if row["asked"] else "school"
        said: dict[ChangeStep, dict[str, Any]] = {
            ChangeStep.ANSWER: {"form": ANSWERED},
            ChangeStep.OBJECT: {"text": "不属实"},
            ChangeStep.APPROVE: {"originals_seen": True, "opinion": "经核对属实"},
            ChangeStep.REJECT: {"opinion": "与证书不符"},
            ChangeStep.RETURN: {"marked_fields": (field,), "opinion": "请核对"},
        }
        given = {"change_id": key, "expected_version": row["version"], **said.get(step, {}), **more}
        return COMMANDS[step](**given)

    async def go(self, who: Person, step: ChangeStep, key: UUID, **more: Any) -> UUID:
        """Take a step."""
        return await take(self.db, who.session, await self.command(step, key, **more))

    async def allows(self, who: Person, step: ChangeStep, key: UUID) -> bool:
        """Whether a step with right values would be taken; nothing of it stays."""
        command = await self.command(step, key)
        try:
            async with self.db.begin() as tx:
                actor = await sessions.require(tx, who.session)
                await carry_out(Underway(tx, actor, command, key))
                raise Undone
        except Undone:
            return True
        except RegistryError:
            return False

    async def row(self, key: UUID) -> dict[str, Any]:
        """A change as it stands, its values as objects."""
        sql = (
            "select c.*, (select coalesce(array_agg(k order by k), '{}') from jsonb_object_keys(asked) k) as names"
            " from information_change c where id = $1"
        )
        found = dict(await self.world.owner.fetchrow(sql, key))
        return {**found, "asked": tuple(found["names"])}

    async def set(self, key: UUID, assignments: str, *values: Any) -> None:
        """Change the row of a change."""
        await self.world.owner.execute(f"update information_change set {assignments} where id = $1", key, *values)

    async def traces(self) -> dict[str, list[dict[str, Any]]]:
        """Everything that a step could have changed for her; equal before and after a refusal."""
        hers = {
            "nurse": "select * from nurse where id = $1",
            "changes": "select * from information_change where nurse_id = $1 order by id",
            "history": "select * from nurse_change where nurse_id = $1 order by id",
            "audit": "select * from audit where nurse_id = $1 order by id",
            "events": "select * from event where body->>'nurse' = $1::text order by scope, seq",
        }
        owner, key = self.world.owner, self.cast.nurse_id
        return {
            name: [dict(row) for row in await owner.fetch(sql, str(key) if name == "events" else key)]
            for name, sql in hers.items()
        }


async def desk(db: Database, world: World, *, invite: bool = True) -> Desk:
    """A nurse of her own, with everybody."""
    made = Desk(db, world, await world.cast())
    if invite:
        await made.invite()
    return made
