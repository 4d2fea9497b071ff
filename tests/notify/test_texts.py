"""Every template in both languages, and where mail is handed in."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import pytest

from db.message import Letter
from notify.mail import MailServer, mail_of
from notify.texts import text_of
from rules.errors import Invalid
from rules.message import FIRST_PAUSE, LONGEST_PAUSE, MOST_TRIES, VALUES, Template, mask_recipient, pause_after
from rules.verification import Channel

KEY = UUID("01990000-0000-7000-8000-000000000001")
AT = datetime.fromisoformat("2026-03-02T09:00:00+08:00")


@pytest.mark.parametrize("template", Template)
def test_every_template_says_all_its_values_in_both_languages_and_none_in_its_subject(template: Template) -> None:
    values = {name: f"<{name}>" for name in VALUES[template]}
    text = text_of(template, values)
    for body in text.body:
        assert [value for value in values.values() if value not in body] == []
        assert "{" not in body
    assert [value for value in values.values() if value in str(text.subject)] == []
    assert (text.subject.zh.isascii(), text.subject.en.isascii(), text.body.en.isascii()) == (False, True, True)
    assert text.mail.index(text.body.zh) < text.mail.index(text.body.en)


def test_the_business_is_named_in_the_language_of_the_words_and_what_was_not_given_is_left_open() -> None:
    text = text_of(Template.APPLICATION_RETURNED, {"business": "首次注册"})
    assert text.body.zh == "您的“首次注册”申请已退回，请在 — 前（含当日）修改后重新提交，逾期失效。请登录系统查看。"
    assert text.body.en.startswith("Your application (First registration) was sent back")


def test_a_value_is_never_taken_for_a_template_and_loses_what_is_not_to_be_seen() -> None:
    text = text_of(Template.ACCOUNT_REVOKED, {"reason": "{code} {0.__class__}\u202e\x1b[2J\x00"})
    assert text.body.zh == "您的账号已被撤销，原因：{code} {0.__class__}[2J。您可以重新注册。"


def test_a_mail_has_the_same_bytes_however_often_it_is_made() -> None:
    letter = Letter(KEY, Channel.MAIL, Template.PASSWORD_CHANGED, "wang@example.com", {}, AT)
    assert bytes(mail_of(letter, "hushi@example.cn")) == bytes(mail_of(letter, "hushi@example.cn"))


def test_a_header_never_takes_a_second_line_even_from_a_row_that_nobody_checked() -> None:
    letter = Letter(KEY, Channel.MAIL, Template.PASSWORD_CHANGED, "wang@example.com\r\nBcc: all@example.com", {}, AT)
    with pytest.raises(Invalid):
        mail_of(letter, "hushi@example.cn")


@pytest.mark.parametrize(
    ("url", "server", "start_tls"),
    [
        ("smtp://mail.example.cn", MailServer("mail.example.cn", 25, False, "hushi@mail.example.cn"), None),
        ("smtp://127.0.0.1:2525?from=a@b.cn", MailServer("127.0.0.1", 2525, False, "a@b.cn"), None),
        ("smtp://u:p%40@[::1]:25", MailServer("::1", 25, False, "hushi@localhost", "u", "p@"), None),
        (
            "smtp://u:p@mail.example.cn",
            MailServer("mail.example.cn", 587, False, "hushi@mail.example.cn", "u", "p"),
            True,
        ),
        (
            "smtps://u%40x.cn:p@mail.example.cn/",
            MailServer("mail.example.cn", 465, True, "u@x.cn", "u@x.cn", "p"),
            False,
        ),
    ],
)
def test_the_mail_server_is_read_from_its_address_and_gets_no_password_in_clear(
    url: str, server: MailServer, start_tls: bool | None
) -> None:
    assert MailServer.parse(url) == server
    assert MailServer.parse(url).start_tls is start_tls
    assert "p@" not in repr(server)


@pytest.mark.parametrize(
    "url",
    [
        "http://geheim",
        "smtp://",
        "smtp://geheim:99999",
        "smtp://geheim/path",
        "smtp://geheim?from=x%0d%0aBcc:y@z.cn",
        "smtp://[geheim",
    ],
)
def test_an_address_that_is_none_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(ValueError, match="write smtp://user:password@host:587") as refused:
        MailServer.parse(url)
    assert "geheim" not in str(refused.value)


def test_pauses_double_up_to_an_hour_and_end_after_about_a_day() -> None:
    pauses = [pause_after(tries, 0.5) for tries in range(1, MOST_TRIES)]
    assert pauses[:3] == [FIRST_PAUSE, FIRST_PAUSE * 2, FIRST_PAUSE * 4]
    assert pauses[-1] == LONGEST_PAUSE
    assert pause_after(MOST_TRIES, 0.5) is None
    assert (pause_after(1, 0.0), pause_after(1, 1.0)) == (FIRST_PAUSE * 0.75, FIRST_PAUSE * 1.25)


def test_a_recipient_is_shown_masked() -> None:
    assert mask_recipient(Channel.SMS, "15512346058") == "155****6058"
    assert mask_recipient(Channel.MAIL, "wang@example.com") == "w****@example.com"
