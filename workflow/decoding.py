"""Files opened by the libraries for them, in a process of their own: it ends, whatever a file does to it."""

from __future__ import annotations

import asyncio
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Sequence
from typing import Final

import orjson

from rules.material import UNREADABLE, MediaType, unreadable
from rules.photo import BYTES, HEIGHT, WIDTH, Measured, require_photo, require_picture

SECONDS: Final = 4
"""Less than an operation has: what takes longer is told as what it is."""
_AT_ONCE: Final = asyncio.Semaphore(2)


async def require_opens(media: MediaType, content: bytes) -> None:
    """Refuse a file that cannot be opened, or takes too long or too much to open."""
    answer = await _answer_of("workflow.opener", content, media, str(SECONDS))
    if code := "FILE_TOO_SLOW" if answer is None else answer.decode():
        raise unreadable(code, UNREADABLE[code])


async def photo_of(content: bytes, *, cut: bool) -> tuple[Measured, bytes]:
    """The photo made of a picture, and what was measured; raises Invalid with all that is wrong about it.

    `cut` is the wish that a larger picture is cut and scaled.
    """
    require_picture(content)
    ((measured, made),) = await photos_of([content], cut=cut)
    require_photo(measured, len(content), cut=cut)
    return measured, made


async def photos_of(contents: Sequence[bytes], *, cut: bool) -> list[tuple[Measured, bytes]]:
    """The photo made of each of these pictures, which are JPEG or PNG, and what was measured; nothing is judged."""
    asked = (str(WIDTH), str(HEIGHT), str(BYTES), "cut" if cut else "whole")
    sent = orjson.dumps([len(one) for one in contents]) + b"\n" + b"".join(contents)
    answer = await _answer_of("workflow.photo_maker", sent, *asked)
    if answer is None:
        return [(Measured("FILE_TOO_SLOW"), b"") for _ in contents]
    line, _, rest = answer.partition(b"\n")
    found = []
    for facts in orjson.loads(line):
        size = facts.pop("made")
        found.append((Measured(**facts), rest[:size]))
        rest = rest[size:]
    return found


async def _answer_of(program: str, content: bytes, *asked: str) -> bytes | None:
    """The answer of a program about a file; None where it takes too long, or has fallen over what no library should.

    It gets nothing of the environment: no keys, no addresses.
    """
    command, found = (sys.executable, "-P", "-m", program, *asked), {"PYTHONPATH": os.pathsep.join(sys.path)}
    async with _AT_ONCE:
        process = await asyncio.create_subprocess_exec(
            *command, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, env=found, start_new_session=True
        )
        try:
            async with asyncio.timeout(SECONDS):
                output, _ = await process.communicate(content)
        except TimeoutError:
            return None
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
    return output if process.returncode == 0 else None
