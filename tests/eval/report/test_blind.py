"""The page of blind preferences, over a live server: what it shows, records and refuses."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from eval.report.blind import BlindServer, BlindSession
from eval.report.data import RunFolderError
from eval.report.pairs import pairs_of, read_contestant


@pytest.fixture
def session(run_folder: Path, tmp_path: Path) -> BlindSession:
    first, second = (read_contestant(f"{run_folder}@{s}") for s in ("gcn", "hybrid"))
    return BlindSession(first, second, tmp_path / "preferences.jsonl", seed=3)


@pytest.fixture
def server(session: BlindSession) -> Iterator[BlindServer]:
    with BlindServer(session) as server:
        yield server


def form(server: BlindServer, pair: int, choice: str) -> dict[str, str]:
    return {"token": server.token, "pair": str(pair), "choice": choice}


def test_a_person_judges_all_documents(
    server: BlindServer, session: BlindSession, tmp_path: Path
) -> None:
    with httpx.Client(base_url=f"http://{server.host}") as client:
        for done in range(len(session.pairs)):
            page = client.get(server.url).text
            assert f"{done} of {len(session.pairs)} documents judged" in page
            assert "gcn" not in page
            assert "hybrid" not in page
            assert "<svg" in page
            assert "<script>alert" not in page
            (number,) = re.findall(r'name="pair" value="(\d+)"', page)
            button = "120"[done % 3]
            answer = client.post("/choose", data=form(server, int(number), button))
            assert answer.status_code == 303
        assert not server.wait(0)
        assert "first@gcn" in client.get(server.url).text
    assert server.wait(0)

    lines = (tmp_path / "preferences.jsonl").read_text().splitlines()
    preferences = [json.loads(line) for line in lines]
    assert len(preferences) == len(session.pairs) == session.rate.n
    shown = {p["shown_first"] for p in preferences}
    assert shown == {"first", "second"}
    assert preferences[0]["choice"] == preferences[0]["shown_first"]
    assert preferences[1]["choice"] != preferences[1]["shown_first"]
    assert preferences[2]["choice"] == "tie"


def test_it_goes_on_where_it_stopped(
    server: BlindServer, session: BlindSession, tmp_path: Path
) -> None:
    number, left = session.waiting()
    httpx.post(f"http://{server.host}/choose", data=form(server, number, "1"))
    httpx.post(f"http://{server.host}/choose", data=form(server, number, "2"))

    again = BlindSession(session.first, session.second, session.path, seed=3)
    assert again.waiting()[1] == left - 1
    assert again.pairs == session.pairs
    assert again.preferences == session.preferences
    other = BlindSession(session.second, session.first, session.path, seed=3)
    assert other.preferences == []


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "localhost"},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
    ],
)
def test_foreign_requests_are_refused(
    server: BlindServer, session: BlindSession, headers: dict[str, str]
) -> None:
    asked = httpx.get(server.url, headers=headers)
    sent = httpx.post(f"http://{server.host}/choose", data=form(server, 0, "1"), headers=headers)

    assert (asked.status_code, sent.status_code) == (403, 403)
    assert session.preferences == []


def test_requests_without_the_token_are_refused(server: BlindServer, session: BlindSession) -> None:
    address = f"http://{server.host}"
    answers = [
        httpx.get(address),
        httpx.get(f"{address}/?token=wrong"),
        httpx.get(f"{address}/?token={server.token}&token=wrong"),
        httpx.get(f"{address}/preferences.jsonl?token={server.token}"),
        httpx.post(f"{address}/choose", data={"pair": "0", "choice": "1"}),
        httpx.post(f"{address}/choose", data={"token": "é", "pair": "0", "choice": "1"}),
        httpx.post(f"{address}/choose", content=b"x" * 5000),
        httpx.post(f"{address}/?token={server.token}", data=form(server, 0, "1")),
    ]

    assert {a.status_code for a in answers} == {403}
    assert session.preferences == []


@pytest.mark.parametrize(("pair", "choice"), [("0", "3"), ("99", "1"), ("-1", "1"), ("²", "1")])
def test_unknown_choices_change_nothing(
    server: BlindServer, session: BlindSession, pair: str, choice: str
) -> None:
    data = {"token": server.token, "pair": pair, "choice": choice}

    assert httpx.post(f"http://{server.host}/choose", data=data).status_code == 400
    assert session.preferences == []


def test_the_server_listens_on_this_machine_only(server: BlindServer) -> None:
    assert server.host.startswith("127.0.0.1:")
    headers = httpx.get(server.url).headers
    assert headers["cache-control"] == "no-store"
    assert headers["x-frame-options"] == "DENY"


def test_order_and_sides_follow_from_the_seed(run_folder: Path) -> None:
    first, second = (read_contestant(f"{run_folder}@{s}") for s in ("gcn", "hybrid"))

    assert pairs_of(first, second, 1) == pairs_of(first, second, 1)
    assert pairs_of(first, second, 1) != pairs_of(first, second, 2)
    assert pairs_of(first, first, 1) == []


def test_equal_systems_leave_nothing_to_judge(run_folder: Path, tmp_path: Path) -> None:
    contestant = read_contestant(f"{run_folder}@gcn")
    session = BlindSession(contestant, contestant, tmp_path / "p.jsonl")

    assert session.waiting() == (-1, 0)
    assert "nothing to judge" in session.page("t")


def test_contestants_are_named(
    run_folder: Path, make_run: Callable[..., Path], reader: Callable[..., object]
) -> None:
    single = make_run("single", documents=1, readers=[reader("gcn", 0.8, 0.1, 0, 0.1)])

    assert read_contestant(str(single)).name == "single@gcn"
    assert read_contestant(f"{run_folder}@hybrid:mode=lenient").system == "hybrid:mode=lenient"
    with pytest.raises(RunFolderError, match="has several systems; write"):
        read_contestant(str(run_folder))
    with pytest.raises(RunFolderError, match="has no system 'gpt'"):
        read_contestant(f"{run_folder}@gpt")
    with pytest.raises(RunFolderError, match="cannot be read"):
        read_contestant("nowhere")
