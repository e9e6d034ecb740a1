import errno
import os
from pathlib import Path
from typing import Any

import pytest

from hybrid.files import remove_temporaries, replacing, write_text


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    target = tmp_path / "a.json"
    write_text(target, "old")
    write_text(target, "new é")
    assert target.read_text(encoding="utf-8") == "new é"
    assert [p.name for p in tmp_path.iterdir()] == ["a.json"]


def test_an_error_leaves_the_old_file_and_no_rest(tmp_path: Path) -> None:
    target = tmp_path / "a.json"
    write_text(target, "old")

    def broken() -> None:
        with replacing(target) as temporary:
            temporary.write_text("half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        broken()
    assert target.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["a.json"]


def test_what_a_killed_process_left_is_removed(tmp_path: Path) -> None:
    target = tmp_path / "a.json"
    write_text(target, "kept")
    (tmp_path / ".a.json.1-2.tmp").touch()
    (tmp_path / ".b.json.1-2.tmp").touch()
    remove_temporaries(target)
    remove_temporaries(tmp_path / "absent" / "a.json")
    assert {p.name for p in tmp_path.iterdir()} == {"a.json", ".b.json.1-2.tmp"}


def test_an_error_names_the_file_that_could_not_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "absent" / "a.json"
    with pytest.raises(FileNotFoundError) as caught:
        write_text(target, "new")
    assert caught.value.filename == str(target)

    def full(*_: Any, **__: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "write_text", full)
    target = tmp_path / "a.json"
    with pytest.raises(OSError, match="No space left") as caught_too:
        write_text(target, "new")
    assert caught_too.value.filename == str(target)
