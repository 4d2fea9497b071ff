"""One nurse's photos walked at random in the database beside the oracle; both are compared after every act."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Final
from uuid import UUID

from rules.material import UploadedFile
from rules.photo import Measured, PhotoReason
from tests.support.information_oracle import Act
from tests.support.information_walk import ALSO_LATE, Country, Walk
from tests.support.photo_oracle import PhotoOracle
from tests.support.pictures import drawn, saved
from workflow.decoding import photo_of
from workflow.photo import PhotoEscalate, PhotoFile, PhotoUpload, PhotoWithdraw
from workflow.photo_review import PhotoApprove, PhotoReject
from workflow.step import Command, take

STEPS: Final = ("file", "withdraw", "escalate", "approve", "reject")
OFTEN: Final = ("upload", "upload", "file", "file", "file", *STEPS, "approve")
RARELY: Final = ("wait", "wait", "leave", "move")
Made = tuple[bytes, Measured, bytes]


async def pictures() -> list[Made]:
    """Some pictures with what is made of them: opened once."""
    return [(content, *await photo_of(content, cut=False)) for content in (saved(drawn(seed=n)) for n in range(3))]


@dataclass
class PhotoWalk(Walk):
    """One walk: here, there, and the story so far."""

    made: list[Made] = field(default_factory=list)
    photos: PhotoOracle = field(kw_only=True)
    then: str | None = None

    def _act(self) -> Act:
        what, self.then = self.then or self.chance.choice(RARELY if self.chance.random() < 0.2 else OFTEN), None
        if what == "escalate" and self.story and "wait" not in self.story[-1] and self.chance.random() < 0.7:
            # Mostly after the institution's days are over: otherwise it is hardly ever taken.
            self.then = "escalate"
            return Act("N", "wait", to="16")
        desk = f"O{(self.oracle.inst or 'H1')[1:]}"
        usual = {**dict.fromkeys(("upload", "file", "withdraw", "escalate"), "N"), "leave": desk}
        who = usual.get(what) or self.chance.choice((desk, f"R{self.oracle.auth[1]}"))
        if self.chance.random() < 0.1 and what not in ("wait", "move"):
            who = self.chance.choice([*self.people])
        act = Act(who, what)
        if what not in STEPS:
            return self._elsewhere(act)
        photos = [*self.photos.photos.values()]
        if not photos:
            return Act("N", "upload")
        wanted = [one for one in photos if one.stands == ("UPLOADED" if what == "file" else "PENDING")]
        act.key = self.chance.choice(wanted if wanted and self.chance.random() < 0.8 else photos).key
        act.late = self.chance.random() < ALSO_LATE
        return act

    async def _do(self, act: Act) -> None:
        if act.what == "upload":
            content, measured, made = self.chance.choice(self.made)
            wish = PhotoUpload(UploadedFile("a.jpg", content), False, measured, made)
            self.ids[act.key] = await take(self.it.db, self.people[act.who].session, wish)
        elif act.what in STEPS:
            await take(self.it.db, self.people[act.who].session, await self._step(act))
        else:
            await super()._do(act)

    async def _step(self, act: Act) -> Command:
        key = self.ids[act.key]
        version = await self.it.world.owner.fetchval("select version from photo where id = $1", key) - act.late
        plain = {"file": PhotoFile, "withdraw": PhotoWithdraw, "escalate": PhotoEscalate, "approve": PhotoApprove}
        if act.what == "reject":
            return PhotoReject(key, version, (PhotoReason.NOT_RECENT,))
        return plain[act.what](key, version)

    async def _compare(self) -> None:
        """Each photo, the picture in her record, where she is, and the events of this act."""
        owner, nurse_id, oracle = self.it.world.owner, self.it.cast.nurse_id, self.photos
        rows = await owner.fetch("select * from photo where nurse_id = $1", nurse_id)
        kept = {row["id"]: (row["state"], row["version"], row["escalated_at"] is not None) for row in rows}
        assert kept == {self.ids[key]: (one.stands, one.version, one.up) for key, one in oracle.photos.items()}, (
            self.report()
        )
        hers = await owner.fetchval("select photo_id from nurse where id = $1", nurse_id)
        assert hers == next((row["blob_id"] for row in rows if row["state"] == "CURRENT"), None), self.report()
        entry = await owner.fetchrow("select * from registration where nurse_id = $1", nurse_id)
        at = (self.places.get(oracle.inst or ""), self.places[oracle.auth])
        assert (entry["institution_id"], entry["authority_id"]) == at, self.report()
        assert await self._events() == oracle.events, self.report()


async def photo_walk(there: Country, seed: int, days: list[date], made: list[Made]) -> PhotoWalk:
    """A nurse of her own, at the first hospital."""
    plain = await there.walk(seed, days)
    oracle = PhotoOracle(days, plain.oracle.now, plain.oracle.record)
    shared = {name: getattr(plain, name) for name in ("it", "clock", "chance", "people", "places")}
    return PhotoWalk(**shared, oracle=oracle, family="photo", made=made, photos=oracle)


async def stand(walk: PhotoWalk, state: str, key: UUID, *, up: bool) -> str:
    """A photo that is there already, known to both."""
    name = f"c{len(walk.story)}"
    walk.ids[name] = key
    walk.photos.put(name, state, up=up)
    return name
