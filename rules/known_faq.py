"""The frequent questions that come with a release (常见问题解答, X1-X6 of the handbook), until they are kept."""

from __future__ import annotations

from typing import Final

from rules.errors import Words
from rules.faq import FaqText, HelpAudience

_ALL, _NURSE, _PLACE, _DESK = HelpAudience
KNOWN: Final = (
    FaqText(
        _ALL,
        10,
        Words("注册的用户名、密码忘记了怎么办？", "I forgot my user name or password. What now?"),
        Words(
            "在登录页点击“找回”：手机或邮箱已验证的，用校验码找回；都未验证的，选“个人信息找回”，由"
            "注册机关或客服核实后办理。",
            "Choose recovery on the sign-in page. A proved phone or mail box gets a code; if neither is proved, give "
            "personal information, and your authority or the help desk checks it.",
        ),
    ),
    FaqText(
        _ALL,
        20,
        Words("姓名、身份证号等关键信息有误，怎么更正？", "My name or ID number on record is wrong. Who corrects it?"),
        Words(
            "本人或执业机构提出关键信息更正申请，由当前注册信息所在的省级卫生健康主管部门办理。",
            "You or your institution asks for a correction of key facts; the health authority of the province "
            "where you "
            "are registered decides.",
        ),
    ),
    FaqText(
        _NURSE,
        30,
        Words("非在册状态的护士如何激活账户？", "How does a nurse who is not registered activate an account?"),
        Words(
            "考试合格从未注册的，填写最近一次的考试合格证书编码自行激活；处于注销状态的，填写护士执业证"
            "书编号激活。都不需要机构激活码。",
            "If you passed the examination and never registered, give the number of your latest exam "
            "certificate; if your "
            "registration has ended, give the number of your nurse certificate. No code of an institution is needed.",
        ),
    ),
    FaqText(
        _PLACE,
        40,
        Words("机构查询不到护士账户激活的信息怎么办？", "We do not find a nurse who waits for activation. Why?"),
        Words(
            "请到“护士执业信息验证”核对该护士登记的执业机构与本机构的标准名称是否一致；不一致的，请联"
            "系核发执业许可证的机关更正名称。",
            "Look her up under the verification of nurses and compare the institution on her record with your standard "
            "name. If they differ, ask the authority that licensed you to put the name right.",
        ),
    ),
    FaqText(
        _ALL,
        50,
        Words("注册账号时姓名或证件号码填错了怎么办？", "I mistyped my name or ID number when I registered."),
        Words(
            "登录后，在护士信息验证页点击“更新我的身份信息”改正后再验证，最多更正五次。",
            "Sign in and correct it where your identity is verified, up to five times, and have it verified again.",
        ),
    ),
    FaqText(
        _ALL,
        60,
        Words("2008年5月前通过考试、从未注册的护士如何注册？", "I passed before May 2008 and never registered."),
        Words(
            "请先到省级卫生健康主管部门直接办理注册，再注册护士账户。",
            "Have the health authority of your province register you first; then register an account here.",
        ),
    ),
    FaqText(
        _NURSE,
        70,
        Words("收不到激活码怎么办？", "I do not get an activation code."),
        Words(
            "激活码由当前执业机构生成，每日最多三次，七天内有效。机构名称不对的，请办理变更注册；机构不"
            "在系统内的，由注册机关生成。",
            "Your current institution issues it, three a day at most, good for seven days. If the institution is "
            "the wrong "
            "one, apply for a change; if it is not on the system, your 注册机关 issues the code.",
        ),
    ),
    FaqText(
        _NURSE,
        80,
        Words("什么时候可以申请延续注册？", "When can I apply for a renewal?"),
        Words(
            "有效期届满前90天起可以申请，法定应在届满前30日提出；过期后须办理重新注册。",
            "From 90 days before the expiry; by law 30 days before it. Once it has expired, apply for a new "
            "registration.",
        ),
    ),
    FaqText(
        _PLACE,
        90,
        Words("系统会自动注销过期的护士吗？", "Does the system end a registration that has expired?"),
        Words(
            "不会。过期未延续的护士显示为红色，仍在册但不得执业，请督促其办理重新注册或由机构提出注销。",
            "No. She is shown in red and stays on the register, but may not practise: have her apply again, or "
            "file for "
            "deregistration.",
        ),
    ),
    FaqText(
        _ALL,
        100,
        Words("使用中遇到问题如何寻求帮助？", "Where do I get help?"),
        Words(
            "先在此查找常见问题；没有的，护士在“帮助中心”、机构在“客服中心”提问，填写标题和内容，答"
            "复会通知您。请勿填写证件号码，系统会自动遮盖。",
            "Search here first. If nothing fits, ask the help desk with a title and a text; you are told of the "
            "answer. Do "
            "not write ID numbers: they are masked.",
        ),
    ),
    FaqText(
        _DESK,
        110,
        Words("转办来的提问由谁答复？", "Who answers a question that was handed over to us?"),
        Words(
            "由本机关的审查人在5个工作日内答复；不得以答复代替受理、审查或者决定。",
            "A reviewer of your authority, within five working days. An answer takes the place of no step on an "
            "application.",
        ),
    ),
    FaqText(
        _PLACE,
        120,
        Words("怎样为本机构护士生成激活码？", "How do we issue an activation code to a nurse of ours?"),
        Words(
            "护士完成身份验证、验证手机或邮箱并填写证书编号后，出现在“护士账户激活”名单中；经办人选择该护士，点击"
            "“生成激活码”，激活码发到护士已验证的手机或邮箱，也可当面告知。24小时内最多三个，最后一个有效，"
            "七天内使用。",
            "Once she has been verified, has proved a phone or mail box and has given her certificate, she is on "
            "the list of activations. An operator chooses her there and issues the code: it goes to the contact that "
            "she proved, and you may tell it to her. Three within 24 hours at most; the last is good, for seven days.",
        ),
    ),
    FaqText(
        _PLACE,
        130,
        Words(
            "护士说已提交申请，本机构为什么看不到？怎样认领？",
            "A nurse has filed, and we see nothing. How do we claim it?",
        ),
        Words(
            "提交时没有选定拟执业机构的首次、变更、重新注册和军转申请，由拟执业机构认领：在“认领”中输入护士证件号码"
            "查看后确认。先认领的机构办理；认领有误的，选择“不同意”，业务退给护士，由其他机构认领。",
            "A first registration, a change, a re-registration or a transfer from the military that names no place "
            "is claimed by the one where she is to work: enter her ID number under 认领, look, and confirm. The first "
            "has it; what you have claimed by mistake you decline, and another institution claims it.",
        ),
    ),
    FaqText(
        _PLACE,
        140,
        Words("怎样核对本机构名单与在册护士是否一致？", "How do we compare our own list with our roster?"),
        Words(
            "在“名单核对”中上传人事名单（表头须含姓名和证件号码），系统逐行给出在册、不在册、在其他机构和已离职的"
            "人员；在册而名单上没有的，可直接报告离职。",
            "Hand your list in under 名单核对, with columns for the name and the ID number: each row says who is "
            "registered with you, elsewhere or nowhere. Of who is on the roster and not on the list you may report the "
            "departure there.",
        ),
    ),
)
