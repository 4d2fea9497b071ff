"""Sixty kinds of file that people hand in as a photo, and what each is told (N15)."""

from __future__ import annotations

import os
from collections.abc import Callable
from io import BytesIO
from typing import Final

import pytest
from PIL import Image

from rules.errors import Invalid
from rules.photo import BYTES
from tests.support.pictures import (
    SIDES,
    WHITE,
    chunk,
    deep,
    drawn,
    header,
    held,
    moving,
    noise,
    saved,
    sized,
    srgb,
    turned,
)
from workflow import decoding
from workflow.decoding import photo_of

pytestmark = pytest.mark.feature("N15")
Bytes = Callable[[], bytes]
JPEG_END: Final = b"\xff\xd9"


def good() -> bytes:
    """A photo as it should be."""
    return saved(drawn(), quality=90)


def png(mode: str) -> bytes:
    """A PNG of the right sides in one of the modes."""
    return saved(drawn().convert(mode), "PNG")


def see_through() -> bytes:
    """A PNG whose background one sees through."""
    picture = drawn().convert("RGBA")
    points = [(r, g, b, 0 if (r, g, b) == WHITE else 255) for r, g, b, _ in picture.get_flattened_data()]
    picture.putdata(points)
    return saved(picture, "PNG")


def across(size: tuple[int, int] = SIDES) -> Image.Image:
    """A photo that lies on its side."""
    return drawn(size).transpose(Image.Transpose.ROTATE_90)


FINE: Final[dict[str, Bytes]] = {
    "a JPEG": good,
    "a progressive JPEG": lambda: saved(drawn(), progressive=True),
    "a JPEG without subsampling": lambda: saved(drawn(), subsampling=0, quality=95),
    "a JPEG with restart marks": lambda: saved(drawn(), restart_marker_rows=4),
    "a JPEG with 300 dots an inch": lambda: saved(drawn(), dpi=(300, 300)),
    "a JPEG with a comment": lambda: saved(drawn(), comment="张三的照片"),
    "a JPEG with a colour profile": lambda: saved(drawn(), icc_profile=srgb()),
    "a JPEG with a profile of nonsense": lambda: saved(drawn(), icc_profile=b"nonsense" * 20),
    "a JPEG for print (CMYK)": lambda: saved(drawn().convert("CMYK"), quality=80),
    "a grey JPEG": lambda: saved(drawn().convert("L")),
    "a JPEG that a camera calls upright": lambda: turned(drawn(), 1),
    "a JPEG of a camera in a mirror": lambda: held(2),
    "a JPEG of a camera upside down": lambda: held(3),
    "a JPEG of a camera upside down in a mirror": lambda: held(4),
    "a JPEG of a camera turned right": lambda: held(6),
    "a JPEG of a camera turned left": lambda: held(8),
    "a JPEG of a camera turned right in a mirror": lambda: held(5),
    "a JPEG of a camera turned left in a mirror": lambda: held(7),
    "a JPEG turned by nonsense": lambda: turned(drawn(), 9),
    "a JPEG with words behind its end": lambda: good() + b"\nhello",
    "a JPEG that is an archive as well": lambda: good() + b"PK\x03\x04" + bytes(40),
    "a JPEG that is a web page as well": lambda: good() + b"<script>1</script>",
    "a JPEG of 81,920 bytes": lambda: sized(BYTES),
    "a JPEG before a blue background": lambda: saved(drawn(background=(67, 142, 219))),
    "a JPEG before a red background": lambda: saved(drawn(background=(255, 0, 0))),
    "a JPEG before a background almost white": lambda: saved(drawn(background=(236, 238, 235))),
    "a PNG": lambda: png("RGB"),
    "a grey PNG": lambda: png("L"),
    "a black and white PNG": lambda: png("1"),
    "a PNG with a palette": lambda: png("P"),
    "a PNG that one sees through": see_through,
    "a grey PNG with opacity": lambda: png("LA"),
    "a palette with one colour to see through": lambda: saved(drawn().quantize(16), "PNG", transparency=0),
    "a grey PNG of 16 bits": deep,
    "a PNG of a camera turned right": lambda: held(6, kind="PNG"),
    "a PNG with words behind its end": lambda: png("RGB") + b"\nhello",
    "an animated PNG of one picture": lambda: moving(1),
}
"""The kinds that are a photo as they are, whatever they are called."""
BORDERS: Final = {"a JPEG before a blue background", "a JPEG before a red background"}
GREYS: Final = {
    "a grey JPEG",
    "a grey PNG",
    "a black and white PNG",
    "a grey PNG with opacity",
    "a grey PNG of 16 bits",
}
REFUSED: Final[dict[str, tuple[Bytes, str, str]]] = {
    "nothing": (lambda: b"", "FILE_SIZE", "文件为空"),
    "6 MiB": (lambda: good() + bytes(6 << 20), "FILE_SIZE", "6 MB，不得超过5 MB"),
    "a word": (lambda: b"hello", "FILE_TYPE", "JPEG、PNG"),
    "a GIF": (lambda: saved(drawn(), "GIF"), "FILE_TYPE", "GIF"),
    "a WebP": (lambda: saved(drawn(), "WEBP"), "FILE_TYPE", "WebP"),
    "an AVIF": (lambda: saved(drawn(), "AVIF"), "FILE_TYPE", "AVIF"),
    "a HEIC": (lambda: b"\0\0\0\x18ftypheic" + bytes(20), "FILE_TYPE", "兼容性最佳"),
    "a BMP": (lambda: saved(drawn(), "BMP"), "FILE_TYPE", "BMP"),
    "a TIFF": (lambda: saved(drawn(), "TIFF"), "FILE_TYPE", "TIFF"),
    "a PDF": (lambda: saved(drawn(), "PDF"), "FILE_TYPE", "请上传相片图片本身"),
    "an archive": (lambda: b"PK\x03\x04" + bytes(40), "FILE_TYPE", "请上传相片图片本身"),
    "a web page": (lambda: b"<svg xmlns='http://www.w3.org/2000/svg'/>", "FILE_TYPE", "网页"),
    "a JPEG by its beginning alone": (lambda: b"\xff\xd8\xff\xe0" + bytes(200), "PICTURE_BROKEN", "损坏"),
    "a JPEG cut off in its middle": (lambda: good()[: len(good()) // 2], "PICTURE_BROKEN", "损坏"),
    "a PNG cut off in its middle": (lambda: png("RGB")[:1500], "PICTURE_BROKEN", "损坏"),
    "a PNG with a wrong check sum": (
        lambda: png("RGB")[:-16] + bytes(4) + png("RGB")[-12:],
        "PICTURE_BROKEN",
        "损坏",
    ),
    "a PNG of a header alone": (lambda: header(*SIDES) + chunk(b"IEND", b""), "PICTURE_BROKEN", "损坏"),
    "a PNG that says it is endless": (
        lambda: header(60_000, 60_000) + chunk(b"IDAT", b""),
        "PICTURE_TOO_LARGE",
        "过大",
    ),
    "a JPEG of endless scans": (lambda: good()[:-2] + b"\xff\xda" * 300 + JPEG_END, "PICTURE_TOO_LARGE", "过大"),
    "an animated PNG": (lambda: moving(3), "PHOTO_ANIMATED", "3帧"),
    "a white page": (lambda: saved(Image.new("RGB", SIDES, WHITE)), "PHOTO_BLANK", "空白"),
    "one point": (lambda: saved(Image.new("RGB", (1, 1))), "PHOTO_BLANK PHOTO_PIXELS", "1×1"),
    "353 points wide": (lambda: saved(drawn((353, 472))), "PHOTO_PIXELS", "353×472"),
    "a point too high": (lambda: saved(drawn((354, 473))), "PHOTO_PIXELS", "可选择自动裁剪"),
    "one inch": (lambda: saved(drawn((295, 413))), "PHOTO_PIXELS", "过小"),
    "two inches": (lambda: saved(drawn((413, 579))), "PHOTO_PIXELS", "自动裁剪"),
    "as a phone takes it": (lambda: saved(drawn((1200, 1600))), "PHOTO_PIXELS", "1200×1600"),
    "on its side": (lambda: saved(across()), "PHOTO_SIDEWAYS", "旋转"),
    "on its side by a camera's word": (lambda: turned(drawn(), 6), "PHOTO_SIDEWAYS", "472×354"),
    "a byte over 80 KB": (lambda: sized(BYTES + 1), "PHOTO_BYTES", "81 KB"),
    "of chance": (lambda: saved(noise(), quality=95), "PHOTO_BYTES", "KB"),
    "too wide and too heavy": (lambda: saved(noise((400, 500)), quality=95), "PHOTO_PIXELS PHOTO_BYTES", "400×500"),
}
"""The kinds that are no photo, the codes that they are refused with, and a word of the Chinese message."""


def test_they_are_sixty_at_least() -> None:
    assert len(FINE) + len(REFUSED) >= 60


@pytest.mark.parametrize("name", FINE)
async def test_a_picture_that_is_a_photo_is_made_anew_and_nothing_else_of_it_is_kept(name: str) -> None:
    content = FINE[name]()
    measured, made = await photo_of(content, cut=False)
    assert (measured.width, measured.height) == SIDES
    assert {one.value for one in measured.warnings()} == {
        *(["BACKGROUND_NOT_WHITE"] if name in BORDERS else []),
        *(["GREY"] if name in GREYS else []),
    }
    with Image.open(BytesIO(made)) as photo:
        assert (photo.format, photo.mode, photo.size, len(photo.getexif())) == ("JPEG", "RGB", SIDES, 0)
        assert {*photo.info} <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
        hair, coat = (photo.convert("L").resize((10, 10), Image.Resampling.BOX).getpixel((5, y)) for y in (1, 8))
        assert hair < coat - 20, "her shoulders are below"
    assert len(made) <= BYTES
    assert made.endswith(JPEG_END)


@pytest.mark.parametrize("name", REFUSED)
async def test_a_file_that_is_no_photo_is_told_what_it_is_and_what_to_do(name: str) -> None:
    content, codes, word = REFUSED[name]
    with pytest.raises(Invalid) as refusal:
        await photo_of(content(), cut=False)
    found = refusal.value.problems
    assert [one.code for one in found] == codes.split()
    assert {one.path for one in found} == {"file"}
    assert word in "".join(one.words.zh for one in found)


@pytest.mark.parametrize(
    "content",
    [
        saved(drawn((1200, 1600))),
        saved(drawn((3000, 4000))),
        saved(drawn((900, 480))),
        saved(drawn((354, 2000)), "PNG"),
        held(6, (1200, 1600)),
        saved(noise((700, 933)), quality=95),
        saved(noise(), quality=95),
        saved(noise(), "PNG"),
    ],
    ids=["a phone's", "a camera's", "wide", "high", "turned", "heavy", "exact and heavy", "a heavy PNG"],
)
async def test_a_larger_picture_is_cut_and_scaled_on_request(content: bytes) -> None:
    _, made = await photo_of(content, cut=True)
    with Image.open(BytesIO(made)) as photo:
        assert photo.size == SIDES
    assert len(made) <= BYTES


async def test_a_smaller_picture_is_not_made_larger() -> None:
    with pytest.raises(Invalid) as refusal:
        await photo_of(saved(drawn((353, 2000))), cut=True)
    assert [one.code for one in refusal.value.problems] == ["PHOTO_PIXELS"]


async def test_a_picture_that_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoding, "SECONDS", 0)
    with pytest.raises(Invalid) as refusal:
        await photo_of(good(), cut=False)
    assert [one.code for one in refusal.value.problems] == ["FILE_TOO_SLOW"]


async def test_the_process_gets_nothing_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "PYTHONSTARTUP", "/nowhere")
    seen: list[dict[str, str]] = []
    started = decoding.asyncio.create_subprocess_exec

    async def watched(*command: str, env: dict[str, str], **how: int) -> object:
        seen.append(env)
        return await started(*command, env=env, **how)

    monkeypatch.setattr(decoding.asyncio, "create_subprocess_exec", watched)
    await photo_of(good(), cut=False)
    assert [{*one} for one in seen] == [{"PYTHONPATH"}]
