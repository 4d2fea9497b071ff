"""Help as a front end asks for it: questions, frequent questions, announcements."""

from __future__ import annotations

from typing import Any, Final

from tests.support.live import Client

PROBLEM: Final = "... on Problem { code message } ... on ValidationProblem { fields { path code message } }"
SHOWN: Final = """id topic title state version askerParty askerNameMasked contactMasked handedOver createdAt queuedAt dueOn
  overdue heldUntil answeredAt closedAt holder { id } authority { id } application { id }
  messages { said text at } files { id fileName mediaType size erased }"""
ANNOUNCED: Final = """id title text audience state version corrected startsAt endsAt authority { id } institution { id }
  read { version }"""
_OF: Final = {"question": f"question {{ {SHOWN} }}", "announcement": f"announcement {{ {ANNOUNCED} }}"}
FAQ: Final = "id audience state place question answer questionZh questionEn answerZh answerEn version"


async def do(client: Client, name: str, kind: str, shown: str = "question", **input: Any) -> Any:
    """Take a step whose input is of this type; gives what its payload shows, or the problem."""
    title, fields = name[0].upper() + name[1:], _OF.get(shown, shown)
    text = (
        f"mutation($input: {kind}!) {{ {name}(input: $input) {{ __typename"
        f" ... on {title}Payload {{ {fields} }} {PROBLEM} }} }}"
    )
    answer = (await client.ask(text, input=input))[name]
    return answer.get(shown.partition(" ")[0], answer)


async def ask(client: Client, title: str = "怎么办理延续注册？", **input: Any) -> Any:
    """A question, as somebody asks it."""
    given = {"topic": "APPLICATION", "title": title, "text": "有效期快到了，请问怎么办？", **input}
    return await do(client, "questionAsk", "QuestionAskInput", **given)


def step(question: Any, **more: Any) -> dict[str, Any]:
    """A step on something as it was seen."""
    return {"id": question["id"], "expectedVersion": question["version"], **more}


async def answer(client: Client, question: Any, text: str = "请在届满前30日提出。") -> Any:
    """A desk's answer."""
    return await do(client, "questionAnswer", "QuestionWordsInput", **step(question, text=text))


async def reply(client: Client, question: Any, text: str = "还有一个问题。") -> Any:
    """Something more that the asker says."""
    return await do(client, "questionReply", "QuestionWordsInput", **step(question, text=text))


async def take(client: Client, name: str, question: Any) -> Any:
    """A step that needs no words."""
    return await do(client, name, "QuestionStepInput", **step(question))
