"""The README is short, and its pages tell of every setting, limit, command, sign-in, event and error there is, and of no other."""

from __future__ import annotations

import ast
import re
from dataclasses import fields
from pathlib import Path
from urllib.parse import unquote

import pytest
from graphql import parse, validate

from db.seed import DEMO_ACCOUNTS, MORE_ACCOUNTS
from db.seed.demo import DEMO_PEOPLE
from graph.limits import Limits, check
from graph.root import SECRETS, schema
from rules.conflict import Situation
from tests.support import code_table, event_table
from tests.support.code_kinds import unread
from tests.support.code_sources import Sources
from tests.support.live import Live
from tests.support.world import TODAY, Cast
from web.cli import app
from web.settings import Settings, variable_of

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
README = (ROOT / "README.md").read_text("utf-8")
PAGES = (ROOT / "README.md", ROOT / "CHANGELOG.md", ROOT / "SECURITY.md", ROOT / "CONTRIBUTING.md", *DOCS.rglob("*.md"))


def page(path: str) -> str:
    """A page of docs/."""
    return (DOCS / path).read_text("utf-8")


def rows(path: str) -> dict[str, str]:
    """The tables of a page of variables: name and default."""
    return dict(re.findall(r"^\| `([A-Z_]+)` \| (.+?) \|", page(path), re.MULTILINE))


LIMITS = {f"HUSHI_LIMIT_{one.name.upper()}": str(one.default) for one in fields(Limits)}
SETTINGS = {variable_of(name): one for name, one in Settings.model_fields.items() if name != "limits"}
EXPLAINED = {
    "HUSHI_DATA",
    "HUSHI_KEYS",
    "HUSHI_SIGNING_KEYS",
    "DATABASE_OWNER_URL",
    "HUSHI_TRUSTED_PROXIES",
    "HUSHI_KNOWN_NETWORKS",
}
"""Their defaults depend on something, or are empty; the page says it in words."""


def test_the_readme_is_one_look() -> None:
    lines = README.splitlines()
    assert (len(lines) <= 90, len(README.encode()) <= 6000) == (True, True)
    assert [line for line in lines if len(line) > 120] == []


def test_it_names_every_setting_and_no_other() -> None:
    assert rows("reference/settings.md").keys() == SETTINGS.keys()
    assert rows("reference/limits.md").keys() == LIMITS.keys()


@pytest.mark.parametrize("name", sorted(SETTINGS.keys() - EXPLAINED))
def test_it_gives_the_default_of_a_setting(name: str) -> None:
    default = SETTINGS[name].default
    assert rows("reference/settings.md")[name] == ("none" if default is None else f"`{default}`")


@pytest.mark.parametrize("name", LIMITS)
def test_it_gives_the_default_of_a_limit(name: str) -> None:
    assert rows("reference/limits.md")[name] == f"`{LIMITS[name]}`"


def test_it_names_every_make_target_and_no_other() -> None:
    targets = re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    named = re.findall(r"^\| `make ([a-z-]+)` \|", page("reference/commands.md"), re.MULTILINE)
    assert sorted(named) == sorted({*targets} - {"help"})


def test_it_names_every_command_of_hushi_and_no_other() -> None:
    commands = {one.name or one.callback.__name__ for one in app.registered_commands if one.callback}
    for group in app.registered_groups:
        assert group.typer_instance is not None
        inner = group.typer_instance.registered_commands
        commands |= {f"{group.name} {one.name or one.callback.__name__}" for one in inner if one.callback}
    text = page("reference/commands.md").partition("## hushi")[2]
    assert set(re.findall(r"^\| `([a-z ]+)` \|", text, re.MULTILINE)) == commands


def test_the_readme_says_what_continuous_integration_runs() -> None:
    ran = re.findall(r"^make --no-print-directory (.+)$", (ROOT / ".ci" / "run").read_text("utf-8"), re.MULTILINE)
    assert [f"make {one}" for one in ran if f"`make {one}`" not in README] == []
    assert "`.ci/run`" in README


def test_it_names_every_demo_account_and_their_password() -> None:
    text = page("tutorial/demo-accounts.md")
    assert [one.user_name for one in (*DEMO_ACCOUNTS, *MORE_ACCOUNTS) if f"`{one.user_name}`" not in text] == []
    assert {one.password for one in DEMO_ACCOUNTS if f"`{one.password}`" not in text} == set()
    assert {one.password for one in DEMO_ACCOUNTS if f"`{one.password}`" not in README} == set()


def test_it_names_every_demo_person_and_what_she_proves_herself_by() -> None:
    text = page("how-to/account.md")
    expected = [f"| {one.title} | {one.name} | `{one.id_number}` | " for one in DEMO_PEOPLE]
    assert [row for row in expected if row not in text] == []
    assert [one.certificate for one in DEMO_PEOPLE if one.certificate and f"`{one.certificate}`" not in text] == []


def test_the_page_of_events_is_the_table_of_events() -> None:
    assert event_table.PAGE.read_text("utf-8") == event_table.page(), "python -m tests.support.event_table"


def test_the_page_of_codes_is_the_codes_of_the_sources() -> None:
    text = code_table.PAGE.read_text("utf-8")
    assert text == code_table.page(text), "python -m tests.support.code_table"


def test_the_code_of_every_refusal_is_read_off_the_sources() -> None:
    """What passes a code on that was read before has none of its own."""
    assert unread(Sources()) == {
        ("graph/schema/collective.py", "one['code']"),
        ("rules/collective.py", "getattr(refusal, 'reason', refusal.code)"),
        ("rules/eligibility.py", "verdict.rule.code"),
    }


def test_every_situation_of_a_conflict_comes_about() -> None:
    raised = {
        node.attr
        for tree in Sources().modules.values()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and getattr(node.value, "id", "") == "Situation"
    }
    assert raised == {*Situation}


def test_every_code_says_what_it_means_in_chinese_and_english() -> None:
    tables = code_table.TABLE.findall(code_table.PAGE.read_text("utf-8"))
    rows = [(code, *meaning) for table in tables for code, meaning in code_table.meanings(table).items()]
    assert [one for one in rows if not re.search(r"[\u4e00-\u9fff]", one[1]) or not one[2].endswith((".", ")"))] == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_of_a_page_leads_somewhere(path: Path) -> None:
    links = re.findall(r"\]\(([^)\s]+)\)", without_code(path))
    inside = [link for link in links if "://" not in link]
    assert [link for link in inside if not leads(path, link)] == []


def without_code(path: Path) -> str:
    return re.sub(r"^```.*?^```$", "", path.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)


def leads(path: Path, link: str) -> bool:
    """Whether the file is there, and in it the heading that the link names."""
    name, _, heading = unquote(link).partition("#")
    target = (path.parent / name) if name else path
    if not target.exists() or not heading:
        return target.exists()
    titles = re.findall(r"^#+ (.+)$", target.read_text("utf-8"), re.MULTILINE)
    return heading in {re.sub(r"[^\w -]", "", title).strip().lower().replace(" ", "-") for title in titles}


def test_every_decision_is_listed() -> None:
    listed = re.findall(r"\]\(\.\./decisions/([^)]+)\)", page("explanation/decisions.md"))
    assert sorted(listed) == sorted(one.name for one in (DOCS / "decisions").iterdir())


def test_every_page_is_in_the_menu_of_the_site() -> None:
    menu = set(re.findall(r"[\w/-]+\.md", (ROOT / "mkdocs.yml").read_text("utf-8")))
    pages = {str(path.relative_to(DOCS)) for path in DOCS.rglob("*.md") if path.parent.name != "decisions"}
    assert menu == pages


FLOORS = ("bench", "web", "graph", "notify", "papers", "workflow", "db", "rules", "tests", "docs", ".ci", ".github")


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_path_that_a_page_names_is_there(path: Path) -> None:
    named = re.findall(rf"(?<![\w./-])((?:{'|'.join(map(re.escape, FLOORS))})/[\w./*-]*[\w*])", path.read_text("utf-8"))
    assert [one for one in named if not list(ROOT.glob(one))] == []


SUBSCRIPTION = README.partition("const query = `")[2].partition("`")[0]
RENEWAL = f"""mutation {{ applicationCreateDraft(input: {{form: {{renewal: {{healthStatus: GOOD,
  healthExaminedOn: "{TODAY}", department: WARD, title: NURSE}}}}}}) {{ ... on ApplicationPayload {{ application {{ id }} }} }} }}"""
SUBMIT = """mutation($id: ID!) { applicationSubmit(input: {id: $id, expectedVersion: 1}) { __typename } }"""


async def test_the_client_of_the_readme_is_told_at_once_and_after_its_cursor_what_it_missed(
    live: Live, cast: Cast
) -> None:
    document = parse(SUBSCRIPTION)
    assert validate(schema._schema, document) == []
    check(document, Limits(), SECRETS)
    operator, nurse = live.as_(cast.operator), live.as_(cast.nurse)
    async with operator.watch(SUBSCRIPTION, after=None) as first:
        cursor = (await first.next())["cursor"]
    draft = (await nurse.ask(RENEWAL))["applicationCreateDraft"]["application"]
    await nurse.ask(SUBMIT, id=draft["id"])
    async with operator.watch(SUBSCRIPTION, after=cursor) as second:
        message = await second.next()
        while "change" not in message:
            message = await second.next()
    assert (message["change"], message["application"]["id"]) == ("ADDED", draft["id"])
