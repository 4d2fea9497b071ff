"""Receipts that a key of the test has signed, and what somebody made of them."""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from random import Random
from typing import Any, Final

from db.store.secret_text import new_secret
from db.store.signing import Signers
from rules.receipt import Statement, written

PAGE: Final = (Path(__file__).parents[2] / "docs/how-to/verify.md").read_text("utf-8")
SIGNED_AT: Final = datetime(2026, 11, 30, 10, 15, tzinfo=UTC)
LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def script(language: str) -> str:
    """The verifier of the docs in a language."""
    found = re.search(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    assert found is not None
    return found[1]


def signers(count: int = 1) -> Signers:
    """So many fresh keys."""
    return Signers.parse(",".join(new_secret("s") for _ in range(count)))


def statement(key_id: str, **values: Any) -> Statement:
    """A statement, as a paper has it."""
    given = {"serial": "202511010212345-2", "name": "王护士", "may_practise": True, "valid_until": date(2030, 1, 2)}
    return Statement(key_id, values.pop("signed_at", SIGNED_AT), **{**given, **values})


def signed(by: Signers, key_id: str | None = None, **values: Any) -> str:
    """A receipt."""
    key_id = key_id or next(iter(by.public))
    content = statement(key_id, **values).content
    return written(content, by.sign(key_id, content))


def published(by: Signers, **dates: str | None) -> dict[str, Any]:
    """The keys as the register publishes them."""
    days = {"activeFrom": "2026-01-01T00:00:00+08:00", "retiredAt": None, **dates}
    keys = [
        {"kty": "OKP", "crv": "Ed25519", "kid": name, "x": encoded(public), **days}
        for name, public in by.public.items()
    ]
    return {"keys": keys}


def tampered(receipt: str, other: str, count: int) -> Iterator[str]:
    """So many receipts that nobody has signed: of each kind of change as many as of the next, the same every time."""
    dice = Random(20261130)
    content, _, signature = receipt.partition(".")
    plain = decoded(content)
    lines = plain.decode().split("\n")
    for place in range(count):
        match place % 8:
            case 0:  # a letter of the statement is another
                yield f"{_one_letter(content, dice)}.{signature}"
            case 1:  # a letter of the signature is another, the last one too, of whose bits some mean nothing
                yield f"{content}.{_one_letter(signature, dice, last=place % 16 == 1)}"
            case 2:  # a bit of the statement is another
                yield f"{encoded(_one_bit(plain, dice))}.{signature}"
            case 3:  # a bit of the signature is another
                yield f"{content}.{encoded(_one_bit(decoded(signature), dice))}"
            case 4:  # another name, day, serial or answer
                line = dice.choice([2, 3, 4, 5, 6])
                said = {2: str(dice.randrange(1 << 31)), 3: f"{dice.randrange(10**15)}-1", 4: "李护士", 5: "N"}
                changed = [*lines[:line], said.get(line, f"20{dice.randrange(31, 99)}-01-02"), *lines[line + 1 :]]
                yield f"{encoded(chr(10).join(changed).encode())}.{signature}"
            case 5:  # the signature of another receipt
                yield f"{content}.{other.partition('.')[2]}"
            case 6:  # something is missing, or too much
                cut = dice.randrange(1, len(receipt))
                yield dice.choice(
                    [receipt[:cut], receipt[cut:], receipt + dice.choice(LETTERS), f"{receipt}.{signature}"]
                )
            case _:  # the same bytes in another spelling
                yield dice.choice([f"{receipt}=", f"{content}=.{signature}", receipt.replace(".", "..")])


def encoded(content: bytes) -> str:
    return urlsafe_b64encode(content).decode().rstrip("=")


def decoded(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _one_letter(text: str, dice: Random, *, last: bool = False) -> str:
    place = len(text) - 1 if last else dice.randrange(len(text))
    return text[:place] + dice.choice(LETTERS.replace(text[place], "")) + text[place + 1 :]


def _one_bit(content: bytes, dice: Random) -> bytes:
    place = dice.randrange(len(content))
    return content[:place] + bytes([content[place] ^ 1 << dice.randrange(8)]) + content[place + 1 :]
