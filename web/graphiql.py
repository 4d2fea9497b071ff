"""GraphiQL, the page on which people try their queries (接口调试页), served whole from our own origin."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

FOLDER: Final = Path(__file__).parent / "static" / "graphiql"

# GraphiQL's dialogs write <style> elements, and its style sheet carries its fonts as data; nothing else is let in.
POLICY: Final = (
    "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self' 'unsafe-inline'; "
    "font-src 'self' data:; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS: Final = {
    "Cache-Control": "no-cache",  # kept, but asked for again by its ETag, so that no old script meets a new page
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class _Files(StaticFiles):
    """The page's files, with the page's headers."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        """Answer with the file, or with 304 if the browser has it."""
        response = super().file_response(*args, **kwargs)
        response.headers.update(HEADERS)
        return response


def routes(accounts: Sequence[Mapping[str, str]] = ()) -> list[BaseRoute]:
    """The page, its files, and the demo accounts (`role`, `userName`, `password`) that it offers as buttons."""

    async def page(_: Request) -> Response:
        return FileResponse(FOLDER / "index.html", headers=HEADERS)

    async def demo_accounts(_: Request) -> Response:
        return JSONResponse([dict(account) for account in accounts], headers=HEADERS | {"Cache-Control": "no-store"})

    return [
        Route("/graphiql", page),
        Route("/graphiql/accounts.json", demo_accounts),
        Mount("/static/graphiql", _Files(directory=FOLDER)),
    ]
