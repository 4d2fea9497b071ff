"""Phone numbers and mail addresses: the one form they are kept and found in, and the time at which they may change."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

from rules import spelling
from rules.errors import FieldProblem, Invalid, NotAllowed, Words
from rules.moment import told
from rules.verification import Channel

_PHONE: Final = re.compile(r"1[3-9][0-9]{9}")
_LOCAL: Final = r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL: Final = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_MAIL: Final = re.compile(rf"{_LOCAL}(?:\.{_LOCAL})*@(?:{_LABEL}\.)+[a-z]{{2,63}}")
_LONGEST_MAIL: Final = 254


def normal(channel: Channel, text: str) -> str:
    """A phone number or mail address in its one form; the text is not checked."""
    return spelling.mail(text) if channel is Channel.MAIL else spelling.phone(text)


def phone_number(text: str, *, path: str = "phone") -> str:
    """The eleven digits of a mainland mobile phone (手机号码)."""
    return contact(Channel.SMS, text, path=path)


def email_address(text: str, *, path: str = "email") -> str:
    """A mail address (电子邮箱) in small letters, so that each box has one spelling."""
    return contact(Channel.MAIL, text, path=path)


def contact(channel: Channel, text: str, *, path: str) -> str:
    """A phone number (手机号) or mail address (邮箱) in its one form; raises Invalid with the problem of the text."""
    found = normal(channel, text)
    if channel is Channel.SMS and not _PHONE.fullmatch(found):
        words = Words(
            "手机号码应为11位数字，以13至19开头", "A mobile phone number has 11 digits and begins with 13 to 19."
        )
        raise Invalid(FieldProblem(path, "PHONE_FORMAT", words))
    if channel is Channel.MAIL and not (len(found) <= _LONGEST_MAIL and _MAIL.fullmatch(found)):
        words = Words("电子邮箱格式不正确，应如 name@example.com", "A mail address looks like name@example.com.")
        raise Invalid(FieldProblem(path, "EMAIL_FORMAT", words))
    return found


def require_free(held_until: datetime | None, now: datetime) -> None:
    """Refuse to change contacts that a desk's decision holds; one that is on the account may be proved."""
    if held_until is not None and now < held_until:
        until = told(held_until)
        zh = f"账户刚由窗口核实恢复，{until.zh}前不能变更联系方式"
        en = f"A desk has just let you in again: contacts cannot be changed before {until.en}."
        raise NotAllowed("CONTACTS_HELD", Words(zh, en))
