"""Whom a collective filing (集体申请) is for: chosen by a filter, or named by a list; and what is filed for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from db import collective_choice as choices
from db.collective_choice import ListedNurse
from db.read.filter import Condition
from db.store.engine import Tx
from rules.collective import NOT_FOUND, TWICE, field_problems, kept, problems_of, require_few, require_one_choice
from rules.collective_list import Row, identity, merged
from rules.errors import FieldProblem, RateLimited, RegistryError, Words
from rules.form import Form, field_names, form_to_json
from rules.identity import Identity
from rules.kinds import Kind, form_of
from rules.people import Actor
from rules.record import RecordChange
from rules.spelling import same_name
from workflow import look_up
from workflow.collective_file import read_rows

Problems = list[dict[str, str | None]]


@dataclass(frozen=True, slots=True, repr=False)
class Wish:
    """For whom to file, chosen by `where` in a roster or named by a list, and what: one form for all."""

    kind: Kind
    form: Form | None = None
    where: Condition | None = None
    csv: bytes | None = None
    changes_record: bool = False
    """True where the form for all may replace what is on record."""

    @property
    def meant(self) -> frozenset[str]:
        """The fields that may change each nurse's record, whatever a row of the list says."""
        return frozenset(field_names(form_of(self.kind))) if self.changes_record else frozenset()


@dataclass(frozen=True, slots=True, repr=False)
class Chosen:
    """One nurse that is chosen, or one row that names nobody or cannot be read."""

    line: int | None = None
    nurse_id: UUID | None = None
    form: Mapping[str, object] = field(default_factory=dict)
    problems: Problems | None = None
    notes: Problems = field(default_factory=list)
    listed: Row | None = None
    meant: frozenset[str] = frozenset()
    changes: tuple[RecordChange, ...] = ()

    def refused(self, refusal: RegistryError) -> Chosen:
        """The same with what would be refused; of a row, in the words of its list."""
        problems = field_problems(refusal)
        return replace(self, problems=[kept(self.listed.located(one) if self.listed else one) for one in problems])

    def row(self) -> dict[str, Any]:
        """As it is stored."""
        problems = {} if self.problems is None else {"problems": self.problems}
        filed = {"form": dict(self.form), "meant": sorted(self.meant)}
        return {"line": self.line, "nurse_id": self.nurse_id, **filed, **problems}


async def choose(tx: Tx, actor: Actor, wish: Wish, rows: Sequence[Row] | None = None) -> list[Chosen]:
    """Everybody who is chosen, in a lasting order; Invalid where nobody is, or too many are.

    `rows` are those of the list, where it was read before.
    """
    require_one_choice(wish.where is not None, wish.csv is not None)
    if wish.csv is not None:
        read = await read_rows(wish.kind, wish.form, wish.csv) if rows is None else rows
        return await _listed(tx, actor, wish, read)
    assert wish.where is not None
    keys, form = await choices.chosen(tx, actor, wish.where), form_to_json(wish.form) if wish.form else {}
    require_few(len(keys), "where")
    return [Chosen(nurse_id=key, form=form, meant=wish.meant) for key in keys]


async def _listed(tx: Tx, actor: Actor, wish: Wish, rows: Sequence[Row]) -> list[Chosen]:
    """The rows of a list in its order: whoever is named twice is filed for once."""
    people: dict[int, Identity | Problems] = {row.line: _identity(tx, row) for row in rows if "idNumber" in row.named}
    certificates = {row.named["certificateNumber"] for row in rows if "certificateNumber" in row.named}
    documents = [one for one in people.values() if isinstance(one, Identity)]
    known = await choices.named(tx, actor, wish.kind, documents, certificates)
    find = _Finder(tx, known)
    found: dict[UUID, int] = {}
    named = [(row, find.nurse(row, people.get(row.line))) for row in rows]
    await _count_guesses(tx, actor, sum("idNumber" in row.named and _nobody(nurse) for row, nurse in named))
    return [_chosen(wish, row, nurse, found) for row, nurse in named]


def _nobody(nurse: UUID | Problems) -> bool:
    return isinstance(nurse, list) and [one["code"] for one in nurse] == ["NOT_FOUND"]


async def _count_guesses(tx: Tx, actor: Actor, guesses: int) -> None:
    """Numbers that name nobody count as claims do: else a list would try a thousand at once. Too many undo it all."""
    if guesses and (wait := await look_up.count(tx, actor, guesses)):
        raise RateLimited(wait)


def _identity(tx: Tx, row: Row) -> Identity | Problems:
    try:
        return identity(row, tx.today)
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
        wrong = document if isinstance(document, list) else []
        if row.problems or isinstance(document, list):
            return [*(kept(one) for one in row.problems), *wrong]
        found, named = [], row.named
        if document is not None:
            found.append(self._by_document.get((document.type, self._index(document.number, "id_number"))))
        if "certificateNumber" in named:
            found.append(self._by_certificate.get(named["certificateNumber"]))
        first = found[0]
        if first is None or len(set(found)) > 1 or not same_name(named.get("name", first.name), first.name):
            return [kept(row.located(FieldProblem("nurse", "NOT_FOUND", NOT_FOUND)))]
        return first.id


def _chosen(wish: Wish, row: Row, nurse: UUID | Problems, found: dict[UUID, int]) -> Chosen:
    notes = [kept(one) for one in row.notes]
    if isinstance(nurse, list):
        return Chosen(row.line, problems=nurse, notes=notes)
    if nurse in found:
        words = Words(f"{TWICE.zh}（第{found[nurse]}行）", f"{TWICE.en} (line {found[nurse]})")
        return Chosen(row.line, problems=[kept(row.located(FieldProblem("nurse", "TWICE", words)))], notes=notes)
    found[nurse] = row.line
    form, meant = merged(wish.form, row.filled), wish.meant | row.filled.keys()
    return Chosen(row.line, nurse, form, notes=notes, listed=row, meant=meant)
