"""A nurse who claims her own rights: with a password that is known, and a proved phone."""

from __future__ import annotations

from typing import Final

from argon2 import PasswordHasher

from rules.verification import Channel
from tests.support.authority_stage import PASSWORD, QUICK_HASH
from tests.support.contacts import new_phone, reach
from tests.support.world import Person, World
from workflow.password import Passwords

QUICK: Final = Passwords(hasher=PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
WRONG: Final = f"{PASSWORD}x"


async def reachable(world: World, person: Person) -> str:
    """Give somebody the password of the tests and a proved phone; the phone."""
    phone = new_phone()
    await world.owner.execute("update account set password_hash = $2 where id = $1", person.account_id, QUICK_HASH)
    await reach(world, person.account_id, Channel.SMS, phone, verified=True)
    return phone
