"""The forms as clients see them and fill them in: made of `rules.forms`, with what each field is called.

The same field means the same in every form, so `rules.form_terms` describes it once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Annotated, Any, Final, Protocol, TypeAlias

import strawberry

from rules.form import Form
from rules.form_field import FormField, fields_of
from rules.form_terms import TERMS
from rules.forms import MilitarySource, ReissueCause
from rules.kinds import FORMS, Kind, form_from_json

strawberry.enum(MilitarySource)
strawberry.enum(ReissueCause)

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
    """An input that holds a form, as far as it is filled."""

    def filled(self) -> Form:
        """The form that was given, None where nothing was."""


def _said(one: FormField) -> str:
    terms, kept = TERMS[one.name], " As on record, where it is left out." if one.kept else ""
    return f"{terms.title.zh}{f': {terms.help.en}' if terms.help else '.'}{kept}"


def _members(form: type[Form]) -> dict[str, object]:
    """The fields of a form as fields of a GraphQL type; a draft's may all be empty."""
    asked = {one.attribute: one for one in fields_of(form).values()}
    members = {name: strawberry.field(description=_said(one), default=None) for name, one in asked.items()}
    hints = {name: one.type | None for name, one in asked.items()}
    return {**members, "__annotations__": hints, "__module__": __name__}


def shown_as(form: type[Form], about: str) -> type[Any]:
    """The GraphQL type of a form that was filled in."""
    return strawberry.type(type(form.__name__, (), {**_members(form), "__doc__": about}))


def filled_as(form: type[Form], about: str) -> type[FormInput]:
    """The GraphQL input of a form."""

    def filled(self: object) -> Form:
        return form(**vars(self))

    return strawberry.input(type(f"{form.__name__}Input", (), {**_members(form), "__doc__": about, "filled": filled}))


SHOWN: Final[Mapping[Kind, type[Any]]] = {
    kind: shown_as(form, f"{TITLES[kind]}; what is needed is empty in a draft alone.") for kind, form in FORMS.items()
}
INPUTS: Final[Mapping[Kind, type[FormInput]]] = {
    kind: filled_as(form, f"{TITLES[kind]}.") for kind, form in FORMS.items()
}
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
