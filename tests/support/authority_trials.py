"""A row of the authorization matrix, tried: whoever is refused tries together, then whoever is entitled."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from graph.schema.node import BY_ID, parsed
from tests.support.authority_matrix import PEOPLE, grouped
from tests.support.authority_steps import FIELDS, take
from tests.support.live import Client, Live
from tests.support.world import Person, World

AT_ONCE: Final = 6
Answer = TypeVar("Answer")
TRACES: Final = (
    *("account", "institution", "desk_request", "activation_code", "outbox", "nurse", "registration", "session"),
    *(
        "registration_history",
        "registration_span",
        "conduct_record",
        "departure",
        "information_change",
        "unit",
        "pre_review",
        "roster_check",
        "roster_check_row",
        "photo",
        "look_complaint",
        "investigation",
        "nurse_change",
        "approval_setting",
        "certificate",
        "ticket",
    ),
    *("application", "application_revision", "application_pause", "claim_rejection", "review_decision"),
    *("delivery", "certificate_blank", "question", "question_message", "question_file", "faq", "faq_version", "manual"),
    *("announcement", "announcement_version", "announcement_read", "help_code", "contact_code"),
    *("material", "material_check", "material_requirement", "collective_filing", "collective_item"),
    *("application_batch", "application_batch_item"),
    *("calendar_day", "audit", "event", "privacy_acceptance", "relative_request"),
)


@dataclass(frozen=True)
class Trial:
    """Somebody who tries, and with which input."""

    name: str
    person: Person | None
    given: Mapping[str, Any]


@dataclass(frozen=True)
class Row:
    """A mutation, and who may take it as the table says; a `plain` refusal gives no reason besides who asks."""

    mutation: str
    expected: str
    plain: bool = False

    @property
    def entitled(self) -> frozenset[str]:
        """The people who may."""
        letters = zip(PEOPLE, self.expected.replace(" ", ""), strict=True)
        return frozenset(name for name, letter in letters if letter == "P")

    async def holds(self, live: Live, trials: Sequence[Trial], everything: Callable[[], Awaitable[Any]]) -> None:
        """Each try ends as the table says; of those who are refused nothing moves, by `everything` that could."""
        found: dict[str, str] = {}
        refused = [one for one in trials if one.name not in self.entitled]
        entitled = [one for one in trials if one.name in self.entitled]
        before = await everything()
        await self._tried(live, refused, found)
        after = await everything()
        for answer in await self._tried(live, entitled, found):
            assert [*answer] == ["__typename", *FIELDS[answer["__typename"]]]
        letters = grouped("".join(found[name] for name in PEOPLE))
        assert letters == self.expected, letters
        assert after == before

    async def _tried(self, live: Live, trials: list[Trial], found: dict[str, str]) -> list[Any]:
        """Try together; gives what those are told who have taken it."""
        calls = (take(live.as_(one.person), self.mutation, one.given, plain=self.plain) for one in trials)
        answers = await together(calls)
        await together(
            unseen(live.as_(one.person), one) for one, (letter, _) in zip(trials, answers, strict=True) if letter == "F"
        )
        found.update((one.name, letter) for one, (letter, _) in zip(trials, answers, strict=True))
        return [answer for letter, answer in answers if letter == "P"]


async def unseen(client: Client, trial: Trial) -> None:
    """Whoever is told NOT_FOUND may not read all that she has named: of what she reads she is told NOT_ALLOWED."""
    named = [
        one for one in trial.given.values() if isinstance(one, str) and (found := parsed(one)) and found[0] in BY_ID
    ]
    if named and trial.person is not None:
        found = await client.ask("query($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=named)
        assert None in found["nodes"], (trial.name, named)


async def together(calls: Iterable[Awaitable[Answer]]) -> list[Answer]:
    """The answers in order; a few at once."""
    door = asyncio.Semaphore(AT_ONCE)

    async def one(call: Awaitable[Answer]) -> Answer:
        async with door:
            return await call

    return await asyncio.gather(*map(one, calls))


async def everything(world: World) -> Mapping[str, Any]:
    """All that a mutation could have changed, for anybody: every row that is written has a new xmin."""
    sums = (f"(select (count(*), sum(xmin::text::bigint))::text from {name}) as {name}" for name in TRACES)
    return dict(await world.owner.fetchrow(f"select {', '.join(sums)}"))
