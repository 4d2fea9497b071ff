"""The program that opens one file (`python -m workflow.opener TYPE SECONDS < file`) and prints the code of its fault.

It imports nothing of the register: each file waits for it to start.
"""

from __future__ import annotations

import resource
import sys
from contextlib import suppress
from io import BytesIO
from typing import Final

PIXELS: Final = 40_000_000
"""A page of A3 at 400 dots an inch is 31 million."""
SCANS: Final = 200
"""A progressive JPEG has ten or so; each is a pass over the whole picture, and 45 bytes are enough for one."""
DRAWN: Final = 500_000_000
"""Pixels times scans: the picture above in twelve scans takes half a second."""
MEMORY: Final = 1 << 30
_PASSWORD: Final = 4
"""PDFium's number for it."""


def _picture(kind: str, content: bytes) -> str:
    """Read every pixel, of a JPEG at an eighth of its size."""
    from PIL import Image  # noqa: PLC0415 - a PDF does not need it

    scans = content.count(b"\xff\xda") if kind == "JPEG" else 1
    if scans > SCANS:
        return "PICTURE_TOO_LARGE"
    try:
        with Image.open(BytesIO(content), formats=(kind,)) as picture:
            if picture.width * picture.height > min(PIXELS, DRAWN // max(1, scans)):
                return "PICTURE_TOO_LARGE"
            picture.draft("L", (max(1, picture.width // 8), max(1, picture.height // 8)))
            picture.load()
        if kind == "PNG":  # what follows the last pixel is not read above, and no check sum is looked at
            with Image.open(BytesIO(content), formats=(kind,)) as picture:
                picture.verify()
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        return "PICTURE_TOO_LARGE"
    except (OSError, SyntaxError, ValueError):
        return "PICTURE_BROKEN"
    return ""


def _pdf(content: bytes) -> str:
    """Open the first page without a password."""
    import pypdfium2  # noqa: PLC0415 - a picture does not need it

    try:
        with pypdfium2.PdfDocument(content) as document:
            document[0].close()
    except pypdfium2.PdfiumError as error:
        return "PDF_PASSWORD" if error.err_code == _PASSWORD else "PDF_BROKEN"
    except IndexError:
        return "PDF_BROKEN"
    return ""


def _judge(media: str, content: bytes) -> str:
    match media:
        case "application/pdf":
            return _pdf(content)
        case "image/jpeg":
            return _picture("JPEG", content)
        case "image/png":
            return _picture("PNG", content)
    raise ValueError(media)


if __name__ == "__main__":
    with suppress(ValueError, OSError):  # not on every system
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    _, kind, seconds = sys.argv
    resource.setrlimit(resource.RLIMIT_CPU, (int(seconds), int(seconds)))
    sys.stdout.write(_judge(kind, sys.stdin.buffer.read()))
