"""The gateway of each channel, as the operator decided."""

from __future__ import annotations

from collections.abc import Mapping

from notify.gateway import CONSOLE, Console, Gateway, Missing, sms_gateway
from notify.mail import MailGateway, MailServer
from rules.verification import Channel


def shown_instead(smtp_url: str | None, sms: str, *, loopback: bool) -> bool:
    """True if messages are shown at /outbox instead of sent: without any gateway, on one's own machine."""
    return loopback and smtp_url is None and sms == CONSOLE


def gateways_of(smtp_url: str | None, sms: str, *, loopback: bool) -> Mapping[Channel, Gateway]:
    """The gateways of HUSHI_SMTP_URL and HUSHI_SMS_GATEWAY."""
    without: Gateway = Console() if shown_instead(smtp_url, sms, loopback=loopback) else Missing()
    mail = MailGateway(MailServer.parse(smtp_url)) if smtp_url else without
    return {Channel.MAIL: mail, Channel.SMS: sms_gateway(sms, without)}
