"""GraphiQL: everything comes from our own origin, and demo accounts only from the one who built the routes."""

import json
import re
from collections.abc import Sequence
from html.parser import HTMLParser
from pathlib import PurePosixPath

import httpx
import pytest
from graphql import OperationDefinitionNode, parse
from starlette.applications import Starlette

from rules.people import Party
from web.graphiql import FOLDER, POLICY, routes

OFFICER = {"role": "REVIEWER", "userName": "shencha1", "password": "demo-password"}
OWN_FILES = sorted(file.name for file in FOLDER.iterdir() if file.is_file())


async def get(path: str, *, accounts: Sequence[dict[str, str]] = (), etag: str = "") -> httpx.Response:
    transport = httpx.ASGITransport(app=Starlette(routes=routes(accounts)))
    async with httpx.AsyncClient(transport=transport, base_url="http://hushi.test") as client:
        return await client.get(path, headers={"if-none-match": etag})


class Loads(HTMLParser):
    """Every address that the page loads."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.inline_scripts = 0
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.addresses += [value for name, value in attrs if name in {"src", "href"} and value]
        self.inline_scripts += tag == "script" and "src" not in dict(attrs)


@pytest.mark.parametrize("path", ["/graphiql", "/graphiql/accounts.json", "/static/graphiql/vendor.js"])
async def test_every_answer_carries_the_safe_headers(path: str) -> None:
    answer = await get(path)
    assert answer.status_code == 200
    assert answer.headers["content-security-policy"] == POLICY
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"


def test_the_policy_lets_in_nothing_from_elsewhere_and_no_inline_script() -> None:
    directives = dict(directive.split(" ", 1) for directive in POLICY.split("; "))
    assert directives["default-src"] == "'none'"
    assert directives["script-src"] == directives["connect-src"] == "'self'"
    assert set(" ".join(directives.values()).split()) == {"'none'", "'self'", "'unsafe-inline'", "data:"}


@pytest.mark.parametrize(
    ("path", "subtype"),
    [
        ("/graphiql", "html"),
        ("/graphiql/accounts.json", "json"),
        ("/static/graphiql/vendor.js", "javascript"),
        ("/static/graphiql/page.js", "javascript"),
        ("/static/graphiql/vendor.css", "css"),
        ("/static/graphiql/examples.json", "json"),
        ("/static/graphiql/LICENSES.txt", "plain"),
    ],
)
async def test_every_file_has_its_type(path: str, subtype: str) -> None:
    answer = await get(path)
    # Python 3.11 alone says application/javascript, a system's own table text/javascript: both are right.
    assert answer.headers["content-type"].split(";")[0].split("/")[1] == subtype


async def test_a_file_that_the_browser_has_is_not_sent_again() -> None:
    first = await get("/static/graphiql/vendor.js")
    assert first.headers["cache-control"] == "no-cache"
    again = await get("/static/graphiql/vendor.js", etag=first.headers["etag"])
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["content-security-policy"] == POLICY


@pytest.mark.parametrize(
    "path", ["/static/graphiql/", "/static/graphiql/no.js", "/static/graphiql/%2e%2e/%2e%2e/graphiql.py"]
)
async def test_nothing_but_the_files_of_the_page_is_served(path: str) -> None:
    assert (await get(path)).status_code == 404


async def test_the_page_loads_only_its_own_files_and_no_inline_script() -> None:
    loads = Loads((await get("/graphiql")).text)
    own = [PurePosixPath(address) for address in loads.addresses if address != "data:,"]
    assert loads.inline_scripts == 0
    assert {str(address.parent) for address in own} == {"static/graphiql"}
    assert {address.name for address in own} <= set(OWN_FILES)


@pytest.mark.parametrize("name", [name for name in OWN_FILES if name.endswith((".html", ".css"))])
def test_no_style_or_page_names_another_host(name: str) -> None:
    text = (FOLDER / name).read_text("utf-8")
    assert re.findall(r"https?://|@import|url\((?!data:)", text) == []


@pytest.mark.parametrize("name", [name for name in OWN_FILES if name.endswith(".js") and name != "vendor.js"])
def test_our_scripts_import_only_their_neighbours(name: str) -> None:
    text = (FOLDER / name).read_text("utf-8")
    assert re.findall(r"https?://", text) == []
    assert {source.removeprefix("./") for source in re.findall(r'from "([^"]+)"', text)} <= set(OWN_FILES)


def test_the_bundle_has_no_source_map_and_stays_small() -> None:
    bundle = (FOLDER / "vendor.js").read_bytes()
    assert b"sourceMappingURL" not in bundle
    assert len(bundle) + (FOLDER / "vendor.css").stat().st_size < 4_500_000


def test_the_token_is_kept_in_the_session_of_the_tab_only() -> None:
    ours = [(FOLDER / name).read_text("utf-8") for name in OWN_FILES if name.endswith(".js") and name != "vendor.js"]
    assert not any("localStorage" in text or "document.cookie" in text for text in ours)


async def test_no_demo_account_is_listed_unless_given() -> None:
    answer = await get("/graphiql/accounts.json")
    assert answer.json() == []
    assert answer.headers["cache-control"] == "no-store"


async def test_the_demo_accounts_given_are_listed() -> None:
    assert (await get("/graphiql/accounts.json", accounts=[OFFICER])).json() == [OFFICER]


async def test_every_example_is_one_named_operation_with_both_titles() -> None:
    examples = (await get("/static/graphiql/examples.json")).json()
    assert examples
    for example in examples:
        assert set(example) == {"title", "titleEn", "for", "query", "variables"}
        assert {"EVERYBODY", *Party} >= set(example["for"]) != set()
        (operation,) = parse(example["query"]).definitions
        assert isinstance(operation, OperationDefinitionNode)
        assert operation.name is not None
        declared = {variable.variable.name.value for variable in operation.variable_definitions or ()}
        assert set(example["variables"]) == declared, json.dumps(example, ensure_ascii=False)
