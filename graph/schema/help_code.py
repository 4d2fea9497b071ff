"""Codes for the help desk (客服查询码), and what it sees by one."""

from __future__ import annotations

from datetime import date

import strawberry

from graph.schema.query import query_after
from rules.account import AccountStep
from rules.application import State
from rules.help_code import Seen
from rules.kinds import Kind
from rules.people import AccountState, Party
from rules.registration import Standing


@strawberry.input
class HelpCodeCreateInput:
    """The way of the code to you; it is not sent again, since it is kept nowhere."""

    send: bool = strawberry.field(
        default=False, description="To your proved phone or mail box, instead of showing it here."
    )


@strawberry.interface
class HelpCodePayload:
    """A code is made, in place of the last one."""

    help_code: str | None = strawberry.field(
        description="客服查询码, eight digits, shown this once; null where it was sent."
    )
    minutes: int = strawberry.field(description="So long it is good, for one look.")

    query = query_after("Anything else you want to read after the step.")


@strawberry.input
class HelpLookUpInput:
    """A code that somebody has told you."""

    code: str = strawberry.field(description="客服查询码.")


@strawberry.type
class HelpSeenApplication:
    """An application as the help desk sees it."""

    kind: Kind = strawberry.field(description="业务类型.")
    state: State = strawberry.field(description="Where it stands.")


@strawberry.type
class HelpSeen:
    """The standing of somebody, masked: for explaining, and for nothing else."""

    party: Party = strawberry.field(description="Which end of the system she is of.")
    name_masked: str = strawberry.field(description="姓名, masked: 王*.")
    account_state: AccountState = strawberry.field(description="账户状态.")
    account_steps: list[AccountStep] = strawberry.field(
        description="Her next steps on the way to an active account, the first in front; none once it is."
    )
    standing: Standing | None = strawberry.field(description="执业状态 today; null where no record of hers is known.")
    valid_until: date | None = strawberry.field(description="注册有效期至.")
    institution: str | None = strawberry.field(description="执业机构.")
    authority: str | None = strawberry.field(description="注册机关: whom a question of law is handed over to.")
    applications: list[HelpSeenApplication] = strawberry.field(description="Her last ten applications, newest first.")

    @classmethod
    def of(cls, seen: Seen) -> HelpSeen:
        """The fields that are shown."""
        applications = [HelpSeenApplication(kind=one.kind, state=one.state) for one in seen.applications]
        return cls(
            party=seen.party,
            name_masked=seen.name_masked,
            account_state=seen.account_state,
            account_steps=[*seen.account_steps],
            standing=seen.standing,
            valid_until=seen.valid_until,
            institution=seen.institution,
            authority=seen.authority,
            applications=applications,
        )


@strawberry.type
class HelpLookUpPayload:
    """The code is used up; she finds this look in her own record."""

    seen: HelpSeen = strawberry.field(description="Where she stands.")

    query = query_after("Anything else you want to read after the step.")
