"""`hushi signing` as operators run it: a key is made, activated, retired, and stays published."""

from __future__ import annotations

from datetime import UTC, datetime

import asyncpg
import pytest

from db import signing_key
from db.store.engine import Database
from db.store.keys import Keyring, new_keys, verify
from db.store.migrate import migrate
from db.store.signing import Signers, SigningError, is_signed, new_signing_key
from db.store.url import asyncpg_dsn
from tests.support.command_line import Result, hushi
from web.installation import signers_of
from web.settings import Settings

pytestmark = pytest.mark.feature("A10")
KEYS = new_keys()
OLD, NEW = new_signing_key(), new_signing_key()


def id_of(key: str) -> str:
    return key.partition(":")[0]


async def test_a_key_is_made_activated_retired_and_stays_published(empty_url: str) -> None:
    await migrate(empty_url)
    owner = await asyncpg.connect(asyncpg_dsn(empty_url))
    await verify(owner, Keyring.parse(KEYS))
    await owner.close()

    async def signing(*command: str, keys: str) -> Result:
        environment = {"DATABASE_URL": empty_url, "HUSHI_KEYS": KEYS, "HUSHI_LOG": "warning"}
        return await hushi("signing", *command, HUSHI_SIGNING_KEYS=keys, **environment)

    made = await hushi("signing", "new")
    assert (made.code, [*Signers.parse(made.out).public]) == (0, [id_of(made.out)])
    done = await signing("activate", "--at", "2026-01-02T03:04", keys=OLD)
    assert (done.code, done.out) == (0, f"Published: {id_of(OLD)}.\n")
    done = await signing("activate", "--at", "2026-06-01", keys=f"{NEW},{OLD}")
    assert done.out == f"Published: {id_of(NEW)}.\n"
    assert (await signing("activate", keys=f"{NEW},{OLD}")).out == "All of them are published already.\n"
    done = await signing("retire", id_of(OLD), "--at", "2026-07-01", keys=NEW)
    moment = "2026-07-01 00:00:00 (Beijing time)"
    assert done.out == f"{id_of(OLD)} is retired from {moment} on; it stays published with its dates.\n"
    # Never later, never before it was active.
    assert moment in (await signing("retire", id_of(OLD), "--at", "2026-08-01", keys=NEW)).out
    assert "2026-01-02 03:04:00" in (await signing("retire", id_of(OLD), "--at", "2020-01-01", keys=NEW)).out
    assert (await signing("list", keys=NEW)).out == (
        f"{id_of(NEW)}: active from 2026-06-01 00:00:00 (Beijing time)\n"
        f"{id_of(OLD)}: active from 2026-01-02 03:04:00 (Beijing time), "
        "retired from 2026-01-02 03:04:00 (Beijing time)\n"
    )
    unknown = await signing("retire", "nobodys", keys=NEW)
    assert (unknown.code, unknown.out) == (1, "")
    assert unknown.error == "There is no published signing key 'nobodys': `hushi signing list` names them.\n"


async def test_the_newest_active_key_that_is_held_signs(empty_url: str) -> None:
    await migrate(empty_url)
    db, held = Database(empty_url, Keyring.parse(KEYS), pool_size=1), Signers.parse(f"{NEW},{OLD}").public
    january, june, july = (datetime(2026, month, 1, tzinfo=UTC) for month in (1, 6, 7))
    await signing_key.publish(empty_url, {id_of(OLD): held[id_of(OLD)]}, january)
    await signing_key.publish(empty_url, held, june)
    only_old = {id_of(OLD): held[id_of(OLD)]}
    async with db.read() as reader:
        for at, keys, signs in (
            (january, held, OLD),
            (june, held, NEW),
            (june, only_old, OLD),
            (datetime(2025, 1, 1, tzinfo=UTC), held, None),
            (june, {id_of(NEW): bytes(32)}, None),
            (june, {}, None),
        ):
            assert await signing_key.active(reader, keys, at) == (signs and id_of(signs))
        await signing_key.retire(empty_url, id_of(NEW), july)
        assert await signing_key.active(reader, held, july) == id_of(NEW)
        assert await signing_key.active(reader, held, datetime(2026, 7, 2, tzinfo=UTC)) == id_of(OLD)
    await db.close()


async def test_an_id_is_one_key_for_ever(empty_url: str) -> None:
    await migrate(empty_url)
    held = Signers.parse(OLD).public
    await signing_key.publish(empty_url, held)
    for keys in ({id_of(OLD): bytes(32)}, {"another": held[id_of(OLD)]}):
        with pytest.raises(SigningError, match="make a new key"):
            await signing_key.publish(empty_url, keys)
    assert [one.id for one in await signing_key.published(empty_url)] == [id_of(OLD)]


def test_an_outside_database_signs_only_with_the_keys_that_it_is_given(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder, outside = tmp_path_factory.mktemp("data"), "postgresql://a@127.0.0.1/b"
    assert signers_of(Settings(data=folder, DATABASE_URL=outside)).public == {}
    given = signers_of(Settings(data=folder, DATABASE_URL=outside, signing_keys=NEW))
    content = "王护士".encode()
    assert is_signed(given.public[id_of(NEW)], content, given.sign(id_of(NEW), content))
    assert not is_signed(given.public[id_of(NEW)], content + b"!", given.sign(id_of(NEW), content))
    own = signers_of(Settings(data=folder)).public
    assert (len(own), signers_of(Settings(data=folder)).public) == (1, own)
    assert (folder / "signing-keys").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("text", ["", "x", "a:b", f"{OLD},{OLD}", "a:QQ=="])
def test_what_is_no_signing_key_is_refused_in_one_sentence_without_it(text: str) -> None:
    with pytest.raises(SigningError) as refusal:
        Signers.parse(text)
    assert "HUSHI_SIGNING_KEYS" in str(refusal.value)
    assert OLD.partition(":")[2] not in str(refusal.value)


def test_a_damaged_or_open_file_of_keys_is_refused(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("data")
    path = folder / "signing-keys"
    path.write_text("?")
    path.chmod(0o600)
    with pytest.raises(SigningError, match="damaged"):
        Signers.kept_in(folder)
    path.chmod(0o644)
    with pytest.raises(SigningError, match="chmod 600"):
        Signers.kept_in(folder)
