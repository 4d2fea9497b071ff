"""A way in where nobody is there who could invite: the first admin of a new register, and the next once all are gone."""

from __future__ import annotations

from pathlib import Path

from db.store.migrate import migrate
from tests.support.activation import id_number
from tests.support.postgres import new_database
from tests.support.seeded_databases import connected
from tests.support.server_process import begun, hushi
from tests.support.until import until


def person(name: str, phone: str, number: str) -> list[str]:
    return ["admin", "--name", "王芳", "--user-name", name, "--phone", phone, "--id-number", number]


async def test_on_a_new_register_the_first_admin_is_let_in_and_once_she_is_there_nobody_else(
    server: str, roomy: Path
) -> None:
    url, number = await new_database(server), id_number()
    await migrate(url)
    code, said, error = await hushi(*person("wangf01", "13900000001", number), DATABASE_URL=url)
    assert (code, error) == (0, "")
    assert said == (
        "wangf01 may sign in within seven days; the first password goes to 139****0001 as soon as a server, or"
        " `hushi notify`, runs.\n"
    )
    # The message went astray: the same person gets another, under the name that she has.
    code, said, error = await hushi(*person("wangf02", "13900000002", number), DATABASE_URL=url)
    known = "She has an account there already, and keeps its user name: wangf02 is not used. wangf01 may sign in"
    assert (code, said.startswith(known), "139****0002" in said) == (0, True, True)
    texts = roomy / "texts"
    async with begun("notify", DATABASE_URL=url, HUSHI_SMS_GATEWAY=f"file:{texts}"):
        await until(lambda: texts.exists() and len(texts.read_text("utf-8").splitlines()) == 2)
    assert all("wangf01" in line for line in texts.read_text("utf-8").splitlines())
    async with connected(url) as owner:
        assert await owner.fetchval("select count(*) from audit where action = 'firstAdmin'") == 2
        (row,) = await owner.fetch("select a.*, p.level, p.name from account a join authority p on p.id = authority_id")
        assert (row["state"], row["roles"], row["level"]) == ("INVITED", ["PROVINCIAL_ADMIN"], "NATION")
        assert row["name"] == "国家卫生健康委员会"
        await owner.execute("update account set state = 'ACTIVE', must_set_password = false")
        code, said, error = await hushi(*person("limin01", "13900000003", id_number()), DATABASE_URL=url)
        assert (code, said) == (1, "")
        assert error == "NOT_ALLOWED: There is an admin who can invite: wangf01. Ask there.\n"
        # She is gone: there is a way in again.
        await owner.execute("update account set state = 'DISABLED'")
        code, said, error = await hushi(*person("limin01", "13900000003", id_number()), DATABASE_URL=url)
        assert (code, error, said.split()[0]) == (0, "", "limin01")


async def test_everything_that_is_wrong_with_her_is_said_at_once_and_nothing_is_made(server: str) -> None:
    url = await new_database(server)
    await migrate(url)
    code, said, error = await hushi(*person("王芳", "1390000", "110"), DATABASE_URL=url)
    assert (code, said) == (1, "")
    assert error.splitlines() == [
        "userName: A user name begins with a letter and has 6 to 12 letters or digits, whatever their case.",
        "phone: A mobile phone number has 11 digits and begins with 13 to 19.",
        "idNumber: The number must be 18 digits (the last may be X), or the old 15.",
    ]
    async with connected(url) as owner:
        assert await owner.fetchval("select count(*) from account") == 0
        assert await owner.fetchval("select count(*) from authority") == 0
        assert await owner.fetchval("select count(*) from audit") == 0
