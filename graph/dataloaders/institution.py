"""Rows of institutions (医疗机构) and of their approval settings (审批机关设置), as clients see them."""

from __future__ import annotations

from typing import Final

from graph.dataloaders.row import Shown, owner, plain
from graph.schema.place import ApprovalSetting, Institution

SHOWN: Final[Shown] = {"ApprovalSetting": plain(ApprovalSetting), "Institution": owner(Institution)}
