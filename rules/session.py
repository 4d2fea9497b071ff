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
    "这是首次登录：请在“首次登录”中获取发往预留手机的校验码，并设置新密码",
    "This is the first sign-in: ask there for a code to the reserved phone, and set a new password.",
)
FIRST_DONE: Final = Words(
    "该账户已完成首次登录，请直接登录", "The first sign-in of this account is done: sign in as usual."
)
SHUT: Final = {
    "ACCOUNT_DISABLED": Words(
        "该账户已停用，请联系本单位管理员", "This account is disabled: ask the administrator of your place."
    ),
    "ACCOUNT_REVOKED": Words(
        "该账户已撤销，不能再登录，可以重新注册", "This account is revoked and opens nothing more: register again."
    ),
}
"""What whoever gives the right password of an account is told where it is shut."""


def wrong() -> NotAllowed:
    """The one answer to an unknown name and to a wrong password."""
    return NotAllowed("WRONG_CREDENTIALS", WRONG)


def captcha_required() -> NotAllowed:
    """The answer to a try too many without a captcha."""
    return NotAllowed("CAPTCHA_REQUIRED", CAPTCHA)


def may_enter(state: AccountState, *, first: bool) -> bool:
    """True if a right password is enough to go on; an invited account's is its first (`first`)."""
    return state in SIGNED_IN or (first and state is AccountState.INVITED)


def require_may_enter(state: AccountState, *, first: bool) -> None:
    """Refuse the right password of an account that is shut, saying so: nobody else gets this far."""
    if may_enter(state, first=first):
        return
    code = f"ACCOUNT_{state}"
    if code in SHUT:
        raise NotAllowed(code, SHUT[code])
    raise wrong()


def require_still_first(first: bool) -> None:
    """Refuse the password of an account whose first sign-in is done where that is asked for."""
    if not first:
        raise NotAllowed("FIRST_SIGN_IN_DONE", FIRST_DONE)


def require_not_first(first: bool) -> None:
    """Refuse the password that came by text: it opens nothing but the first sign-in."""
    if first:
        raise NotAllowed("FIRST_SIGN_IN", FIRST)
