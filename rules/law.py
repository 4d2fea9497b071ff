"""The law as it holds on a day (法规设定): articles, grounds, standards and lists, as data with days.

Rules are handed the law of the day that they judge by; who may set what from when is in `rules.law_setting`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, NamedTuple
from uuid import UUID

from rules.label import Labelled
from rules.nurse import Department


class LawSubject(Labelled):
    """A subject of the law whose value has its days (设定事项)."""

    CONDITIONS_ARTICLE = "CONDITIONS_ARTICLE", "注册条件的依据条文"
    CHANGE_ARTICLE = "CHANGE_ARTICLE", "变更注册的依据条文"
    TERM_ARTICLE = "TERM_ARTICLE", "注册有效期的依据条文"
    HEALTH_ARTICLE = "HEALTH_ARTICLE", "健康标准的依据条文"
    NO_RENEWAL_ARTICLE = "NO_RENEWAL_ARTICLE", "不予延续注册的依据条文"
    AGAIN_ARTICLE = "AGAIN_ARTICLE", "重新注册的依据条文"
    BAR_ARTICLE = "BAR_ARTICLE", "限制申请期的依据条文"
    SILENCE_ARTICLE = "SILENCE_ARTICLE", "视为准予延续的依据条文"
    ENDING_ARTICLE = "ENDING_ARTICLE", "注销注册的依据条文"
    NOT_NEEDED_ARTICLE = "NOT_NEEDED_ARTICLE", "不需要取得许可的依据条文"
    COMPETENCE_ARTICLE = "COMPETENCE_ARTICLE", "不属于职权范围的依据条文"
    CORRECTION_ARTICLE = "CORRECTION_ARTICLE", "补正的依据条文"
    REFUSAL_ARTICLE = "REFUSAL_ARTICLE", "不予许可的依据条文"
    FALSEHOOD_ARTICLE = "FALSEHOOD_ARTICLE", "隐瞒或提供虚假材料的依据条文"
    DECEIT_ARTICLE = "DECEIT_ARTICLE", "以不正当手段取得许可的依据条文"
    GRANT_ARTICLE = "GRANT_ARTICLE", "准予许可的依据条文"
    ACCEPTANCE_ARTICLE = "ACCEPTANCE_ARTICLE", "受理的依据条文"
    INTAKE_ARTICLE = "INTAKE_ARTICLE", "处理申请的依据条文"
    CERTIFICATE_ARTICLE = "CERTIFICATE_ARTICLE", "颁发、送达证书的依据条文"
    EXTENSION_ARTICLE = "EXTENSION_ARTICLE", "延长审批期限的依据条文"
    PAUSE_ARTICLE = "PAUSE_ARTICLE", "中止计时的依据条文"
    EXPIRY_ENDING_ARTICLE = "EXPIRY_ENDING_ARTICLE", "因届满未延续注销的依据条文"
    DEATH_ENDING_ARTICLE = "DEATH_ENDING_ARTICLE", "因死亡或丧失行为能力注销的依据条文"
    STRUCK_ENDING_ARTICLE = "STRUCK_ENDING_ARTICLE", "因撤销或吊销注销的依据条文"
    SUSPENSION_ARTICLE = "SUSPENSION_ARTICLE", "暂停执业活动的依据条文"
    RECONSIDERATION_ARTICLE = "RECONSIDERATION_ARTICLE", "行政复议的依据条文"
    LITIGATION_ARTICLE = "LITIGATION_ARTICLE", "行政诉讼的依据条文"
    FIRST_REFUSALS = "FIRST_REFUSALS", "首次注册的不予理由"
    RENEWAL_REFUSALS = "RENEWAL_REFUSALS", "延续注册的不予理由"
    CHANGE_REFUSALS = "CHANGE_REFUSALS", "变更注册的不予理由"
    DEREGISTRATION_REFUSALS = "DEREGISTRATION_REFUSALS", "注销注册的不予理由"
    REREGISTRATION_REFUSALS = "REREGISTRATION_REFUSALS", "重新注册的不予理由"
    MILITARY_TRANSFER_REFUSALS = "MILITARY_TRANSFER_REFUSALS", "军队武警变更的不予理由"
    REISSUE_REFUSALS = "REISSUE_REFUSALS", "证书补办的不予理由"
    EXAMINATION_MONTHS = "EXAMINATION_MONTHS", "体检的有效月数"
    EXAMINED_KINDS = "EXAMINED_KINDS", "须填报体检日期的业务"
    DEPARTMENTS = "DEPARTMENTS", "工作科室目录"
    INTERRUPTION_YEARS = "INTERRUPTION_YEARS", "中断执业满若干年须培训"
    DISPATCH_KINDS = "DISPATCH_KINDS", "无需办理变更注册的派出情形"


class Setting(NamedTuple):
    """The value of a subject from a day on, until the next one; `place` is the path of a province, "" the nation's."""

    subject: LawSubject
    from_day: date
    value: tuple[str, ...]
    place: str = ""


@dataclass(frozen=True, slots=True)
class SettingShown:
    """A setting as everybody may read it; `until` is the last day before the next one of that place."""

    key: UUID
    subject: LawSubject
    place: str | None
    from_day: date
    until: date | None
    value: Sequence[str]
    set_at: datetime
    holds: bool


@dataclass(frozen=True, slots=True)
class Law:
    """The law of one day at one place."""

    values: Mapping[LawSubject, tuple[str, ...]]

    @classmethod
    def of(cls, settings: Iterable[Setting], day: date, path: str = "") -> Law:
        """The law of a day: of each subject the nearest place's value, and of its values the newest."""
        holding = (one for one in settings if one.from_day <= day and path.startswith(one.place))
        ordered = sorted(holding, key=lambda one: (len(one.place), one.from_day))
        return cls({one.subject: one.value for one in ordered})

    def __getitem__(self, subject: LawSubject) -> str:
        """The article (依据条文) of a subject."""
        return self.values[subject][0]

    def article(self, subject: LawSubject | None) -> str | None:
        """The article (依据条文), for a rule that has one."""
        return None if subject is None else self[subject]

    def refusals(self, kind: str) -> tuple[str, ...]:
        """The codes of the reasons for which this kind may be refused (不予理由)."""
        return self.values[LawSubject(f"{kind}_REFUSALS")]

    @property
    def examination_months(self) -> int:
        """The greatest age of a health examination on the day of filing, in months."""
        return int(self.values[LawSubject.EXAMINATION_MONTHS][0])

    def examined(self, kind: str) -> bool:
        """True if the form of this kind names a health examination (体检)."""
        return kind in self.values[LawSubject.EXAMINED_KINDS]

    @property
    def dispatch_kinds(self) -> tuple[str, ...]:
        """The codes of the dispatches that need no change of registration (支援、进修、义诊等)."""
        return self.values[LawSubject.DISPATCH_KINDS]

    @property
    def departments(self) -> tuple[str, ...]:
        """The codes of the departments that a form may name (科室)."""
        return self.values[LawSubject.DEPARTMENTS]


SINCE: Final = date(2008, 5, 12)
"""The day on which 《护士条例》 came into force."""
ORDER_OF_2021: Final = date(2021, 1, 8)
"""The day of the order that amended 《护士执业注册管理办法》 (国家卫生健康委员会令第7号)."""
REGULATION, MEASURES = "《护士条例》", "《护士执业注册管理办法》"
_LAW, _REVIEW = "《中华人民共和国行政许可法》", "《中华人民共和国行政复议法》"
_LITIGATION: Final = "《中华人民共和国行政诉讼法》"
_ARTICLES: Final = {
    LawSubject.CONDITIONS_ARTICLE: f"{REGULATION}第七条",
    LawSubject.CHANGE_ARTICLE: f"{REGULATION}第九条",
    LawSubject.TERM_ARTICLE: f"{REGULATION}第十条",
    LawSubject.HEALTH_ARTICLE: f"{MEASURES}第六条",
    LawSubject.NO_RENEWAL_ARTICLE: f"{MEASURES}不予延续注册的情形",
    LawSubject.AGAIN_ARTICLE: f"{MEASURES}重新申请注册的情形",
    LawSubject.BAR_ARTICLE: f"{_LAW}第七十八条、第七十九条",
    LawSubject.SILENCE_ARTICLE: f"{_LAW}第五十条第二款",
    LawSubject.ENDING_ARTICLE: f"{_LAW}第七十条",
    LawSubject.NOT_NEEDED_ARTICLE: f"{_LAW}第三十二条第一款第一项",
    LawSubject.COMPETENCE_ARTICLE: f"{_LAW}第三十二条第一款第二项",
    LawSubject.CORRECTION_ARTICLE: f"{_LAW}第三十二条第一款第四项",
    LawSubject.REFUSAL_ARTICLE: f"{_LAW}第三十八条第二款",
    LawSubject.FALSEHOOD_ARTICLE: f"{_LAW}第七十八条",
    LawSubject.DECEIT_ARTICLE: f"{_LAW}第七十九条",
    LawSubject.GRANT_ARTICLE: f"{_LAW}第三十八条第一款",
    LawSubject.ACCEPTANCE_ARTICLE: f"{_LAW}第三十二条第一款第五项",
    LawSubject.INTAKE_ARTICLE: f"{_LAW}第三十二条第一款",
    LawSubject.CERTIFICATE_ARTICLE: f"{_LAW}第四十四条",
    LawSubject.EXTENSION_ARTICLE: f"{_LAW}第四十二条第一款",
    LawSubject.PAUSE_ARTICLE: f"{_LAW}第四十五条",
    LawSubject.EXPIRY_ENDING_ARTICLE: f"{_LAW}第七十条第一项",
    LawSubject.DEATH_ENDING_ARTICLE: f"{_LAW}第七十条第二项",
    LawSubject.STRUCK_ENDING_ARTICLE: f"{_LAW}第七十条第四项",
    LawSubject.SUSPENSION_ARTICLE: f"{REGULATION}第三十一条",
    LawSubject.RECONSIDERATION_ARTICLE: f"{_REVIEW}第九条",
    LawSubject.LITIGATION_ARTICLE: f"{_LITIGATION}第三十九条",
}
_REPORTED: Final = (
    *("NOT_VERIFIABLE", "REGISTRATION_NOT_VALID", "CONDITIONS_NOT_MET", "CORRECTION_INSUFFICIENT", "FALSE_MATERIAL"),
)
_ASKED_FOR: Final = (
    *("NOT_VERIFIABLE", "REGISTRATION_NOT_VALID", "HEALTH_UNFIT", "SUSPENSION_RUNNING", "BAR_RUNNING"),
    *("CONDITIONS_NOT_MET", "CORRECTION_INSUFFICIENT", "OTHER_REFUSAL", "FALSE_MATERIAL"),
)
_REFUSALS: Final = {
    LawSubject.FIRST_REFUSALS: _ASKED_FOR,
    LawSubject.RENEWAL_REFUSALS: _ASKED_FOR,
    # A change is a report (条例 9): the authority carries it out within seven days, and refuses it for these only.
    LawSubject.CHANGE_REFUSALS: _REPORTED,
    LawSubject.DEREGISTRATION_REFUSALS: _ASKED_FOR,
    LawSubject.REREGISTRATION_REFUSALS: _ASKED_FOR,
    LawSubject.MILITARY_TRANSFER_REFUSALS: _ASKED_FOR,
    LawSubject.REISSUE_REFUSALS: _ASKED_FOR,
}
_SINCE_2021: Final = ("ASSISTANCE", "TRUSTEESHIP", "HOME_VISIT")
KNOWN: Final[tuple[Setting, ...]] = (
    *(Setting(subject, SINCE, (article,)) for subject, article in _ARTICLES.items()),
    *(Setting(subject, SINCE, codes) for subject, codes in _REFUSALS.items()),
    Setting(LawSubject.EXAMINATION_MONTHS, SINCE, ("6",)),
    # A renewal's is 80 % gone since 2021, see docs/explanation/law.md; a change never had one (条例 9).
    Setting(LawSubject.EXAMINED_KINDS, SINCE, ("FIRST", "RENEWAL", "REREGISTRATION", "MILITARY_TRANSFER")),
    Setting(LawSubject.DEPARTMENTS, SINCE, tuple(Department)),
    Setting(LawSubject.INTERRUPTION_YEARS, SINCE, ("3",)),
    Setting(LawSubject.DISPATCH_KINDS, SINCE, ("SUPPORT", "STUDY", "FREE_CLINIC")),
    # 85 % sure that the order of 2021 added these.
    Setting(LawSubject.DISPATCH_KINDS, ORDER_OF_2021, ("SUPPORT", "STUDY", "FREE_CLINIC", *_SINCE_2021)),
    # Their amendments have moved these two: in force since those days.
    Setting(LawSubject.LITIGATION_ARTICLE, date(2015, 5, 1), (f"{_LITIGATION}第四十六条",)),
    Setting(LawSubject.RECONSIDERATION_ARTICLE, date(2024, 1, 1), (f"{_REVIEW}第二十条",)),
    # 90 % sure, see docs/explanation/law.md.
    Setting(LawSubject.HEALTH_ARTICLE, ORDER_OF_2021, (f"{MEASURES}第七条",)),
)
"""The nation's values as this release knows them: written into a database that has none of that day."""
LAW: Final = Law.of(KNOWN, date.max)
"""The newest of them."""
