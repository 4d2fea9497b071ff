"""The refusal of a command: one sentence for the operator, on every floor."""

from __future__ import annotations

from typing import ClassVar


class CommandError(Exception):
    """A command cannot do its work; the text gives the reason and the remedy, and never repeats a secret."""

    status: ClassVar[int] = 1
    """The exit status of the process."""
