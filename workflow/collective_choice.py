"""Whom a collective filing (集体申请) is for: chosen by a filter, or named by a list; and what is filed for each."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from db import collective_choice as choices
from db.collective_choice import ListedNurse
from db.read.filter import Condition
from db.store.engine import Tx
from rules.collective import NOT_FOUND, TWICE, kept, problems_of, require_few, require_one_choice
from rules.collective_list import Row, document_type, merged, read_list
from rules.errors import FieldProblem, RateLimited, RegistryError, Words
from rules.form import Form, form_to_json
from rules.identity import Identity, identify
from rules.kinds import Kind
from rules.people import Actor
from rules.spelling import same_name
from workflow import look_up

Problems = list[dict[str, str | None]]
NOBODY: Final[Problems] = [kept(FieldProblem("nurse", "NOT_FOUND", NOT_FOUND))]


@dataclass(frozen=True, slots=True, repr=False)
class Wish:
    """For whom to file, chosen by `where` in a roster or named by a list, and what: one form for all."""

    kind: Kind
    form: Form | None = None
    where: Condition | None = None
    csv: bytes | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Chosen:
    """One nurse that is chosen, or one row that names nobody or cannot be read."""

    line: int | None = None
    nurse_id: UUID | None = None
    form: Mapping[str, object] = field(default_factory=dict)
    problems: Problems | None = None

    def row(self) -> dict[str, Any]:
        """As it is stored."""
        told = {} if self.problems is None else {"problems": self.problems}
        return {"line": self.line, "nurse_id": self.nurse_id, "form": dict(self.form), **told}


async def choose(tx: Tx, actor: Actor, wish: Wish) -> list[Chosen]:
    """Everybody who is chosen, in a lasting order; Invalid where nobody is, or too many are."""
    require_one_choice(wish.where is not None, wish.csv is not None)
    if wish.csv is not None:
        # Beside the loop: a long list takes a tenth of a second.
        return await _listed(tx, actor, wish, await asyncio.to_thread(read_list, wish.kind, wish.csv))
    assert wish.where is not None
    keys, form = await choices.chosen(tx, actor, wish.where), form_to_json(wish.form) if wish.form else {}
    require_few(len(keys), "where")
    return [Chosen(nurse_id=key, form=form) for key in keys]


async def _listed(tx: Tx, actor: Actor, wish: Wish, rows: Sequence[Row]) -> list[Chosen]:
    """The rows of a list in its order: whoever is named twice is filed for once."""
    people: dict[int, Identity | Problems] = {row.line: _identity(tx, row) for row in rows if "idNumber" in row.named}
    certificates = {row.named["certificateNumber"] for row in rows if "certificateNumber" in row.named}
    documents = [one for one in people.values() if isinstance(one, Identity)]
    known = await choices.named(tx, actor, wish.kind, documents, certificates)
    find = _Finder(tx, known)
    named = [(row, find.nurse(row, people.get(row.line))) for row in rows]
    await _count_guesses(tx, actor, sum("idNumber" in row.named and nurse == NOBODY for row, nurse in named))
    found: dict[UUID, int] = {}
    return [_chosen(wish, row, nurse, found) for row, nurse in named]


async def _count_guesses(tx: Tx, actor: Actor, guesses: int) -> None:
    """Numbers that name nobody count as claims do: else a list would try a thousand at once. Too many undo it all."""
    if guesses and (wait := await look_up.count(tx, actor, guesses)):
        raise RateLimited(wait)


def _identity(tx: Tx, row: Row) -> Identity | Problems:
    try:
        return identify(document_type(row.named), row.named["idNumber"], tx.today)
    except RegistryError as refusal:
        return problems_of(refusal)


class _Finder:
    """The nurses whom rows may name, by what they are named by."""

    def __init__(self, tx: Tx, known: Sequence[ListedNurse]) -> None:
        self._index = tx.keyring.blind_index
        self._by_document = {one.document: one for one in known}
        self._by_certificate = {one.certificate_number: one for one in known}

    def nurse(self, row: Row, document: Identity | Problems | None) -> UUID | Problems:
        """The one nurse for whom all that the row says is right, or what is wrong with it."""
        if row.problems:
            return [kept(one) for one in row.problems]
        if isinstance(document, list):
            return document
        found, named = [], row.named
        if document is not None:
            found.append(self._by_document.get((document.type, self._index(document.number, "id_number"))))
        if "certificateNumber" in named:
            found.append(self._by_certificate.get(named["certificateNumber"]))
        first = found[0]
        if first is None or len(set(found)) > 1 or not same_name(named.get("name", first.name), first.name):
            return NOBODY
        return first.id


def _chosen(wish: Wish, row: Row, nurse: UUID | Problems, found: dict[UUID, int]) -> Chosen:
    if isinstance(nurse, list):
        return Chosen(row.line, problems=nurse)
    if nurse in found:
        words = Words(f"{TWICE.zh}（第{found[nurse]}行）", f"{TWICE.en} (line {found[nurse]})")
        return Chosen(row.line, problems=[kept(FieldProblem("nurse", "TWICE", words))])
    found[nurse] = row.line
    return Chosen(row.line, nurse, merged(wish.form, row.filled))
