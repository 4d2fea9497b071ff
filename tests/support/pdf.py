"""Reading PDFs back."""

from __future__ import annotations

import ctypes
import re
from dataclasses import dataclass
from functools import cached_property

import pypdfium2
import pypdfium2.raw as pdfium

from papers.file import File

A4 = (595, 842)


@dataclass(frozen=True)
class Pdf:
    """A file, opened."""

    file: File

    @cached_property
    def pages(self) -> list[pypdfium2.PdfPage]:
        """Its pages."""
        return list(pypdfium2.PdfDocument(self.file.content))

    @cached_property
    def text(self) -> str:
        """What can be selected and copied, without the breaks of lines."""
        return re.sub(r"\s", "", "".join(page.get_textpage().get_text_range() for page in self.pages))

    @property
    def sizes(self) -> set[tuple[int, int]]:
        """How large the pages are."""
        return {(round(page.get_width()), round(page.get_height())) for page in self.pages}

    @property
    def pictures(self) -> int:
        """How many photos are on it."""
        kinds = [pdfium.FPDF_PAGEOBJ_IMAGE]
        return sum(1 for page in self.pages for _ in page.get_objects(filter=kinds, max_depth=8))

    @property
    def fonts(self) -> dict[str, bool]:
        """Its fonts, and whether each is embedded."""
        found: dict[str, bool] = {}
        for page in self.pages:
            for text in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_TEXT], max_depth=8):
                font = pdfium.FPDFTextObj_GetFont(text)
                name = ctypes.create_string_buffer(128)
                pdfium.FPDFFont_GetBaseFontName(font, name, 128)
                found[name.value.decode()] = bool(pdfium.FPDFFont_GetIsEmbedded(font))
        return found
