"""The tree of authorities and how each decides."""

from __future__ import annotations

from typing import Final

from graph.resolvers import mutation
from graph.resolvers.act import retry_key
from graph.resolvers.shown import Shows
from graph.schema.authority import AuthorityCreateInput, AuthorityPayload, AuthoritySettingsSetInput
from graph.schema.node import key_of
from rules.authority import AuthoritySettings
from workflow.authority import AuthorityCreate, AuthoritySettingsSet


def _create(input: AuthorityCreateInput) -> AuthorityCreate:
    parent = key_of("Authority", input.parent_id)
    return AuthorityCreate(parent, input.code, input.name, input.level, idempotency_key=retry_key(input))


def _set(input: AuthoritySettingsSetInput) -> AuthoritySettingsSet:
    settings = AuthoritySettings(input.two_persons, input.renewal_window_days, input.promised_days)
    return AuthoritySettingsSet(key_of("Authority", input.authority_id), settings, idempotency_key=retry_key(input))


_SHOWN: Final = Shows("Authority")
MUTATIONS: Final = (
    mutation.of(
        AuthorityCreate,
        AuthorityCreateInput,
        AuthorityPayload,
        "Add an authority below one's own or below one of those (A9); for provincial admins, who then invite people.",
        _create,
        _SHOWN,
    ),
    mutation.of(
        AuthoritySettingsSet,
        AuthoritySettingsSetInput,
        AuthorityPayload,
        "Set how an authority decides: by two persons, when renewals open, what it promises; for its provincial "
        "admins or those above.",
        _set,
        _SHOWN,
    ),
)
