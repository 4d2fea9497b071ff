"""The terms of printed pages (表格用语)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from rules.form_terms import TERMS
from rules.kinds import Kind
from rules.marks import UNNAMED


@dataclass(frozen=True, slots=True)
class Paper:
    """The terms of the pages of one kind: its form, and the grant or refusal in a letter."""

    form: str
    subject: str


PAPERS: Final[Mapping[Kind, Paper]] = {
    Kind.FIRST: Paper("护士首次注册申请审核表", "护士执业首次注册"),
    Kind.RENEWAL: Paper("护士延续注册申请审核表", "护士执业延续注册"),
    Kind.CHANGE: Paper("护士变更注册申请审核表", "护士执业变更注册"),
    Kind.DEREGISTRATION: Paper("护士注销注册申请审核表", "护士执业注销注册"),
    Kind.REREGISTRATION: Paper("护士重新注册申请审核表", "护士执业重新注册"),
    Kind.MILITARY_TRANSFER: Paper("军队武警护士变更到地方申请审核表", "军队武警护士变更到地方"),
    Kind.REISSUE: Paper("护士执业证书补办申请表", "护士执业证书补办"),
}

LABELS: Final[Mapping[str, str]] = {**{name: terms.title.zh for name, terms in TERMS.items()}, UNNAMED: "申请材料"}
"""The labels of a page: the fields of all forms, and the papers."""
