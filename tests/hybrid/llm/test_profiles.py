"""Shipped profiles are sound, users' own are read, and the best one for a machine is chosen."""

from __future__ import annotations

import json
import math
import re
import sys
from collections import Counter
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from hybrid.errors import ModelError
from hybrid.llm import DEFAULT_LLM
from hybrid.llm.adapter import adapter_folder
from hybrid.llm.profile import (
    HARDWARE_CLASSES,
    Adapter,
    AdapterSource,
    FolderSource,
    HubSource,
    MadeSource,
    Profile,
    WheelSource,
)
from hybrid.llm.profiles import (
    add_profile,
    best_profile_for,
    known_profiles,
    load_profile,
    profiles_home,
    shipped_profiles,
    trust_of,
)


def test_the_shipped_profiles() -> None:
    profiles = shipped_profiles()
    assert {"smollm2-135m", "minilm-l6-v2", "gemma3-270m", "qwen3-0.6b"} <= profiles.keys()
    for name, profile in profiles.items():
        file = Path(load_profile.__code__.co_filename).parent / "profiles" / f"{name}.toml"
        assert file.is_file(), "a profile is found by its file's name"
        assert profile.licence != "unknown"
        assert profile.license_url
        assert profile.description
        # A wheel is pinned by its type; what only the hub has could not be hashed here.
        assert isinstance(profile.source, (WheelSource, HubSource, MadeSource, AdapterSource))
        if isinstance(profile.source, AdapterSource):
            folder = adapter_folder(profile)  # which checks the hash
            assert sum(f.stat().st_size for f in folder.iterdir()) < 10_000_000
            assert {"NOTICE", "training.json"} <= {f.name for f in folder.iterdir()}
        assert (profile.download_mb == 0) is isinstance(profile.source, MadeSource)
        for name in HARDWARE_CLASSES:
            serving = getattr(profile.hardware, name)
            needed = serving.memory_gb * 1000 if serving else math.inf
            halved = 2 if serving and "fp8" in serving.flags else 1
            assert needed > profile.download_mb / halved, "the weights do not fit"


def test_every_kind_is_shipped() -> None:
    kinds = Counter(kind for p in shipped_profiles().values() for kind in p.kind)
    assert kinds["dense"] >= 2
    assert kinds["moe"] >= 3
    assert kinds["reasoning"] >= 3
    assert all(p.architecture for p in shipped_profiles().values() if p.is_llm)
    wanted = {"smollm2-moe-4x135m", "reflection-llama-3.1-70b", "gpt-oss-20b", "gpt-oss-120b"}
    assert wanted <= shipped_profiles().keys()


def test_gemma_asks_for_acceptance_and_says_where_to_read() -> None:
    gemma = load_profile("gemma3-270m")
    assert gemma.license_acceptance
    assert gemma.license_url
    assert gemma.chat_template
    assert gemma.chat_template.startswith("<bos>")


@pytest.mark.parametrize(
    ("memory", "name"),
    [
        (None, DEFAULT_LLM),
        (0.5, DEFAULT_LLM),
        (4, "qwen3-0.6b"),
        (6, "qwen2.5-1.5b"),
        (80, "qwen2.5-1.5b"),
    ],
)
def test_the_best_profile_for_a_machine(memory: float | None, name: str) -> None:
    best = best_profile_for(memory)
    assert best.name == name
    assert best.download_mb <= 4000
    assert not best.license_acceptance


def test_a_users_own_profile(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(
        'name = "mine"\nserver_args = ["--seed", "1"]\n[source]\nkind = "hub"\nrepo = "me/mine"\n'
    )
    profile = load_profile(path)
    assert profile.source == HubSource(repo="me/mine")
    assert profile.server_args == ("--seed", "1")
    assert profile.kind == ("dense",)
    # A profile that says nothing of hardware is tried everywhere.
    assert all(getattr(profile.hardware, name) for name in HARDWARE_CLASSES)


HUB = '[source]\nkind = "hub"\nrepo = "me/x"'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("name = ", "cannot be read as TOML"),
        ('name = "x"', "source: "),
        (f'name = "../x"\n{HUB}', "name: .*lower-case"),
        (f'name = "x"\nsize = 3\n{HUB}', "size: "),
        (f'name = "x"\nconversion = "gguf"\n{HUB}', "wheels"),
        (f'name = "x"\nkind = "llm"\n{HUB}', r"kind\.0: .*'dense', 'moe'"),
        (f'name = "x"\nkind = ["dense", "moe"]\n{HUB}', 'kind: .*or "encoder" alone'),
        (f'name = "x"\nkind = ["moe", "encoder"]\n{HUB}', 'kind: .*or "encoder" alone'),
        (f'name = "x"\nreasoning_parser = "qwen3"\n{HUB}', "reasoning_parser is for kind"),
        (f'name = "x"\nthinking_budget = 0\n{HUB}', "thinking_budget: "),
        (f'name = "x"\n{HUB}\nsha256 = {{"a" = "1"}}', r"source\.sha256\.a: "),
        (f'name = "x"\n{HUB}\n[sampling]\ntop_p = 2', r"sampling\.top_p: "),
        (f'name = "x"\n{HUB}\n[hardware.tpu]\nflags = []', r"hardware\.tpu: "),
        (f'name = "x"\n{HUB}\n[hardware]', "names no class of machines"),
        (f'name = "x"\n{HUB}\n[hardware.gpu]\nmemory_gb = 0', r"hardware\.gpu\.memory_gb: "),
        (
            f'name = "x"\n{HUB}\n[[adapters]]\nname = "a"\npath = "here"\nrank = 8',
            r"adapters\.0\.path: .*absolute",
        ),
    ],
)
def test_a_broken_profile_is_one_clear_line(text: str, words: str, tmp_path: Path) -> None:
    path = tmp_path / "broken.toml"
    path.write_text(text)
    with pytest.raises(ModelError, match=rf"broken\.toml: .*{words}") as caught:
        load_profile(path)
    assert "\n" not in str(caught.value)


def test_a_model_folder(model_folder: Path) -> None:
    profile = load_profile(model_folder)
    assert profile.name == "tiny-model"
    assert profile.source == FolderSource(path=model_folder)
    assert profile.max_model_len == 256


def test_what_is_no_model(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"no config\.json"):
        load_profile(tmp_path)
    (tmp_path / "config.json").write_text("{")
    with pytest.raises(ModelError, match="cannot be read"):
        load_profile(tmp_path)
    (tmp_path / "config.json").write_text(json.dumps([]))
    with pytest.raises(ModelError, match="cannot be read"):
        load_profile(tmp_path)
    with pytest.raises(ModelError, match="no such profile"):
        load_profile("nowhere.toml")
    with pytest.raises(ModelError, match=r"unknown model 'gpt-9'; known are .*smollm2-135m"):
        load_profile("gpt-9")


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder for the user's own profiles."""
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return tmp_path / "config" / "hybrid" / "profiles"


def written(path: Path, name: str, top: str = "") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f'name = "{name}"\n{top}\n[source]\nkind = "hub"\nrepo = "me/{name}"\n')
    return path


def test_an_added_profile_is_found_by_its_name(config: Path, tmp_path: Path) -> None:
    file = written(tmp_path / "draft.toml", "mine", "trust = 0.9")
    assert add_profile(file) == config / "mine.toml" == profiles_home() / "mine.toml"
    assert load_profile("mine").trust == 0.9
    assert "mine" in known_profiles()[0]
    assert "mine" not in shipped_profiles()
    assert trust_of("http://llm.test/v1#mine") == 0.9
    written(file, "mine", "trust = 0.1")
    add_profile(file)
    assert load_profile("mine").trust == 0.1


def test_a_users_profile_hides_the_shipped_one(config: Path, tmp_path: Path) -> None:
    add_profile(written(tmp_path / "x.toml", "qwen3-0.6b", "trust = 0.01"))
    assert load_profile("qwen3-0.6b").source == HubSource(repo="me/qwen3-0.6b")
    assert shipped_profiles()["qwen3-0.6b"].trust == 0.45


def test_a_broken_file_of_the_user_spoils_no_other(config: Path) -> None:
    written(config / "bad.toml", "bad", 'license = "MIT"')
    written(config / "renamed.toml", "other")
    profiles, problems = known_profiles()
    assert "smollm2-135m" in profiles
    assert [line.rsplit("/", 1)[-1] for line in problems] == [
        "bad.toml: license: unknown key 'license'; similar are licence, license_url",
        "renamed.toml: name: the file must be called other.toml",
    ]
    with pytest.raises(ModelError, match=r"bad\.toml: license"):
        load_profile("bad")
    assert load_profile("smollm2-135m")


def test_a_place_that_cannot_be_written(config: Path, tmp_path: Path) -> None:
    file = written(tmp_path / "draft.toml", "mine")
    config.parent.parent.touch()
    with pytest.raises(ModelError, match=r"mine\.toml: cannot be written"):
        add_profile(file)


def test_profiles_of_packages(
    config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "site" / "their_profiles"
    for name in ("theirs", "smollm2-135m", "both"):
        written(package / f"{name}.toml", name, 'description = "theirs"')
    (package / "__init__.py").touch()
    written(config / "both.toml", "both", 'description = "mine"')
    monkeypatch.syspath_prepend(package.parent)
    point = EntryPoint("theirs", "their_profiles", "hybrid.profiles")
    monkeypatch.setattr("hybrid.llm.profiles.entry_points", lambda group: [point])
    found = {n: p.description for n, p in known_profiles()[0].items()}
    assert (found["theirs"], found["smollm2-135m"], found["both"]) == ("theirs", "theirs", "mine")
    gone = EntryPoint("gone", "no_such_package", "hybrid.profiles")
    monkeypatch.setattr("hybrid.llm.profiles.entry_points", lambda group: [gone])
    said = r"profiles of no_such_package \(entry point 'gone'\) cannot be loaded: No module"
    with pytest.raises(ModelError, match=said):
        load_profile("theirs")
    profiles, problems = known_profiles()
    assert "smollm2-135m" in profiles
    assert re.match(said, problems[0])


@pytest.mark.parametrize(
    ("platform", "part"), [("darwin", "Library/Application Support"), ("win32", "AppData/Roaming")]
)
def test_the_configuration_folder_elsewhere(
    platform: str, part: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.delenv("APPDATA", raising=False)
    assert profiles_home() == Path.home() / part / "hybrid" / "profiles"


def test_what_is_asked_for(tmp_path: Path) -> None:
    source = HubSource(repo="me/x")
    plain = Profile(name="x", source=source)
    assert plain.asked_model == plain.served_name == "x"
    named = plain.model_copy(update={"served_model": "X-Large"})
    assert named.asked_model == named.served_name == "X-Large"
    adapter = Adapter(name="tuned", path=tmp_path, rank=16)
    tuned = plain.model_copy(update={"adapters": (adapter,)})
    assert (tuned.asked_model, tuned.served_name) == ("tuned", "x")
    assert not plain.always_thinks
    assert plain.thought_tokens == 0
    assert shipped_profiles()["qwen3-4b-thinking"].always_thinks
    assert not shipped_profiles()["qwen3-0.6b"].always_thinks
    assert shipped_profiles()["qwen3-0.6b"].thought_tokens == 1024
