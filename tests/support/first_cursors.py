"""Cursors as they were written until 0.1.0."""

from __future__ import annotations

import struct
from base64 import urlsafe_b64encode
from uuid import UUID

from db.feed.cursor import Cursors


def of_version_1(cursors: Cursors, scope: UUID, seq: int) -> str:
    """The cursor of an event, which names the database and not the event."""
    body = struct.pack(">B8s16sQ", 1, cursors.timeline, scope.bytes, seq)
    return urlsafe_b64encode(body + cursors.keyring.sign("cursor", body)).decode().rstrip("=")
