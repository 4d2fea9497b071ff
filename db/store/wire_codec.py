"""Values on their way to PostgreSQL, as text, and back, as bytes: the types that steps use, and no others."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any, Final, TypeAlias
from uuid import UUID

import orjson

Cell: TypeAlias = Callable[[bytes], object]
Made: TypeAlias = tuple[Cell, Cell]
"""The two readings of a cell: parsed, and raw."""
_EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)
_DAYS: Final = date(2000, 1, 1).toordinal()
_NULL: Final = b"\xff\xff\xff\xff"
_FOREVER: Final = (2**31 - 1, -(2**31))


class UnknownType(Exception):
    """A column whose type this module does not read."""


def _int(cell: bytes) -> int:
    return int.from_bytes(cell, "big", signed=True)


def _day(cell: bytes) -> date:
    days = _int(cell)
    if days in _FOREVER:
        return date.max if days > 0 else date.min
    return date.fromordinal(_DAYS + days)


def _moment(cell: bytes) -> datetime:
    return _EPOCH + timedelta(microseconds=_int(cell))


def _number(cell: bytes) -> Decimal:
    """Digits of four decimal places each, the first of which counts 10,000 to the `weight`."""
    count, weight, sign, _ = (_int(cell[at : at + 2]) for at in (0, 2, 4, 6))
    whole = Decimal(0)
    for n in range(count):
        whole += Decimal(_int(cell[8 + 2 * n : 10 + 2 * n])).scaleb(4 * (weight - n))
    return -whole if sign else whole


def _json(cell: bytes) -> object:
    return orjson.loads(cell)


def _jsonb(cell: bytes) -> object:
    return orjson.loads(cell[1:])


def _plain(cell: bytes) -> bytes:
    return cell


def _of(one: Cell) -> Cell:
    """A list of one dimension; PostgreSQL says the type of its members anew, which is known."""

    def read(cell: bytes) -> object:
        if not _int(cell[:4]):
            return []
        count, at, found = _int(cell[12:16]), 20, list[object]()
        for _ in range(count):
            size = _int(cell[at : at + 4])
            at += 4
            found.append(None if size < 0 else one(cell[at : at + size]))
            at += max(size, 0)
        return found

    return read


def _uuid(cell: bytes) -> UUID:
    return UUID(bytes=cell)


def _text(cell: bytes) -> str:
    return cell.decode()


def _void(_: bytes) -> None:
    return None


_CELLS: Final[Mapping[int, Cell]] = {
    16: lambda cell: cell == b"\1",
    **dict.fromkeys((20, 21, 23, 26), _int),
    **dict.fromkeys((18, 19, 25, 1042, 1043), _text),
    17: _plain,
    1700: _number,
    114: _json,
    2278: _void,
    3802: _jsonb,
    2950: _uuid,
    1082: _day,
    1184: _moment,
    **dict.fromkeys((1009, 1015), _of(_text)),
    **dict.fromkeys((1005, 1007, 1016), _of(_int)),
    1182: _of(_day),
    2951: _of(_uuid),
}
_RAW: Final[Mapping[int, Cell]] = {114: _plain, 3802: lambda cell: cell[1:]}


def decoder_of(oid: int) -> Made:
    """The readings of a type, by its number in pg_type; an unknown one refuses when a value of it comes."""
    cell = _CELLS.get(oid) or _unknown(oid)
    return cell, _RAW.get(oid, cell)


def _unknown(oid: int) -> Cell:
    def refuse(_: bytes) -> object:
        raise UnknownType(f"no step has read a column of type {oid} before: add it to db/store/wire_codec.py")

    return refuse


def row_of(cells: Sequence[tuple[str, Cell, Cell]], buffer: bytes, at: int, *, raw: bool) -> dict[str, Any]:
    """One row, by the names of its columns."""
    row: dict[str, Any] = {}
    for name, cell, plain in cells:
        size = int.from_bytes(buffer[at : at + 4], "big", signed=True)
        at += 4
        if size < 0:
            row[name] = None
            continue
        row[name] = (plain if raw else cell)(buffer[at : at + size])
        at += size
    return row


def written(values: Sequence[object]) -> bytes:
    """The parameters of a statement, all as text."""
    parts = [len(values).to_bytes(2, "big")]
    for value in values:
        if value is None:
            parts.append(_NULL)
        else:
            text = _said(value).encode()
            parts += (len(text).to_bytes(4, "big"), text)
    return b"".join(parts)


def _said(value: object) -> str:  # noqa: PLR0911 - one for each type
    """A value in PostgreSQL's words."""
    match value:
        case str():
            return value
        case Enum():
            return _said(value.value)
        case bool():
            return "true" if value else "false"
        case UUID() | int() | Decimal() | float():
            return str(value)
        case datetime() | date():
            return value.isoformat()
        case bytes():
            return f"\\x{value.hex()}"
        case dict():
            return orjson.dumps(value).decode()
        case list() | tuple():
            return "{" + ",".join(_member(one) for one in value) + "}"
    raise TypeError(f"no step has sent a {type(value).__name__} before: add it to db/store/wire_codec.py")


def _member(value: object) -> str:
    if value is None:
        return "NULL"
    return '"' + _said(value).replace("\\", "\\\\").replace('"', '\\"') + '"'
