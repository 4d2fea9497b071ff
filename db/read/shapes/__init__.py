"""The shapes of all nouns and the lists of them: one file a noun."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from db.read.listing import Listing
from db.read.shape import Shape
from db.read.shapes import (
    account,
    activation,
    announcement,
    application,
    calendar,
    certificate_blank,
    collective,
    conduct,
    delivery,
    departure,
    deputy,
    desk,
    dispatch,
    event,
    exam_name,
    information_change,
    interruption,
    manual,
    message,
    nurse,
    photo,
    place,
    practice_alert,
    question,
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
    **conduct.SHAPES,
    **delivery.SHAPES,
    **departure.SHAPES,
    **deputy.SHAPES,
    **desk.SHAPES,
    **dispatch.SHAPES,
    **exam_name.SHAPES,
    **information_change.SHAPES,
    **interruption.SHAPES,
    **collective.SHAPES,
    **calendar.SHAPES,
    **certificate_blank.SHAPES,
    **requirement.SHAPES,
    **roster.SHAPES,
    **unit.SHAPES,
    **practice_alert.SHAPES,
    **message.SHAPES,
    **question.SHAPES,
    **announcement.SHAPES,
    **manual.SHAPES,
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
    **conduct.LISTINGS,
    **delivery.LISTINGS,
    **departure.LISTINGS,
    **deputy.LISTINGS,
    **desk.LISTINGS,
    **dispatch.LISTINGS,
    **exam_name.LISTINGS,
    **information_change.LISTINGS,
    **interruption.LISTINGS,
    **collective.LISTINGS,
    **calendar.LISTINGS,
    **certificate_blank.LISTINGS,
    **requirement.LISTINGS,
    **roster.LISTINGS,
    **unit.LISTINGS,
    **practice_alert.LISTINGS,
    **message.LISTINGS,
    **question.LISTINGS,
    **announcement.LISTINGS,
    **manual.LISTINGS,
}
"""The lists, by the names of their fields: a root's alone, another's behind its type."""
