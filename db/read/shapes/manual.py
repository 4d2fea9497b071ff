"""Manuals (手册): the shape, and the list of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from db.read import scope
from db.read.listing import Listing
from db.read.shape import Shape, plain
from db.store.tables_help import manual

_c: Final = manual.c
SHAPES: Final[Mapping[str, Shape]] = {
    "Manual": Shape(
        manual,
        _c.id,
        scope.manuals,
        {
            "id": _c.id,
            **plain(manual, "audience", "language", "title", "version", "dated", "fileName", "sha256", "size"),
            **plain(manual, "publishedAt", "replacedAt", "rowVersion"),
        },
    ),
}
LISTINGS: Final[Mapping[str, Listing]] = {
    "manuals": Listing(
        "Manual",
        manual,
        lambda viewer, *_: scope.manuals(viewer),
        _c.id,
        {"publishedAt": _c.published_at},
        (("publishedAt", True),),
    ),
}
