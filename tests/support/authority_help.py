"""Help in the authorization matrix: what lies there, how to ask for it, and what each step needs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from uuid_utils.compat import uuid7

from db import question as questions
from db.store import known_faq
from graph.schema.node import global_id
from rules.moment import SHANGHAI
from rules.people import Party, Role
from rules.verification import Channel
from tests.support.authority_probes import Ask, Input, Probe
from tests.support.authority_stage import Stage
from tests.support.contacts import captcha, last_code, new_phone
from tests.support.help import do
from tests.support.papers import PDF, a_blob
from tests.support.world import TODAY, Person
from workflow.help_code import create

AT_DESK: Final = "on a question of hers that waits at the help desk"
HANDED_OVER: Final = "on a question of hers that the district answers"
TO_DESK: Final = "to the help desk"
BY_CODE: Final = "with the code of somebody"
TEXTS: Final = "on the help texts of the nation"
ANNOUNCING: Final = "on what is to be announced"
ANNOUNCED: Final = "on an announcement of the district"
UNSIGNED: Final = "open to everybody"
_WORDS: Final = {"title": "标题", "text": "内容"}


async def put_help(stage: Stage) -> None:
    """One of each thing, with nothing of it empty that may be full."""
    await known_faq.fill(stage.world.owner)
    stage.ids["question"] = await a_question(stage, stage.cast.nurse, whole=True)
    await a_question(stage, stage.cast.nurse)
    stage.ids["guest question"] = await _guest_question(stage)
    stage.ids["announcement"] = await an_announcement(stage)
    mark = {"account_id": stage.cast.nurse.account_id, "announcement_id": stage.ids["announcement"], "version": 1}
    await stage.world.insert("announcement_read", **mark)
    stage.ids["manual"] = await a_manual(stage)
    stage.ids["faq"] = await stage.world.owner.fetchval("select id from faq where audience = 'EVERYBODY' limit 1")


async def a_question(stage: Stage, asker: Person, *, whole: bool = False, **columns: Any) -> Any:
    """A question of somebody."""
    world, key = stage.world, uuid7()
    row = {"id": key, "state": "OPEN", "topic": "APPLICATION", "title": "怎么办", "asker_party": asker.actor.party}
    held = {"holder_id": stage.cast.reviewer.account_id} if whole else {}
    if whole:
        held |= {"application_id": stage.ids["under decision"], "authority_id": stage.cast.district, "due_on": TODAY}
        until = "update question set held_until = now() + interval '1 day', holder_id = $2, answered_at = now(),"
        until += " state = 'CLOSED', closed_at = now(), overdue_at = now() where id = $1"
    more = {name: value for name, value in held.items() if name != "holder_id"}
    await world.insert("question", **{**row, "account_id": asker.account_id, **more, **columns})
    if whole:
        await world.owner.execute(until, key, stage.cast.reviewer.account_id)
    said = {"question_id": key, "said": "ASKED", "text": "怎么办？", "account_id": asker.account_id}
    await world.insert("question_message", id=uuid7(), **said)
    file = {"file_name": "截图.pdf", "media_type": "application/pdf", "size": len(PDF)}
    await world.insert("question_file", id=uuid7(), question_id=key, blob_id=await a_blob(world, PDF), **file)
    return key


async def _guest_question(stage: Stage) -> Any:
    key, phone = uuid7(), new_phone()
    masked = f"{phone[:3]}****{phone[-4:]}"
    contact = questions.contact_columns(stage.world.keyring, Channel.SMS, phone, masked, stage.token)
    row = {"id": key, "state": "CLOSED", "topic": "ACCOUNT", "title": "注册", "authority_id": stage.cast.district}
    await stage.world.insert("question", **row, due_on=TODAY, **contact, closed_at=_now())
    await stage.world.insert("question_message", id=uuid7(), question_id=key, said="ASKED", text="怎么注册？")
    return key


def _now() -> datetime:
    return datetime.now(SHANGHAI)


async def an_announcement(stage: Stage, **columns: Any) -> Any:
    """An announcement to the area of the district."""
    key, world, cast = uuid7(), stage.world, stage.cast
    path = await world.owner.fetchval("select path from authority where id = $1", cast.district)
    row = {
        "id": key,
        "state": "PUBLISHED",
        "authority_id": cast.district,
        "reach": path,
    }
    row |= {"audience": ["NURSE", "INSTITUTION", "AUTHORITY"], "account_id": cast.reviewer.account_id}
    when = {"starts_at": _now(), "told_at": _now()}
    await world.insert("announcement", **{**row, "title": "公告", "text": "正文", **when, **columns})
    return key


async def a_manual(stage: Stage, **columns: Any) -> Any:
    """A manual for everybody."""
    key = uuid7()
    row = {"id": key, "audience": "EVERYBODY", "language": "ZH", "title": f"手册{key}", "version": "1", "dated": TODAY}
    file = {"file_name": "手册.pdf", "sha256": "0" * 64, "size": len(PDF), "blob_id": await a_blob(stage.world, PDF)}
    await stage.world.insert("manual", **{**row, **file, "account_id": stage.cast.reviewer.account_id, **columns})
    return key


def _question(**given: Any) -> Probe:
    over = given.pop("over", False)

    async def probe(ask: Ask) -> Input:
        cast, stage = ask.stage.cast, ask.stage
        her = await stage.nurse("in question", cast.hospital, cast.district)
        key = await a_question(stage, her.nurse, **({"authority_id": cast.district} if over else {}))
        if given.get("held"):
            who = ask.person.account_id if ask.person else her.nurse.account_id
            sql = "update question set holder_id = $2, held_until = now() + interval '1 hour' where id = $1"
            await stage.world.owner.execute(sql, key, who)
        more = {name: value for name, value in given.items() if name != "held"}
        return {"id": global_id("Question", key), "expectedVersion": 1, "herself": her.nurse, **more}

    return probe


async def _asking(ask: Ask) -> Input:
    return {"topic": "OTHER", **_WORDS}


async def _code(ask: Ask) -> Input:
    nurse_id = await ask.stage.world.nurse(ask.stage.cast.hospital, ask.stage.cast.district)
    her = await ask.stage.world.person(Party.NURSE, nurse_id, Role.NURSE)
    code, _ = await create(ask.stage.services.db, her.session, send=False)
    return {"code": code}


async def _entry(ask: Ask) -> Input:
    texts = {"questionZh": "问？", "questionEn": "Why?", "answerZh": "答。", "answerEn": "So."}
    kept = {"question_zh": "问", "question_en": "Q", "answer_zh": "答", "answer_en": "A"}
    row = {"id": uuid7(), "audience": "NURSE", "place": 1, "state": "DRAFT", **kept}
    await ask.stage.world.insert("faq", **row)
    return {"id": global_id("Faq", row["id"]), "expectedVersion": 1, "audience": "NURSE", **texts}


async def _published(ask: Ask) -> Input:
    given = await _entry(ask)
    await ask.stage.world.owner.execute("update faq set state = 'PUBLISHED' where state = 'DRAFT' and place = 1")
    return given


async def _manual(ask: Ask) -> Input:
    key = await a_manual(ask.stage)
    what = {"audience": "NURSE", "language": "ZH", "title": f"册{key}"[:30], "version": "1", "dated": str(TODAY)}
    return {"id": global_id("Manual", key), "file": PDF, **what}


async def _announcing(ask: Ask) -> Input:
    return {**_WORDS, "audience": ["NURSE"]}


async def _announced(ask: Ask) -> Input:
    key = await an_announcement(ask.stage)
    return {"id": global_id("Announcement", key), "expectedVersion": 1, "audience": ["NURSE"], **_WORDS}


async def _to_prove(ask: Ask) -> Input:
    return {"channel": "SMS", "to": new_phone(), **await captcha(ask.client)}


async def _proved(ask: Ask) -> Input:
    given = await _to_prove(ask)
    await do(ask.client, "questionGuestSendCode", "QuestionGuestSendCodeInput", "resendAfter", **given)
    code = await last_code(ask.stage.services.db, given["to"])
    return {"channel": "SMS", "to": given["to"], "code": code, "topic": "ACCOUNT", **_WORDS}


async def _token(ask: Ask) -> Input:
    token, phone = str(uuid7()), new_phone()
    contact = questions.contact_columns(ask.stage.world.keyring, Channel.SMS, phone, "1****", token)
    row = {"id": uuid7(), "state": "OPEN", "topic": "ACCOUNT", "title": "注册"}
    await ask.stage.world.insert("question", **row, **contact)
    return {"token": token, "text": "还有"}


HELP_PROBES: Final[Mapping[tuple[str, str], Probe]] = {
    (TO_DESK, "questionAsk"): _asking,
    (TO_DESK, "helpCodeCreate"): _announcing,
    (AT_DESK, "questionReply"): _question(text="还有"),
    (AT_DESK, "questionClose"): _question(),
    (AT_DESK, "questionAddFile"): _question(file=PDF),
    (AT_DESK, "questionTake"): _question(),
    (AT_DESK, "questionPutBack"): _question(held=True),
    (AT_DESK, "questionAnswer"): _question(text="这样办"),
    (AT_DESK, "questionHandOver"): _question(text="请答复"),
    (HANDED_OVER, "questionTake"): _question(over=True),
    (HANDED_OVER, "questionAnswer"): _question(over=True, text="这样办"),
    (BY_CODE, "helpLookUp"): _code,
    (TEXTS, "faqCreate"): _entry,
    (TEXTS, "faqChange"): _entry,
    (TEXTS, "faqPublish"): _entry,
    (TEXTS, "faqWithdraw"): _published,
    (TEXTS, "manualPublish"): _manual,
    (TEXTS, "manualWithdraw"): _manual,
    (ANNOUNCING, "announcementPublish"): _announcing,
    (ANNOUNCED, "announcementCorrect"): _announced,
    (ANNOUNCED, "announcementWithdraw"): _announced,
    (ANNOUNCED, "announcementRead"): _announced,
    (UNSIGNED, "questionGuestSendCode"): _to_prove,
    (UNSIGNED, "questionGuestAsk"): _proved,
    (UNSIGNED, "questionGuestReply"): _token,
    (UNSIGNED, "questionGuestClose"): _token,
    (UNSIGNED, "manualTicketCreate"): _manual,
}
"""By the section of the table and the mutation."""
