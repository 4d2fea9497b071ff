"""Messages that were given up (未送达的通知), their recipients sealed: the shape, and the list of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from db.read import scope
from db.read.listing import Listing
from db.read.shape import Sealed, Shape, plain, sealed
from db.read.viewer import Readers
from db.store.tables import outbox
from rules.message import mask_recipient
from rules.people import Role
from rules.verification import Channel

RECIPIENT: Final = "outbox recipient"
"""The purpose for which a recipient is sealed."""


def _masked(channel: str, recipient: str) -> str:
    return mask_recipient(Channel(channel), recipient)


SHAPES: Final[Mapping[str, Shape]] = {
    "DeadLetter": Shape(
        outbox,
        outbox.c.id,
        scope.dead_letters,
        {
            "id": outbox.c.id,
            **plain(outbox, "channel", "template", "tries", "lastError", "rowVersion"),
            "at": outbox.c.dead_at,
        },
        {"sealed": sealed(outbox.c.channel, outbox.c.recipient_key_id, outbox.c.recipient_sealed)},
        links={"recipient": Sealed(RECIPIENT, _masked)},
    ),
}
LISTINGS: Final[Mapping[str, Listing]] = {
    "deadLetters": Listing(
        "DeadLetter",
        outbox,
        lambda viewer, *_: scope.dead_letters(viewer),
        outbox.c.id,
        {"at": outbox.c.dead_at},
        (("at", True),),
        readers=Readers(roles=(Role.PROVINCIAL_ADMIN,)),
    ),
}
