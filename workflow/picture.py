"""Pictures that somebody hands in: looked into before they are kept, one at a time."""

from __future__ import annotations

import asyncio
from io import BytesIO
from typing import Final

from PIL import Image

from rules.material import BROKEN, MediaType, unreadable

PIXELS: Final = 40_000_000
"""A page of A3 at 400 dots an inch is 31 million."""
SCANS: Final = 200
"""A progressive JPEG has ten or so; each is a pass over the whole picture, and 45 bytes are enough for one."""
_FORMATS: Final = {MediaType.JPEG: "JPEG", MediaType.PNG: "PNG"}
_ONE_AT_A_TIME: Final = asyncio.Semaphore(1)


async def require_decodable(media: MediaType, content: bytes) -> None:
    """A picture that can be read to its last pixel; refuses what is broken, or too large to try."""
    if media in _FORMATS:
        async with _ONE_AT_A_TIME:
            await asyncio.to_thread(_decode, _FORMATS[media], content)


def _decode(kind: str, content: bytes) -> None:
    """Read every pixel, of a JPEG at an eighth of its size; refuses what is broken, or too large to try."""
    if kind == "JPEG" and content.count(b"\xff\xda") > SCANS:
        raise unreadable("PICTURE", BROKEN)
    try:
        with Image.open(BytesIO(content), formats=(kind,)) as picture:
            if picture.width * picture.height > PIXELS:
                raise unreadable("PICTURE", BROKEN)
            picture.draft("L", (picture.width // 8, picture.height // 8))
            picture.load()
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise unreadable("PICTURE", BROKEN) from None
