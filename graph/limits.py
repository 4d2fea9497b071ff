"""Limits on one request of one client."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Annotated, ClassVar, Final

from annotated_types import Gt
from graphql import DocumentNode

from graph.measure import Size, measure
from rules.errors import RegistryError, Words

LARGEST_SHOWN = 2**53 - 1
"""The greatest integer that a JavaScript client reads exactly; chained fragments reach far beyond it."""

Count = Annotated[int, Gt(0)]
Seconds = Annotated[float, Gt(0)]


@dataclass(frozen=True)
class Limits:
    """The limits of one process; each is a setting, these are the defaults."""

    __pydantic_config__: ClassVar[Mapping[str, str]] = {"extra": "forbid"}

    # One request.
    body_bytes: Count = 64 * 1024
    material_bytes: Count = 5 * 1024 * 1024
    body_speed: Count = 1024
    json_depth: Count = 32
    deadline_seconds: Seconds = 5
    statement_seconds: Seconds = 3
    print_seconds: Seconds = 120
    # One document.
    tokens: Count = 1000
    depth: Count = 10
    aliases: Count = 15
    fields: Count = 300
    directives: Count = 20
    operations: Count = 10
    secrets: Count = 1
    introspections: Count = 2
    introspection_depth: Count = 20
    introspection_fields: Count = 500
    # What it may select.
    page: Count = 100
    # WebSockets; an address counts its sockets that nobody has signed in on.
    init_seconds: Seconds = 5
    session_seconds: Seconds = 5
    frame_bytes: Count = 64 * 1024
    socket_operations: Count = 20
    sockets: Count = 10
    address_sockets: Count = 100
    # An hour, at each door that opens without a sign-in; a whole hospital may come from one address.
    address_tries: Count = 300
    # The same at each door of the public register.
    address_look_ups: Count = 120
    stalled_seconds: Seconds = 30
    # One connection.
    address_connections: Count = 1000
    head_bytes: Count = 32 * 1024
    head_seconds: Seconds = 10
    # Parsed documents kept; a document at the token limit takes half a megabyte.
    documents: Count = 200


class TooComplex(RegistryError):
    """The request is over one of the limits; `found` is what it has, or where counting stopped."""

    code = "QUERY_TOO_COMPLEX"

    def __init__(self, limit: str, allowed: int, found: int) -> None:
        super().__init__(limit, allowed, found)
        self.limit, self.allowed, self.found = limit, allowed, min(found, LARGEST_SHOWN)
        noun = _NOUNS[limit]
        self.words = Words(
            f"请求过于复杂：{noun.zh}最多为{allowed}，本次为{self.found}，请拆分后分次提交",
            f"The request is too complex: {noun.en} may be at most {allowed}, here {self.found}. Ask for less at once.",
        )


_NOUNS = {
    "json_depth": Words("JSON嵌套层数", "levels of JSON"),
    "tokens": Words("请求长度", "tokens"),
    "depth": Words("字段嵌套层数", "levels of fields"),
    "aliases": Words("别名数", "aliases"),
    "fields": Words("展开后的字段数", "expanded fields"),
    "directives": Words("指令数", "directives"),
    "operations": Words("操作数", "operations"),
    "secrets": Words("登录或验证码字段数", "sign-in or code fields"),
    "introspections": Words("内省字段数", "introspection fields"),
    "introspection_depth": Words("内省嵌套层数", "levels of introspection"),
    "introspection_fields": Words("内省展开后的字段数", "expanded fields of introspection"),
    "socket_operations": Words("同一连接上的操作数", "operations on one socket"),
}
_MEASURED = tuple(one.name for one in fields(Size) if one.name != "roots")


def check(document: DocumentNode, limits: Limits, secrets: frozenset[str] = frozenset()) -> dict[str, frozenset[str]]:
    """Refuse a document that is over a limit; otherwise name the root fields of each operation, fragments expanded.

    `secrets` are the fields that judge a password or a code; an operation without a name is found under `""`.
    """
    try:
        size, operations = measure(document, secrets)
    except RecursionError:
        raise TooComplex("depth", limits.depth, limits.depth + 1) from None
    _require("operations", len(operations), limits)
    for name in _MEASURED:
        _require(name, getattr(size, name), limits)
    return {name: frozenset(roots) for name, roots in operations}


def _require(name: str, found: int, limits: Limits) -> None:
    allowed: int = getattr(limits, name)
    if found > allowed:
        raise TooComplex(name, allowed, found)


DEEPEST: Final = 5
"""So deep conditions may be nested."""
MOST: Final = 100
"""So many comparisons and combinations a condition may have."""
FIRST_OR_LAST: Final = Words("first与last只能填一个", "Give first or last, not both.")
TOO_WIDE: Final = Words(
    "按姓名中的一部分查找，须用within限定到一家机构；不限机构时请按姓名开头查找",
    "A part of a name is searched within one institution: name it as `within`, or search by the beginning of names.",
)
MOST_GROUPS: Final = 3
"""So many columns may cross in a count."""
TOO_MANY_GROUPS: Final = Words(
    f"一次最多按{MOST_GROUPS}项交叉统计", f"Nurses are grouped by {MOST_GROUPS} columns at most."
)
TOO_SHORT: Final = Words(
    "按姓名中的一个字查找，须用within限定到一家机构；不限机构时请至少填写两个字，或按姓名开头查找",
    "One character of a name is searched within one institution: name it as `within`, write two, or search by the "
    "beginning of names.",
)
TOO_MUCH: Final = Words("筛选条件过多或嵌套过深", "The condition is too long or too deep.")
