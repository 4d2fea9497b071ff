"""The forms as clients see them and fill them in: made of `rules.forms`, with what each field is called.

The same field means the same in every form, so it is described once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import MISSING, fields
from functools import reduce
from operator import or_
from types import NoneType
from typing import TYPE_CHECKING, Annotated, Any, Final, Protocol, TypeAlias, get_args, get_type_hints

import strawberry

from rules.form import Form
from rules.forms import MilitarySource, ReissueCause
from rules.kinds import FORMS, Kind, form_from_json

strawberry.enum(MilitarySource)
strawberry.enum(ReissueCause)

SAID: Final[Mapping[str, str]] = {
    "health_status": "健康状况.",
    "health_examined_on": "体检日期, at most six months before filing; where the law wants one (EXAMINED_KINDS).",
    "department": "工作科室.",
    "other_department": "其他科室: which one, in up to 50 characters; needed with department OTHER, and with no other.",
    "title": "技术职称.",
    "remarks": "备注, up to 500 characters.",
    "proof": "证明: the number of the death certificate, court finding or penalty decision.",
    "school": "毕业学校.",
    "major": "所学专业.",
    "education": "学历.",
    "other_education": "其他学历: which one, in up to 50 characters; needed with education OTHER, and with no other.",
    "degree": "学位.",
    "study_length": "学制.",
    "graduated_on": "毕业时间.",
    "internship_from": "临床实习开始日期.",
    "internship_until": "临床实习结束日期: eight months or more.",
    "training_institution": "培训单位, where a clinical training of three months is needed.",
    "trained_from": "培训开始日期.",
    "trained_until": "培训结束日期.",
    "change_reason": "变更理由, up to 500 characters.",
    "reason": "注销理由; a nurse herself says EXPIRED or OTHER.",
    "recovery_judgment": "恢复民事行为能力判决书编号, where the registration ended by incapacity.",
    "source": "来源.",
    "military_certificate_number": "军队或武警护士证号.",
    "military_valid_until": "军队或武警护士证有效期至, inclusive.",
    "cause": "补办原因.",
    "statement": "遗失或损坏声明, up to 500 characters.",
}
"""The description of each field of a form, by its Python name."""

TITLES: Final[Mapping[Kind, str]] = {
    Kind.FIRST: "首次注册申请表",
    Kind.RENEWAL: "延续注册申请表",
    Kind.CHANGE: "变更注册申请表",
    Kind.DEREGISTRATION: "注销注册申请表",
    Kind.REREGISTRATION: "重新注册申请表",
    Kind.MILITARY_TRANSFER: "军队武警护士变更到地方申请表",
    Kind.REISSUE: "证书补办申请表",
}


class FormInput(Protocol):
    """An input that holds a filled form."""

    def filled(self) -> Form:
        """The form that was given."""


def _members(form: type[Form], *, optional: bool) -> dict[str, object]:
    """The fields of a form as fields of a GraphQL type; in an input what may be empty may be left out."""
    members = {}
    hints = get_type_hints(form)
    for one in fields(form):
        empty = one.default is not MISSING or NoneType in get_args(hints[one.name])
        default = None if optional and empty else MISSING
        said = SAID[one.name] + (" As on record, where it is left out." if optional and one.name in form.KEPT else "")
        members[one.name] = strawberry.field(description=said, default=default)
    kept = {} if optional else {name: get_args(hints[name])[0] for name in form.KEPT}
    return {**members, "__annotations__": {**{name: hints[name] for name in members}, **kept}, "__module__": __name__}


def _shown_type(kind: Kind) -> type[Any]:
    form = FORMS[kind]
    members = {**_members(form, optional=False), "__doc__": f"{TITLES[kind]}, as filed."}
    return strawberry.type(type(form.__name__, (), members))


def _input_type(kind: Kind) -> type[FormInput]:
    form = FORMS[kind]

    def filled(self: object) -> Form:
        return form(**vars(self))

    members = {**_members(form, optional=True), "__doc__": f"{TITLES[kind]}.", "filled": filled}
    return strawberry.input(type(f"{form.__name__}Input", (), members))


SHOWN: Final[Mapping[Kind, type[Any]]] = {kind: _shown_type(kind) for kind in Kind}
INPUTS: Final[Mapping[Kind, type[FormInput]]] = {kind: _input_type(kind) for kind in Kind}
_UNION: Any = reduce(or_, SHOWN.values())
_ABOUT: Final = strawberry.union("ApplicationForm", description="A filled form; each kind has its own.")


def shown_form(kind: Kind, filled: Mapping[str, object]) -> object:
    """A stored form as its GraphQL type."""
    return SHOWN[kind](**vars(form_from_json(kind, filled)))


def _one_of() -> type[FormInput]:
    """Exactly one of the forms, each under its kind's name."""

    def filled(self: object) -> Form:
        """The one form that was given."""
        forms: Iterable[FormInput | None] = vars(self).values()
        return next(form for form in forms if form).filled()

    names = {kind: kind.lower() for kind in Kind}
    members = {
        **{
            name: strawberry.field(default=strawberry.UNSET, description=f"{TITLES[kind].removesuffix('申请表')}.")
            for kind, name in names.items()
        },
        "__annotations__": {name: INPUTS[kind] | None for kind, name in names.items()},
        "__doc__": "Exactly one filled form; which one it is says the kind.",
        "__module__": __name__,
        "filled": filled,
    }
    return strawberry.input(type("ApplicationFormInput", (), members), one_of=True)


if TYPE_CHECKING:
    ApplicationForm: TypeAlias = object
    ApplicationFormInput: TypeAlias = FormInput
else:
    ApplicationForm = Annotated[_UNION, _ABOUT]
    ApplicationFormInput = _one_of()
