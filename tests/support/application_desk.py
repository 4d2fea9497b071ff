"""The people of an application at their front ends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from graph.resolvers import application, application_aside
from graph.schema.node import global_id
from rules.form import form_to_json
from rules.kinds import Kind
from rules.moves import CLAIMED_KINDS
from tests.support.kinds import Move, forms
from tests.support.live import Live
from tests.support.papers import LAW, PDF
from tests.support.uploads import send
from tests.support.world import TODAY, Person

PROBLEM: Final = "... on Problem { code message } ... on ValidationProblem { fields { path code message } }"
STEP: Final = f"""mutation($input: %s!) {{ done: %s(input: $input) {{ __typename {PROBLEM}
  ... on %sPayload {{ application {{ id state version kind availableSteps institution {{ id }} }} }} }} }}"""
INPUTS: Final = {step.name: step.input.__name__ for step in (*application.MUTATIONS, *application_aside.MUTATIONS)}
REGISTER: Final = """{ viewer { nurse { department registration {
  status standing mayPractise certificateNumber validUntil lastKind deregistrationReason
  institution { id } authority { id } history { kind reason status application { id } } } } } }"""
HEARD: Final = """{ events { nodes { __typename type ... on RegistrationMovedIn { nurseName nurse { name } }
  ... on RegistrationMovedOut { nurseName certificateNumber idNumberMasked nurse { name }
  newInstitution { id } newAuthority { id } } } } }"""


@dataclass
class Desk:
    """The people of one application, each at her own page."""

    live: Live
    kind: Kind
    move: Move
    application: Any = None

    def reviewers(self) -> Any:
        """The hospital and the district that have to do with it."""
        return self.move.target if self.kind in CLAIMED_KINDS else self.move.cast

    async def does(self, who: Person, mutation: str, **given: Any) -> Any:
        """One step; the answer."""
        document = STEP % (INPUTS[mutation], mutation, f"{mutation[0].upper()}{mutation[1:]}")
        done = (await self.live.as_(who).ask(document, input=given))["done"]
        self.application = done.get("application") or self.application
        return done

    async def takes(self, who: Person, mutation: str, **given: Any) -> Any:
        """One step on the application, as it stands."""
        known = {"id": self.application["id"], "expectedVersion": self.application["version"]}
        return await self.does(who, mutation, **known, **given)

    async def begins(self) -> Any:
        """She fills in the form and names where she goes, if anywhere."""
        first, *rest = self.kind.lower().split("_")
        name = first + "".join(word.capitalize() for word in rest)
        filled = {key: value for key, value in form_to_json(forms(TODAY)[self.kind]).items() if value is not None}
        target = global_id("Institution", self.move.target.hospital) if self.kind in CLAIMED_KINDS else None
        begun = await self.does(self.move.nurse, "applicationCreateDraft", form={name: filled}, institutionId=target)
        for code in LAW.get(self.kind, ()) if "application" in begun else ():
            sent = await send(self.live, self.move.nurse, begun["application"]["id"], PDF, code)
            self.application["version"] = sent.json()["data"]["materialUpload"]["application"]["version"]
        return begun

    async def reaches_the_decision(self) -> None:
        """提交 → 机构同意 → 受理 → 审查意见."""
        cast = self.reviewers()
        await self.takes(self.move.nurse, "applicationSubmit")
        if self.kind is not Kind.REISSUE:
            await self.takes(cast.operator, "applicationForward")
        await self.takes(cast.reviewer, "applicationAccept", originalsSeen=LAW.get(self.kind, ()))
        await self.takes(cast.reviewer, "applicationRecommend", agrees=True)

    async def register(self) -> Any:
        """What her page says of her."""
        return (await self.live.as_(self.move.nurse).ask(REGISTER))["viewer"]["nurse"]

    async def heard(self, who: Person) -> list[Any]:
        """The events of somebody's place, oldest first."""
        return (await self.live.as_(who).ask(HEARD))["events"]["nodes"]
