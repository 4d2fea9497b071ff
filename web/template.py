"""GET /templates/collective/RENEWAL.xlsx: templates of lists for filing together (集体申请名单模板)."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from papers.list_template import list_template
from rules.collective import COLLECTIVE_KINDS
from web.download import headers_of

KINDS_BY_NAME = {kind.value.casefold(): kind for kind in COLLECTIVE_KINDS}


def route() -> Route:
    """The route of the templates, one a kind that is filed together; 404 for others."""

    async def template(request: Request) -> Response:
        kind = KINDS_BY_NAME.get(request.path_params["kind"].casefold())
        if kind is None:
            raise HTTPException(404)
        file = replace(await asyncio.to_thread(list_template, kind), latin=f"{kind.lower()}-list")
        return Response(file.content, media_type=file.media_type, headers=headers_of(file))

    return Route("/templates/collective/{kind}.xlsx", template)
