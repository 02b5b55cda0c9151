"""The yardstick: Litestar with nothing behind it, on the same uvicorn settings as Samovar.

    python -m bench.bare PORT FOLDER

`GET /feed` answers the bodies in the folder's `bodies.json` in turn, from memory. `POST /posts`
validates the body that Samovar takes for a post, and forgets it.
"""

import itertools
import sys
from pathlib import Path

import msgspec
import uvicorn
import uvloop
from litestar import Litestar, Response, get, post

from samovar.edge.rest.posts import PostBody


def application(bodies: list[bytes]) -> Litestar:
    turn = itertools.cycle(bodies)

    @get("/ready")
    async def ready() -> str:
        return "ready"

    @get("/feed")
    async def feed() -> Response[bytes]:
        return Response(next(turn), media_type="application/json")

    @post("/posts")
    async def create(data: PostBody) -> dict[str, str]:
        return {"id": "1"}

    return Litestar([ready, feed, create], openapi_config=None, logging_config=None)


async def main(port: int, folder: Path) -> None:
    texts = msgspec.json.decode((folder / "bodies.json").read_bytes(), type=list[str])
    config = uvicorn.Config(
        application([text.encode() for text in texts]),
        host="127.0.0.1", port=port, http="httptools", ws="none", lifespan="off", log_config=None,
        access_log=False, server_header=False, date_header=True, timeout_keep_alive=15, loop="none",
        backlog=2048,
    )  # fmt: skip
    await uvicorn.Server(config).serve()


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1]), Path(sys.argv[2])))
