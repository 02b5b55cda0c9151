"""The edge in one process, all services in another, gRPC between them: only settings differ."""

import subprocess
import sys
from pathlib import Path

import httpx

from samovar.app.registry import NAMES
from tests.serving import Server, free_port
from tests.world import PASSWORD

SECRET = {"SAMOVAR_PROCESS__SECRET": "a secret that both processes share, long enough"}


async def test_an_edge_stands_before_services_elsewhere(tmp_path: Path) -> None:
    port = free_port()
    services = Server(
        tmp_path / "services", {**SECRET, "SAMOVAR_PROCESS__LISTEN": f"127.0.0.1:{port}"},
        "--services", ",".join(NAMES),
    )  # fmt: skip
    peers = {f"SAMOVAR_PEERS__{name.upper()}": f"127.0.0.1:{port}" for name in NAMES}
    edge = Server(tmp_path / "edge", {**SECRET, **peers}, "--services", "edge")
    try:
        services.launch()
        await edge.start()
        await services.reached(port)
        async with httpx.AsyncClient(base_url=edge.url, timeout=20) as http:
            made = await http.post(
                "/api/auth/register",
                json={"username": "anna", "email": "anna@example.org", "password": PASSWORD},
            )
            assert made.status_code == 201, made.text
            http.headers["authorization"] = f"Bearer {made.json()['access_token']}"
            posted = await http.post("/api/posts", json={"text": "over the wire"})
            assert posted.status_code == 201, posted.text
            feed = (await http.get("/api/feed")).json()
            assert [item["text"] for item in feed["items"]] == ["over the wire"]
            services.kill()
            refused = await http.get("/api/feed")
            assert refused.status_code == 503 and int(refused.headers["retry-after"]) >= 1
            services.launch()
            await services.reached(port)
            assert (await http.get("/api/feed")).status_code in (200, 503)
    finally:
        edge.end()
        services.end()


def test_a_slice_whose_events_would_be_lost_is_refused(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "samovar.app.cli", "serve", "--services", "posts,feed",
         "--data", str(tmp_path)],
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 1
    assert "leave a process over Kafka only" in done.stderr and "Traceback" not in done.stderr
