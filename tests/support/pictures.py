"""Pictures as people hand them in: drawn, and small."""

from __future__ import annotations

import random
import struct
import zlib
from io import BytesIO
from typing import Any, Final

from PIL import Image, ImageCms, ImageDraw

WHITE: Final = (255, 255, 255)
SIDES: Final = (354, 472)
ORIENTATION: Final = 0x0112


def drawn(size: tuple[int, int] = SIDES, background: tuple[int, int, int] = WHITE, seed: int = 0) -> Image.Image:
    """A head and shoulders before a plain background."""
    width, height = size
    chance = random.Random(seed)
    picture = Image.new("RGB", size, background)
    pen = ImageDraw.Draw(picture)
    coat = (chance.randrange(40, 120), chance.randrange(60, 160), chance.randrange(120, 220))
    pen.ellipse((width * 0.1, height * 0.68, width * 0.9, height * 1.4), fill=coat)
    pen.ellipse((width * 0.28, height * 0.07, width * 0.72, height * 0.5), fill=(40, 30, 30))
    pen.ellipse((width * 0.31, height * 0.2, width * 0.69, height * 0.66), fill=(225, 190, 165))
    for across in (0.42, 0.58):
        pen.ellipse((width * (across - 0.03), height * 0.38, width * (across + 0.03), height * 0.41), fill=(30, 30, 30))
    return picture


def noise(size: tuple[int, int] = SIDES, seed: int = 0) -> Image.Image:
    """Points of chance: what no format makes small."""
    return Image.frombytes("RGB", size, random.Random(seed).randbytes(size[0] * size[1] * 3))


def saved(picture: Image.Image, kind: str = "JPEG", **how: Any) -> bytes:
    """A picture as a file."""
    made = BytesIO()
    picture.save(made, kind, **how)
    return made.getvalue()


_HELD: Final = {
    **{2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM},
    **{5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_90, 7: Image.Transpose.TRANSVERSE},
    8: Image.Transpose.ROTATE_270,
}
"""How a camera was held, for each word on how to turn its picture."""


def held(orientation: int, size: tuple[int, int] = SIDES, kind: str = "JPEG") -> bytes:
    """A picture as a camera writes it that was not held upright, with its word on how to turn it."""
    return turned(drawn(size).transpose(_HELD[orientation]), orientation, kind)


def turned(picture: Image.Image, orientation: int, kind: str = "JPEG") -> bytes:
    """A picture with a word on how to turn it."""
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    exif[0x010F] = "MAKER-OF-CAMERAS"
    return saved(picture, kind, exif=exif.tobytes())


def sized(size: int, seed: int = 0) -> bytes:
    """A JPEG of the right sides with so many bytes: filled up by a comment."""
    plain = saved(drawn(seed=seed), quality=90)
    left = size - len(plain)
    parts = bytearray()
    while left > 0:
        length = min(left, 65_000)
        if 0 < left - length < 4:
            length -= 4
        parts += b"\xff\xfe" + struct.pack(">H", length - 2) + b"x" * (length - 4)
        left -= length
    return plain[:2] + bytes(parts) + plain[2:]


def chunk(kind: bytes, content: bytes) -> bytes:
    """A chunk of a PNG."""
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def header(width: int, height: int) -> bytes:
    """The beginning of a PNG that says of itself that it is so large."""
    words = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", words)


def moving(frames: int) -> bytes:
    """An animated PNG."""
    first, *others = (drawn(seed=one) for one in range(frames))
    return saved(first, "PNG", save_all=True, append_images=others, duration=100)


def srgb() -> bytes:
    """A colour profile."""
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def deep() -> bytes:
    """A grey PNG of 16 bits: something dark above, something less dark below, and white around."""
    width, height = SIDES
    rows = []
    for y in range(height):
        shade = 0x2020 if height // 10 < y < height // 2 else 0x8080 if y > height // 2 else 0xFFFF
        across = [0xFFFF] * 60 + [shade] * (width - 120) + [0xFFFF] * 60
        rows.append(b"\0" + struct.pack(f">{width}H", *across))
    words = struct.pack(">IIBBBBB", width, height, 16, 0, 0, 0, 0)
    begin = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", words)
    return begin + chunk(b"IDAT", zlib.compress(b"".join(rows))) + chunk(b"IEND", b"")
