"""The context of an operation, which every resolver reaches: the viewer, the database, the loaders, the feed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, TypeVar, overload
from uuid import UUID

from strawberry.types import Info as StrawberryInfo

from graph.limits import Limits
from rules.entrance import NO_SUPPORT, Support
from rules.errors import FieldProblem, Invalid, Language, Unauthenticated, Words
from rules.information_change import ChangeStep
from rules.people import Actor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from db.feed.feed import Feed
    from db.read.listing import NounKey
    from db.session import Session, Sessions
    from db.store.engine import Database
    from rules.application import Step
    from rules.material import ChecklistItem
    from workflow.captcha import Captchas
    from workflow.password import Passwords
    from workflow.public_register import PublicRegister
    from workflow.receipt import Receipts

T = TypeVar("T")


class Loaders(Protocol):
    """Rows as the types clients see, in batches by key; a noun is named by its type, or by its name."""

    @overload
    async def one(self, noun: type[T], key: UUID | None) -> T | None: ...
    @overload
    async def one(self, noun: str, key: UUID | None) -> Any: ...
    async def one(self, noun: type[T] | str, key: UUID | None) -> T | None:
        """The noun with this key, or None where there is none or the viewer may not read it."""

    async def many(self, noun: str, owner: UUID, first: int) -> list[Any]:
        """The newest `first` rows of an owner."""

    async def page(self, context: Context, name: str, given: Mapping[str, Any], owner: NounKey | None) -> Any:
        """The page of a list that these arguments ask for."""

    async def steps(self, application_id: UUID) -> list[Step]:
        """The steps open to the viewer on an application."""

    async def change_steps(self, change_id: UUID) -> list[ChangeStep]:
        """The steps open to the viewer on a change of information."""

    async def form_problems(self, application_id: UUID) -> Sequence[FieldProblem]:
        """All that would be refused in the form of a draft that the viewer sees, if it were filed today."""

    async def checklist(self, application_id: UUID, institution_id: UUID | None) -> list[ChecklistItem]:
        """The checklist of an application that the viewer sees: each material it needs, and whether it is there."""


@dataclass(frozen=True)
class Services:
    """The services that one process shares between all operations. `loaders` makes the loaders of one answer.

    `known_networks` are those of institutions, whose people all come from there.
    `notice_needed` says whether nobody registers without having accepted the privacy notice.
    `help_url` is the page on which people without an account read an answer, `support` the line to call.
    What was rendered for one subscriber of a feed is sent to others for `shared_seconds`, and read afresh after that.
    """

    db: Database
    feed: Feed
    sessions: Sessions
    passwords: Passwords
    limits: Limits
    loaders: Callable[[Database, Actor | None], Loaders]
    captchas: Captchas
    public: PublicRegister
    receipts: Receipts
    known_networks: tuple[str, ...] = ()
    notice_needed: bool = False
    heartbeat_seconds: float = 15
    shared_seconds: float = 1
    help_url: str | None = None
    support: Support = NO_SUPPORT


@dataclass
class Context:
    """One operation: made new for each, also for each on a socket, and its loaders for each pushed event."""

    services: Services
    session: Session | None
    language: Language = Language.CHINESE
    last_event_id: str | None = None
    cursor: str | None = None
    address: str = ""
    load: Loaders = field(init=False)
    looked_up: bool = field(default=False, init=False)
    kept: set[str] = field(default_factory=set, init=False)
    retry_after: int | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Start the loaders afresh, so that the next answer is read from the database."""
        self.load = self.services.loaders(self.services.db, self.viewer)

    def wait(self, seconds: int) -> None:
        """Note that a part of this answer may be tried again so many seconds from now: HTTP says it in its head too."""
        self.retry_after = max(seconds, self.retry_after or 0)

    def become(self, session: Session) -> None:
        """Go on as somebody who has just signed in."""
        self.session = session
        self.forget()

    @property
    def db(self) -> Database:
        """The database."""
        return self.services.db

    @property
    def viewer(self) -> Actor | None:
        """The person asking, if she is signed in."""
        return self.session.actor if self.session else None

    @property
    def actor(self) -> Actor:
        """The signed-in person; refuses anyone else."""
        return self.signed_in.actor

    @property
    def signed_in(self) -> Session:
        """Her session; refuses anyone without one."""
        if self.session is None:
            raise Unauthenticated
        return self.session

    def cursor_at(self, place: str | None) -> str | None:
        """The feed cursor of a place, as the shapes write it."""
        if place is None:
            return None
        scope, _, seq = place.partition(":")
        return self.services.feed.cursors.write(UUID(scope), int(seq))

    def pages(self, arguments: Iterable[Mapping[str, Any]]) -> None:
        """Refuse what `page` refuses, for every field that takes nothing but a page size."""
        for taken in arguments:
            if taken.keys() == {"first"}:
                self.page(taken["first"])

    def page(self, size: int, argument: str = "first") -> int:
        """A page size within the limit; Invalid otherwise."""
        allowed = self.services.limits.page
        if 0 <= size <= allowed:
            return size
        words = Words(f"每页最多{allowed}条，本次为{size}", f"A page holds 0 to {allowed} rows, not {size}.")
        raise Invalid(FieldProblem(argument, "PAGE_SIZE", words))


Info: TypeAlias = StrawberryInfo[Context, None]
