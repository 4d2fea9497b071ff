"""A way in for the first admin, from the command line of whoever runs the system."""

from __future__ import annotations

from db.store.engine import Database
from rules.passwords import PasswordPolicy
from web.installation import require_own
from web.settings import Settings
from workflow.first_admin import FirstAdmin, invite
from workflow.password import Passwords


async def let_in(settings: Settings, owner_url: str, person: FirstAdmin) -> str:
    """Invite her; gives the sentence that says what happened, without the password, which only her phone gets."""
    keyring = await require_own(settings, owner_url)
    db = Database(settings.database_url or owner_url, keyring, pool_size=1)
    try:
        sent = await invite(db, person, await Passwords(PasswordPolicy(settings.password_min)).first())
    finally:
        await db.close()
    kept = sent.user_name.casefold() != person.user_name.strip().casefold()
    named = f"She has an account there already, and keeps its user name: {person.user_name} is not used. "
    when = "as soon as a server, or `hushi notify`, runs."
    sentence = f"{sent.user_name} may sign in within seven days; the first password goes to {sent.phone_masked} {when}"
    return f"{named}{sentence}" if kept else sentence
