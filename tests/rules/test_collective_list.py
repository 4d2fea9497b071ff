"""Lists as hospitals write them (集体申请名单): what means nothing, heads and cells by their sense, refusals in their words."""

from __future__ import annotations

from datetime import date

import pytest

from rules.collective_list import Row, complete, identity, read_list
from rules.errors import Invalid
from rules.form_field import fields_of
from rules.identity import DocumentType
from rules.kinds import Kind, form_of
from rules.label import Labelled
from rules.list_table import COLUMNS, Table, is_workbook, text_table
from rules.list_values import day, member
from rules.nurse import Degree, Department, Education, HealthStatus, StudyLength, Title
from tests.support.lists import CERTIFICATE, NUMBER

TODAY = date(2026, 3, 2)
ROW = f"{NUMBER},张三"


def read(text: str | bytes, kind: Kind = Kind.RENEWAL) -> list[Row]:
    """The rows of a text."""
    content = text if isinstance(text, bytes) else text.encode()
    assert not is_workbook(content)
    return read_list(kind, [text_table(content)])


def only(text: str | bytes, kind: Kind = Kind.RENEWAL) -> Row:
    """The one row, in which nothing is wrong."""
    (row,) = read(text, kind)
    assert row.problems == ()
    return row


def refused(text: str | bytes, kind: Kind = Kind.RENEWAL) -> list[tuple[str, str, str]]:
    """Why a list is refused as a whole: codes, and words in both languages."""
    with pytest.raises(Invalid) as refusal:
        read(text, kind)
    assert {one.path for one in refusal.value.problems} == {"csv"}
    return [(one.code, one.words.zh, one.words.en) for one in refusal.value.problems]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (f"身份证号,姓名,,\n{ROW},,\n", 2),
        (f"身份证号,姓名,备注\n{ROW}\n", 2),
        (f"身份证号,姓名\n{ROW},,,\n", 2),
        (f"\n\n身份证号,姓名\n,\n\n{ROW}\n , \n", 6),
        (f"sep=,\n身份证号,姓名\n{ROW}\n", 2),
        (f"sep=;\r\n身份证号;姓名\r\n{NUMBER};张三\r\n", 2),
        (f'"sep=,"\r\n身份证号,姓名\r\n{ROW}\r\n', 2),
        (f"身份证号\t姓名\n{NUMBER}\t张三\n", 2),
        (f"sep=\t\r\n身份证号\t姓名\r\n{NUMBER}\t张三\r\n", 2),
        (f"身份证号;姓名\n{NUMBER};张三\n", 2),
        (f"身份证号，姓名\n{NUMBER}，张三\n", 2),
        (f"身份证号|姓名\n{NUMBER}|张三\n", 2),
        (f"身份证号,姓名\r{ROW}\r", 2),
        (f"某某医院2026年护士延续注册名单,,\n身份证号,姓名\n{ROW}\n", 3),
        (f"某某医院\n2026年第1批（共1人）\n填报日期：2026年3月2日\n\n身份证号,姓名\n{ROW}\n", 6),
        (f"序号,身份证号,姓名\n1,{ROW}\n", 2),
        (f"序号,身份证号,姓名\n1,{ROW}\n2,,\n3,,\n", 2),
        (f",身份证号,姓名\n1,{ROW}\n2,,\n", 2),
        (f"身份证号,姓名\n{ROW}\n注：以上人员均已体检合格。\n", 2),
        (f"序号,身份证号,姓名\n1,{ROW}\n合计,1,\n填表人：李四,,审核人：王五\n", 2),
        (f"身份证号,姓名\n{ROW}\n身份证号,姓名\n", 2),
        (f"序号,身份证号,姓名\n示例,110101199003070038,张小花\n1,{ROW}\n", 3),
        (f"\ufeff身份证号,姓名\n\ufeff{ROW}\n", 2),
        (f"身份证号,姓名,身份证号码\n{ROW},\n", 2),
    ],
)
def test_what_means_nothing_stands_in_nobodys_way(text: str, line: int) -> None:
    row = only(text)
    assert (row.line, row.named, row.notes) == (line, {"idNumber": NUMBER, "name": "张三"}, ())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16", "utf-16-le", "utf-16-be"])
def test_a_text_is_read_in_every_encoding_of_spreadsheets(encoding: str) -> None:
    row = only(f"身份证号\t姓名\t科室\r\n{NUMBER}\t张三\t急诊科\r\n".encode(encoding))
    assert (row.named["name"], row.filled) == ("张三", {"department": "EMERGENCY"})


@pytest.mark.parametrize(
    ("head", "field"),
    [
        *(
            (head, "idNumber")
            for head in ("身份证号码", "*身份证号", "身份证号（必填）", "身份证号码(18位)", "证件号码", "公民身份号码")
        ),
        *(
            (head, "idNumber")
            for head in (
                "身 份 证 号",
                "身份证号：",
                "【身份证号】身份证号",
                "证件号码/ID Number",
                "ID Number",
                "id_number",
            )
        ),
        *(
            (head, "idNumber")
            for head in ("IDNUMBER", "居民身份证号码", '"身份证\n号码"', "身份证号/护照号", "★身份证号")
        ),
        *(
            (head, "certificateNumber")
            for head in ("护士执业证书编码", "护士执业证书编号", "执业证书编号", "护士执业证书 编号", "护士证号")
        ),
        *((head, "certificateNumber") for head in ("Certificate No.", "certificate_number", "护士执业证书编号*")),
    ],
)
def test_the_number_is_known_by_every_head_that_hospitals_use(head: str, field: str) -> None:
    value = NUMBER if field == "idNumber" else CERTIFICATE
    assert only(f"{head}\n{value}\n").named == {field: value}


@pytest.mark.parametrize(
    ("head", "cell", "field", "value"),
    [
        ("*姓名", "李　娜", "name", "李娜"),
        ("姓 名", "欧阳 娜娜", "name", "欧阳娜娜"),
        ("Full Name", "Mary Ann Lee", "name", "Mary Ann Lee"),
        ("证件类型", "居民身份证", "documentType", "RESIDENT_ID"),
        ("证件种类", "身份证", "documentType", "RESIDENT_ID"),
        ("证件类型", "台胞证", "documentType", "TAIWAN_PERMIT"),
        ("document type", "passport", "documentType", "PASSPORT"),
    ],
)
def test_who_she_is_is_read_by_its_sense(head: str, cell: str, field: str, value: str) -> None:
    assert only(f"证件号,{head}\n{NUMBER},{cell}\n").named[field] == value


@pytest.mark.parametrize(
    "cell", [f"'{NUMBER}", f"’{NUMBER}", f'="{NUMBER}"', f'"=""{NUMBER}"""', " 110101 19900307 0011 ", "１１０１０１１９９００３０７００１１", f"\u202d{NUMBER}\u202c", f"\u200b{NUMBER}", f"{NUMBER}\t"]
)  # fmt: skip
def test_a_number_is_read_whatever_marks_it_as_text(cell: str) -> None:
    assert only(f"身份证号,姓名\n{cell},张三\n").named["idNumber"] == NUMBER


@pytest.mark.parametrize(
    "cell",
    [
        *("2026-10-01", "2026/10/1", "2026.10.1", "2026年10月1日", "2026年10月1号", "20261001", "2026-10-01 00:00:00"),
        *(
            "2026/10/1 0:00",
            "2026-10-01T00:00:00",
            "46296",
            "46296.0",
            "２０２６－１０－０１",
            "2026 年 10 月 1 日",
            "'2026-10-01",
        ),
    ],
)
def test_a_day_is_read_however_a_spreadsheet_wrote_it(cell: str) -> None:
    row = only(f"身份证号,体检日期\n{NUMBER},{cell}\n")
    assert row.filled == {"healthExaminedOn": "2026-10-01"}


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        (f"身份证号,科室\n{NUMBER},其他（体检中心）\n", {"department": "OTHER", "otherDepartment": "体检中心"}),
        (f"身份证号,科室\n{NUMBER},其他\n", {"department": "OTHER"}),
        (f"身份证号,科室\n{NUMBER},病房（三）\n", {"department": "WARD"}),
        (f"身份证号,科室,其他科室\n{NUMBER},其他,体检中心\n", {"department": "OTHER", "otherDepartment": "体检中心"}),
        (
            f"身份证号,科室,其他科室名称\n{NUMBER},其他（见后）,口腔科\n",
            {"department": "OTHER", "otherDepartment": "口腔科"},
        ),
    ],
)
def test_a_department_that_is_not_listed_stands_in_brackets_or_in_its_own_column(
    text: str, filled: dict[str, str]
) -> None:
    assert only(text).filled == filled


@pytest.mark.parametrize(
    "cell", ["昨天", "2026-02-30", "2026-13-01", "2026年10月", "10/1/26", "1/10/2026", "7", "二〇二六年", "2026"]
)
def test_what_is_no_day_is_not_guessed(cell: str) -> None:
    assert day(cell) is None


@pytest.mark.parametrize(
    ("cell", "one"),
    [
        *(
            (cell, Department.EMERGENCY)
            for cell in ("急诊（科）室", "急诊(科)室", "急诊科", "急诊室", "急诊", "EMERGENCY", "emergency")
        ),
        *(
            (cell, Department.OPERATING_ROOM)
            for cell in ("Operating_Room", "operating room", "手术室（一）", "4.手术室", "OPERATING-ROOM")
        ),
        *((cell, Department.OTHER) for cell in ("其它", "其他", "其他（妇产科）")),
        *(
            (cell, Title.SUPERVISOR_NURSE)
            for cell in ("主管护师", "主管护师（中级）", "主 管 护 师", "supervisor_nurse")
        ),
        *(
            (cell, HealthStatus.GOOD)
            for cell in ("健康或良好", "健康", "良好", "健康/良好", "身体健康", "good", "１、健康或良好")
        ),
        *((cell, Education.BACHELOR) for cell in ("本科", "大学本科", "本科（全日制）", "BACHELOR")),
        *((cell, Education.COLLEGE) for cell in ("大专", "专科", "大学专科")),
        *((cell, Education.OTHER) for cell in ("其它", "其他")),
        *((cell, Degree.NONE) for cell in ("无", "无学位", "none")),
        *((cell, StudyLength.THREE_YEARS) for cell in ("三年制", "3年制", "3年", "三年", "3", "THREE_YEARS")),
        *((cell, DocumentType.RESIDENT_ID) for cell in ("居民身份证", "内地居民身份证", "二代身份证")),
        *((cell, DocumentType.HK_MACAO_PERMIT) for cell in ("港澳通行证", "回乡证")),
    ],
)
def test_a_term_is_read_in_every_way_of_writing_it(cell: str, one: Labelled) -> None:
    assert member(type(one), cell) is one


def test_every_term_and_value_of_every_list_is_read() -> None:
    kinds = {one.type for kind in (Kind.FIRST, Kind.RENEWAL) for one in fields_of(form_of(kind)).values()}
    lists = [DocumentType, *(kind for kind in kinds if issubclass(kind, Labelled))]
    assert len(lists) == 7
    for kind in lists:
        for one in kind:
            assert [member(kind, text) for text in (one.value, one.label, one.value.lower(), f" {one.label} ")] == [
                one
            ] * 4


def test_unknown_columns_are_told_and_not_fatal() -> None:
    first, second = read(
        f"工号,身份证号,联系电话,技朮职称,,毕业学校,空列\n7,{NUMBER},13900000000,护师,x,某校,\n8,{NUMBER},,,,,\n"
    )
    notes = [(one.path, one.code, one.words.zh) for one in first.notes]
    assert notes == [
        ("csv", "LIST_COLUMN_UNKNOWN", "A列“工号”未读取"),
        ("csv", "LIST_COLUMN_UNKNOWN", "C列“联系电话”未读取"),
        ("csv", "LIST_COLUMN_UNKNOWN", "D列“技朮职称”未读取；如为“技术职称”，请改列名"),
        ("csv", "LIST_COLUMN_UNKNOWN", "E列没有列名，未读取"),
        ("csv", "LIST_COLUMN_UNKNOWN", "F列“毕业学校”未读取：延续注册没有该填报项"),
    ]
    assert (first.problems, second.problems, second.notes) == ((), (), ())


@pytest.mark.parametrize(
    ("text", "path", "code", "zh", "en"),
    [
        (
            f"证件号码,所在科室\n{NUMBER},太空\n",
            "department",
            "FIELD_UNREADABLE",
            "第2行“所在科室”列的“太空”：没有这一项，请改为：病房、门诊、急诊(科)室、手术室、供应室、监护室、护理部、呼吸科、儿科、"
            "妇产科、血液透析室、内镜室、社区卫生服务、感染科、其他之一",
            "Row 2, column “所在科室”, “太空”: It is none of WARD, OUTPATIENT, EMERGENCY, OPERATING_ROOM, STERILE_SUPPLY, "
            "INTENSIVE_CARE, NURSING_OFFICE, RESPIRATORY, PAEDIATRICS, OBSTETRICS_GYNAECOLOGY, HAEMODIALYSIS, ENDOSCOPY, "
            "COMMUNITY, INFECTIOUS_DISEASES, OTHER: enter one of them.",
        ),
        (
            f"名单\n\n身份证号,体检时间\n{NUMBER},2026年10月\n",
            "healthExaminedOn",
            "FIELD_UNREADABLE",
            "第4行“体检时间”列的“2026年10月”：不是年月日俱全的日期，请改为如2026-10-01",
            "Row 4, column “体检时间”, “2026年10月”: It is no day: write it as 2026-10-01.",
        ),
        (
            "*身份证号码,姓名\n1.10101E+17,张三\n",
            "idNumber",
            "ID_NUMBER_ROUNDED",
            "第2行“*身份证号码”列的“1.10101E+17”：号码被电子表格取整（如1.10199E+17），末几位已丢失：请将该列设为文本格式后重新填写",
            "Row 2, column “*身份证号码”, “1.10101E+17”: The spreadsheet has rounded this number and lost its last digits: "
            "format the column as text and enter it again.",
        ),
        (
            f"身份证号,技术职称\n{NUMBER},#N/A\n",
            "title",
            "CELL_FORMULA",
            "第2行“技术职称”列的“#N/A”：公式没有结果，请改为填写内容",
            "Row 2, column “技术职称”, “#N/A”: A formula without a result: enter the value itself.",
        ),
        (
            "身份证号,姓名,科室\n,张三,病房\n",
            "idNumber",
            "FIELD_REQUIRED",
            "第2行“身份证号”列：请填写身份证号或护士执业证书编号",
            "Row 2, column “身份证号”: Name her by idNumber or certificateNumber.",
        ),
        (
            f"身份证号,姓名,科室\n{NUMBER},张三,病房,四楼\n",
            "csv",
            "ROW_CELLS",
            "第2行有4列，列名行只有3列，多出“四楼”：内容中的逗号须放在引号内",
            "Row 2 has 4 cells for 3 columns, with “四楼” beyond: quote commas.",
        ),
    ],
)  # fmt: skip
def test_a_refusal_is_said_in_the_words_of_the_list(text: str, path: str, code: str, zh: str, en: str) -> None:
    (row,) = read(text)
    (problem,) = row.problems
    assert (problem.path, problem.code, problem.words.zh, problem.words.en) == (path, code, zh, en)


def test_everything_that_is_wrong_with_a_row_is_told_at_once() -> None:
    (row,) = read("身份证号,护士证号,科室,职称,体检日期,健康状况\n1.1E+17,2.0E+11,太空,上校,昨天,好极了\n")
    assert [(one.path, one.code) for one in row.problems] == [
        ("idNumber", "ID_NUMBER_ROUNDED"),
        ("certificateNumber", "CERTIFICATE_NUMBER_ROUNDED"),
        *((name, "FIELD_UNREADABLE") for name in ("department", "title", "healthExaminedOn", "healthStatus")),
    ]


def test_a_number_that_is_wrong_is_told_in_the_lists_words_and_never_whole() -> None:
    wrong, cut = read(f"序号,证件号码\n1,{NUMBER[:-1]}2\n2,{NUMBER[:15]}000\n")
    with pytest.raises(Invalid) as refusal:
        identity(wrong, TODAY)
    (problem,) = refusal.value.problems
    assert (problem.path, problem.code) == ("idNumber", "ID_NUMBER_CHECK_DIGIT")
    assert problem.words.zh == "第2行“证件号码”列的“110***********12”：末位校验码“2”不符，请逐位核对"
    with pytest.raises(Invalid) as refusal:
        identity(cut, TODAY)
    assert [one.code for one in refusal.value.problems] == ["ID_NUMBER_ROUNDED"]


def test_a_number_in_the_wrong_column_is_masked_too() -> None:
    (row,) = read(f"护士证号,科室\n{CERTIFICATE},{NUMBER}\n")
    assert "“110***********11”" in row.problems[0].words.zh
    assert all(NUMBER not in text for text in row.problems[0].words)


def test_what_neither_the_row_nor_the_form_for_all_says_is_missing() -> None:
    (row,) = read(f"证件号码,体检日期,科室\n{NUMBER},,太空\n")
    assert [(one.path, one.code) for one in complete(Kind.RENEWAL, None, row).problems] == [
        ("department", "FIELD_UNREADABLE"),
        ("healthStatus", "FIELD_REQUIRED"),
    ]
    words = complete(Kind.RENEWAL, None, row).problems[1].words.zh
    assert words == "第2行“健康状况”列：没有填写，统一填报内容中也没有"


def test_whoever_was_never_registered_is_named_by_both_in_every_row() -> None:
    good, bad, none = read(f"身份证号,姓名\n{ROW}\n{NUMBER},\n,张三\n", Kind.FIRST)
    assert (good.problems, [one.path for one in bad.problems], [one.path for one in none.problems]) == (
        (),
        ["name"],
        ["idNumber"],
    )


def test_a_list_without_a_head_is_told_what_stands_there() -> None:
    ((code, zh, en),) = refused("某某医院名单\n工号,姓名,科室\n7,张三,病房\n")
    assert code == "LIST_COLUMN_MISSING"
    assert zh == "没有找到列名行：名单须有“身份证号”或“护士执业证书编号”一列；第2行写的是“工号”、“姓名”、“科室”"
    assert en.startswith("No row of column heads. The list needs a column idNumber or certificateNumber. Row 2 says")
    ((code, zh, _),) = refused(f"{ROW},病房\n")
    assert (code, NUMBER in zh) == ("LIST_COLUMN_MISSING", False)
    ((code, zh, _),) = refused(b"\n , \n")
    assert (code, zh) == ("LIST_COLUMN_MISSING", "名单是空的，名单须有“身份证号”或“护士执业证书编号”一列")


def test_all_that_is_wrong_with_the_heads_is_told_at_once() -> None:
    ((twice, zh, _), (missing, _, _)) = refused(f"身份证号,证件号码,科室\n{NUMBER},{NUMBER},\n", Kind.FIRST)
    assert (twice, missing) == ("LIST_COLUMN_TWICE", "LIST_COLUMN_MISSING")
    assert zh == "第1行的“A列 身份证号”、“B列 证件号码”都是“身份证号”：请只保留一列"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"%PDF-1.7\n%%EOF", "LIST_TYPE"),
        (b"\xff\xd8\xff\xe0JFIF", "LIST_TYPE"),
        ("<html><table><tr><td>身份证号</td></tr></table></html>".encode(), "LIST_TYPE"),
        (
            '\ufeff<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>'.encode(),
            "LIST_TYPE",
        ),
        (b"Rar!\x1a\x07", "LIST_TYPE"),
        (b"PK\x03\x04 and nothing more", "LIST_UNREADABLE"),
        (f'身份证号,姓名\n{NUMBER},"张三\n'.encode(), "LIST_UNREADABLE"),
        (("身份证号" + ",x" * COLUMNS + "\n" + NUMBER + "\n").encode(), "LIST_TOO_LARGE"),
    ],
)
def test_what_is_no_list_says_what_to_do(content: bytes, code: str) -> None:
    ((found, zh, _),) = refused(content)
    assert found == code
    assert any(word in zh for word in ("另存为", "请删除"))


def test_the_words_of_a_broken_text_are_chinese() -> None:
    ((_, zh, en),) = refused(f'身份证号,姓名\n{NUMBER},"张三\n')
    assert zh == "第2行起无法读取：引号不成对，或某格过长；请用电子表格打开后另存为.xlsx"
    assert en == "It cannot be read from row 2 on: a quote is not closed, or a cell is too long."


def test_the_first_sheet_with_a_head_is_read_and_the_others_are_told() -> None:
    head = (1, ["身份证号"])
    tables = [Table([(1, ["说明"])], "说明"), Table([head, (2, [NUMBER])], "一月"), Table([head, (2, ["1"])], "二月")]
    (row,) = read_list(Kind.RENEWAL, tables)
    assert row.named == {"idNumber": NUMBER}
    assert [(one.code, one.words.zh) for one in row.notes] == [
        ("LIST_SHEET_UNREAD", "只读取了工作表“一月”，“二月”未读取：每次只上传一个工作表")
    ]


def test_no_chinese_refusal_of_a_cell_has_an_english_code_in_it() -> None:
    heads = ("证件类型", "健康状况", "体检日期", "工作科室", "技术职称", "毕业学校", "学历", "学位", "学制", "毕业时间")
    (row,) = read(f"身份证号,姓名,{','.join(heads)}\n{ROW}{',？' * len(heads)}\n", Kind.FIRST)
    assert len(row.problems) == 9
    for problem in row.problems:
        assert not any(letter.isascii() and letter.isalpha() for letter in problem.words.zh), problem.words.zh


@pytest.mark.feature("I16")
@pytest.mark.parametrize("nothing", ["-", "—", "——", "－", "/", "／", "\\", " - "])
def test_a_dash_or_a_stroke_alone_is_an_empty_cell(nothing: str) -> None:
    row = only(f"身份证号,姓名,职称,科室\n{ROW},{nothing},病房\n")
    assert row.filled == {"department": "WARD"}
    assert [one.words.zh for one in read(f"身份证号,姓名\n{nothing},张三\n")[0].problems] == [
        "第2行“身份证号”列：请填写身份证号或护士执业证书编号"
    ]


@pytest.mark.feature("I16")
def test_a_name_broken_to_fit_its_cell_is_one_name() -> None:
    assert only(f'身份证号,姓名\n{NUMBER},"张\n三"\n').named["name"] == "张三"


@pytest.mark.feature("I16")
def test_a_certificate_number_of_a_list_is_read_as_printed() -> None:
    assert only(f"姓名,护士执业证书编号\n张三,{CERTIFICATE}-2\n").named["certificateNumber"] == CERTIFICATE


@pytest.mark.feature("I16")
def test_a_list_of_heads_alone_is_told_to_name_nobody() -> None:
    assert refused("身份证号,姓名\n") == [
        ("NOBODY", "名单中没有护士：列名行以下没有数据行", "The list names nobody: no row below its heads.")
    ]
