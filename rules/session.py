"""Sessions (登录会话): who may sign in, and how often somebody tries."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from rules.errors import NotAllowed, Words
from rules.people import AccountState

TRIES: Final = 10
"""So many with a solved captcha, of all people at one account; then of each address."""
WINDOW: Final = timedelta(minutes=15)
FREE_TRIES: Final = 3
"""So many without a captcha (验证码)."""
LONGEST: Final = 1024
"""Of a name or a password, so many characters are looked at."""
SIGNED_IN: Final = (AccountState.ACTIVE, AccountState.INACTIVE)
"""The accounts whose sessions are good for something."""
WRONG: Final = Words("用户名或密码不正确", "The user name or the password is wrong.")
CAPTCHA: Final = Words(
    "多次登录失败，请填写图片验证码", "Several sign-ins have failed: answer a captcha with the next."
)
FIRST: Final = Words(
    "首次登录须用预留手机校验并设置新密码", "The first sign-in needs a code to the reserved phone, and a new password."
)


def wrong() -> NotAllowed:
    """The one answer to an unknown name, a wrong password and an account that is shut."""
    return NotAllowed("WRONG_CREDENTIALS", WRONG)


def captcha_required() -> NotAllowed:
    """The answer to a try too many without a captcha."""
    return NotAllowed("CAPTCHA_REQUIRED", CAPTCHA)


def may_enter(state: AccountState, *, first: bool) -> bool:
    """True if a right password is enough to go on; an invited account's is its first (`first`)."""
    return state in SIGNED_IN or (first and state is AccountState.INVITED)


def require_not_first(first: bool) -> None:
    """Refuse the password that came by text: it opens nothing but the first sign-in."""
    if first:
        raise NotAllowed("FIRST_SIGN_IN", FIRST)
