"""A real mail server that answers as it is told."""

from __future__ import annotations

import asyncio
import email
import email.policy
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email.message import EmailMessage
from typing import Any, cast

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword

from notify.mail import MailGateway, MailServer


class Postbox:
    """Keeps every mail whose DATA came to its end, whatever it then answers.

    It has no properties: the server looks at every attribute for each connection.
    """

    def __init__(self) -> None:
        self.envelopes: list[Envelope] = []
        self.recipient_answer = self.data_answer = "250 OK"
        self.drops = False
        self.reading, self.go_on = asyncio.Event(), asyncio.Event()
        self.go_on.set()

    async def handle_RCPT(self, server: Any, session: Any, envelope: Envelope, address: str, options: Any) -> str:
        if self.recipient_answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.recipient_answer

    async def handle_DATA(self, server: Any, session: Any, envelope: Envelope) -> str:
        self.envelopes.append(envelope)
        self.reading.set()
        await self.go_on.wait()
        if self.drops:
            server.transport.abort()
        return self.data_answer

    def mails(self) -> list[EmailMessage]:
        """The mails as a reader sees them."""
        return [
            email.message_from_string(cast(bytes, envelope.content).decode(), policy=email.policy.default)
            for envelope in self.envelopes
        ]

    def ids(self) -> list[str]:
        """Their Message-IDs."""
        return [str(mail["Message-ID"]) for mail in self.mails()]


def sign_in(server: Any, session: Any, envelope: Any, mechanism: str, given: LoginPassword) -> AuthResult:
    """Who may hand mail in."""
    return AuthResult(success=(given.login, given.password) == (b"hushi@example.cn", b"p@ss word"), handled=False)


@asynccontextmanager
async def listening(postbox: Postbox, port: int = 0, **options: Any) -> AsyncIterator[str]:
    """The server on a port of its own; gives `host:port`."""

    def protocol() -> SMTP:
        return SMTP(postbox, hostname="mail.example.cn", enable_SMTPUTF8=True, loop=loop, **options)

    loop = asyncio.get_running_loop()
    server = await loop.create_server(protocol, "127.0.0.1", port)
    try:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        postbox.go_on.set()
        server.close()


def gateway(address: str, sender: str = "register@example.cn") -> MailGateway:
    """The gateway that hands mail in there."""
    return MailGateway(MailServer.parse(f"smtp://{address}?from={sender}"))
