"""The form of values on printed pages."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from io import BytesIO
from typing import Any, Final

import segno

from rules.label import Labelled
from rules.law import Law
from rules.moment import SHANGHAI
from rules.reasons import REASONS, Reason

NOTHING: Final = "—"
BLANK_DATE: Final = "　　　年　　月　　日"
SHORT: Final = 10
"""The number of Han characters that fit into half a line of the form; of letters and digits twice as many."""
_HAN: Final = "\u2e80"
_PNG: Final = b"\x89PNG"

Row = dict[str, str | bool]


def shown(value: object) -> str:
    """A value as people read it: the label of a list's member, 2025年9月26日, 是."""
    match value:
        case None | "":
            return NOTHING
        case bool():
            return "是" if value else "否"
        case Labelled():
            return value.label
        case datetime():
            return shown(value.astimezone(SHANGHAI).date())
        case date():
            return f"{value.year}年{value.month}月{value.day}日"
        case _:
            return str(value)


def row(label: str, value: object, *, wide: bool = False) -> Row:
    """A line of the form; a long value gets the whole of it."""
    text = shown(value)
    return {"label": label, "value": text, "wide": wide or _width(text) > SHORT}


def _width(text: str) -> float:
    return sum(1 if character >= _HAN else 0.5 for character in text)


def because(codes: Iterable[str], law: Law) -> list[str]:
    """The reasons of a decision with their articles; a text that is not a coded reason stands as it is."""
    return [_because(Reason(code), law) if code in {*Reason} else code for code in codes]


def _because(reason: Reason, law: Law) -> str:
    article = law.article(REASONS[reason].article)
    return f"{reason.label}（{article}）" if article else reason.label


def qr_code(text: str) -> str:
    """A QR code as SVG."""
    drawn = BytesIO()
    segno.make(text, error="m").save(drawn, kind="svg", border=0, xmldecl=False)
    return drawn.getvalue().decode()


def receipt(kept: Mapping[str, Any]) -> dict[str, str | None]:
    """The code by which a paper is verified, and the address that it leads to; None where there is no certificate."""
    code: str | None = kept["code"]
    if code is None:
        return {"verify": None, "verify_at": None}
    return {"verify": qr_code(code), "verify_at": code.partition("#")[0]}


def photo(kept: Mapping[str, Any]) -> str | None:
    """The nurse's photo, as an SVG that holds it unchanged; None where the record has none."""
    picture: bytes | None = kept["photo"]
    if picture is None:
        return None
    kind = "png" if picture.startswith(_PNG) else "jpeg"
    href = f"data:image/{kind};base64,{b64encode(picture).decode()}"
    size = 'width="354" height="472"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}><image {size} href="{href}"/></svg>'
