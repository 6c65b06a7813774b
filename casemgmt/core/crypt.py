"""Text that the database itself must not be able to read: encrypted at rest, found again by a keyed digest.

Keys come from `settings.FIELD_KEYS`, newest first; old ones stay in the list for as long as rows carry them.
"""

import base64
import hashlib
import hmac
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from django.conf import settings
from django.db import models

_SEPARATOR = ":"


@lru_cache
def _key(secret, purpose):
    return hashlib.blake2b(purpose.encode(), key=secret.encode()[:64], digest_size=64).digest()


def _name(secret):
    return hashlib.sha256(f"name {secret}".encode()).hexdigest()[:8]


def encrypt(text):
    """The text under the newest key, with the key's short name before it.

    The same text gives the same bytes: a history row must equal its row, and two equal numbers are found as equal.
    """
    secret = settings.FIELD_KEYS[0]
    sealed = AESSIV(_key(secret, "field")).encrypt(text.encode(errors="replace"), None)
    return f"{_name(secret)}{_SEPARATOR}{base64.b64encode(sealed).decode()}"


def decrypt(stored):
    """The text again. Raises ValueError when its key is no longer in the list."""
    name, _sep, sealed = stored.partition(_SEPARATOR)
    secret = next((s for s in settings.FIELD_KEYS if _name(s) == name), None)
    if secret is None:
        raise ValueError("A field was encrypted under a key that FIELD_KEYS no longer holds.")
    try:
        return AESSIV(_key(secret, "field")).decrypt(base64.b64decode(sealed), None).decode()
    except InvalidTag as error:
        raise ValueError("An encrypted field was changed outside the application.") from error


def digest(*parts):
    """A keyed fingerprint by which equal values are found without being read; keyed apart from the text itself.

    It is made with the oldest key, so that a new key leaves what was found before findable.
    """
    secret = settings.FIELD_KEYS[-1]
    text = "\x00".join(str(p) for p in parts)
    return hmac.new(_key(secret, "digest"), text.encode(errors="replace"), hashlib.sha256).hexdigest()


class EncryptedTextField(models.TextField):
    """Text stored encrypted; it cannot be searched or sorted, only read back."""

    def get_prep_value(self, value):
        value = super().get_prep_value(value)
        return encrypt(value) if value else value

    def from_db_value(self, value, expression, connection):
        return decrypt(value) if value else value
