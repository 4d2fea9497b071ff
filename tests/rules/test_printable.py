"""A paper that is not there: which one, why, and what to do, in every state."""

from __future__ import annotations

from uuid import UUID

import pytest

from rules.application import State
from rules.errors import Invalid, Words
from rules.kinds import Kind
from rules.printable import Unprinted, require_printable
from rules.registration import RegistrationStatus
from rules.ticket import FileKind

pytestmark = pytest.mark.feature("I18")
ONE, OTHER = UUID(int=1), UUID(int=2)


def refused(file: FileKind, state: State | RegistrationStatus) -> tuple[str, Words]:
    """The code and the words for the second of two."""
    kind = None if isinstance(state, RegistrationStatus) else Kind.CHANGE
    with pytest.raises(Invalid) as refusal:
        require_printable(file, [ONE, OTHER], {OTHER: Unprinted("王护士", state, kind)})
    (problem,) = refusal.value.problems
    assert problem.path == "ids.1"
    return problem.code, problem.words


def test_what_is_there_for_all_is_printed() -> None:
    for file in FileKind:
        require_printable(file, [ONE, OTHER], {})


@pytest.mark.parametrize(
    ("file", "state", "code", "said"),
    [
        (FileKind.DECISION_LETTER, State.DRAFT, "PAPER_NOT_YET", "王护士的变更注册申请（草稿）没有决定书：尚未提交，请先提交申请"),
        (FileKind.DECISION_LETTER, State.ACCEPTED, "PAPER_NOT_YET", "王护士的变更注册申请（审批中）没有决定书：尚未作出决定，作出后即可下载"),
        (FileKind.DECISION_LETTER, State.NOT_ACCEPTED, "PAPER_NOT_THERE", "王护士的变更注册申请（不予受理）没有决定书：未予受理，请下载不予受理通知书"),
        (FileKind.DECISION_LETTER, State.INSTITUTION_REJECTED, "PAPER_NOT_THERE", "王护士的变更注册申请（机构不同意）没有决定书：机构不同意，未送审批机关，机构意见见申请审核表"),
        (FileKind.DECISION_LETTER, State.WITHDRAWN, "PAPER_NOT_THERE", "王护士的变更注册申请（已撤回）没有决定书：已经终止，不再作出；需要时请另行申请"),
        (FileKind.ACCEPTANCE_NOTICE, State.RETURNED, "PAPER_NOT_YET", "王护士的变更注册申请（机构退回）没有受理通知书：尚未受理，受理后即可下载"),
        (FileKind.ACCEPTANCE_NOTICE, State.APPROVED, "PAPER_NOT_THERE", "王护士的变更注册申请（同意）没有受理通知书：未经受理即视为准予，请下载决定书"),
        (FileKind.CORRECTION_NOTICE, State.ACCEPTED, "PAPER_NOT_THERE", "王护士的变更注册申请（审批中）没有补正告知书：审批机关未要求补正，无需补正"),
        (FileKind.INTAKE_REFUSAL, State.REJECTED, "PAPER_NOT_THERE", "王护士的变更注册申请（不同意）没有不予受理通知书：未作出不予受理的决定，请在业务查询中查看进度"),
        (FileKind.CERTIFICATE, RegistrationStatus.NEVER, "PAPER_NOT_YET", "王护士的执业注册（尚未注册）没有护士执业证书：首次注册批准后即可下载"),
        (FileKind.CERTIFICATE, RegistrationStatus.DEREGISTERED, "PAPER_NOT_THERE", "王护士的执业注册（已注销）没有护士执业证书：原证书已失效，重新注册批准后即可下载"),
        (FileKind.CERTIFICATE, RegistrationStatus.VALID, "PAPER_NOT_THERE", "王护士的执业注册（在册）没有护士执业证书：没有有效的证书，请申请证书补办"),
    ],
)  # fmt: skip
def test_each_says_which_why_and_what_to_do(file: FileKind, state: State, code: str, said: str) -> None:
    assert (refused(file, state)[0], refused(file, state)[1].zh) == (code, said)


@pytest.mark.parametrize("file", [one for one in FileKind if one not in {FileKind.CERTIFICATE, FileKind.MATERIAL}])
@pytest.mark.parametrize("state", State)
def test_every_state_has_its_words_in_both_languages(file: FileKind, state: State) -> None:
    zh, en = refused(file, state)[1]
    assert zh.startswith(f"王护士的变更注册申请（{state.label}）没有{file.label}：")
    assert en.startswith(f"There is no {file} of 王护士, CHANGE ({state}): ")
    assert en.endswith(".")
