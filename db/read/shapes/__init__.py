"""The shapes of all nouns and the lists of them: one file a noun."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from db.read.listing import Listing
from db.read.shape import Shape
from db.read.shapes import (
    account,
    activation,
    application,
    calendar,
    certificate_blank,
    collective,
    delivery,
    departure,
    deputy,
    desk,
    event,
    exam_name,
    information_change,
    look,
    message,
    nurse,
    photo,
    place,
    requirement,
    roster,
    unit,
)

SHAPES: Final[Mapping[str, Shape]] = {
    **nurse.SHAPES,
    **photo.SHAPES,
    **application.SHAPES,
    **place.SHAPES,
    **account.SHAPES,
    **activation.SHAPES,
    **delivery.SHAPES,
    **departure.SHAPES,
    **deputy.SHAPES,
    **desk.SHAPES,
    **exam_name.SHAPES,
    **information_change.SHAPES,
    **collective.SHAPES,
    **calendar.SHAPES,
    **certificate_blank.SHAPES,
    **requirement.SHAPES,
    **roster.SHAPES,
    **unit.SHAPES,
    **look.SHAPES,
    **message.SHAPES,
    **event.SHAPES,
}
"""The nouns, by their GraphQL names."""

LISTINGS: Final[Mapping[str, Listing]] = {
    **nurse.LISTINGS,
    **photo.LISTINGS,
    **application.LISTINGS,
    **place.LISTINGS,
    **account.LISTINGS,
    **activation.LISTINGS,
    **delivery.LISTINGS,
    **departure.LISTINGS,
    **deputy.LISTINGS,
    **desk.LISTINGS,
    **exam_name.LISTINGS,
    **information_change.LISTINGS,
    **collective.LISTINGS,
    **calendar.LISTINGS,
    **certificate_blank.LISTINGS,
    **requirement.LISTINGS,
    **roster.LISTINGS,
    **unit.LISTINGS,
    **look.LISTINGS,
    **message.LISTINGS,
}
"""The lists, by the names of their fields: a root's alone, another's behind its type."""
