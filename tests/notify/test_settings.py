"""What the operator decides about messages, and how a wrong address is refused."""

from __future__ import annotations

import pytest

from web.settings import SettingsError, load

FORM = "write smtp://user:password@host:587?from=register@example.cn, or smtps:// for port 465"


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("smtp://geheim:secret@/", f"HUSHI_SMTP_URL cannot be used: {FORM}."),
        ("smtp://u:secret@mail:99999", f"HUSHI_SMTP_URL cannot be used: {FORM}."),
        ("smtp://u:secret@mail?from=me", f"HUSHI_SMTP_URL cannot be used: its sender is no mail address: {FORM}."),
    ],
)
def test_a_wrong_mail_server_is_refused_at_the_start_without_repeating_its_password(
    monkeypatch: pytest.MonkeyPatch, url: str, sentence: str
) -> None:
    monkeypatch.setenv("HUSHI_SMTP_URL", url)
    with pytest.raises(SettingsError) as refused:
        load()
    assert str(refused.value) == sentence


def test_whether_the_server_sends_is_server_or_off(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load().notify == "server"
    monkeypatch.setenv("HUSHI_NOTIFY", "off")
    assert load().notify == "off"
    monkeypatch.setenv("HUSHI_NOTIFY", "sometimes")
    with pytest.raises(SettingsError, match="HUSHI_NOTIFY is 'sometimes': it should be 'server' or 'off'"):
        load()
