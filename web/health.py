"""The health of a process, for whoever starts it and whoever sends it requests: two questions with two answers."""

from __future__ import annotations

import asyncio
from time import monotonic
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from db import health
from db.store.engine import Database
from db.store.outage import OUTAGES, is_away
from web.refusals import report

PATIENCE_SECONDS: Final = 2
KEPT_SECONDS: Final = 1
"""Everybody may ask, and an answer writes a row."""


class Readiness:
    """The last answer of a process to whether it can take a step, asked at most once a second."""

    def __init__(self, db: Database) -> None:
        self._db, self._one_at_a_time = db, asyncio.Lock()
        self._ready, self._asked = False, -float(KEPT_SECONDS)

    async def ready(self) -> bool:
        """True if the database can be written to."""
        async with self._one_at_a_time:
            if monotonic() - self._asked >= KEPT_SECONDS:
                self._ready = await self._ask()
                self._asked = monotonic()
        return self._ready

    async def _ask(self) -> bool:
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await health.write(self._db)
        except TimeoutError as late:
            OUTAGES.notice(late)
            return False
        except Exception as error:
            if is_away(error):
                OUTAGES.notice(error)
            else:
                report(error)
            return False
        return True


def routes(db: Database) -> list[Route]:
    """`/livez` asks whether the process answers, `/readyz` whether it can take a step."""
    readiness = Readiness(db)

    async def livez(_: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def readyz(_: Request) -> Response:
        if await readiness.ready():
            return JSONResponse({"status": "ok"})
        return JSONResponse({"status": "the database cannot be written to"}, 503, {"Retry-After": "2"})

    return [Route("/livez", livez), Route("/readyz", readyz)]
