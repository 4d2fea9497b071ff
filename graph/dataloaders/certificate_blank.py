"""Rows of blank certificates (空白证书) and their counts, as clients see them."""

from __future__ import annotations

from typing import Final

from graph.dataloaders.row import Shown, node, plain
from graph.schema.certificate_blank import CertificateBlank, CertificateStock

SHOWN: Final[Shown] = {"CertificateBlank": node(CertificateBlank), "CertificateStock": plain(CertificateStock)}
