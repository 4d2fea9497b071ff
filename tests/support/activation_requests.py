"""Activation over HTTP."""

from __future__ import annotations

from typing import Any

from graph.schema.node import global_id
from tests.support.activation import Candidate
from tests.support.live import Live

ISSUE = """mutation($input: ActivationIssueCodeInput!) { activationIssueCode(input: $input) { __typename
  ... on ActivationIssueCodePayload { plainCode activationCode { name codeState } query { viewer { displayName } } }
  ... on Problem { code message } ... on RateLimitedProblem { retryAfter } } }"""
ACTIVATE = """mutation($input: ActivationActivateInput!) { activationActivate(input: $input) { __typename
  ... on ActivationPayload { viewer { active nurse { name } } } ... on Problem { code message } } }"""
CERTIFICATE = """mutation($input: ActivationSubmitCertificateInput!) { activationSubmitCertificate(input: $input) {
  __typename ... on ActivationPayload { viewer { active } } ... on Problem { code message } } }"""


def account_id(of: Candidate) -> str:
    return global_id("Account", of.person.account_id)


async def issue(live: Live, by: Any, of: Candidate, **more: Any) -> Any:
    return (await live.as_(by).ask(ISSUE, input={"accountId": account_id(of), **more}))["activationIssueCode"]
