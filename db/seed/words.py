"""The words that names of people, schools and places are made of."""

from __future__ import annotations

from typing import Final

SURNAMES: Final = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈"
    "姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
)
COMPOUND_SURNAMES: Final = ("欧阳", "司马", "上官", "诸葛", "皇甫", "令狐", "尉迟", "慕容")
FEMALE: Final = (
    "芳娜敏静秀丽艳娟霞萍玲红燕英华慧颖倩雪琳洁婷莉梅琴岚莹瑶怡佳欣雅萱妍婉蓉蕾薇菲嘉悦晨晓春兰凤云珍爱玉"
    "桂香月素凡彩环翠清叶宁思美雨诗涵梦洋丹宇可馨"
)
MALE: Final = "伟强磊军洋勇杰涛明超刚平辉鹏飞斌波宇浩凯健俊帆志建国文博轩泽晨阳睿航宏海龙"
RARE: Final = ("䶮", "㛃", "㬎", "𣲗", "𬀩", "𬭎", "𫞩", "𬘭", "𬍛", "𪻐", "𠅤", "𰻝")
"""Han beyond the basic block, planes 2 and 3 among them: names that systems with two-byte Han mangle."""

UYGHUR: Final = ("阿依古丽", "古丽娜尔", "热依汗", "帕提古丽", "米日古丽", "迪丽努尔", "阿曼古丽", "祖木热提")
UYGHUR_FATHERS: Final = ("买买提", "艾山", "吐尔逊", "阿布都拉", "卡德尔", "依明", "热合曼", "玉素甫")
TIBETAN: Final = ("卓玛", "央金", "次仁", "拉姆", "德吉", "白玛", "措姆", "曲珍")
LATIN_GIVEN: Final = ("MARIA", "GRACE", "ANNA", "JOY", "SARAH", "LINDA", "JOSE", "DAVID")
LATIN_SURNAMES: Final = ("SANTOS", "REYES", "CRUZ", "TAN", "LEE", "GARCIA", "IVANOVA", "SMITH")

ETHNICITIES: Final = {
    "汉族": 912,
    "壮族": 14,
    "回族": 9,
    "满族": 8,
    "维吾尔族": 8,
    "苗族": 8,
    "彝族": 7,
    "土家族": 7,
    "藏族": 5,
    "蒙古族": 4,
    "布依族": 3,
    "侗族": 3,
    "瑶族": 2,
    "朝鲜族": 2,
    "白族": 2,
    "哈尼族": 2,
    "哈萨克族": 1,
    "黎族": 1,
    "傣族": 1,
    "畲族": 1,
}
AT_HOME: Final = {"15": ("蒙古族", 6), "45": ("壮族", 3), "54": ("藏族", 2), "64": ("回族", 3), "65": ("维吾尔族", 3)}
"""Province -> (the group at home there, one nurse in so many)."""

POPULATION: Final = {
    **{"11": 22, "12": 14, "13": 75, "14": 35, "15": 24, "21": 43, "22": 24, "23": 32, "31": 25, "32": 85, "33": 65},
    **{"34": 61, "35": 42, "36": 45, "37": 102, "41": 99, "42": 58, "43": 66, "44": 126, "45": 50, "46": 10},
    **{"50": 32, "51": 84, "52": 39, "53": 47, "54": 4, "61": 40, "62": 25, "63": 6, "64": 7, "65": 26},
}
"""Province -> millions of people at the census of 2020."""

OLD_REGIONS: Final = {
    "11": ("110103", "110104"),
    "12": ("120107", "120108", "120109"),
    "31": ("310103", "310108", "310119"),
}
"""Districts long since abolished, whose codes people keep in their ID numbers for life."""

HOSPITALS: Final = (
    *("人民医院", "中医医院", "妇幼保健院", "第二人民医院", "第三人民医院", "中西医结合医院", "口腔医院"),
    *("精神卫生中心", "康复医院", "儿童医院", "肿瘤医院", "骨科医院", "疾病预防控制中心", "急救中心"),
)
COMMUNITIES: Final = (
    *("和平", "春晖", "康宁", "向阳", "新华", "东风", "幸福", "友谊", "光明", "建设", "滨河", "文化", "长青"),
    *("平安", "同心", "惠民", "望江", "锦绣", "朝晖", "桃园", "翠湖", "松林", "银河", "金桥", "南湖", "北苑"),
)
PRACTICES: Final = ("社区卫生服务中心", "门诊部", "护理院", "社区卫生服务站")
SECONDARY_SCHOOLS: Final = ("护士学校", "卫生学校", "护理职业学校")
COLLEGES: Final = ("医学高等专科学校", "护理职业学院", "卫生职业技术学院")
UNIVERSITIES: Final = ("医科大学", "中医药大学", "医学院")

# Prefixes that no operator was given: a message sent to a seeded number reaches nobody.
PHONE_PREFIXES: Final = ("154", "160", "161", "163", "164", "168", "169", "179")
