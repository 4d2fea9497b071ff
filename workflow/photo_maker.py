"""The program that makes photos of pictures (`python -m workflow.photo_maker WIDTH HEIGHT BYTES CUT < pictures`).

It reads a line of JSON with the sizes of the pictures, then them; it writes what it has measured as a line of JSON, and
the photos, where there are some: upright, with nothing in them but their points. It imports nothing of the register:
each file waits for it to start.
"""

from __future__ import annotations

import json
import resource
import sys
from contextlib import suppress
from io import BytesIO
from typing import Any, Final

from PIL import Image, ImageChops, ImageCms, ImageOps

from workflow.opener import DRAWN, MEMORY, PIXELS, SCANS

SECONDS: Final = 4
QUALITIES: Final = (92, 85, 75, 60, 40, 20)
NEAR_WHITE, FLAT = 220, 12
"""The darkest that passes for white, and the largest difference within a picture of nothing."""
_TURNED: Final = 0x0112
_SRGB: Final = ImageCms.createProfile("sRGB")
Picture = Image.Image


def measured(content: bytes, size: tuple[int, int], most: int, *, cut: bool) -> tuple[dict[str, Any], bytes]:
    """The facts of a picture, and the photo made of it: none where it has other sides and may or can not be cut."""
    jpeg = content.startswith(b"\xff\xd8")
    scans = content.count(b"\xff\xda") if jpeg else 1
    with Image.open(BytesIO(content), formats=("JPEG",) if jpeg else ("PNG",)) as picture:
        if scans > SCANS or picture.width * picture.height > min(PIXELS, DRAWN // max(1, scans)):
            return {"fault": "PICTURE_TOO_LARGE"}, b""
        across = picture.getexif().get(_TURNED, 1) in range(5, 9)
        seen = picture.size[::-1] if across else picture.size
        frames = 1 if jpeg else getattr(picture, "n_frames", 1)
        fits = seen == size or (cut and seen[0] >= size[0] and seen[1] >= size[1])
        if jpeg and fits and seen != size:
            picture.draft(None, (2 * max(size), 2 * max(size)))
        picture.load()
        upright = _plain(ImageOps.exif_transpose(picture))
    if not jpeg:  # no check sum is looked at above
        with Image.open(BytesIO(content), formats=("PNG",)) as picture:
            picture.verify()
    blank = all(_spread(one) < FLAT for one in upright.split())
    found = {"width": seen[0], "height": seen[1], "frames": frames, "blank": blank, "grey": _grey(upright)}
    if not fits:
        return found, b""
    # A face is in the upper half of a picture that is too high.
    made = upright if upright.size == size else ImageOps.fit(upright, size, Image.Resampling.LANCZOS, 0, (0.5, 0.3))
    return {**found, "white": _white(made)}, _encoded(made, most)


def _plain(picture: Picture) -> Picture:
    """The points of a picture as a screen shows them: its colours in sRGB, what one sees through it white."""
    profile = picture.info.get("icc_profile")
    if picture.mode.startswith("I;16") or picture.mode in ("I", "F"):
        picture = picture.convert("I").point(lambda value: value / 257).convert("L")
    elif picture.mode in ("RGB", "CMYK") and profile:
        with suppress(ImageCms.PyCMSError, OSError, ValueError):
            of_its_own = ImageCms.ImageCmsProfile(BytesIO(profile))
            picture = ImageCms.profileToProfile(picture, of_its_own, _SRGB, outputMode="RGB") or picture
    if picture.has_transparency_data:
        through = picture.convert("RGBA")
        paper = Image.new("RGBA", through.size, "white")
        return Image.alpha_composite(paper, through).convert("RGB")
    return picture.convert("RGB")


def _spread(band: Picture) -> int:
    """The difference between the lightest and the darkest point."""
    shades = [shade for shade, points in enumerate(band.histogram()) if points]
    return shades[-1] - shades[0]


def _grey(picture: Picture) -> bool:
    """True where the three colours hardly differ anywhere."""
    red, green, blue = picture.resize((64, 64)).split()
    apart = (ImageChops.difference(red, one).histogram() for one in (green, blue))
    return not any(sum(one[FLAT:]) for one in apart)


def _white(picture: Picture) -> int:
    """Of a hundred points along the upper border, how many are near white; below stand her shoulders."""
    red, green, blue = picture.split()
    darkest = ImageChops.darker(ImageChops.darker(red, green), blue)
    width, height = picture.size
    side, top = width // 30, height // 30
    parts = ((0, 0, width, top), (0, top, side, height // 2), (width - side, top, width, height // 2))
    counts = [darkest.crop(part).histogram() for part in parts]
    return 100 * sum(sum(one[NEAR_WHITE:]) for one in counts) // sum(map(sum, counts))


def _encoded(picture: Picture, most: int) -> bytes:
    """The picture as a JPEG of at most so many bytes, without any word about where it comes from."""
    picture.info.clear()
    for quality in QUALITIES:
        made = BytesIO()
        picture.save(made, "JPEG", quality=quality, optimize=True)
        if made.tell() <= most:
            break
    return made.getvalue()


def _safely(content: bytes, size: tuple[int, int], most: int, *, cut: bool) -> tuple[dict[str, Any], bytes]:
    try:
        return measured(content, size, most, cut=cut)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError):
        return {"fault": "PICTURE_TOO_LARGE"}, b""
    except (OSError, SyntaxError, ValueError):
        return {"fault": "PICTURE_BROKEN"}, b""


def main(width: int, height: int, most: int, *, cut: bool) -> None:
    """Read standard input, write standard output."""
    with suppress(ValueError, OSError):  # not on every system
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    given = sys.stdin.buffer
    pictures = [given.read(one) for one in json.loads(given.readline())]
    made = [_safely(one, (width, height), most, cut=cut) for one in pictures]
    found = [{**facts, "made": len(photo)} for facts, photo in made]
    sys.stdout.buffer.write(json.dumps(found).encode() + b"\n" + b"".join(photo for _, photo in made))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:4]), cut=sys.argv[4] == "cut")
