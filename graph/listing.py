"""The arguments of a list, checked and in the store's terms: the same for plans and for the executor."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import strawberry
from strawberry.types.base import get_object_definition

from db.read.filter import EVERYTHING, Combine, Compare, Condition, compared, names
from db.read.listing import NEVER, PAGE, Listing, NounKey, Owner, Window
from db.read.row_cursor import read_cursor
from db.read.shapes import LISTINGS
from db.read.statistic import Counting
from graph import limits
from graph.context import Context
from graph.schema.node import key_of, parsed
from rules import spelling
from rules.casing import camel_case
from rules.errors import FieldProblem, Invalid, NotFound
from rules.identity import looked_up
from rules.institution import institution_code, name_part
from rules.look_up import not_alone
from rules.people import Party
from workflow import audit, look_up


def window_of(
    context: Context, name: str, given: Mapping[str, Any], owner: NounKey | None = None
) -> tuple[Listing, Window]:
    """The list and the part of it that these arguments ask for; refuses as the rules refuse.

    `owner` is whose list it is, where no argument says so: the object that has the field.
    """
    listing = LISTINGS[name]
    listing.readers.require(context.actor)
    listing.judge(given)
    window = replace(
        Window(size_of(context, given), _order(listing, given.get("orderBy"))),
        backwards=given["last"] is not None,
        where=_where(context, listing, given),
        within=owner or _owner_key(listing.owner, given),
    )
    _require_one_place(context, listing, window)
    window = window.spelled_out(listing)
    after = read_cursor(listing, window, "after", given["after"])
    return listing, replace(window, after=after, before=read_cursor(listing, window, "before", given["before"]))


def _require_one_place(context: Context, listing: Listing, window: Window) -> None:
    """Refuse to search through more than one institution by what too many have, or no index finds."""
    if context.actor.party is Party.INSTITUTION or (window.within or ("",))[0] == "Institution":
        return
    for one in compared(window.where):
        if len(str(one.value)) < (fewest := listing.narrow.get(one.name, 0)):
            raise Invalid(FieldProblem("where", "TOO_WIDE", limits.TOO_WIDE if fewest == NEVER else limits.TOO_SHORT))


def counting_of(context: Context, given: Mapping[str, Any]) -> Counting:
    """The nurses that are counted, and how, each column once; raises NotAllowed, NotFound or Invalid."""
    nurses = LISTINGS["nurses"]
    nurses.readers.require(context.actor)
    by, where = tuple(dict.fromkeys(map(str, given["by"]))), given["where"]
    if len(by) > limits.MOST_GROUPS:
        raise Invalid(FieldProblem("by", "TOO_MUCH", limits.TOO_MANY_GROUPS))
    like = EVERYTHING if where is None else condition_of(context, where)
    return Counting(by, given["zeros"], like, _owner_key(nurses.owner, given))


def size_of(context: Context, given: Mapping[str, Any]) -> int:
    """The size of a page; Invalid where it is too large, or asked for from both ends."""
    first, last = given["first"], given["last"]
    if first is not None and last is not None:
        raise Invalid(FieldProblem("last", "FIRST_OR_LAST", limits.FIRST_OR_LAST))
    return context.page(PAGE if first is None else first) if last is None else context.page(last, "last")


def _order(listing: Listing, given: Sequence[str] | None) -> tuple[tuple[str, bool], ...]:
    named = {name.removeprefix("-"): name.startswith("-") for name in map(str, given or ())}
    return tuple(named.items()) or listing.order


def _owner_key(owner: Owner | None, given: Mapping[str, Any]) -> NounKey | None:
    named = None if owner is None else given[owner.argument]
    if owner is None or named is None:
        return None
    found = parsed(named)
    if found is None or found[0] not in owner.nouns:
        raise NotFound
    return found


def _where(context: Context, listing: Listing, given: Mapping[str, Any]) -> Condition:
    """The condition of `where` and of each argument that compares; a switch that is off asks for nothing."""
    where = given.get("where")
    conditions = [] if where is None else [condition_of(context, where)]
    for name, (_, operator) in listing.arguments.items():
        if given[name] is not None and given[name] is not False:
            conditions.append(Compare(name, operator, _stored(context, name, operator, given[name])))
    return conditions[0] if len(conditions) == 1 else Combine("and", tuple(conditions)) if conditions else EVERYTHING


def condition_of(context: Context, where: Any) -> Condition:
    """A filter as the store compares it; Invalid where it is too long or too deep."""
    condition = _condition(context, where, limits.DEEPEST)
    if _length(condition) > limits.MOST:
        raise Invalid(FieldProblem("where", "TOO_MUCH", limits.TOO_MUCH))
    return condition


def _length(condition: Condition) -> int:
    return 1 if isinstance(condition, Compare) else 1 + sum(map(_length, condition.parts))


def looks_up(condition: Condition) -> bool:
    """True if the condition names the number of somebody's document: to be counted before anything is read."""
    return "idNumber" in names(condition)


async def count_look_up(context: Context, what: str, condition: Condition) -> None:
    """Count and audit a search by the number of a document before it is made; one in an operation."""
    for number in _numbers(condition):
        only_once(context)
        await look_up.search(context.db, context.signed_in, what, number)


def _numbers(condition: Condition) -> Iterable[bytes]:
    """The indexes of the numbers that a condition names; none stands deeper."""
    return [one.value for one in compared(condition) if one.name == "idNumber"]


def only_once(context: Context) -> None:
    """Refuse a second number in one operation."""
    if context.looked_up:
        raise not_alone()
    context.looked_up = True


def _condition(context: Context, where: Any, depth: int) -> Condition:
    if depth < 0:
        raise Invalid(FieldProblem("where", "TOO_MUCH", limits.TOO_MUCH))
    return Combine("and", tuple(part for name, value in _given(where) for part in _parts(context, name, value, depth)))


def _parts(context: Context, name: str, value: Any, depth: int) -> Iterable[Condition]:
    match name:
        case "and" | "or":
            return (Combine(name, tuple(_condition(context, one, depth - 1) for one in value)),)
        case "not":
            return (Combine("not", (_condition(context, value, depth - 1),)),)
    if name == "idNumber" and depth < limits.DEEPEST:
        raise not_alone()
    stored = ((operator, _stored(context, name, operator, one)) for operator, one in _given(value))
    return (
        Compare(f"{name}Part" if operator == "contains" else name, operator, one)
        for operator, one in stored
        if (operator, one) != ("contains", "")
    )


def _given(value: Any) -> list[tuple[str, Any]]:
    """The fields of an input object that were given, by their GraphQL names: a plan sees it as graphql-core read it."""
    if isinstance(value, Mapping):
        return [(name, one) for name, one in value.items() if one is not None]
    definition = get_object_definition(type(value), strict=True)
    names = {field.python_name: field.graphql_name or camel_case(field.python_name) for field in definition.fields}
    found = ((name, getattr(value, python_name)) for python_name, name in names.items())
    return [(name, one) for name, one in found if one is not strawberry.UNSET and one is not None]


_KEYS: Final[Mapping[str, str]] = {"unit": "Unit", "account": "Account"}
"""The filters that compare with a row by its global id."""
_FOLDS: Final[Mapping[str, Callable[[str], str]]] = {
    "name": spelling.name,
    "nurseName": spelling.name,
    "certificateNumber": spelling.certificate,
    "receiptNumber": spelling.receipt,
    "number": spelling.code,
}


def _stored(context: Context, name: str, operator: str, value: Any) -> Any:
    """A value as the column holds it: however it was typed, in the one form that is kept."""
    if operator == "contains":
        return name_part(value)
    if noun := _KEYS.get(name):
        return [key_of(noun, one) for one in value] if isinstance(value, list) else key_of(noun, value)
    if name == "code":
        return institution_code(value, path="where.code")
    if name == "idNumber":
        return context.db.keyring.blind_index(looked_up(value, path="where.idNumber"), "id_number")
    if isinstance(value, list):
        return [_stored(context, name, operator, one) for one in value]
    return _FOLDS.get(name, str)(value) if isinstance(value, str) else value


async def keep_reading(context: Context, name: str, given: Mapping[str, Any]) -> None:
    """Write down that a list is read whose readings are kept, once an operation; it was judged already."""
    listing = LISTINGS[name]
    if listing.kept is None or name in context.kept:
        return
    context.kept.add(name)
    within, where = _owner_key(listing.owner, given), given.get("where")
    compared = [] if where is None else sorted({*names(condition_of(context, where))})
    detail = {
        **{one: given[one] for one in listing.arguments},
        **({"within": f"{within[0]}:{within[1]}"} if within else {}),
        **({"filters": compared} if compared else {}),
    }
    about = within[1] if within and within[0] == "Nurse" else None
    await audit.keep(context.db, context.signed_in, listing.kept, detail, about)
