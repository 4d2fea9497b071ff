"""The schema, put together."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import strawberry
from graphql import GraphQLError
from strawberry.schema.config import StrawberryConfig
from strawberry.types import ExecutionContext

from graph.describe import describe
from graph.documents import ReadOnce
from graph.errors import HANDLERS, Coded, log_refusals
from graph.executor import EventExecutor
from graph.resolvers import (
    account,
    account_closing,
    activation,
    announcement,
    application,
    application_aside,
    approval_setting,
    authority,
    batch,
    calendar,
    captcha,
    certificate,
    certificate_blank,
    claim,
    collective,
    conduct,
    contact,
    delivery,
    departure,
    deputy,
    direct_filing,
    direct_registration,
    dispatch,
    exam_name,
    faq,
    handover,
    help_code,
    information_change,
    institution,
    interruption,
    key_fact,
    law_setting,
    look,
    manual,
    material,
    message,
    mutation,
    own_record,
    photo,
    privacy_notice,
    proposal,
    public_register,
    question,
    question_guest,
    recovery,
    requirement,
    revocation,
    roster,
    session,
    staff,
    summary_setting,
    suspension,
    ticket,
    unit,
    verification,
)
from graph.resolvers.account import AccountQuery
from graph.resolvers.activation import ActivationQuery
from graph.resolvers.announcement import AnnouncementQuery, AnnouncementSubscription
from graph.resolvers.approval_setting import ApprovalSettingQuery
from graph.resolvers.batch import BatchQuery, BatchSubscription
from graph.resolvers.calendar import CalendarQuery
from graph.resolvers.certificate_blank import CertificateBlankQuery
from graph.resolvers.claim import ClaimQuery
from graph.resolvers.collective import CollectiveQuery, CollectiveSubscription
from graph.resolvers.conduct import ConductQuery
from graph.resolvers.delivery import DeliveryQuery
from graph.resolvers.departure import DepartureQuery
from graph.resolvers.deputy import DeputyQuery
from graph.resolvers.directory import DirectoryQuery
from graph.resolvers.dispatch import DispatchQuery
from graph.resolvers.eligibility import EligibilityQuery
from graph.resolvers.entrance import EntranceQuery
from graph.resolvers.event import EventQuery, EventSubscription
from graph.resolvers.exam_name import ExamNameQuery
from graph.resolvers.faq import FaqQuery
from graph.resolvers.information_change import InformationChangeQuery
from graph.resolvers.interruption import InterruptionQuery
from graph.resolvers.key_fact import KeyFactQuery
from graph.resolvers.law_setting import LawSettingQuery
from graph.resolvers.listing import ListingQuery
from graph.resolvers.look import LookQuery
from graph.resolvers.look_up import LookUpQuery
from graph.resolvers.manual import ManualQuery
from graph.resolvers.message import MessageQuery
from graph.resolvers.node import NodeQuery
from graph.resolvers.nurse_verification import NurseVerificationQuery
from graph.resolvers.photo import PhotoQuery
from graph.resolvers.point_in_time import PointInTimeQuery
from graph.resolvers.practice_alert import PracticeAlertQuery
from graph.resolvers.privacy_notice import PrivacyNoticeQuery
from graph.resolvers.proposal import ProposalQuery
from graph.resolvers.public_register import PublicRegisterQuery
from graph.resolvers.question import QuestionQuery
from graph.resolvers.question_guest import QuestionGuestQuery
from graph.resolvers.recovery import RecoveryQuery
from graph.resolvers.regulation import RegulationQuery
from graph.resolvers.requirement import RequirementQuery
from graph.resolvers.roster import RosterQuery
from graph.resolvers.unit import UnitQuery
from graph.schema.event import EVENT_TYPES, FeedHeartbeat, FeedReset, PendingReviewChange
from graph.schema.material_act import UPLOAD
from graph.schema.scalars import DATE_TIME
from rules.material import UploadedFile


@strawberry.type
class Query(
    ActivationQuery,
    ExamNameQuery,
    AccountQuery,
    RecoveryQuery,
    NodeQuery,
    ListingQuery,
    LookUpQuery,
    LookQuery,
    NurseVerificationQuery,
    PointInTimeQuery,
    ClaimQuery,
    ApprovalSettingQuery,
    EventQuery,
    MessageQuery,
    DirectoryQuery,
    RegulationQuery,
    EligibilityQuery,
    KeyFactQuery,
    DepartureQuery,
    ConductQuery,
    InterruptionQuery,
    DispatchQuery,
    InformationChangeQuery,
    PhotoQuery,
    DeputyQuery,
    DeliveryQuery,
    CertificateBlankQuery,
    ProposalQuery,
    CalendarQuery,
    RequirementQuery,
    LawSettingQuery,
    PrivacyNoticeQuery,
    CollectiveQuery,
    BatchQuery,
    UnitQuery,
    RosterQuery,
    PublicRegisterQuery,
    FaqQuery,
    QuestionQuery,
    QuestionGuestQuery,
    AnnouncementQuery,
    ManualQuery,
    EntranceQuery,
    PracticeAlertQuery,
):
    """Everything that can be looked up."""


APPLICATIONS: Final = (*application.MUTATIONS, *application_aside.MUTATIONS)
DECLARED: Final = (
    *calendar.MUTATIONS,
    *certificate.MUTATIONS,
    *certificate_blank.MUTATIONS,
    *claim.MUTATIONS,
    *collective.MUTATIONS,
    *batch.MUTATIONS,
    *conduct.MUTATIONS,
    *delivery.MUTATIONS,
    *departure.MUTATIONS,
    *information_change.MUTATIONS,
    *photo.MUTATIONS,
    *deputy.MUTATIONS,
    *direct_filing.MUTATIONS,
    *direct_registration.MUTATIONS,
    *dispatch.MUTATIONS,
    *exam_name.MUTATIONS,
    *handover.MUTATIONS,
    *interruption.MUTATIONS,
    *key_fact.MUTATIONS,
    *law_setting.MUTATIONS,
    *look.MUTATIONS,
    *material.MUTATIONS,
    *own_record.MUTATIONS,
    *privacy_notice.MUTATIONS,
    *proposal.MUTATIONS,
    *requirement.MUTATIONS,
    *revocation.MUTATIONS,
    *suspension.MUTATIONS,
    *ticket.MUTATIONS,
    *activation.MUTATIONS,
    *session.MUTATIONS,
    *contact.MUTATIONS,
    *recovery.MUTATIONS,
    *approval_setting.MUTATIONS,
    *message.MUTATIONS,
    *captcha.MUTATIONS,
    *public_register.MUTATIONS,
    *account.MUTATIONS,
    *account_closing.MUTATIONS,
    *verification.MUTATIONS,
    *authority.MUTATIONS,
    *institution.MUTATIONS,
    *staff.MUTATIONS,
    *unit.MUTATIONS,
    *roster.MUTATIONS,
    *faq.MUTATIONS,
    *question.MUTATIONS,
    *question_guest.MUTATIONS,
    *help_code.MUTATIONS,
    *announcement.MUTATIONS,
    *manual.MUTATIONS,
    *summary_setting.MUTATIONS,
)
MUTATIONS: Final = (*APPLICATIONS, *DECLARED)
"""Every mutation, as it is declared."""


@strawberry.type
class Mutation(
    mutation.root("Applications", "Steps on applications.", *APPLICATIONS),  # type: ignore[misc]
    mutation.root("Declared", "Mutations that are declared.", *DECLARED),  # type: ignore[misc]
):
    """Everything that can be done: one mutation a step."""


@strawberry.type
class Subscription(EventSubscription, CollectiveSubscription, BatchSubscription, AnnouncementSubscription):
    """Everything that can be watched."""


class RegisterSchema(strawberry.Schema):
    """The register's schema: refusals are logged as what they are."""

    def process_errors(self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None) -> None:
        """Log codes, never source lines or values; bugs were logged with their incident number already."""
        log_refusals(errors, execution_context)


PUBLIC: Final = frozenset(
    {
        "viewer",
        "__typename",
        "__schema",
        "__type",
        "passwordPolicy",
        "applicationKinds",
        "formDefinition",
        "informationDefinition",
        "reviewReasons",
        "lawSettings",
        "privacyNotice",
        "publicCertificate",
        "receiptCheck",
        "faqs",
        "entrance",
        "guestQuestion",
        *(one.name for one in DECLARED if one.public),
    }
)
"""The root fields that need no sign-in."""

SECRETS: Final = frozenset(
    {
        *("nurseByDocument", "nurseVerification", "nurseVerificationByCertificate", "claimCandidate"),
        *("publicCertificate", "receiptCheck", "guestQuestion"),
        *(one.name for one in DECLARED if one.secret),
    }
)
"""The root fields that test a secret, or whether there is somebody of a number: one a document."""

_more: list[Any] = [*EVENT_TYPES.values(), PendingReviewChange, FeedHeartbeat, FeedReset]

schema = describe(
    RegisterSchema(
        Query,
        Mutation,
        Subscription,
        types=_more,
        extensions=[ReadOnce, Coded],
        exception_handlers=HANDLERS,
        execution_context_class=EventExecutor,
        config=StrawberryConfig(scalar_map={datetime: DATE_TIME, UploadedFile: UPLOAD}),
    )
)
