"""Statements that a step sends, counted as the bench counts them."""

from __future__ import annotations

from bench.statements import counted

__all__ = ["counted"]
