"""Files that people hand in, and the lists that ask for them."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from typing import Any, Final
from uuid import UUID

from PIL import Image
from uuid_utils.compat import uuid7

from db import blob
from rules.kinds import Kind
from rules.material import UploadedFile
from tests.support.world import World

PDF: Final = (
    b"%PDF-1.7\n1 0 obj <</Type /Catalog /Pages 2 0 R>> endobj\n2 0 obj <</Type /Pages /Kids [3 0 R] /Count 1>> endobj\n"
    b"3 0 obj <</Type /Page /Parent 2 0 R /MediaBox [0 0 595 842]>> endobj\ntrailer <</Root 1 0 R>>\n%%EOF\n"
)
"""One empty page."""


LAW: Final = {Kind.FIRST: ("EDUCATION",)}
"""What the nation wants handed in before a kind is filed, and sees the originals of."""


def picture(kind: str = "PNG", size: tuple[int, int] = (40, 60)) -> bytes:
    """A picture of one colour."""
    content = BytesIO()
    Image.new("RGB", size, "white").save(content, kind)
    return content.getvalue()


def a_file(content: bytes = PDF, name: str = "毕业证.pdf") -> UploadedFile:
    """A file as somebody sends it."""
    return UploadedFile(name, content)


async def ask_for(world: World, authority_id: UUID | None, code: str = "HEALTH_REPORT", **values: Any) -> UUID:
    """An authority asks for a material of a renewal, unless told otherwise."""
    key = uuid7()
    row = {"kind": "RENEWAL", "title_zh": "体检证明", "title_en": "Health report", "valid_from": date(2020, 1, 1)}
    await world.insert(
        "material_requirement", **{**row, "id": key, "authority_id": authority_id, "code": code, **values}
    )
    return key


async def a_blob(world: World, content: bytes, media_type: str = "application/pdf") -> UUID:
    """A file, kept as the steps keep one."""
    row = {**blob.sealed(world.keyring, content), "media_type": media_type}
    names, places = ", ".join(row), ", ".join(f"${n + 1}" for n in range(len(row)))
    key: UUID = await world.owner.fetchval(
        f"insert into blob ({names}) values ({places}) on conflict (content_index)"
        " do update set content_index = excluded.content_index returning id",
        *row.values(),
    )
    return key


async def hand_in(world: World, application_id: UUID, account_id: UUID, *codes: str) -> None:
    """Materials that an application has already, straight in the tables."""
    kept_as = await a_blob(world, PDF)
    for code in codes:
        row = {"id": uuid7(), "application_id": application_id, "code": code, "file_name": f"{code}.pdf"}
        kept = {"media_type": "application/pdf", "size": len(PDF), "blob_id": kept_as, "uploaded_by": account_id}
        await world.insert("material", **row, **kept)
