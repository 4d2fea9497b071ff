"""Questions to the help desk (提问): the shapes, and the lists of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sqlalchemy import func

from db.read import scope
from db.read.listing import Listing
from db.read.shape import Many, One, Shape, global_id, plain
from db.read.viewer import Readers
from db.store.tables import account
from db.store.tables_help import question, question_file, question_message
from rules.people import Role

_c, _file = question.c, question_file.c
_ASKED: Final = question.outerjoin(account, account.c.id == _c.account_id)
_ORDERS: Final = {"createdAt": _c.created_at, "queuedAt": _c.queued_at}
_FILTERS: Final = {"state": _c.state, "topic": _c.topic, "createdAt": _c.created_at, "dueOn": _c.due_on}
SHAPES: Final[Mapping[str, Shape]] = {
    "Question": Shape(
        _ASKED,
        _c.id,
        scope.questions,
        {
            "id": _c.id,
            **plain(question, "topic", "title", "state", "version", "askerParty", "contactMasked", "createdAt"),
            **plain(question, "queuedAt", "dueOn", "heldUntil", "answeredAt", "closedAt", "rowVersion"),
            "askerNameMasked": func.substr(account.c.display_name, 1, 1).concat("*"),
            "handedOver": _c.authority_id.is_not(None),
            "overdue": _c.overdue_at.is_not(None),
        },
        {"holder_id": _c.holder_id, "authority_id": _c.authority_id, "application_id": _c.application_id},
        links={
            "holder": One("Account", "holder_id"),
            "authority": One("Authority", "authority_id"),
            "application": One("Application", "application_id"),
            "messages": Many("QuestionMessage", "id"),
            "files": Many("QuestionFile", "id"),
        },
    ),
    "QuestionMessage": Shape(
        question_message,
        question_message.c.question_id,
        scope.question_messages,
        plain(question_message, "said", "text", "at"),
        newest_first=question_message.c.id,
    ),
    "QuestionFile": Shape(
        question_file,
        _file.question_id,
        scope.question_files,
        {
            "id": global_id("QuestionFile", _file.id),
            **plain(question_file, "fileName", "mediaType", "size", "at"),
            "erased": _file.blob_id.is_(None),
        },
        newest_first=_file.id,
    ),
}
LISTINGS: Final[Mapping[str, Listing]] = {
    "questions": Listing(
        "Question",
        _ASKED,
        lambda viewer, *_: scope.questions(viewer),
        _c.id,
        _ORDERS,
        (("createdAt", True),),
        _FILTERS,
    ),
    "questionQueue": Listing(
        "Question",
        _ASKED,
        lambda viewer, *_: scope.question_queue(viewer),
        _c.id,
        _ORDERS,
        (("queuedAt", False),),
        _FILTERS,
        readers=Readers(roles=(Role.REVIEWER, Role.HELP_DESK)),
    ),
}
