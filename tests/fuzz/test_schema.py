"""The REST under schemathesis: whatever fits or misfits its OpenAPI document gets a documented answer."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.serving import Server
from tests.world import PASSWORD

SEED = int(os.environ.get("FUZZ_SEED", "20261121"))
LEAST = 5_000
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
)
#: These end the caller's own session; they get a member of their own, whose session may end.
ENDING = r"^/api/auth/(logout|sessions/\{session_id\}|delete-account)$"
#: Throttles of the services themselves, which would answer 429 to most of a fuzzer's requests.
PATIENT = {
    "SAMOVAR_IDENTITY__REGISTER_BURST": "1000000",
    "SAMOVAR_IDENTITY__GUESSES_BURST": "1000000",
    "SAMOVAR_IDENTITY__ADDRESS_BURST": "1000000",
    "SAMOVAR_IDENTITY__ACCOUNT_BURST": "1000000",
    "SAMOVAR_IDENTITY__OTP_BURST": "1000000",
    "SAMOVAR_IDENTITY__LETTERS_BURST": "1000000",
    "SAMOVAR_POSTS__CREATE_PER_MINUTE": "0",
    "SAMOVAR_REACTIONS__REACT_PER_MINUTE": "0",
    "SAMOVAR_GRAPH__FOLLOW_BURST": "1000000",
}


@dataclass(frozen=True)
class Result:
    """What one run of schemathesis came to."""

    name: str
    code: int
    cases: int
    problems: list[Any]
    output: str


@dataclass(frozen=True)
class Cast:
    """Who and what there is to fuzz with."""

    tokens: dict[str, str]
    people: list[str]
    posts: list[str]


async def cast(url: str) -> Cast:
    """Some people, and posts of several kinds."""
    tokens, people, posts = {}, [], []
    async with httpx.AsyncClient(base_url=url) as http:
        for name in ("member", "leaver", "other"):
            answer = await http.post(
                "/api/auth/register",
                json={"username": name, "email": f"{name}@example.org", "password": PASSWORD},
            )
            assert answer.status_code == 201, answer.text
            tokens[name] = answer.json()["access_token"]
            people += [answer.json()["user"]["id"], name, f"@{name}"]
        bodies: list[dict[str, Any]] = [
            {"text": "tea for everybody #tea"},
            {"text": "tea or coffee?", "poll": {"options": ["tea", "coffee"], "expires_in": 86_400}},
            {"text": "for followers", "visibility": "followers"},
        ]
        for author in ("member", "other"):
            for body in bodies:
                made = await http.post(
                    "/api/posts", json=body, headers={"authorization": f"Bearer {tokens[author]}"}
                )
                assert made.status_code == 201, made.text
                posts.append(made.json()["id"])
        quoting = {"text": "look", "quote_of_id": posts[0], "in_reply_to_id": posts[3]}
        made = await http.post(
            "/api/posts", json=quoting, headers={"authorization": f"Bearer {tokens['other']}"}
        )
        posts.append(made.json()["id"])
    return Cast(tokens, people, posts)


def fuzz(name: str, url: str, there: Cast, folder: Path, examples: int, options: Sequence[str]) -> Result:
    """One run of `st run` with its own seed, in a process of its own."""
    report = folder / f"{name}.json"
    command = [
        str(Path(sys.executable).parent / "st"), "run", f"{url}/api/openapi.json",
        # The coverage phase crashes on Python 3.11.7 (CPython gh-106905).
        "--phases", "examples,fuzzing,stateful", "--checks", ",".join(CHECKS), "--workers", "2",
        "--max-examples", str(examples), "--seed", str(SEED), "--no-shrink", "--continue-on-failure",
        "--suppress-health-check", "all", "--request-timeout", "20", "--warnings", "off",
        "--report", "json", "--report-json-path", str(report), *options,
    ]  # fmt: skip
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=900,
        env={**os.environ, "SCHEMATHESIS_HOOKS": "tests.fuzz.hooks", "PYTHONPATH": str(Path.cwd()),
             "FUZZ_PEOPLE": " ".join(there.people), "FUZZ_POSTS": " ".join(there.posts)},
    )  # fmt: skip
    told = json.loads(report.read_text()) if report.exists() else {"errors": ["no report"]}
    problems = [*told.get("failures", ()), *told.get("errors", ())]
    if not told.get("complete"):
        problems.append(f"stopped early: {told.get('stop_reason')}")
    cases = told.get("test_cases", {}).get("generated", 0)
    return Result(name, done.returncode, cases, problems, done.stdout[-6000:] + done.stderr[-2000:])


@pytest.mark.timeout(1800)
async def test_whatever_the_document_allows_gets_a_documented_answer(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server = Server(tmp_path / "data", PATIENT)
    try:
        await server.start()
        there = await cast(server.url)

        def signed(name: str) -> list[str]:
            return ["--header", f"Authorization: Bearer {there.tokens[name]}"]

        runs = (
            ("member", 40, [*signed("member"), "--exclude-path-regex", ENDING]),
            ("leaver", 20, [*signed("leaver"), "--include-path-regex", ENDING]),
            ("stranger", 20, []),
        )
        results = [
            await asyncio.to_thread(fuzz, name, server.url, there, tmp_path, examples, options)
            for name, examples, options in runs
        ]
        total = sum(result.cases for result in results)
        each = ", ".join(f"{result.name} {result.cases}" for result in results)
        with capsys.disabled():
            print(f"\nschemathesis: {total} cases ({each}), seed {SEED}")
        for result in results:
            assert result.code == 0 and not result.problems, f"{result.name}: {result.output}"
        assert total >= LEAST
        async with httpx.AsyncClient(base_url=server.url) as http:
            assert (await http.get("/readyz")).status_code == 200
            token = {"authorization": f"Bearer {there.tokens['member']}"}
            assert (await http.get("/api/auth/me", headers=token)).status_code == 200, (
                "the run lost its session"
            )
        assert "Traceback" not in (server.data / "server.log").read_text()
    finally:
        server.end()
