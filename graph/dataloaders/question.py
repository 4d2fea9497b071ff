"""Rows of questions (提问), as clients see them."""

from __future__ import annotations

from typing import Final

from graph.dataloaders.row import Shown, owner, plain
from graph.schema.question import Question, QuestionFile, QuestionMessage

SHOWN: Final[Shown] = {
    "Question": owner(Question),
    "QuestionMessage": plain(QuestionMessage),
    "QuestionFile": plain(QuestionFile),
}
