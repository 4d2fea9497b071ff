"""The form of answer that a client prefers: media type and language."""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache

from rules.errors import Language
from web.refusals import NotAcceptable


class Media(StrEnum):
    """The forms an answer can take."""

    JSON = "application/json"
    GRAPHQL = "application/graphql-response+json"
    EVENTS = "text/event-stream"


KEPT = 64
"""Clients send the same few headers again and again."""

_MEDIA = {media.value: media for media in Media} | {"*/*": Media.JSON, "application/*": Media.JSON}


@lru_cache(KEPT)
def preferred_media(accept: str) -> Media:
    """The form the client likes best among ours; JSON when it does not say."""
    if not accept.strip():
        return Media.JSON
    for name in _by_preference(accept):
        if name in _MEDIA:
            return _MEDIA[name]
    raise NotAcceptable


@lru_cache(KEPT)
def prefers_page(accept: str) -> bool:
    """True if a person with a browser is asking: HTML first, anything else after."""
    return _by_preference(accept)[:1] == ["text/html"]


@lru_cache(KEPT)
def preferred_language(accept_language: str) -> Language:
    """The language the client likes best among ours; Chinese when it does not say."""
    for name in _by_preference(accept_language):
        for language in Language:
            if name.split("-")[0] == language:
                return language
    return Language.CHINESE


def _by_preference(header: str) -> list[str]:
    """The names in an Accept header, best first; names with quality 0 or an unreadable one are left out."""
    ranked = []
    for place, entry in enumerate(header.split(",")):
        name, *parameters = (part.strip().lower() for part in entry.split(";"))
        quality = _quality(parameters)
        if name and quality > 0:
            ranked.append((-quality, place, name))
    return [name for _, _, name in sorted(ranked)]


def _quality(parameters: list[str]) -> float:
    for parameter in parameters:
        key, _, value = parameter.partition("=")
        if key.strip() == "q":
            try:
                return float(value)
            except ValueError:
                return 0
    return 1
