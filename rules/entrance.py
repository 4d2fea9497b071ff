"""The entrance page (入口页): how one begins, in the words of the handbook."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from rules.errors import Words


@dataclass(frozen=True, slots=True)
class Support:
    """The support line (客服热线), as the operator of an installation has set it."""

    phone: str | None = None
    mail: str | None = None
    hours: str | None = None


NO_SUPPORT: Final = Support()
"""None that was set."""


REGISTRATION_GUIDE: Final = Words(
    "一、填写姓名和证件号码，输入验证码；姓名、证件号码须与证件一致。\n"
    "二、填写手机、邮箱、用户名（6至12位，以字母开头）和密码。\n"
    "三、登录后进行护士信息验证，再验证手机或邮箱。\n"
    "四、在册护士填写护士执业证书编号，并向执业机构申领激活码；从未注册的填写最近一次考试合格证书编码，"
    "已注销的填写原证书编号，核对无误即激活。\n"
    "五、2008年5月前通过考试且从未注册的，请先联系省级卫生健康主管部门登记。\n"
    "医疗机构账户由核发《医疗机构执业许可证》的机关开通，初始密码发送到负责人手机。",
    "1. Give your name and document number as the document has them, and solve the captcha.\n"
    "2. Give a phone, a mail box, a user name (6 to 12 letters or digits, a letter first) and a password.\n"
    "3. Sign in, have your identity verified, and prove the phone or the mail box.\n"
    "4. If you are registered, give the number of your certificate and ask your institution for the activation code; "
    "if you never were, give that of your latest exam certificate; if it has ended, that of the old certificate.\n"
    "5. Who passed before May 2008 and never registered turns to the health authority of the province first.\n"
    "An institution's account is opened by the authority that licensed it; the first password goes to the phone of "
    "whoever is responsible.",
)
USAGE_GUIDE: Final = Words(
    "护士：查看执业信息，修改个人信息和相片，办理首次、延续、变更、注销、重新注册和军队武警变更到地方，查询进度，补办证书。\n"
    "医疗机构：生成激活码，查看本院护士，审核信息修改和业务申请，提前处理即将到期的注册。\n"
    "卫生健康主管部门：受理、审查和决定申请，发放证书，更正关键信息。\n"
    "业务办理须经医疗机构确认；机关要求核对原件的，请携带纸质材料。忘记密码请使用“找回”。",
    "Nurses see their record, change information and photo, file all six kinds of applications, follow them, and have "
    "a certificate issued again.\n"
    "Institutions issue activation codes, see their roster, review changes and applications, and act before "
    "registrations run out.\n"
    "Health authorities take in, examine and decide, issue certificates, and put key facts right.\n"
    "An institution confirms what its nurse files; where the authority asks for originals, bring them on paper. If you "
    "forgot the password, use the recovery.",
)
