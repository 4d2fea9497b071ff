"""The people to sign in as: one for each kind of viewer, all with one password that is plainly for show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from rules.people import Role

PASSWORD: Final = "HushiDemo2026"
PASSWORD_HASH: Final = (
    "$argon2id$v=19$m=65536,t=3,p=4$VOpiGQmAmqsvtNw1jlkBJw$vEvgP8jnxlA+SUsiolclShX4wqGUkW4pAI+j7vyHxSc"
)
"""argon2id of PASSWORD, made beforehand: a hash for each account would take days."""

NOBODYS_HASH: Final = (
    "$argon2id$v=19$m=65536,t=3,p=4$s+MmgXBY4HxLClqIQeZp8w$S+jPfxIbGPhv2yLgks2HUhn3A6HE1cw6n6ZNvIoIVxY"
)
"""The argon2id hash of 32 random bytes that were not kept: accounts outside a demonstration have no sign-in."""


@dataclass(frozen=True, slots=True)
class Seat:
    """The owner of an account: a nurse or an institution by its place in the register, an authority by its code."""

    role: Role
    place: str = ""
    number: int = 0


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """One sign-in of the demonstration; `title` is its role, in Chinese and English."""

    role: Role
    user_name: str
    password: str
    title: str
    seat: Seat


MOVER: Final = "mover"
"""The seat of the nurse whose place in the register follows from its size: `Register.mover`."""

CLAIMABLE: Final = "claimable"
"""The seat of the first nurse whose change of registration waits for an institution that claims it."""
CODELESS, REACHED = 15, 8
"""The places of a nurse of the first hospital who waits for her activation code, and of one with proved contacts."""
PHONE, MAIL = "13800138005", "nurse005@example.org"
"""The proved contacts of the latter: nobody's, messages to them stand in the outbox of a demonstration."""


def _account(user_name: str, title: str, role: Role, place: str = "", number: int = 0) -> DemoAccount:
    return DemoAccount(role, user_name, PASSWORD, title, Seat(role, place, number))


DEMO_ACCOUNTS: Final[tuple[DemoAccount, ...]] = (
    _account("nurse001", "护士，可申请延续注册 · nurse, may apply for renewal", Role.NURSE, "0"),
    _account("nurse002", "护士，账户未激活 · nurse, account not active yet", Role.NURSE, "1"),
    _account("nurse003", "另一医院护士，可申请变更注册 · nurse of another hospital, may move", Role.NURSE, MOVER),
    _account("manager01", "示范医院管理员 · manager of the first hospital", Role.MANAGER, "0"),
    _account("operator01", "示范医院经办人 · operator of the first hospital", Role.OPERATOR, "0"),
    _account("operator02", "示范医院经办人，本人也是护士 · operator who is a nurse herself", Role.OPERATOR, "0", 1),
    _account("viewer001", "示范医院查看人 · viewer of the first hospital", Role.VIEWER, "0"),
    _account("operator03", "另一医院经办人 · operator of another hospital", Role.OPERATOR, "1"),
    _account("reviewer01", "西城区审查人 · reviewer of Xicheng District", Role.REVIEWER, "110102"),
    _account("decider001", "西城区决定人 · decider of Xicheng District", Role.DECIDER, "110102"),
    _account("supervisor01", "西城区督办人 · supervisor of Xicheng District", Role.SUPERVISOR, "110102"),
    _account("province01", "北京市省级管理员 · provincial admin of Beijing", Role.PROVINCIAL_ADMIN, "110000"),
    _account("reviewer02", "外省审查人 · reviewer in another province", Role.REVIEWER, "310101"),
    _account("helpdesk01", "客服 · help desk", Role.HELP_DESK),
    _account("analyst001", "统计分析人 · analyst", Role.ANALYST),
)

MORE_ACCOUNTS: Final[tuple[DemoAccount, ...]] = (
    _account("nurse004", "护士，待生成激活码 · nurse who waits for her activation code", Role.NURSE, str(CODELESS)),
    _account("nurse005", "护士，手机和邮箱已验证 · nurse with a proved phone and mail box", Role.NURSE, str(REACHED)),
    _account("nurse006", "护士，变更注册待机构认领 · nurse whose change waits for a claim", Role.NURSE, CLAIMABLE),
    _account("wardhead01", "示范医院护士长（病房） · ward head of the first hospital", Role.WARD_HEAD, "0"),
)
"""One for each thing that only somebody in a special situation can show; the screens need none of them."""


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """A person without an account, for trying the registration.

    `certificate` is the number that proves the identity.
    """

    title: str
    name: str
    id_number: str
    certificate: str | None


WITHOUT_ACCOUNT: Final = 3
"""The place in the register of the first of them, a nurse of the first hospital."""

DEMO_PEOPLE: Final[tuple[DemoPerson, ...]] = (
    DemoPerson("在册护士，尚未注册账户 · on the register", "林小满", "110199199105120249", "201411000003"),
    DemoPerson("通过考试，从未注册 · passed the examination", "陆知夏", "110199199808230460", "202011990000012"),
    DemoPerson("2008年5月前通过考试 · passed before 2008-05", "许若兰", "110199198602140684", None),
    DemoPerson("两库均无，可声明军队来源 · known to nobody, from the military", "沈雪", "110199199503060202", None),
)
"""One for each way to an active account that begins with a registration (护士账户注册)."""
