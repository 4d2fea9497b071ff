"""Rows of accounts (账户), as clients see them."""

from __future__ import annotations

from typing import Final

from graph.dataloaders.row import Shown, owner, plain
from graph.schema.account import Account
from graph.schema.account_security import AccountSecurity

SHOWN: Final[Shown] = {"Account": owner(Account), "AccountSecurity": plain(AccountSecurity)}
