"""The texts of notices (告知文本): that something has happened to her, and that she finds it in the system; no more."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from rules.errors import Words
from rules.message import Template

NOTICES: Final[Mapping[Template, tuple[Words, Words]]] = {
    Template.APPLICATION_FILED: (
        Words("有人为您提交了业务申请", "An application was filed for you"),
        Words(
            "有人为您提交了“{business}”申请，请登录系统查看；如有异议，可在系统中提出。",
            "An application ({business}) was filed for you. Sign in to see it, and to object to it if you do.",
        ),
    ),
    Template.APPLICATION_RETURNED: (
        Words("您的业务申请已退回", "Your application was sent back"),
        Words(
            "您的“{business}”申请已退回，请在 {until} 前（含当日）修改后重新提交，逾期失效。请登录系统查看。",
            "Your application ({business}) was sent back: correct it and file it again by {until}, or it lapses. Sign "
            "in to see what is asked of you.",
        ),
    ),
    Template.APPLICATION_CORRECTION: (
        Words("您的业务申请需要补正", "Your application needs corrections"),
        Words(
            "您的“{business}”申请需要补正，请在 {until} 前（含当日）补正，逾期失效。请登录系统查看补正告知书。",
            "Your application ({business}) needs corrections by {until}, or it lapses. Sign in to see which, and "
            "supply them.",
        ),
    ),
    Template.APPLICATION_CLAIMED: (
        Words("您的业务申请已被认领", "An institution took up your application"),
        Words(
            "您的“{business}”申请已被一家医疗机构认领。请登录系统核对；如非您要去的机构，请拒绝认领。",
            "An institution has claimed your application ({business}). Sign in to check it; refuse it if it is not the "
            "one where you want to practise.",
        ),
    ),
    Template.APPLICATION_TRANSFERRED: (
        Words("您的业务申请已转办", "Your application is in other hands"),
        Words(
            "您的“{business}”申请已转由其他单位办理，您无需重新提交。请登录系统查看。",
            "Your application ({business}) is dealt with elsewhere from now on; you need not file it again. Sign in to "
            "see where.",
        ),
    ),
    Template.APPLICATION_DECIDED: (
        Words("您的业务申请已有办理结果", "There is a result for you"),
        Words(
            "您的“{business}”申请已有办理结果或答复，请登录系统查看。",
            "There is a result of your application ({business}), or an answer. Sign in to read it.",
        ),
    ),
    Template.APPLICATION_ENDED: (
        Words("您的业务申请已终止", "Your application has ended"),
        Words(
            "您的“{business}”申请已终止（失效、撤回或撤销），请登录系统查看。",
            "Your application ({business}) has ended: it lapsed, was withdrawn, or was voided. Sign in to see which.",
        ),
    ),
    Template.INFORMATION_REVIEWED: (
        Words("您的个人信息修改已有结果", "There is a result of a change of your information"),
        Words(
            "您的个人信息修改已有结果（同意、不同意、退回、失效或生效），请登录系统查看。",
            "A change of your information was agreed to, refused, sent back, has lapsed or taken effect. Sign in to "
            "read it.",
        ),
    ),
    Template.INFORMATION_EDITED: (
        Words("您的执业机构修改了您的在册信息", "Your institution has changed what is on record of you"),
        Words(
            "您的执业机构修改了您的在册工作信息。如有异议，请在5个工作日内登录系统提出。",
            "Your institution has changed what is on record of your work. If it is wrong, sign in and object within "
            "five working days.",
        ),
    ),
    Template.INFORMATION_ANNOUNCED: (
        Words("您的执业机构拟修改您的在册信息", "Your institution wants to change what is on record of you"),
        Words(
            "您的执业机构拟修改您的学历、学位或职称等信息。如有异议，请在5个工作日内登录系统提出，逾期未提出的将生效。",
            "Your institution wants to change your education, degree or title on record. If it is wrong, sign in and "
            "object within five working days; otherwise it takes effect.",
        ),
    ),
    Template.PHOTO_REVIEWED: (
        Words("您的相片已有审核结果", "There is a result of your photo"),
        Words(
            "您提交的个人相片已有审核结果，请登录系统查看。",
            "The photo that you filed was agreed to, or refused. Sign in to read it.",
        ),
    ),
    Template.LOOK_ANSWERED: (
        Words("您的查阅投诉已有答复", "Your complaint about a look at your data was answered"),
        Words(
            "您就个人信息被查阅提出的投诉已有答复，请登录系统查看。",
            "Your complaint about a look at your data was answered. Sign in to read the answer.",
        ),
    ),
    Template.PHOTO_ENTERED: (
        Words("您的执业机构上传了您的相片", "Your institution has put a photo of you on record"),
        Words(
            "您的执业机构为您上传了个人相片，请登录系统查看；如有不符，可自行上传更换。",
            "Your institution has put a photo of you on record. Sign in to see it; you can file another.",
        ),
    ),
    Template.DEPARTURE_REPORTED: (
        Words("您的执业机构报告您已离职", "Your institution has reported that you left"),
        Words(
            "您的执业机构已报告您离职，您目前没有执业机构。请登录系统查看；如有异议，可在系统中提出。",
            "Your institution has reported that you left: you have none for the time being. Sign in to see the report, "
            "and to dispute it if it is not so.",
        ),
    ),
    Template.REGISTRATION_CHANGED: (
        Words("您的执业注册有变动", "Your registration has changed"),
        Words(
            "您的护士执业注册有变动，请登录系统查看。",
            "Something has changed in your registration as a nurse. Sign in to see what.",
        ),
    ),
    Template.QUESTION_ANSWERED: (
        Words("您的提问已有答复", "Your question was answered"),
        Words(
            "您的提问已有答复，请登录系统，在“帮助中心”查看。14天内未再次提问的，自动关闭。",
            "Your question was answered. Sign in to read it under help; it closes in 14 days unless you ask again.",
        ),
    ),
    Template.MERGE_PROPOSED: (
        Words("您的护士档案拟与另一份档案合并", "Your record may be merged with another one"),
        Words(
            "您的护士档案拟与另一份档案合并。如有异议，请在5个工作日内登录系统提出，或联系您的注册机关。",
            "Your record as a nurse may be merged with another one. If that is wrong, sign in and object within five "
            "working days, or turn to your authority.",
        ),
    ),
    Template.UNMERGE_PROPOSED: (
        Words("您的护士档案拟撤销合并", "The merge of your records may be undone"),
        Words(
            "您的护士档案此前的合并拟撤销，恢复为两份档案。如有疑问，请联系您的注册机关。",
            "The merge of your records as a nurse may be undone, so that they are two again. If you have questions, "
            "turn to your authority.",
        ),
    ),
}
"""Subject and body of each, without names, numbers or reasons."""
