"""The demo accounts that a newcomer is told of, in the terminal and on the page about them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from db.seed import DEMO_ACCOUNTS, MORE_ACCOUNTS
from web.banner import welcome
from web.settings import Settings

PAGE = (Path(__file__).parents[2] / "docs/tutorial/demo-accounts.md").read_text("utf-8")


def test_the_terminal_and_the_page_name_every_demo_account(capsys: pytest.CaptureFixture[str]) -> None:
    accounts = (*DEMO_ACCOUNTS, *MORE_ACCOUNTS)
    welcome(Settings(), 8000, 0.0, accounts)
    shown = re.findall(r"^  ([a-z]+\d+) +(\S+) +(\S.*)$", capsys.readouterr().out, re.MULTILINE)
    assert shown == [(one.user_name, one.password, one.title) for one in accounts]
    rows = [line.split("|")[1] for line in PAGE.splitlines() if line.startswith("| `")]
    assert sorted(re.findall(r"`([a-z]+\d+)`", " ".join(rows))) == sorted(one.user_name for one in accounts)
