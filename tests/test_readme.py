"""The README tells of every setting, limit, command and sign-in that there is, and of no other."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from db.seed import DEMO_ACCOUNTS
from db.seed.demo import DEMO_PEOPLE
from graph.limits import Limits
from web.cli import app
from web.settings import PREFIX, Settings

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "README.md").read_text("utf-8")
ROWS = dict(re.findall(r"^\| `([A-Z_]+)` \| (.+?) \|", PAGE, re.MULTILINE))
LIMITS = {f"HUSHI_LIMIT_{one.name.upper()}": str(one.default) for one in fields(Limits)}
SETTINGS = {
    str(one.validation_alias or f"{PREFIX}{name.upper()}"): one
    for name, one in Settings.model_fields.items()
    if name != "limits"
}
EXPLAINED = {"HUSHI_DATA", "HUSHI_KEYS", "DATABASE_OWNER_URL", "HUSHI_TRUSTED_PROXIES"}
"""Their defaults depend on something, or are empty; the page says it in words."""


def test_it_names_every_setting_and_no_other() -> None:
    assert ROWS.keys() == SETTINGS.keys() | LIMITS.keys()


@pytest.mark.parametrize("name", sorted(SETTINGS.keys() - EXPLAINED))
def test_it_gives_the_default_of_a_setting(name: str) -> None:
    default = SETTINGS[name].default
    assert ROWS[name] == ("none" if default is None else f"`{default}`")


@pytest.mark.parametrize("name", LIMITS)
def test_it_gives_the_default_of_a_limit(name: str) -> None:
    assert ROWS[name] == f"`{LIMITS[name]}`"


def test_it_names_every_make_target_and_no_other() -> None:
    targets = re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    assert sorted(re.findall(r"^\| `make ([a-z-]+)` \|", PAGE, re.MULTILINE)) == sorted({*targets} - {"help"})


def test_it_names_every_command_of_hushi() -> None:
    commands = [one.name or one.callback.__name__ for one in app.registered_commands if one.callback]
    assert [name for name in commands if f"`{name}`" not in PAGE] == []


def test_it_names_every_demo_account_and_their_password() -> None:
    assert [one.user_name for one in DEMO_ACCOUNTS if f"`{one.user_name}`" not in PAGE] == []
    assert {one.password for one in DEMO_ACCOUNTS if f"`{one.password}`" not in PAGE} == set()


def test_it_names_every_demo_person_and_what_she_proves_herself_by() -> None:
    rows = [f"| {one.title} | {one.name} | `{one.id_number}` | " for one in DEMO_PEOPLE]
    assert [row for row in rows if row not in PAGE] == []
    assert [one.certificate for one in DEMO_PEOPLE if one.certificate and f"`{one.certificate}`" not in PAGE] == []


def test_every_page_that_it_links_is_there() -> None:
    links = re.findall(r"\]\((docs/[^)]+)\)", PAGE)
    assert [link for link in links if not (ROOT / link).is_file()] == []
    assert {one.name for one in (ROOT / "docs" / "decisions").iterdir()} == {
        Path(link).name for link in links if link.startswith("docs/decisions/")
    }
