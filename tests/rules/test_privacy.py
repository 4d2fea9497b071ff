"""Masks and hidden characters."""

import pytest

from rules.privacy import hidden_characters, mask_email, mask_id_number, mask_numbers, mask_phone


@pytest.mark.feature("N11")
@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("110105199003070056", "110***********56"),
        ("11010519491231002X", "110***********2X"),
        ("USA110079091501", "USA***********01"),
        ("H12345678", "H***********78"),
        ("12345678", "1***********78"),
        ("E1234", "E***********34"),
    ],
)
def test_an_id_number_shows_its_ends_and_not_its_length(number: str, shown: str) -> None:
    assert mask_id_number(number) == shown


@pytest.mark.feature("N12")
@pytest.mark.parametrize(
    ("number", "shown"),
    [("15512346058", "155****6058"), ("+85261234567", "****4567"), ("612345", "****45"), ("12", "****"), ("", "****")],
)
def test_a_phone_number_shows_its_ends(number: str, shown: str) -> None:
    assert mask_phone(number) == shown


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("zhang.san@example.com", "z****@example.com"),
        ("z@example.com", "z****@example.com"),
        ("张@例.中国", "张****@例.中国"),
    ],
)
def test_an_address_shows_its_first_letter_and_domain(address: str, shown: str) -> None:
    assert mask_email(address) == shown


@pytest.mark.parametrize("bidi", [*"\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"])
def test_every_bidi_mark_is_found(bidi: str) -> None:
    assert hidden_characters(f"王{bidi}芳{bidi}") == [f"U+{ord(bidi):04X}"]


@pytest.mark.parametrize(
    "control", [*map(chr, range(0x20)), *map(chr, range(0x7F, 0xA0)), "\u2028", "\u2029", "\ud800"]
)
def test_every_control_character_is_found_unless_allowed(control: str) -> None:
    assert hidden_characters(f"a{control}") == [f"U+{ord(control):04X}"]
    assert hidden_characters(f"a{control}", allowed=control) == []


def test_a_clean_text_hides_nothing() -> None:
    assert hidden_characters("王芳 \U00020000\U00030edd · é 。") == []


@pytest.mark.feature("N21")
@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("证件号110105199003070056，请查", "证件号110***********56，请查"),
        ("11010519491231002x", "110***********2X"),
        ("110105 1949 1231 002X", "110***********2X"),
        ("老证110105491231002号", "老证110***********02号"),
        ("手机15512346058或+86 155-1234-6058", "手机155****6058或155****6058"),
        ("护照号：E12345678，通行证H12345678", "护照号：E***********78，通行证H***********78"),
        ("全角１５５１２３４６０５８", "全角155****6058"),
        ("受理编号110101-2026-000123，证书201411000003，2026年11月30日", None),
        ("金额12345678901234567890元，航班E12345678", None),
        ("a15512346058b", None),
    ],
)
def test_numbers_of_people_are_masked_in_a_text_where_they_are_sure_to_be_some(text: str, kept: str | None) -> None:
    assert mask_numbers(text) == (kept or text)
