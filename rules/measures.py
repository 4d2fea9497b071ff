"""Sizes and times as people read them, in Chinese and English."""

from __future__ import annotations

from typing import Final

_SIZES: Final = ((1024 * 1024, "MB"), (1024, "KB"))
_FEW: Final = 120
"""So many seconds, or minutes, are told as such."""


def sized(count: int) -> tuple[str, str]:
    """A number of bytes: whole ones below a kilobyte, then with one decimal where that says more."""
    for unit, name in _SIZES:
        if count >= unit:
            shown = f"{count / unit:.1f}".removesuffix(".0") + f" {name}"
            return shown, shown
    return f"{count}字节", f"{count} bytes"


def waited(seconds: int) -> tuple[str, str]:
    """A time to wait, in seconds up to two minutes, then in minutes up to two hours, then in hours: never too short."""
    if seconds <= _FEW:
        return f"{seconds}秒", f"{seconds} seconds"
    minutes = -(-seconds // 60)
    if minutes <= _FEW:
        return f"{minutes}分钟", f"{minutes} minutes"
    hours = -(-minutes // 60)
    return f"{hours}小时", f"{hours} hours"
