"""The keys (密钥): they seal what must be secret, and make it findable without opening it."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

import asyncpg
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from db.store.secret_text import SECRET_BYTES, damaged, kept_in, new_secret, secrets_of
from rules.command_error import CommandError

NONCE_BYTES: Final = 12
CHECK_LOCK: Final = 0x6875_7368_6B65


class KeyringError(CommandError):
    """The keys cannot be used; the text gives the reason and the remedy, and never repeats a key."""


@dataclass(frozen=True)
class Sealed:
    """A text that only the holder of the key `key_id` can read."""

    key_id: str
    ciphertext: bytes


class Keyring:
    """The installation's secrets by id, newest first.

    The newest seals; every one unseals; one makes indexes and signatures, which therefore outlive a new key: that of
    which the database says so, at first the oldest.
    """

    def __init__(self, secrets_by_id: Mapping[str, bytes]) -> None:
        self._secrets = dict(secrets_by_id)
        self._newest, self._indexing = next(iter(self._secrets)), next(reversed(self._secrets))
        self._derived: dict[tuple[str, str, str], bytes] = {}

    @property
    def newest(self) -> str:
        """The id of the key that seals."""
        return self._newest

    @property
    def indexing(self) -> str:
        """The id of the key that makes indexes and signatures."""
        return self._indexing

    def indexing_with(self, key_id: str) -> Self:
        """The same keys, of which this one makes indexes and signatures."""
        if key_id not in self._secrets:
            raise KeyringError(
                "The database was sealed with other keys than these: start with the HUSHI_KEYS it was made with, "
                f"the key {key_id!r} among them."
            )
        other = type(self)(self._secrets)
        other._indexing = key_id
        return other

    @property
    def spare(self) -> list[str]:
        """The ids of those that neither seal nor index: needed only while something is sealed with them."""
        return [key_id for key_id in self._secrets if key_id not in (self._newest, self._indexing)]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `id:base64,id:base64`, newest first, as HUSHI_KEYS holds it."""
        return cls(secrets_of(text, "HUSHI_KEYS", "hushi keys new", KeyringError))

    @classmethod
    def kept_in(cls, folder: Path) -> Self:
        """The keyring of the folder's file `keys`, made the first time and readable by its owner only."""
        path = folder / "keys"
        text = kept_in(path, new_keys, KeyringError)
        try:
            return cls.parse(text)
        except KeyringError as error:
            raise damaged(path, KeyringError) from error

    def seal(self, text: str, purpose: str) -> Sealed:
        """Encrypt with the newest key; only the same purpose opens it again."""
        return self.seal_bytes(text.encode(), purpose)

    def unseal(self, sealed: Sealed, purpose: str) -> str:
        """The text, if it was sealed for this purpose by a key that is still here."""
        return self.unseal_bytes(sealed, purpose).decode()

    def seal_bytes(self, content: bytes, purpose: str) -> Sealed:
        """Encrypt a file in the same way."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        cipher = AESGCM(self._key(self._newest, "seal", purpose))
        return Sealed(self._newest, nonce + cipher.encrypt(nonce, content, purpose.encode()))

    def unseal_bytes(self, sealed: Sealed, purpose: str) -> bytes:
        """The file, in the same way."""
        if sealed.key_id not in self._secrets:
            raise KeyringError(f"A value is sealed with the key {sealed.key_id!r}: add that key to HUSHI_KEYS again.")
        nonce, body = sealed.ciphertext[:NONCE_BYTES], sealed.ciphertext[NONCE_BYTES:]
        try:
            cipher = AESGCM(self._key(sealed.key_id, "seal", purpose))
            return cipher.decrypt(nonce, body, purpose.encode())
        except (InvalidTag, ValueError) as error:
            raise KeyringError(
                f"A value sealed with the key {sealed.key_id!r} for {purpose!r} does not open: it was altered, "
                "or sealed for something else."
            ) from error

    def blind_index(self, value: str | bytes, purpose: str) -> bytes:
        """The 32 bytes by which sealed columns are searched: equal for equal values, without any other information."""
        return self._index(self._indexing, value, purpose)

    def made_index(self, index: bytes, value: str | bytes, purpose: str) -> bool:
        """True if one of the keys has made this index: for what is kept a short time only, and not made anew."""
        return any(hmac.compare_digest(index, self._index(one, value, purpose)) for one in self._secrets)

    def _index(self, key_id: str, value: str | bytes, purpose: str) -> bytes:
        content = value if isinstance(value, bytes) else value.encode()
        return hmac.digest(self._key(key_id, "index", purpose), content, "sha256")

    def sign(self, purpose: str, data: bytes) -> bytes:
        """16 bytes that only this keyring can make for `data`."""
        return self._signature(self._indexing, purpose, data)

    def signed(self, purpose: str, data: bytes, signature: bytes) -> bool:
        """True if one of the keys has signed it."""
        return any(hmac.compare_digest(signature, self._signature(one, purpose, data)) for one in self._secrets)

    def _signature(self, key_id: str, purpose: str, data: bytes) -> bytes:
        return hmac.digest(self._key(key_id, "sign", purpose), data, "sha256")[:16]

    def check_value(self) -> bytes:
        """The value by which the database knows its keyring again; new keys in front do not change it."""
        return hmac.digest(self._key(self._indexing, "check", "keyring"), self._indexing.encode(), "sha256")

    def _key(self, key_id: str, use: str, purpose: str) -> bytes:
        """A key of its own for every use and purpose, so that no two of them can be played against each other."""
        name = (key_id, use, purpose)
        if name not in self._derived:
            info = f"hushi:{use}:{purpose}".encode()
            derivation = HKDF(algorithm=SHA256(), length=SECRET_BYTES, salt=None, info=info)
            self._derived[name] = derivation.derive(self._secrets[key_id])
        return self._derived[name]


def new_keys() -> str:
    """A fresh key, written as HUSHI_KEYS takes it."""
    return new_secret("k")


async def verify(connection: asyncpg.Connection[asyncpg.Record], keyring: Keyring) -> Keyring:
    """The keyring as this database indexes with it; refuses one that is not this database's. The first becomes it."""
    async with connection.transaction():
        # Of two first starts at once the second must see what the first wrote.
        await connection.execute("select pg_advisory_xact_lock($1)", CHECK_LOCK)
        known = await connection.fetchrow("select value, key_id from keyring_check")
        if known is None:
            write = "insert into keyring_check (value, key_id) values ($1, $2)"
            await connection.execute(write, keyring.check_value(), keyring.indexing)
            return keyring
        if known["key_id"] is not None:
            keyring = keyring.indexing_with(known["key_id"])
        if not hmac.compare_digest(known["value"], keyring.check_value()):
            raise KeyringError(
                "The database was sealed with other keys than these: start with the HUSHI_KEYS it was made with."
            )
        return keyring
