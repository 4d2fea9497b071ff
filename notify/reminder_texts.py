"""The texts of reminders (提醒文本): what runs out when, and what waits for whom; with days, never with a name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from rules.errors import Words
from rules.message import Template

REMINDERS: Final[Mapping[Template, tuple[Words, Words]]] = {
    Template.REGISTRATION_EXPIRING: (
        Words("您的护士执业注册即将届满", "Your registration as a nurse runs out soon"),
        Words(
            "您的护士执业注册有效期至{validUntil}（提醒档：剩余{daysLeft}天）。延续注册自{filingFrom}起可以申请，"
            "最迟应在{legalLine}前送达注册机关；届满未延续的，次日起不得执业。请登录系统办理。",
            "Your registration as a nurse is valid until {validUntil} (reminder at {daysLeft} days). You may apply for "
            "its renewal from {filingFrom}; it has to reach your authority by {legalLine}. Without a renewal you may "
            "not practise from the day after. Sign in to apply.",
        ),
    ),
    Template.REGISTRATION_EXPIRED: (
        Words("您的护士执业注册已届满", "Your registration as a nurse has run out"),
        Words(
            "您的护士执业注册已于{validUntil}届满，目前不得执业。您仍在册，可登录系统申请重新注册。",
            "Your registration as a nurse ran out on {validUntil}: you may not practise. You are still on the "
            "register; sign in to apply for registration again.",
        ),
    ),
    Template.RENEWAL_WAITS: (
        Words("延续注册申请待机构审核", "A renewal waits for your institution"),
        Words(
            "{place}有一份延续注册申请尚未审核，该护士的注册有效期至{validUntil}（剩余{days}天），"
            "自{filingFrom}起可以申请；{legalLine}以后送达注册机关的，不再适用行政许可法第五十条视为准予延续。请尽快审核。",
            "A renewal waits for the review of {place}; the nurse is valid until {validUntil} ({days} days), and could "
            "file from {filingFrom}. What reaches the authority after {legalLine} is no longer granted by law if "
            "nobody decides in time. Please review it now.",
        ),
    ),
    Template.WORK_WAITS: (
        Words("有事项待您办理", "Something waits for you"),
        Words(
            "{place}有事项待办：待第二人确认的提议{proposals}件，今日期满的中止计时{holds}件，今日期满的申请限制{bars}件。请登录系统办理。",
            "At {place} there wait: {proposals} proposal(s) for a second person, {holds} hold(s) and {bars} bar(s) "
            "that end today. Sign in to deal with them.",
        ),
    ),
    Template.WEEKLY_SUMMARY: (
        Words("每周工作提示", "Your weekly summary"),
        Words(
            "{place}本周情况：待办申请{waiting}件；90天内届满{expiring}人；已届满未延续{expired}人；暂停执业{suspended}人；"
            "待第二人确认的提议{proposals}件；中止计时{holds}件；限制申请期内{bars}人。\n如不再需要每周提示，可在账户设置中关闭；依法应当送达的通知不受影响。",
            "This week at {place}: {waiting} application(s) wait; {expiring} registration(s) run out within 90 days, "
            "{expired} have run out; {suspended} nurse(s) are suspended; {proposals} proposal(s) wait for a second "
            "person; {holds} period(s) stand still; {bars} nurse(s) may not apply for now.\nYou can switch this "
            "summary off in your account's settings; notices that the law asks for still come.",
        ),
    ),
}
"""Subject and body of each."""
