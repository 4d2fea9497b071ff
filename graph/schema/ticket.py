"""Tickets for downloads."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import strawberry

from rules.ticket import FileKind

strawberry.enum(FileKind)
FILES: Final = "/files"
"""The path where a ticket is turned into its file, below the service's own address."""


@strawberry.input
class DownloadTicketCreateInput:
    """The file that is wanted."""

    file: FileKind = strawberry.field(
        description="What: a form, notice, letter or certificate to print, one of the 申请材料, a 证明材料, or photos."
    )
    ids: list[strawberry.ID] = strawberry.field(
        description="Of what, by global ids: applications; of a CERTIFICATE, a HAND_OUT_LIST (领证登记表), a "
        "DEREGISTRATION_LETTER (依职权注销决定书) or an EXPIRY_NOTICE (注册届满提醒单) nurses, of a MATERIAL the "
        "material, of an INFORMATION_PROOF the change of information, of a PHOTO the photos. From 1 to 500 (photos "
        "50), each once; several become one PDF in this order, photos an archive of 01.jpg, 02.jpg and so on. Where "
        "one may not be read, nothing is printed, and the refusal names it by its place (`ids.3` is the fourth)."
    )


@strawberry.interface
class DownloadTicketPayload:
    """A right to download one file once."""

    ticket: str = strawberry.field(
        description="POST it to `url` in time, as the form field `ticket` or as JSON; it is good once. A transfer that "
        "was broken off goes on with the same ticket, `Range: bytes=N-` and the answer's `ETag` as `If-Range`."
    )
    url: str = strawberry.field(
        description="Where, below the service's own address; never put the ticket into an address."
    )
    expires_at: datetime = strawberry.field(description="Until when: 60 seconds, for a list to print 10 minutes.")
