"""Files opened by the libraries for them, in a process of their own: it ends, whatever a file does to it."""

from __future__ import annotations

import asyncio
import sys
from typing import Final

from rules.material import UNREADABLE, MediaType, unreadable

SECONDS: Final = 4
"""Less than an operation has: what takes longer is told as what it is."""
_AT_ONCE: Final = asyncio.Semaphore(2)


async def require_opens(media: MediaType, content: bytes) -> None:
    """Refuse a file that cannot be opened, or takes too long or too much to open."""
    async with _AT_ONCE:
        code = await _judged(media, content)
    if code:
        raise unreadable(code, UNREADABLE[code])


async def _judged(media: MediaType, content: bytes) -> str:
    command = (sys.executable, "-P", "-m", "workflow.opener", media, str(SECONDS))
    pipe, nothing = asyncio.subprocess.PIPE, asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(
        *command, stdin=pipe, stdout=pipe, stderr=nothing, start_new_session=True
    )
    try:
        async with asyncio.timeout(SECONDS):
            output, _ = await process.communicate(content)
    except TimeoutError:
        return "FILE_TOO_SLOW"
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    # It has fallen over a file that no library should fall over.
    return output.decode() if process.returncode == 0 else "FILE_TOO_SLOW"
