"""Photos, units and the roster beside a list, one step after the other, for `bench/steps.py`."""

from __future__ import annotations

from datetime import date, timedelta
from io import BytesIO
from typing import Any, Final
from uuid import UUID

from PIL import Image, ImageDraw
from uuid_utils.compat import uuid7

from bench.cast import Case
from bench.information import Take, Timed
from rules.departure import DepartureReason
from rules.material import UploadedFile
from rules.photo import HEIGHT, WIDTH, Measured, PhotoReason
from workflow.photo import PhotoFile, PhotoUpload, PhotoWithdraw
from workflow.photo_review import PhotoApprove, PhotoReject
from workflow.roster import wish
from workflow.roster_step import RosterEdit, RosterReportDepartures, RosterUndo
from workflow.step import Command, take
from workflow.unit import UnitAssign

WHO: Final = """select r.nurse_id, r.institution_id, r.certificate_number, n.name, n.department, current_date as today
  from account a join registration r on r.nurse_id = a.nurse_id join nurse n on n.id = r.nurse_id where a.id = $1"""
WARD: Final = "insert into unit (id, institution_id, kind, name, department) values ($1, $2, 'WARD', $3, 'WARD')"
PLACES: Final = """select min(place) filter (where finding = 'DIFFERENT') as differs,
  min(place) filter (where finding = 'NOT_LISTED') as missing from roster_check_row where roster_check_id = $1"""
UNDO: Final = """
update nurse set photo_id = null where photo_id in (select blob_id from photo where nurse_id in (
  select nurse_id from bench_nurse)) and id in (select nurse_id from bench_nurse);
delete from photo where nurse_id in (select nurse_id from bench_nurse);
delete from information_change where nurse_id in (select nurse_id from bench_nurse);
delete from roster_check_row;
delete from roster_check;
delete from event where type like 'photo.%' or type = 'registration.unit_changed'
  or type in ('information.edited', 'registration.departed', 'registration.moved_in');
delete from attempt
"""
"""The traces of it; the attempts too, since nobody hands in so many lists."""
MEASURED: Final = Measured(width=WIDTH, height=HEIGHT, white=100)


async def go(steps: Timed) -> None:
    """All cases along every way, one at a time; then the register is as before, but for a ward."""
    picture = _picture()
    for case in steps.cases:
        await steps.stage.owner.execute(UNDO)
        (her,) = await steps.stage.rows(WHO, case.nurse.account_id)

        async def step(role: str, command: Command, case: Case = case) -> UUID:
            session = steps.session(getattr(case, role).token)
            return await steps.timed(command.mutation(), take(steps.stage.db, session, command))

        await _photos(step, picture)
        await _units(steps, step, her)
        await _roster(steps, step, case, her)
    await steps.stage.owner.execute(UNDO)
    await steps.stage.undo()


async def _photos(step: Take, picture: bytes) -> None:
    """Handed in, filed and agreed to; refused; taken back."""
    upload = PhotoUpload(UploadedFile("a.jpg", picture), False, MEASURED, picture)
    for end in (PhotoApprove, PhotoReject, PhotoWithdraw):
        key = await step("nurse", upload)
        await step("nurse", PhotoFile(key, 1))
        if end is PhotoReject:
            await step("operator", PhotoReject(key, 2, (PhotoReason.NOT_RECENT,)))
        else:
            await step("nurse" if end is PhotoWithdraw else "operator", end(key, 2))


async def _units(steps: Timed, step: Take, her: Any) -> None:
    """She belongs to a ward, and to none again."""
    ward = uuid7()
    await steps.stage.owner.execute(WARD, ward, her["institution_id"], f"病区{ward.hex}")
    await step("operator", UnitAssign((her["nurse_id"],), ward))
    await step("operator", UnitAssign((her["nurse_id"],), None))


async def _roster(steps: Timed, step: Take, case: Case, her: Any) -> None:
    """A list of one is compared with all of the roster; what differs is written, who is missing reported; undone."""
    operator = steps.session(case.operator.token)
    other = "门诊" if her["department"] != "OUTPATIENT" else "病房"
    content = f"姓名,护士执业证书编号,科室\n{her['name']},{her['certificate_number']},{other}\n".encode()
    check = await step("operator", await wish(steps.stage.db, operator, content, None))
    (found,) = await steps.stage.rows(PLACES, check)
    differs, missing, today = (found["differs"],), (found["missing"],), her["today"]
    assert isinstance(today, date)
    await step("operator", RosterEdit(check, differs, False))
    await step("operator", RosterUndo(check, differs, False))
    left = today - timedelta(days=1)
    await step("operator", RosterReportDepartures(check, missing, False, DepartureReason.RESIGNED, left))
    await step("operator", RosterUndo(check, missing, False))


def _picture() -> bytes:
    """A head before white."""
    picture, made = Image.new("RGB", (WIDTH, HEIGHT), "white"), BytesIO()
    ImageDraw.Draw(picture).ellipse((100, 100, 250, 300), fill=(222, 184, 156))
    picture.save(made, "JPEG", quality=85)
    return made.getvalue()
