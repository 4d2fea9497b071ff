"""What the keys seal, find and sign, and which keys are refused."""

import asyncio
import stat
from base64 import b64encode
from pathlib import Path

import asyncpg
import pytest

from db.store.keys import Keyring, KeyringError, Sealed, new_keys, verify

OLD, NEW, OTHER = (
    f"{name}:{b64encode(bytes([number]) * 32).decode()}" for name, number in (("a", 1), ("b", 2), ("a", 3))
)
ID_NUMBER = "11010119900307761X"


@pytest.fixture
def keyring() -> Keyring:
    return Keyring.parse(OLD)


@pytest.mark.parametrize("text", ["", ID_NUMBER, "𠮷𠀋·王", "x" * 10_000])
def test_what_is_sealed_opens_again_and_twice_sealed_looks_different(keyring: Keyring, text: str) -> None:
    first, second = keyring.seal(text, "id_number"), keyring.seal(text, "id_number")
    assert (keyring.unseal(first, "id_number"), keyring.unseal(second, "id_number")) == (text, text)
    assert first.key_id == "a"
    assert first.ciphertext != second.ciphertext
    assert len(first.ciphertext) == 12 + len(text.encode()) + 16


def test_a_value_sealed_for_one_purpose_does_not_open_for_another(keyring: Keyring) -> None:
    sealed = keyring.seal(ID_NUMBER, "id_number")
    with pytest.raises(KeyringError, match="sealed with the key 'a' for 'phone' does not open"):
        keyring.unseal(sealed, "phone")


def test_a_value_with_any_single_byte_altered_does_not_open(keyring: Keyring) -> None:
    sealed = keyring.seal("王护士", "name")
    for place in range(len(sealed.ciphertext)):
        altered = bytearray(sealed.ciphertext)
        altered[place] ^= 1
        with pytest.raises(KeyringError, match="was altered"):
            keyring.unseal(Sealed("a", bytes(altered)), "name")


def test_a_value_cut_short_does_not_open(keyring: Keyring) -> None:
    for length in (0, 11, 12, 27):
        with pytest.raises(KeyringError, match="does not open"):
            keyring.unseal(Sealed("a", keyring.seal("王", "name").ciphertext[:length]), "name")


def test_a_new_key_in_front_seals_and_the_old_one_still_opens_and_indexes() -> None:
    old, both = Keyring.parse(OLD), Keyring.parse(f"{NEW},{OLD}")
    assert both.seal("王", "name").key_id == "b"
    assert both.unseal(old.seal("王", "name"), "name") == "王"
    assert both.blind_index("王", "name") == old.blind_index("王", "name")
    assert both.sign("cursor", b"7") == old.sign("cursor", b"7")
    assert both.check_value() == old.check_value()
    with pytest.raises(KeyringError, match="sealed with the key 'b': add that key to HUSHI_KEYS again"):
        old.unseal(both.seal("王", "name"), "name")


def test_indexes_and_signatures_are_pinned_since_the_database_and_clients_hold_them(keyring: Keyring) -> None:
    assert keyring.blind_index(ID_NUMBER, "id_number").hex() == (
        "a93f934a836c2cf8715b7e6df4da9ca2dc9d53efa514e16c971be130d6ad58a6"
    )
    assert keyring.sign("cursor", b"1").hex() == "09126eedf7dc22344f11d4aa73c501eb"
    assert keyring.check_value().hex() == "b1e73ed0d88766dacbd8f91757c97db6db8a86e401a701913366e0bddfb4840f"


def test_every_use_and_purpose_has_a_key_of_its_own(keyring: Keyring) -> None:
    made = {
        keyring.blind_index("1", "phone")[:16],
        keyring.blind_index("1", "id_number")[:16],
        keyring.sign("phone", b"1"),
        keyring.sign("id_number", b"1"),
        Keyring.parse(OTHER).sign("phone", b"1"),
    }
    assert len(made) == 5


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "not of the form id:base64,id:base64 at entry 1"),
        ("secret", "not of the form id:base64,id:base64 at entry 1"),
        (f"{OLD},", "at entry 2"),
        (f"{OLD},钥:AAAA", "at entry 2"),
        ("a b:AAAA", "at entry 1"),
        ("a:not base64!", "has no base64 after the id 'a'"),
        ("a:AAA", "has no base64 after the id 'a'"),
        ("a:", "gives the key 'a' 0 bytes and a key has 32"),
        (f"a:{b64encode(bytes(31)).decode()}", "gives the key 'a' 31 bytes and a key has 32"),
        (f"{OLD},{OTHER}", "names the id 'a' twice"),
    ],
)
def test_bad_keys_are_refused_in_one_sentence_that_does_not_repeat_them(text: str, sentence: str) -> None:
    with pytest.raises(KeyringError) as refusal:
        Keyring.parse(text)
    assert sentence in str(refusal.value)
    assert "secret" not in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_a_made_key_is_accepted_and_is_never_made_twice() -> None:
    assert Keyring.parse(new_keys()).check_value() != Keyring.parse(new_keys()).check_value()


def test_a_folder_keeps_the_keys_made_the_first_time_for_its_owner_only(tmp_path: Path) -> None:
    first = Keyring.kept_in(tmp_path)
    assert Keyring.kept_in(tmp_path).check_value() == first.check_value()
    assert [path.name for path in tmp_path.iterdir()] == ["keys"]
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o600


def test_keys_that_others_can_read_are_refused(tmp_path: Path) -> None:
    Keyring.kept_in(tmp_path)
    (tmp_path / "keys").chmod(0o640)
    with pytest.raises(KeyringError, match=f"can be read by others: run chmod 600 {tmp_path}/keys"):
        Keyring.kept_in(tmp_path)


def test_a_damaged_file_of_keys_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    Keyring.kept_in(tmp_path)
    (tmp_path / "keys").write_bytes(b"\xff\xfe")
    with pytest.raises(KeyringError, match="are damaged: put the file back from a backup"):
        Keyring.kept_in(tmp_path)
    assert (tmp_path / "keys").read_bytes() == b"\xff\xfe"


async def test_eight_processes_that_make_the_keys_at_once_get_the_same(tmp_path: Path) -> None:
    made = await asyncio.gather(*(asyncio.to_thread(Keyring.kept_in, tmp_path) for _ in range(8)))
    assert len({keyring.check_value() for keyring in made}) == 1


async def test_the_first_keyring_becomes_the_databases_and_another_is_refused(empty_url: str, keyring: Keyring) -> None:
    connection = await asyncpg.connect(empty_url)
    await connection.execute("create table keyring_check (value bytea primary key, key_id text)")
    await verify(connection, keyring)
    await verify(connection, Keyring.parse(f"{NEW},{OLD}"))
    with pytest.raises(KeyringError, match="sealed with other keys than these"):
        await verify(connection, Keyring.parse(OTHER))
    assert await connection.fetch("select value from keyring_check") == [(keyring.check_value(),)]
    await connection.close()


async def test_of_eight_different_keyrings_at_once_exactly_one_becomes_the_databases(empty_url: str) -> None:
    connections = [await asyncpg.connect(empty_url) for _ in range(8)]
    await connections[0].execute("create table keyring_check (value bytea primary key, key_id text)")
    keyrings = [Keyring.parse(new_keys()) for _ in connections]
    outcomes = await asyncio.gather(
        *(verify(connection, keyring) for connection, keyring in zip(connections, keyrings, strict=True)),
        return_exceptions=True,
    )
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Keyring", *["KeyringError"] * 7]
    (first,) = [keyring for keyring, outcome in zip(keyrings, outcomes, strict=True) if isinstance(outcome, Keyring)]
    assert await connections[0].fetch("select value, key_id from keyring_check") == [
        (first.check_value(), first.indexing)
    ]
    for connection in connections:
        await connection.close()
