"""The keys that sign receipts (签名密钥), Ed25519, apart from those that seal: who has their public halves verifies."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from db.store.secret_text import damaged, kept_in, new_secret, secrets_of
from rules.command_error import CommandError

FILE: Final = "signing-keys"


class SigningError(CommandError):
    """The signing keys cannot be used; the text gives the reason and the remedy, and never repeats a key."""


class Signers:
    """The private halves that a process holds, by id, newest first; without one it signs nothing."""

    def __init__(self, secrets_by_id: Mapping[str, bytes]) -> None:
        self._keys = {name: Ed25519PrivateKey.from_private_bytes(one) for name, one in secrets_by_id.items()}

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `id:base64,id:base64`, newest first, as HUSHI_SIGNING_KEYS holds it."""
        return cls(secrets_of(text, "HUSHI_SIGNING_KEYS", "hushi signing new", SigningError))

    @classmethod
    def kept_in(cls, folder: Path) -> Self:
        """Those of the folder's file `signing-keys`, made the first time and readable by its owner only."""
        path = folder / FILE
        text = kept_in(path, new_signing_key, SigningError)
        try:
            return cls.parse(text)
        except SigningError as error:
            raise damaged(path, SigningError) from error

    @property
    def public(self) -> dict[str, bytes]:
        """The public halves by id, newest first."""
        return {name: one.public_key().public_bytes_raw() for name, one in self._keys.items()}

    def sign(self, key_id: str, content: bytes) -> bytes:
        """The 64 bytes by which whoever has the public half knows that this key has signed it."""
        return self._keys[key_id].sign(content)


def new_signing_key() -> str:
    """A fresh key, written as HUSHI_SIGNING_KEYS takes it."""
    return new_secret("s")


def is_signed(public_key: bytes, content: bytes, signature: bytes) -> bool:
    """True if the other half of this key has signed it."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, content)
    except InvalidSignature:
        return False
    return True
