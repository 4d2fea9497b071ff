"""The frequent questions (常见问题) as they are kept: written, published and withdrawn by the provinces' admins."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from db import faq as faqs
from rules.errors import WrongState
from rules.faq import Faq, FaqState, FaqStep, FaqText, checked, next_faq_state, require_keeper, require_room
from workflow.step import USUAL, Command, Lock, Underway, read


@read()
async def count(step: Underway[FaqCreate]) -> int:
    """The number of entries."""
    require_keeper(step.actor)
    return await faqs.count(step.tx)


@dataclass(frozen=True, slots=True, repr=False)
class FaqCreate(Command):
    """A keeper's wish for a new entry, which nobody else sees before it is published."""

    text: FaqText
    reads = (count,)
    writes = frozenset({"faq", "faq_version"})

    async def take(self, step: Underway[FaqCreate]) -> None:
        """Keep it."""
        text = checked(self.text)
        require_room(step[count])
        await faqs.insert(step.tx, step.key, text, step.actor.account_id)
        step.detail = {"faq": step.key}


@read(Lock.REQUEST)
async def entry(step: Underway[FaqCommand]) -> Faq:
    """The entry, locked."""
    require_keeper(step.actor)
    return await faqs.lock(step.tx, step.command.faq_id)


@dataclass(frozen=True, slots=True, repr=False)
class FaqCommand(Command):
    """A keeper's wish to take a step on an entry, as last seen; gives it."""

    faq_id: UUID
    expected_version: int
    step: ClassVar[FaqStep]
    refuses = USUAL | {WrongState}
    reads = (entry,)
    writes = frozenset({"faq", "faq_version"})

    @property
    def subject(self) -> UUID:
        """The entry."""
        return self.faq_id

    def text_of(self) -> FaqText | None:
        """The text from now on, where it changes."""
        return None

    async def take(self, step: Underway[FaqCommand]) -> None:
        """Write it, and keep what it was."""
        state: FaqState = next_faq_state(step[entry], self.step, self.expected_version)
        await faqs.write(step.tx, step[entry], step.actor.account_id, state, self.text_of())
        step.detail = {"faq": self.faq_id}


@dataclass(frozen=True, slots=True, repr=False)
class FaqChange(FaqCommand):
    """Another text, audience or place (修改); who reads it meanwhile reads this."""

    text: FaqText
    step = FaqStep.CHANGE

    def text_of(self) -> FaqText:
        """The new text."""
        return checked(self.text)


@dataclass(frozen=True, slots=True, repr=False)
class FaqPublish(FaqCommand):
    """The wish that all read it whom it is for (发布)."""

    step = FaqStep.PUBLISH


@dataclass(frozen=True, slots=True, repr=False)
class FaqWithdraw(FaqCommand):
    """The wish that nobody reads it any more (撤下)."""

    step = FaqStep.WITHDRAW
