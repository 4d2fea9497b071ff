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
        description="What: a form, notice, letter or certificate to print, or one of the 申请材料."
    )
    id: strawberry.ID = strawberry.field(
        description="Of what, by global id: the application; of a CERTIFICATE the nurse, of a MATERIAL the material."
    )


@strawberry.interface
class DownloadTicketPayload:
    """A right to download one file once."""

    ticket: str = strawberry.field(
        description="POST it to `url` within 60 seconds, as the form field `ticket` or as JSON; it is good once."
    )
    url: str = strawberry.field(
        description="Where, below the service's own address; never put the ticket into an address."
    )
    expires_at: datetime = strawberry.field(description="Until when.")
