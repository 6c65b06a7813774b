"""Encrypted text cannot be read without its key, comes back with it, and is found again by its fingerprint alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casemgmt.core.crypt import decrypt, digest, encrypt


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
def test_what_was_encrypted_comes_back(text):
    assert decrypt(encrypt(text)) == text


def test_the_text_is_not_in_what_is_stored():
    assert "123-45-6789" not in encrypt("123-45-6789")


def test_the_same_text_is_stored_alike_so_that_history_equals_its_row():
    assert encrypt("123") == encrypt("123")


def test_a_new_key_reads_what_an_old_one_wrote(settings):
    settings.FIELD_KEYS = ["old key"]
    stored = encrypt("123")
    settings.FIELD_KEYS = ["new key", "old key"]
    assert decrypt(stored) == "123"
    assert encrypt("123") != stored


def test_without_its_key_nothing_comes_back(settings):
    settings.FIELD_KEYS = ["old key"]
    stored = encrypt("123")
    settings.FIELD_KEYS = ["another"]
    with pytest.raises(ValueError, match="FIELD_KEYS"):
        decrypt(stored)


def test_what_was_changed_outside_is_noticed():
    stored = encrypt("123")
    name, _colon, sealed = stored.partition(":")
    with pytest.raises(ValueError, match="changed"):
        decrypt(f"{name}:{sealed[::-1].replace('=', 'A')[:-2]}==")


def test_a_fingerprint_stays_when_a_new_key_comes(settings):
    settings.FIELD_KEYS = ["old key"]
    before = digest(1, "social", "123456789")
    settings.FIELD_KEYS = ["new key", "old key"]
    assert digest(1, "social", "123456789") == before


def test_the_same_number_elsewhere_has_another_fingerprint():
    assert digest(1, "social", "123") != digest(2, "social", "123")
