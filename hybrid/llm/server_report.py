"""What a server was seen to do, as a table that can be pasted into an issue, or as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Literal

Result = Literal["yes", "no", "n/a", "measured", "unknown"]

_LONGEST = 300
"""Characters of a cell; servers put whole pages into their error messages."""


@dataclass(frozen=True)
class Seen:
    """What came of one check.

    Attributes:
        result: "yes" or "no"; "n/a" where the model has no use for it; "measured" for mere figures;
            "unknown" where the check itself failed.
        text: What was seen, in words.
        then: What the pipeline does about it, or "".
        figures: What was measured, by name and unit.
    """

    result: Result
    text: str
    then: str = ""
    figures: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Finding(Seen):
    """One row of a report.

    Attributes:
        check: Its name, which does not change from version to version.
        title: For people.
    """

    check: str = ""
    title: str = ""


@dataclass(frozen=True)
class ServerReport:
    """All that was found out about a server.

    Attributes:
        model: As it is served.
        profile: By which it was asked, or the address.
        address: Without a user's name and password.
        server: Its name and version, where it tells them.
        hybrid: Our version.
        date: Of the report, "2026-11-25".
        findings: One for each check, in order.
    """

    model: str
    profile: str
    address: str
    server: str
    hybrid: str
    date: str
    findings: tuple[Finding, ...]

    def as_markdown(self) -> str:
        """A heading, a table, and what the pipeline does where something is missing."""
        served = f"{self.address}, {self.server}"
        if self.profile not in (self.address, self.model):
            served = f"profile {self.profile}, {served}"
        lines = [
            f"### `{_cell(self.model)}`",
            "",
            f"{_cell(served)}; hybrid {self.hybrid}, {self.date}",
            "",
            "| check | result | seen |",
            "|---|---|---|",
        ]
        lines += [f"| {f.title} | {f.result} | {_cell(f.text)} |" for f in self.findings]
        told = [f"- {f.title}: {f.then}" for f in self.findings if f.then]
        if told:
            lines += ["", "What hybrid does about it:", "", *told]
        return "\n".join(lines)

    def as_json(self) -> str:
        """One object: `format` (1), the attributes, and `checks`.

        Each check has `check`, `title`, `result`, `seen`, `then` and `figures`.
        """
        head = {k: v for k, v in asdict(self).items() if k != "findings"}
        checks = [
            {
                "check": f.check,
                "title": f.title,
                "result": f.result,
                "seen": f.text,
                "then": f.then,
                "figures": dict(f.figures),
            }
            for f in self.findings
        ]
        return json.dumps({"format": 1, **head, "checks": checks}, indent=2, ensure_ascii=False)


def _cell(text: str) -> str:
    """A text on one line that cannot leave its cell nor become markup; a server may have written it."""
    line = "".join(
        c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in " ".join(text.split())
    )
    if len(line) > _LONGEST:
        line = line[: _LONGEST - 1] + "\N{HORIZONTAL ELLIPSIS}"
    for mark in "\\|<[`":
        line = line.replace(mark, "\\" + mark)
    return line
