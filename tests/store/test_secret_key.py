"""The secret key: made once, kept private, and the same for every process of a database."""

from __future__ import annotations

import pytest

from sosie.store.errors import StoreAway, WrongSecretKey
from sosie.store.open import open_database, read_secret_key


def test_a_key_is_made_once_and_is_its_owners_alone(tmp_path):
    """64 hex digits in a file that nobody else can read."""
    file = tmp_path / "new" / "secret.key"
    key = read_secret_key("", file)
    assert len(key) == 32
    assert read_secret_key("", file) == key
    assert file.stat().st_mode & 0o777 == 0o600
    assert [one.name for one in file.parent.iterdir()] == ["secret.key"]


def test_a_key_is_made_where_that_is_wanted_alone(tmp_path):
    """Who only uses a database makes none beside the one it was made with."""
    with pytest.raises(WrongSecretKey, match="there is no secret key"):
        read_secret_key("", tmp_path / "new" / "secret.key", create=False)
    assert list(tmp_path.iterdir()) == []
    key = read_secret_key("", tmp_path / "secret.key")
    assert read_secret_key("", tmp_path / "secret.key", create=False) == key


def test_a_given_key_makes_no_file(tmp_path):
    """It comes from the environment, with or without a newline."""
    assert read_secret_key("ab" * 32 + "\n", tmp_path / "secret.key") == b"\xab" * 32
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("text", ["ab", "ab" * 31, "ab" * 33, "zz" * 32])
def test_a_key_of_the_wrong_form_is_refused(tmp_path, text):
    """From the environment and from a file."""
    with pytest.raises(WrongSecretKey, match="64 hex digits"):
        read_secret_key(text, tmp_path / "secret.key")
    (tmp_path / "secret.key").write_text(text)
    with pytest.raises(WrongSecretKey, match="64 hex digits"):
        read_secret_key("", tmp_path / "secret.key")


def test_a_file_that_is_no_text_is_refused(tmp_path):
    """As every other wrong key."""
    (tmp_path / "secret.key").write_bytes(bytes(range(128, 160)))
    with pytest.raises(WrongSecretKey, match="64 hex digits"):
        read_secret_key("", tmp_path / "secret.key")


def test_a_folder_that_cannot_be_made_is_said(tmp_path):
    """With the name of the file."""
    (tmp_path / "file").write_text("")
    with pytest.raises(WrongSecretKey, match=r"secret\.key"):
        read_secret_key("", tmp_path / "file" / "secret.key")


def test_a_database_knows_its_key(opened, storage):
    """Another key opens nothing, says so, and leaves the database as it was."""
    run, _ = opened
    with pytest.raises(WrongSecretKey, match="every process needs the same"):
        run(open_database(storage.url, storage.data_dir, b"x" * 32))
    again = run(open_database(storage.url, storage.data_dir, storage.secret_key))
    run(again.close())


def test_the_embedded_database_is_its_owners_alone(tmp_path):
    """The file and, while it is open, its log."""
    import asyncio

    async def look():
        database = await open_database("", tmp_path / "new", b"x" * 32)
        modes = {file.name: file.stat().st_mode & 0o777 for file in (tmp_path / "new").iterdir()}
        await database.close()
        return modes

    assert set(asyncio.run(look()).values()) == {0o600}
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o700


def test_a_folder_that_cannot_hold_a_database_is_said(tmp_path):
    """With its name, and not as a mistake of ours."""
    import asyncio

    (tmp_path / "file").write_text("")
    with pytest.raises(StoreAway, match="file"):
        asyncio.run(open_database("", tmp_path / "file", b"x" * 32))
