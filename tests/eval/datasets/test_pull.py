import hashlib
import io
import tarfile
import zipfile
from pathlib import Path

import httpx
import pytest
import respx

from eval.datasets import DATASETS, releases
from eval.datasets.pull import pull_dataset
from eval.datasets.releases import RELEASES, Download, Release
from hybrid.errors import DatasetError

URL = "https://example.org/release"


def zipped(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.mkdir("dataset")
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def tarred(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        link = tarfile.TarInfo("wildreceipt/link")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


def release(monkeypatch: pytest.MonkeyPatch, *downloads: Download) -> None:
    made = Release("d", "CC BY 4.0", True, downloads, elsewhere="ask the authors")
    monkeypatch.setitem(releases.RELEASES, "funsd", made)


def pull(out: Path) -> list[str]:
    steps: list[str] = []
    pull_dataset("funsd", out, lambda step, done, total: steps.append(f"{step} {done}/{total}"))
    return steps


def test_every_dataset_has_a_release_and_a_way_to_get_it() -> None:
    assert RELEASES.keys() == DATASETS.keys()
    for made in RELEASES.values():
        assert made.elsewhere
        for download in made.downloads:
            assert download.url.startswith("https://")
            assert (download.unpack_to is None) == bool(download.keep_as)
    assert RELEASES["funsd"].commercial is False
    assert RELEASES["xfund_ja"].commercial is False


@respx.mock
def test_files_and_archives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    packed = zipped({"dataset/a.json": b"{}"})
    md5 = hashlib.md5(packed).hexdigest()
    tar = tarred({"./wildreceipt/train.txt": b"x", "other/y": b"y"})
    release(
        monkeypatch,
        Download(f"{URL}/a.zip", unpack_to="", md5=md5),
        Download(f"{URL}/b.tar", unpack_to="in", inside="wildreceipt/"),
        Download(f"{URL}/c.parquet", keep_as="data/c.parquet"),
    )
    respx.get(f"{URL}/a.zip").respond(302, headers={"location": f"{URL}/elsewhere/a.zip"})
    moved = respx.get(f"{URL}/elsewhere/a.zip").respond(content=packed)
    respx.get(f"{URL}/b.tar").respond(content=tar)
    respx.get(f"{URL}/c.parquet").respond(content=b"table")
    steps = pull(tmp_path / "out")
    files = {p.relative_to(tmp_path / "out").as_posix() for p in tmp_path.rglob("*") if p.is_file()}
    assert {f for f in files if not f.startswith("downloads/")} == {
        "dataset/a.json",
        "in/train.txt",
        "data/c.parquet",
    }
    assert f"download a.zip {len(packed)}/{len(packed)}" in steps
    assert "unpack b.tar 0/None" in steps
    # What is there is not downloaded again.
    assert pull(tmp_path / "out") == []
    assert moved.call_count == 1


@respx.mock
def test_a_wrong_checksum(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    release(monkeypatch, Download(f"{URL}/a.zip", unpack_to="", md5="0" * 32))
    respx.get(f"{URL}/a.zip").respond(content=b"other")
    with pytest.raises(
        DatasetError, match=r"its MD5 is 795f\w+, published is 0+; .*ask the author"
    ):
        pull(tmp_path)
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == []


@respx.mock
@pytest.mark.parametrize("failure", [404, httpx.ConnectError("no route")])
def test_what_cannot_be_fetched_is_to_be_had_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failure: int | Exception
) -> None:
    release(monkeypatch, Download(f"{URL}/a.zip", unpack_to=""))
    route = respx.get(f"{URL}/a.zip")
    if isinstance(failure, int):
        route.respond(failure)
    else:
        route.mock(side_effect=failure)
    with pytest.raises(
        DatasetError, match=r"a\.zip cannot be fetched \(.*\); ask the authors"
    ) as e:
        pull(tmp_path)
    assert "\n" not in str(e.value)


@respx.mock
@pytest.mark.parametrize("name", ["../evil", "/evil", "dataset/../../evil", "C:evil"])
def test_archives_cannot_write_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    release(monkeypatch, Download(f"{URL}/a.tar", unpack_to=""))
    respx.get(f"{URL}/a.tar").respond(content=tarred({name: b"x"}))
    with pytest.raises(DatasetError, match="names a file outside its folder"):
        pull(tmp_path / "out")
    assert not (tmp_path / "evil").exists()


@respx.mock
@pytest.mark.parametrize("file", ["a.zip", "a.tar"])
def test_a_broken_archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str) -> None:
    release(monkeypatch, Download(f"{URL}/{file}", unpack_to=""))
    respx.get(f"{URL}/{file}").respond(content=b"no archive")
    with pytest.raises(DatasetError, match=rf"{file} is broken and was removed"):
        pull(tmp_path)


@respx.mock
def test_a_folder_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    release(monkeypatch, Download(f"{URL}/a.zip", unpack_to=""))
    (tmp_path / "out").write_text("a file")
    with pytest.raises(DatasetError, match="cannot be written"):
        pull(tmp_path / "out")


def test_what_is_not_ours_to_download(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"sroie cannot be downloaded by us: register at https"):
        pull_dataset("sroie", tmp_path, lambda *_: None)
    with pytest.raises(DatasetError, match="unknown dataset 'nothing'"):
        pull_dataset("nothing", tmp_path, lambda *_: None)
