"""The HTML of the page /verify (证书核验): what people wrote is escaped, and nothing runs but our own script."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from html import escape
from typing import Final

import orjson

from rules.errors import Language, Words
from rules.label import Labelled
from rules.public_register import PublicCertificateState, PublicNurse
from rules.receipt import SENTENCE, ReceiptOutcome, Statement, sentence

Given = Callable[[str], str]
TITLE: Final = Words("护士执业证书核验", "Verify a nurse's certificate")
YES: Final = Words("今日可以执业", "May practise today")
NO: Final = Words("今日不得执业", "May not practise today")
THEN_YES: Final = Words("当时可以执业", "Might practise then")
THEN_NO: Final = Words("当时不得执业", "Might not practise then")
UNLISTED: Final = Words(
    "未查到在册信息。请核对证书编号和姓名，或与护士本人、其执业机构核实。",
    "Nobody is on the register by this. Check the number and the name, or ask the nurse or her institution.",
)
NOWHERE: Final = Words("目前没有执业机构", "At no institution now")
AGAIN: Final = Words("再查一次", "Look up another one")
_TERMS: Final[Mapping[str, Words]] = {
    "name": Words("姓名", "Name"),
    "number": Words("护士证号", "Certificate number"),
    "serial": Words("证书序号", "Serial"),
    "place": Words("执业机构", "Institution"),
    "until": Words("有效期至", "Valid until"),
    "today": Words("执业", "Practice"),
    "key": Words("密钥", "Key"),
}
_WORDS: Final[Mapping[str, Words]] = {
    "lead": Words(
        "任何人都可以凭证书编号和姓名，查询护士今日是否可以执业。",
        "Anybody may ask, by the number of a certificate and the full name, whether a nurse may practise today.",
    ),
    "number": Words("护士执业证书编号", "Number of the certificate"),
    "name": Words("姓名（全名）", "Full name"),
    "captcha": Words("验证码：请输入图中的字母和数字", "Captcha: the letters and digits of the picture"),
    "picture": Words("验证码图片", "The captcha's picture"),
    "words": Words("看不见图片？改为回答文字问题", "You cannot see it? Answer a question in words instead"),
    "another": Words("换一张", "Another one"),
    "ask": Words("查询", "Look up"),
    "receipt": Words("核验二维码凭证", "Verify the receipt of a code"),
    "paste": Words(
        "扫描证书或申请表上的二维码，把得到的内容粘贴到这里。签名在您的浏览器中核验，不需要网络。",
        "Scan the code on a certificate or a form and paste what it says. Your browser verifies the signature by "
        "itself, without a network.",
    ),
    "text": Words("二维码内容", "What the code says"),
    "verify": Words("核验", "Verify"),
    "nurse": Words("在册信息", "On the register"),
    "result": Words("核验结果", "Result"),
    "server": Words("请服务器核验", "Let the server verify it"),
}


@dataclass(frozen=True, slots=True)
class Captcha:
    """A captcha as the page shows it."""

    id: str
    picture: str | None
    question: str | None


def form(captcha: Captcha, keys: object, language: Language, *, problem: str | None, given: Given) -> str:
    """The page with both questions."""
    word = _in(language)
    wrong = f'<p class="problem" role="alert">{escape(problem)}</p>' if problem else ""
    return _page(
        language,
        f"<p>{word('lead')}</p>{wrong}"
        f'<form method="post" action="/verify?lang={language}{"" if captcha.picture else "&amp;captcha=words"}">'
        f"{_field('certificateNumber', word('number'), given('certificateNumber'))}"
        f"{_field('name', word('name'), given('name'))}"
        f"{_captcha(captcha, language)}"
        f"<button>{word('ask')}</button></form>"
        f"<section><h2>{word('receipt')}</h2><p>{word('paste')}</p>"
        f'<form method="post" action="/verify/receipt?lang={language}" id="receipt-form">'
        f'<label for="receipt">{word("text")}</label>'
        '<textarea id="receipt" name="receipt" rows="4" required spellcheck="false" autocomplete="off"></textarea>'
        f"<button>{word('verify')}</button></form>"
        f'<div id="verified" aria-live="polite"></div></section>{_script(keys, language)}',
    )


def nurse(found: PublicNurse, language: Language, *, keys: object = None) -> str:
    """All that everybody may know of her, and when that was so."""
    word = _in(language)
    facts = {
        "name": found.name,
        "number": found.certificate_number,
        "place": found.institution_name or NOWHERE.within(language),
        "until": _day(found.valid_until),
        "today": (YES if found.may_practise else NO).within(language),
    }
    signed = "" if keys is None else f'<div id="verified" aria-live="polite"></div>{_script(keys, language)}'
    body = f"<h2>{word('nurse')}</h2>{_facts(facts, language)}{_as_of(found.as_of, language)}{signed}"
    return _page(language, body + _again(language), good=found.may_practise)


def receipt(outcome: ReceiptOutcome, said: Statement | None, language: Language) -> str:
    """The result of a receipt, with the sentence that every verifier shows."""
    text = escape(_label(outcome, language))
    body = f"<h2>{_in(language)('result')}</h2><p><strong>{text}</strong></p>"
    if said is not None:
        facts = {
            "name": said.name,
            "number": said.certificate_number,
            "serial": said.serial,
            "until": _day(said.valid_until),
            "today": (THEN_YES if said.may_practise else THEN_NO).within(language),
            "key": said.key_id,
        }
        body += _facts(facts, language) + _as_of(said.signed_at, language)
    return _page(language, body + _again(language), good=outcome is ReceiptOutcome.CONFIRMED)


def unlisted(language: Language) -> str:
    """Nobody: whoever is not on the register, another name, a code that is none or has ended look like this."""
    return message(UNLISTED.within(language), language)


def replaced(language: Language) -> str:
    """A void certificate says that, and no more."""
    return message(_label(PublicCertificateState.REPLACED, language), language)


def refused(words: Words, language: Language) -> str:
    """A refusal in words."""
    return message(words.within(language), language)


def message(text: str, language: Language) -> str:
    """One sentence."""
    return _page(language, f"<p><strong>{escape(text)}</strong></p>{_again(language)}", good=False)


def _in(language: Language) -> Callable[[str], str]:
    return lambda name: escape(_WORDS[name].within(language))


def _field(name: str, label: str, value: str) -> str:
    more = f'name="{name}" value="{escape(value)}" required maxlength="64" autocomplete="off"'
    return f'<label for="{name}">{label}</label><input id="{name}" {more}>'


def _captcha(captcha: Captcha, language: Language) -> str:
    word, lang = _in(language), f"lang={language}"
    if captcha.picture is None:
        label = escape(captcha.question or "")
        shown, other = "", f'<a href="/verify?{lang}">{word("another")}</a>'
    else:
        label = word("captcha")
        shown = f'<img src="data:image/png;base64,{captcha.picture}" width="160" height="60" alt="{word("picture")}">'
        in_words = f'<a href="/verify?{lang}&amp;captcha=words">{word("words")}</a>'
        other = f'<a href="/verify?{lang}">{word("another")}</a> {in_words}'
    held = f'<input type="hidden" name="captchaId" value="{escape(captcha.id)}">'
    return f"{held}{shown}<p>{other}</p>{_field('captchaAnswer', label, '')}"


def _facts(facts: Mapping[str, str], language: Language) -> str:
    rows = (
        f"<dt>{escape(_TERMS[name].within(language))}</dt><dd>{escape(value)}</dd>" for name, value in facts.items()
    )
    return f"<dl>{''.join(rows)}</dl>"


def _as_of(at: datetime, language: Language) -> str:
    return f'<p class="as-of">{escape(sentence(at).within(language))}</p>'


def _again(language: Language) -> str:
    return f'<p><a href="/verify?lang={language}">{escape(AGAIN.within(language))}</a></p>'


def _label(one: Labelled, language: Language) -> str:
    return f"{one.label}。" if language is Language.CHINESE else f"{one.english[:1].upper()}{one.english[1:]}."


def _day(day: date) -> str:
    return day.isoformat()


def _script(keys: object, language: Language) -> str:
    """The keys and the words that the script shows, as data that no browser runs."""
    shown = {
        "outcomes": {one.value: _label(one, language) for one in ReceiptOutcome},
        "terms": {name: words.within(language) for name, words in _TERMS.items()},
        "practises": {"Y": THEN_YES.within(language), "N": THEN_NO.within(language)},
        "asOf": SENTENCE.within(language),
        "server": _WORDS["server"].within(language),
    }
    data = orjson.dumps({"keys": keys, "words": shown}).decode().replace("<", "\\u003c")
    return (
        f'<script type="application/json" id="data">{data}</script>'
        '<script src="/static/verify/verify.js" type="module"></script>'
    )


def _page(language: Language, body: str, *, good: bool | None = None) -> str:
    title = escape(TITLE.within(language))
    other, name = ("en", "English") if language is Language.CHINESE else ("zh", "中文")
    tag = "zh-CN" if language is Language.CHINESE else "en"
    kind = {None: "", True: ' class="good"', False: ' class="bad"'}[good]
    return (
        f'<!doctype html><html lang="{tag}"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>{title}</title><link rel="stylesheet" href="/static/verify/verify.css">'
        f'<header><h1>{title}</h1><a href="?lang={other}" lang="{other}">{name}</a></header>'
        f"<main{kind}>{body}</main></html>"
    )
