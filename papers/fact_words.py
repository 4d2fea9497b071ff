"""Facts of somebody in the words of people: codes by their terms, moments in China's time."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields
from datetime import date, datetime
from typing import Any, Final

from db.own_record import Facts
from papers.labels import LABELS
from papers.values import NOTHING, shown
from rules.casing import camel_case
from rules.events import EVENTS
from rules.kinds import Kind, form_from_json
from rules.label import Labelled
from rules.moment import SHANGHAI
from rules.own_record import CODES, TERMS, Field, Part

_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_FILED: Final = {
    "registered_number": "护士执业证书编号",
    "first_registered_on": "首次注册日期",
    "valid_until": "有效期至",
    "registered_at": "当时执业机构",
    "registered_with": "当时注册机关",
    "institution": "申请所至机构",
}
"""The terms of what is kept with a filing (db/filed_record.py) and has none of its own; ids are for programs."""


def in_words(part: Part, one: Field, row: Facts) -> str:
    """A value in the words of people: codes by their terms, what was filled in by the titles of its fields."""
    value = row[one.name]
    match None if value is None else (part.name, one.name):
        case "events", "type":
            return EVENTS[value].term if value in EVENTS else str(value)
        case "applications", "form":
            form = form_from_json(Kind(row["kind"]), value)
            return _plain({one.name: getattr(form, one.name) for one in fields(form)})
        case "revisions", "onRecord":
            return _plain({_FILED.get(name, name): one for name, one in value.items() if not name.endswith("_id")})
        case "recordChanges", "field":
            return _title(value)
        case "recordChanges", "before" | "after":
            return _named(row["field"], value)
    return _plain(value if one.codes is None else _coded(one.codes, value))


def _coded(codes: type[Labelled], value: Any) -> Any:
    """The term of a code, or those of several; what is no code any more stands as it is."""
    if isinstance(value, list):
        return [_coded(codes, each) for each in value]
    return codes(value).label if value in {*codes} else value


def _plain(value: Any) -> str:
    match value:
        case str() if _DAY.fullmatch(value):
            return shown(date.fromisoformat(value))
        case datetime():
            at = value.astimezone(SHANGHAI)
            return f"{shown(at.date())}{at:%H:%M}"
        case Mapping():
            lines = ((_title(name), _named(name, each)) for name, each in value.items())
            return "；".join(f"{title}：{text}" for title, text in lines if text != NOTHING) or NOTHING
        case list() | tuple():
            return "、".join(_title(each) if isinstance(each, str) else _plain(each) for each in value) or NOTHING
        case _:
            return shown(value)


def _named(name: str, value: Any) -> str:
    codes = CODES.get(camel_case(name))
    return _plain(value if codes is None else _coded(codes, value))


def _title(name: str) -> str:
    """The title of a field, however its name is spelled."""
    camel = camel_case(name)
    return LABELS.get(camel) or TERMS.get(camel) or name
