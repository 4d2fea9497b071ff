"""What the machine of photos should do, written from the rights' prose (N15, I15) and never from `rules/`."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.support.information_oracle import Act, Change, Oracle, Refused


@dataclass
class Picture(Change):
    """One photo, as it should stand."""

    @property
    def open(self) -> bool:
        """Whether somebody still has to do something."""
        return self.stands in ("UPLOADED", "PENDING")


@dataclass
class PhotoOracle(Oracle):
    """One nurse's photos beside her place."""

    photos: dict[str, Picture] = field(default_factory=dict)

    def put(self, key: str, stands: str, *, up: bool = False) -> None:
        """A photo that stands there."""
        self.photos[key] = Picture(key, "N", stands, {}, {}, self.now, self.now, up=up)

    def _upload(self, act: Act) -> None:
        if act.who != "N":
            raise Refused("NotAllowed")
        self._replace("UPLOADED")
        self.put(act.key, "UPLOADED")

    def _file(self, act: Act) -> None:
        photo = self._own(act, "UPLOADED")
        self._replace("PENDING")
        photo.waits_since = self.now
        self._stands(photo, "PENDING", "submitted")

    def _withdraw(self, act: Act) -> None:
        photo = self._own(act, "UPLOADED", "PENDING")
        # Nobody has heard of what was never filed.
        self._stands(photo, "WITHDRAWN", "withdrawn" if photo.stands == "PENDING" else None)

    def _escalate(self, act: Act) -> None:
        photo = self._own(act, "PENDING")
        if photo.up or self.inst is None or self._left(photo.waits_since, 10):
            raise Refused("NotAllowed")
        photo.up, photo.waits_since = True, self.now
        self._stands(photo, "PENDING", "submitted")

    def _approve(self, act: Act) -> None:
        photo = self._reviewed(act, "PENDING")
        self._replace("CURRENT")
        self._stands(photo, "CURRENT", "decided")

    def _reject(self, act: Act) -> None:
        self._stands(self._reviewed(act, "PENDING"), "REJECTED", "decided")

    def _goes(self, inst: str | None, auth: str, values: dict[str, str]) -> None:
        waiting = [one for one in self.photos.values() if one.stands == "PENDING"]
        where = [self._desk(one) for one in waiting]
        super()._goes(inst, auth, values)
        for one, was in zip(waiting, where, strict=True):
            if self._desk(one) != was:
                self.events[self._desk(one), "submitted"] += 1

    def _own(self, act: Act, *states: str) -> Change:
        photo = self._found(act)
        if act.who != "N":
            raise Refused("NotFound")
        return self._ready(act, photo, *states)

    def _found(self, act: Act) -> Change:
        return self.photos[act.key]

    def _replace(self, state: str) -> None:
        for one in self.photos.values():
            if one.stands == state:
                one.stands, one.version = "REPLACED", one.version + 1

    def _stands(self, photo: Change, state: str, what: str | None) -> None:
        photo.stands, photo.version = state, photo.version + 1
        if what:
            self._tell(what, self._desk(photo))
