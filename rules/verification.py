"""Proof of a person: the identity against the register, a phone or mail box by a code (校验码)."""

from __future__ import annotations

from enum import StrEnum


class IdentityOutcome(StrEnum):
    """The outcome of comparing a name and an ID number with the register and the exam library (护士信息验证, N5)."""

    REGISTERED = "REGISTERED"  # on the register: her institution vouches (N9, N10)
    DEREGISTERED = "DEREGISTERED"  # once on the register: the certificate number is enough (N9c)
    EXAM_PASSED = "EXAM_PASSED"  # never registered: the latest exam certificate is enough (N9b)
    NO_MATCH = "NO_MATCH"  # correct the entry, or see the notices for the military and for before 2008 (N6)
    NAME_MISMATCH = "NAME_MISMATCH"  # the ID number is known under another name
    MULTIPLE = "MULTIPLE"  # more than one record: the province must merge them
    MILITARY_SOURCE = "MILITARY_SOURCE"  # from the military or armed police: only that application (N17)
    PRE_2008 = "PRE_2008"  # passed before 2008-05 and never registered: the province registers her first (X6)


class CodePurpose(StrEnum):
    """The purpose of a code (校验码)."""

    CONFIRM_CONTACT = "CONFIRM_CONTACT"  # N7, N8: this phone or mail box is hers
    CHANGE_CONTACT = "CHANGE_CONTACT"  # N12: the old or the new one, where it changes
    FIRST_SIGN_IN = "FIRST_SIGN_IN"  # I3: the reserved phone of an institution
    RECOVERY = "RECOVERY"  # N22


class Channel(StrEnum):
    """The channel by which a person is reached."""

    SMS = "SMS"
    MAIL = "MAIL"


class RequestKind(StrEnum):
    """The kind of a request to a desk."""

    RECOVERY = "RECOVERY"  # N22: by personal information, when neither channel is verified
    KEY_FACT = "KEY_FACT"  # A5: another name or ID number in the register
    VOID = "VOID"  # a decision is to be undone (行政许可法 69): a second person agrees
    DEREGISTRATION = "DEREGISTRATION"  # A8, by office (依职权注销): a second person agrees


class RequestState(StrEnum):
    """The state of a request to a desk."""

    PENDING = "PENDING"
    APPROVED = "APPROVED"
    REJECTED = "REJECTED"
