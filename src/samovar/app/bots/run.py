"""`samovar bots`: from the options to the report."""

import asyncio
import io
import secrets
import sys
import time
from collections.abc import Callable
from ipaddress import ip_address
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import msgspec

from samovar.app.bots import report
from samovar.app.bots.driver import drive
from samovar.app.bots.members import PASSWORD, Bot, Crowd, Town
from samovar.app.bots.speech import Speech
from samovar.app.bots.tally import Tally
from samovar.app.bots.wire import Answer, Client
from samovar.kernel.settings import SettingsError

#: No more of anything, whatever is asked for.
MOST_BOTS, MOST_RATE, MOST_SECONDS = 2000, 5000.0, 3600.0
#: Accounts that are made or signed in to at once: passwords cost the server a lot.
AT_ONCE: Final = 8
#: Accounts that are made when not each bot is to have its own; a server may allow fewer.
FEW: Final = 20
#: Seconds after which tokens are renewed: by default they live for fifteen minutes.
RENEW: Final = 480.0
GUIDE, GUIDE_PASSWORD = "anna", "samovar-demo"


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody asks for."""

    url: str
    count: int = 200
    rate: float = 50.0
    seconds: float = 60.0
    register: bool = False
    own: bool = False
    out: Path | None = None
    seed: int = 7


def checked(options: Options) -> Options:
    """The same, within all bounds. Raises SettingsError."""
    parts = urlsplit(options.url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise SettingsError(f"{options.url} is not the address of a server, such as http://127.0.0.1:8000.")
    if not options.own and not _is_loopback(parts.hostname):
        raise SettingsError(
            f"{parts.hostname} is not this machine. Bots are a load and leave posts behind: only with "
            "--i-own-this-server are they sent elsewhere."
        )
    for name, value, most in (
        ("--count", options.count, MOST_BOTS),
        ("--rate", options.rate, MOST_RATE),
        ("--for", options.seconds, MOST_SECONDS),
    ):
        if not 0 < value <= most:
            raise SettingsError(f"{name}: choose more than 0 and at most {most:g}.")
    return options


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def picture() -> bytes:
    """A small picture of nothing in particular, made here."""
    from PIL import Image

    image = Image.radial_gradient("L").resize((96, 96)).convert("RGB")
    data = io.BytesIO()
    image.save(data, "PNG")
    return data.getvalue()


async def run(
    options: Options, say: Callable[[str], None], progress: Callable[[str], None], stop: asyncio.Event
) -> Tally:
    """Make bots, let them live for a while, report."""
    options = checked(options)
    client = Client(options.url, most=options.count + 16)
    try:
        town = Town(client, Speech(options.seed), picture(), options.seed)
        bots = await enter(town, options, progress, stop)
        if not bots:
            raise SettingsError("Nobody could sign in: see what was answered above.")
        people = len({bot.user_id for bot in bots})
        say(
            f"{len(bots)} bots are in as {people} members; {options.rate:g} acts a second for "
            f"{options.seconds:g} s"
        )
        tally = Tally()
        began = time.monotonic()

        def shown(at: float) -> None:
            progress(
                f"{at:6.1f} s  {tally.count} acts, {tally.good} good, {tally.refused} refused, "
                f"{tally.wrong} wrong"
            )

        renewing = asyncio.create_task(keep_signed_in(town, bots))
        try:
            took = await drive(
                Crowd(town, bots).act, rate=options.rate, seconds=options.seconds, stop=stop, tally=tally,
                most=options.count, seed=options.seed, shown=shown,
            )  # fmt: skip
        finally:
            renewing.cancel()
        progress("")
        say(report.table(tally, took))
        if options.out is not None:
            about = {"bots": len(bots), "rate": options.rate, "seconds": options.seconds}
            for path in report.write(options.out, tally, max(took, time.monotonic() - began), about):
                say(f"written to {path}")
        return tally
    finally:
        await client.close()


async def enter(
    town: Town, options: Options, progress: Callable[[str], None], stop: asyncio.Event
) -> list[Bot]:
    """Sign everybody in: each as a new member, or several as each of the few that a server lets one address
    make at once; as the guide of the sample community where nobody may sign up."""
    if options.register:
        return await _sign_up(town, options.count, progress, stop, patient=True)
    bots = await _sign_up(town, min(options.count, FEW), progress, stop, patient=False)
    bots = bots or [await _guide(town)]
    shared = [bots[number % len(bots)] for number in range(options.count)]
    return [Bot(town, one.username, one.token, one.user_id, one.refresh) for one in shared]


async def keep_signed_in(town: Town, bots: list[Bot], every: float = RENEW) -> None:
    """Trade everybody's tokens for new ones before they expire, for as long as this runs."""
    while True:
        await asyncio.sleep(every)
        members: dict[str, list[Bot]] = {}
        for bot in bots:
            members.setdefault(bot.refresh, []).append(bot)
        for refresh, those in members.items():
            body = {"refresh_token": refresh}
            answer = await _ask(town.client, "/api/auth/refresh", body, asyncio.Event(), patient=True)
            if answer.status == 200:
                made = answer.json()
                for bot in those:
                    bot.token, bot.refresh = made["access_token"], made["refresh_token"]


async def _sign_up(
    town: Town, count: int, progress: Callable[[str], None], stop: asyncio.Event, *, patient: bool
) -> list[Bot]:
    gate = asyncio.Semaphore(AT_ONCE)
    batch = secrets.token_hex(3)
    bots: list[Bot] = []
    troubles: set[str] = set()

    async def one(number: int) -> None:
        name = f"bot_{batch}_{number}"
        body = {"username": name, "email": f"{name}@example.org", "password": PASSWORD}
        async with gate:
            if troubles and not patient:
                return
            answer = await _ask(town.client, "/api/auth/register", body, stop, patient=patient)
        made = answer.json()
        if answer.status == 201:
            bots.append(Bot(town, name, made["access_token"], made["user"]["id"], made["refresh_token"]))
        else:
            troubles.add(f"{answer.status} {answer.trouble or answer.body[:200].decode(errors='replace')}")
        progress(f"{len(bots)} of {count} bots have signed up")

    await asyncio.gather(*(one(number) for number in range(count)))
    progress("")
    for trouble in sorted(troubles)[:5] if patient else ():
        print(f"signing up: {trouble}", file=sys.stderr)
    return bots


async def _guide(town: Town) -> Bot:
    body = {"username": GUIDE, "password": GUIDE_PASSWORD}
    answer = await _ask(town.client, "/api/auth/login", body, asyncio.Event(), patient=True)
    if answer.status != 200:
        raise SettingsError(
            f"Nobody may sign up here just now, and {GUIDE} of the sample community can't sign in "
            f"({answer.status or answer.trouble})."
        )
    made = answer.json()
    return Bot(town, GUIDE, made["access_token"], made["user"]["id"], made["refresh_token"])


async def _ask(
    client: Client, path: str, body: dict[str, str], stop: asyncio.Event, *, patient: bool
) -> Answer:
    """Ask; with patience again for as long as the server asks to wait, up to a minute in all."""
    request = client.request("POST", path, body=msgspec.json.encode(body))
    until = time.monotonic() + 60
    while True:
        answer = await client.send(request)
        wait = answer.retry_after or 1.0
        over = not patient or stop.is_set() or time.monotonic() + wait > until
        if answer.status not in (429, 503) or over:
            return answer
        try:
            await asyncio.wait_for(stop.wait(), wait)
        except TimeoutError:
            continue


async def self_test(seconds: float = 5.0, connections: int = 64) -> float:
    """How many acts a second the engine can make, against a server in a process of its own that does
    nothing."""
    server = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "samovar.app.bots.empty",
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert server.stdin is not None and server.stdout is not None
    try:
        port = int(await server.stdout.readline())
        client = Client(f"http://127.0.0.1:{port}", connections)
        request = client.request("GET", "/api/feed?limit=20", token="x" * 300)
        done = 0
        until = time.perf_counter() + seconds

        async def one() -> None:
            nonlocal done
            while time.perf_counter() < until:
                answer = await client.send(request)
                done += answer.status == 200

        await asyncio.gather(*(one() for _ in range(connections)))
        await client.close()
        return done / seconds
    finally:
        server.stdin.close()
        await asyncio.wait_for(server.wait(), 10)
