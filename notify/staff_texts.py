"""The texts for people of institutions and authorities (工作人员文本): how an account begins, what becomes of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from rules.errors import Words
from rules.message import Template

_ONE_EACH: Final = Words(
    "账户仅供本人使用，请勿与他人共用密码；需要同事一起办理的，由管理员邀请，一分钟即可开通。",
    "The account is yours alone, so share its password with nobody: inviting a colleague takes a manager one minute.",
)

STAFF: Final[Mapping[Template, tuple[Words, Words]]] = {
    Template.INITIAL_CREDENTIALS: (
        Words("机构账户已开通", "The account of your institution"),
        Words(
            "{institution}的机构账户已开通。用户名：{userName}，初始密码：{password}。"
            f"请在 7 天内首次登录：需短信校验码，并须设置新密码。{_ONE_EACH.zh}",
            "The account of {institution} is ready. User name: {userName}, initial password: {password}. "
            "Sign in within 7 days: the first sign-in asks for a code by text message and for a new password. "
            f"{_ONE_EACH.en}",
        ),
    ),
    Template.INVITATION: (
        Words("账户邀请", "You are invited"),
        Words(
            "{party}邀请您使用本系统。用户名：{userName}，初始密码：{password}。请在 7 天内登录并设置新密码。"
            f"{_ONE_EACH.zh}",
            "{party} invites you to the register. User name: {userName}, initial password: {password}. "
            f"Sign in within 7 days and set a new password. {_ONE_EACH.en}",
        ),
    ),
    Template.MANAGER_REPLACED: (
        Words("机构管理员已变更", "The manager of your institution was replaced"),
        Words(
            "{authority}已核验材料，变更了{institution}的管理员。如非本机构申请办理，请立即与该机关联系。",
            "{authority} has seen the papers and given {institution} another manager. If your institution did not ask "
            "for it, tell that authority at once.",
        ),
    ),
    Template.PLACE_UNATTENDED: (
        Words("岗位空缺", "Nobody is left for a role"),
        Words(
            "{place}已没有可用的{roles}账户，相应业务无人办理。请登录系统，在“用户管理”中邀请或启用人员。",
            "{place} has no active account left for: {roles}. Work of this kind lies still there. Sign in and invite "
            "somebody, or let a colleague in again.",
        ),
    ),
}
"""Subject and body of each."""
