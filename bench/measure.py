"""A closed-loop client in a process of its own, and what its requests cost the server and PostgreSQL."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, fields
from typing import Any, Final

import httptools
import orjson
import psutil

from bench.questions import Request

CONNECTIONS: Final = 8
PATIENCE: Final = 30


class Failed(Exception):
    """A system answered with something else than data; the text says what."""


@dataclass(frozen=True)
class Cost:
    """The cost of one question, on average of its requests: times in milliseconds, `bytes` of an answer."""

    server: float
    postgres: float
    p50: float
    p99: float
    per_second: float
    bytes: float

    @property
    def share(self) -> float:
        """PostgreSQL's part of the whole CPU."""
        return self.postgres / (self.server + self.postgres)

    def rounded(self) -> dict[str, float]:
        """The figures, rounded, for the record."""
        return {name: round(value, 3) for name, value in {**asdict(self), "share": self.share}.items()}


def median(costs: Sequence[Cost]) -> Cost:
    """The middle of several rounds, figure by figure."""
    return Cost(**{one.name: statistics.median(getattr(cost, one.name) for cost in costs) for one in fields(Cost)})


@dataclass(frozen=True)
class Target:
    """A running system under test, and the PostgreSQL behind it."""

    name: str
    port: int
    pid: int
    postmaster: int

    async def ask(self, requests: Sequence[Request]) -> list[Any]:
        """The data of each request's answer, in their order; not measured."""
        return [_data(self, one, body) for one, (body, _) in zip(requests, await self._all(requests), strict=True)]

    async def cost(self, requests: Sequence[Request]) -> Cost:
        """Ask everything once, eight requests at a time, and measure."""
        before, began = (cpu(self.pid), cpu(self.postmaster)), time.perf_counter()
        answers = await self._all(requests)
        took = time.perf_counter() - began
        after = cpu(self.pid), cpu(self.postmaster)
        for one, (body, _) in zip(requests, answers, strict=True):
            _data(self, one, body)
        server, postgres = (1000 * (late - early) / len(requests) for early, late in zip(before, after, strict=True))
        waits = statistics.quantiles([1000 * waited for _, waited in answers], n=100, method="inclusive")
        size = statistics.fmean(len(body) for body, _ in answers)
        return Cost(server, postgres, waits[49], waits[98], len(requests) / took, size)

    async def _all(self, requests: Sequence[Request]) -> list[tuple[bytes, float]]:
        """Each answer's body, and the seconds it took."""
        answers: list[tuple[bytes, float]] = [(b"", 0.0)] * len(requests)
        waiting = iter(enumerate([_encoded(one) for one in requests]))
        async with asyncio.TaskGroup() as group:
            for _ in range(min(CONNECTIONS, len(requests))):
                group.create_task(self._work(waiting, answers))
        return answers

    async def _work(self, waiting: Iterator[tuple[int, bytes]], answers: list[tuple[bytes, float]]) -> None:
        """One connection: the next request as soon as the last one is answered."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            for place, request in waiting:
                began = time.perf_counter()
                writer.write(request)
                async with asyncio.timeout(PATIENCE):
                    body = await _Answer().read(reader)
                answers[place] = body, time.perf_counter() - began
        finally:
            writer.close()


def _encoded(request: Request) -> bytes:
    body = orjson.dumps({"query": request.document, "variables": request.variables})
    head = (
        "POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nAccept: application/json\r\n"
        f"Authorization: Bearer {request.token}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


class _Answer:
    """One HTTP response, as httptools tells its parts."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._done = False
        self._parser = httptools.HttpResponseParser(self)

    def on_body(self, part: bytes) -> None:
        self._parts.append(part)

    def on_message_complete(self) -> None:
        self._done = True

    async def read(self, reader: asyncio.StreamReader) -> bytes:
        while not self._done:
            part = await reader.read(1 << 18)
            if not part:
                raise Failed("The server closed the connection.")
            self._parser.feed_data(part)
        return b"".join(self._parts)


def _data(target: Target, request: Request, body: bytes) -> Any:
    answer = orjson.loads(body)
    data = answer.get("data")
    refused = isinstance(data, dict) and any(str(_type(value)).endswith("Problem") for value in data.values())
    if "errors" in answer or not data or None in data.values() or refused:
        raise Failed(f"{target.name} answered {body[:300]!r} to {request.document.split('{')[0].strip()}.")
    return data


def _type(value: Any) -> Any:
    return value.get("__typename") if isinstance(value, dict) else None


def cpu(pid: int) -> float:
    """The CPU seconds of a process and of all its children, living and gone."""
    process = psutil.Process(pid)
    total = float(sum(process.cpu_times()[:4]))
    for child in process.children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            total += sum(child.cpu_times()[:4])
    return total
