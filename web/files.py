"""Files that leave the service: what one is, and the materials, which were handed in as files."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import quote
from uuid import UUID

from db import material as materials
from graph.context import Services
from rules.errors import NotFound
from rules.people import Actor


@dataclass(frozen=True, slots=True, repr=False)
class File:
    """A file as it is downloaded."""

    name: str
    media_type: str
    content: bytes

    @property
    def headers(self) -> dict[str, str]:
        """Saved under its name (RFC 6266), never shown in our own origin, never kept."""
        plain = "".join(c if c.isascii() and (c.isalnum() or c in "._-") else "_" for c in self.name)
        disposition = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(self.name, safe='')}"
        return {
            "Content-Disposition": disposition,
            "Content-Security-Policy": "sandbox; default-src 'none'; frame-ancestors 'none'",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Cache-Control": "no-store",
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
        }


Maker = Callable[[Services, Actor, UUID], Awaitable[File]]
"""Makes a file of what has this key, for this viewer; NotFound where she may not read it."""


async def material(services: Services, viewer: Actor, key: UUID) -> File:
    """A material as it was handed in (申请材料)."""
    async with services.db.read() as reader:
        found = await materials.file(reader, viewer, key)
    if found is None:
        raise NotFound
    return File(found.file_name, found.media_type, found.content)
