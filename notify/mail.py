"""Mail (邮件), by SMTP."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as WIRE
from ipaddress import ip_address
from typing import Final
from urllib.parse import parse_qs, unquote, urlsplit

from aiosmtplib import SMTP, SMTPException, SMTPRecipientsRefused, SMTPResponseException

from db.message import Letter
from notify.gateway import Later, Refused
from notify.texts import SIGNATURE, text_of
from rules.errors import Invalid
from rules.message import require_recipient
from rules.moment import SHANGHAI
from rules.verification import Channel

PERMANENT: Final = 500
ANSWER_SECONDS: Final = 60
FORM: Final = "write smtp://user:password@host:587?from=register@example.cn, or smtps:// for port 465"


@dataclass(frozen=True, slots=True)
class MailServer:
    """The server that takes the mail, and the sender's address."""

    host: str
    port: int
    tls: bool
    sender: str
    user: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)

    @classmethod
    def parse(cls, url: str) -> MailServer:
        """Read HUSHI_SMTP_URL; raises ValueError, which never repeats it: it may hold a password."""
        try:
            parts = urlsplit(url)
            host, port, user = parts.hostname, parts.port, unquote(parts.username or "") or None
        except ValueError:
            raise ValueError(FORM) from None
        if parts.scheme not in ("smtp", "smtps") or not host or parts.path not in ("", "/"):
            raise ValueError(FORM)
        own = user if user and "@" in user else f"hushi@{host if _is_name(host) else 'localhost'}"
        named = parse_qs(parts.query).get("from", [own])[0]
        try:
            require_recipient(Channel.MAIL, named)
        except Invalid:
            raise ValueError(f"its sender is no mail address: {FORM}") from None
        tls = parts.scheme == "smtps"
        usual = 465 if tls else 587 if user else 25
        return cls(host, port or usual, tls, named, user, unquote(parts.password or "") or None)

    @property
    def start_tls(self) -> bool | None:
        """A password never goes over the network in clear; without one, TLS is used where it is offered."""
        if self.tls:
            return False
        return True if self.user and not _same_machine(self.host) else None


def _is_name(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return True
    return False


def _same_machine(host: str) -> bool:
    return host == "localhost" if _is_name(host) else ip_address(host).is_loopback


class MailGateway:
    """Hands each mail to the server on a connection of its own."""

    keeps = False

    def __init__(self, server: MailServer) -> None:
        self._server = server

    async def send(self, letter: Letter) -> None:
        """Hand it in: taken charge of when the server has answered its DATA."""
        server = self._server
        client = SMTP(
            hostname=server.host,
            port=server.port,
            username=server.user,
            password=server.password,
            use_tls=server.tls,
            start_tls=server.start_tls,
            timeout=ANSWER_SECONDS,
            local_hostname=_domain(server.sender),
        )
        try:
            await client.connect()
            mail = mail_of(letter, server.sender)
            await client.send_message(mail, sender=server.sender, recipients=[str(_address(letter.to))])
            # It is out, however the goodbye goes.
            with suppress(SMTPException, OSError):
                await client.quit(timeout=1)
        except SMTPException as error:
            raise _worded(error) from error
        finally:
            client.close()


def mail_of(letter: Letter, sender: str) -> EmailMessage:
    """The mail of a letter: the same to the last byte, and with the same Message-ID, however often it is sent."""
    require_recipient(Channel.MAIL, letter.to)
    text = text_of(letter.template, letter.values)
    mail = EmailMessage(policy=WIRE)
    mail["From"] = Address(SIGNATURE.zh, addr_spec=sender)
    mail["To"] = _address(letter.to)
    mail["Subject"] = f"{text.subject.zh} {text.subject.en}"
    mail["Date"] = letter.created_at.astimezone(SHANGHAI)
    mail["Message-ID"] = f"<{letter.id}@{_domain(sender)}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(text.mail, cte="base64")
    return mail


def _address(to: str) -> Address:
    """An address on the wire: a domain in Han is spelt in ASCII, unless what stands before it needs UTF-8 anyway."""
    user, _, domain = to.rpartition("@")
    if not user.isascii():
        return Address(username=user, domain=domain)
    return Address(addr_spec=f"{user}@{_domain(to)}")


def _domain(address: str) -> str:
    return address.rpartition("@")[2].encode("idna").decode()


def _worded(error: Exception) -> Exception:
    """The error without the server's words, which may quote an address; only a recipient is refused for good."""
    match error:
        case SMTPRecipientsRefused(recipients=[refused, *_]) if refused.code >= PERMANENT:
            return Refused(f"SMTP_RECIPIENT_{refused.code}")
        case SMTPRecipientsRefused(recipients=[refused, *_]):
            return Later(f"SMTP_RECIPIENT_{refused.code}")
        case SMTPResponseException(code=code):
            return Later(f"SMTP_{code}")
        case _:
            return Later(type(error).__name__)
