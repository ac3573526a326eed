"""An index on disk is the index, or none."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sosie.detection.index import Index
from sosie.screening import index_file
from sosie.screening.index_file import MAX_FILES, MIN_IDENTITIES, file_of, read, write
from support.judgement import people

CROWD = [(f"Vargapell {'abcdefghij'[n % 10] * 3}{n}", f"p{n}@example.com") for n in range(MIN_IDENTITIES)]
INDEX = Index(people(*CROWD))


@pytest.fixture
def file(tmp_path):
    """A written one."""
    file = file_of(tmp_path / "snapshots", b"registry")
    assert write(file, INDEX)
    return file


def test_what_was_written_is_read(file):
    """All its people, found by their names; and nobody else may read the file."""
    index = read(file)
    assert list(index.identities()) == list(INDEX.identities())
    for name, _ in CROWD:
        assert index.named(name) == INDEX.named(name)
    assert (file.path.stat().st_mode & 0o777, file.path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert list(file.path.parent.iterdir()) == [file.path]


def test_it_is_read_for_what_it_was_made_of_alone(file, monkeypatch):
    """To the octet, though it lay under the same name: for another registry, one that only begins so or another version
    of sosie there is none."""
    for registry in (b"registrx", b"registr", b"registry ", b""):
        assert read(file._replace(registry=registry)) is None
    assert read(file)
    monkeypatch.setattr(index_file.sosie, "__version__", "0")
    other = file_of(file.path.parent, b"registry")
    assert other.path != file.path
    assert read(other._replace(path=file.path)) is None


def test_each_registry_has_a_name_of_its_own(tmp_path):
    """So that they do not take turns."""
    assert len({file_of(tmp_path, registry).path for registry in (b"registry", b"registry ", b"registrx", b"")}) == 4


def test_another_program_has_another_file(tmp_path, monkeypatch):
    """A changed file of ours is never judged by what the one before it has worked out."""
    before = file_of(tmp_path, b"registry")
    for room in ("detection", "likeness", "mail", "registry"):
        (tmp_path / room).mkdir()
    (tmp_path / "likeness/tables").mkdir()
    monkeypatch.setattr(index_file.sosie, "__file__", str(tmp_path / "__init__.py"))
    files = [before]
    for program in ("detection/index.py", "likeness/tables/latin.py"):
        for text in ("1", "12"):
            (tmp_path / program).write_text(text)
            files.append(file_of(tmp_path, b"registry"))
    assert len({file.path for file in files}) == len({file.programs for file in files}) == 5


def test_a_torn_file_is_as_good_as_none(file):
    """Cut anywhere, or with any octet changed."""
    text = file.path.read_bytes()
    for cut in (0, 5, len(index_file.FORMAT), len(index_file.FORMAT) + 3, len(text) // 2, len(text) - 1):
        file.path.write_bytes(text[:cut])
        assert read(file) is None
    for place in range(0, len(text), 997):
        file.path.write_bytes(text[:place] + bytes([text[place] ^ 1]) + text[place + 1 :])
        assert read(file) is None
    file.path.unlink()
    assert read(file) is None


def test_what_is_no_index_is_none(file):
    """Though its checksum is right: an empty table of contents, no JSON, lengths that lie."""
    made_of = file.programs + file.registry
    lengths = b"%d,%d" % (len(file.programs), len(file.registry))
    for contents, rest in (
        (b"[]", b""), (b"[%s]" % lengths, b""), (b"no", b""), (b"{}", b""), (b"7", b""), (b"null", b""),
        (b'[%s,["keys",1,9,9,9]]' % lengths, b""), (b'[%s,["keys",2,1,0,3]]' % lengths, b"a123"),
    ):  # fmt: skip
        body = contents + b"\n" + made_of + rest
        checksum = index_file.zlib.crc32(body).to_bytes(4)
        file.path.write_bytes(index_file.FORMAT + checksum + body)
        assert read(file) is None


def test_what_others_may_write_is_not_read(file):
    """They would say who is protected."""
    file.path.chmod(0o620)
    assert read(file) is None
    file.path.chmod(0o600)
    assert read(file)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_what_is_somebody_elses_is_not_read(file):
    """The same."""
    os.chown(file.path, 65534, -1)
    assert read(file) is None


def test_nothing_is_made_where_nothing_is(tmp_path):
    """Neither a folder of a folder that is not there, nor a file of a few people."""
    assert not write(file_of(tmp_path / "a/b", b""), INDEX)
    assert not write(file_of(tmp_path / "b", b""), Index(people(*CROWD[1:])))
    assert list(tmp_path.iterdir()) == []


def test_the_oldest_files_go(tmp_path):
    """So that a registry that changes every day does not fill the disk; other files stay."""
    (tmp_path / "snapshots").mkdir()
    snapshot = Path(tmp_path / "snapshots/a.snapshot")
    snapshot.touch()
    files = [file_of(tmp_path / "snapshots", bytes([n])) for n in range(MAX_FILES + 2)]
    for age, file in enumerate(files):
        write(file, INDEX)
        os.utime(file.path, (age, age))
    write(files[0], INDEX)
    assert set((tmp_path / "snapshots").iterdir()) == {
        snapshot,
        files[0].path,
        *(file.path for file in files[-MAX_FILES + 1 :]),
    }
