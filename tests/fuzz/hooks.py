"""Schemathesis hooks: half of the generated cases name things that exist, so that they get past 404.

Loaded by `st run` through SCHEMATHESIS_HOOKS; FUZZ_PEOPLE and FUZZ_POSTS name what there is.
"""

import os
import random
from typing import Any

import schemathesis

PEOPLE = os.environ.get("FUZZ_PEOPLE", "").split()
POSTS = os.environ.get("FUZZ_POSTS", "").split()
REACTIONS = ("like", "laugh", "wow", "sad", "thanks")


def _chance(seed: object) -> random.Random:
    """Choices that depend on the case alone, so that a seed repeats them."""
    return random.Random(repr(seed))


@schemathesis.hook
def map_path_parameters(context: Any, path_parameters: dict[str, Any] | None) -> dict[str, Any] | None:
    """Real people, posts and reactions in half of the paths."""
    known = {"user": PEOPLE, "post_id": POSTS, "item": POSTS, "type_name": REACTIONS}
    chance = _chance(path_parameters)
    for name in path_parameters or ():
        if known.get(name) and chance.random() < 0.5:
            assert path_parameters is not None
            path_parameters[name] = chance.choice(known[name])
    return path_parameters


@schemathesis.hook
def map_body(context: Any, body: Any) -> Any:
    """Texts that are not refused for being empty, and ids of posts, in half of the bodies."""
    chance = _chance(body)
    if isinstance(body, dict) and chance.random() < 0.5:
        if isinstance(body.get("text"), str):
            body["text"] = f"fuzz {body['text']}"[:400]
            body.pop("media_ids", None)
        for name in ("in_reply_to_id", "quote_of_id"):
            if name in body and POSTS:
                body[name] = chance.choice([*POSTS, None])
        if isinstance(body.get("poll"), dict):
            body["poll"] = {"options": ["tea", "coffee"], "expires_in": 3600}
        if isinstance(body.get("choices"), list):
            body["choices"] = [chance.randrange(2)]
    return body
