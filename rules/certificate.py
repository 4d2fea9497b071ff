"""Certificates of practice (护士执业证书): which serial is in force, and why one is void."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from rules.kinds import Kind
from rules.label import Labelled
from rules.nurse import DeregistrationReason


class CertificateState(Labelled):
    """The state of a certificate (证书状态): of a nurse one at most is in force."""

    CURRENT = "CURRENT", "有效"
    VOID = "VOID", "作废"


class CertificateVoidReason(Labelled):
    """The cause by which a certificate is void (作废原因); a renewal or a change voids none."""

    REISSUED = "REISSUED", "已补办新证书"  # the number stays, the serial is another
    REREGISTERED = "REREGISTERED", "重新注册，已发新证书"  # another number
    DEREGISTERED = "DEREGISTERED", "注册已注销"
    LICENCE_REVOKED = "LICENCE_REVOKED", "护士执业证书已吊销"


ISSUED: Final[Mapping[Kind, CertificateVoidReason | None]] = {
    Kind.FIRST: None,
    Kind.MILITARY_TRANSFER: None,
    Kind.REREGISTRATION: CertificateVoidReason.REREGISTERED,
    Kind.REISSUE: CertificateVoidReason.REISSUED,
}
"""The kinds whose approval brings a certificate, each with why the one before it is void from then on."""


def void_after(reason: DeregistrationReason) -> CertificateVoidReason:
    """The cause by which a certificate is void once the registration has ended for a reason."""
    struck = reason is DeregistrationReason.LICENCE_REVOKED
    return CertificateVoidReason.LICENCE_REVOKED if struck else CertificateVoidReason.DEREGISTERED
