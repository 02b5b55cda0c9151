"""What clients ask of a socket."""

import asyncio
from typing import Final

import msgspec

from samovar.contracts.common import ItemRef
from samovar.edge.sockets.frames import frames
from samovar.edge.sockets.hub import Hub
from samovar.edge.sockets.line import Line
from samovar.edge.sockets.person import Command, item_of
from samovar.kernel.context import calling
from samovar.kernel.errors import NotFound

#: Channels in one message.
MOST: Final = 50
#: Seconds' worth of messages that may come at once.
BURST: Final = 6


class Refused(Exception):
    """Not a message of ours."""


class Pace:
    """How fast one client's messages come."""

    __slots__ = ("_at", "_left", "_most", "_rate")

    def __init__(self, rate: float) -> None:
        self._rate = rate
        self._left = self._most = rate * BURST
        self._at = asyncio.get_running_loop().time()

    def take(self) -> bool:
        """False when they come too fast."""
        now = asyncio.get_running_loop().time()
        self._left = min(self._most, self._left + (now - self._at) * self._rate)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True


class Commands:
    """Does what is asked."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._most: int = hub.edge.settings.channels_per_socket
        self._decoder = msgspec.json.Decoder(Command)

    def pace(self) -> Pace:
        """The pace of a new line."""
        return Pace(self._hub.edge.settings.socket_messages)

    async def do(self, line: Line, text: str) -> None:
        """Raises DecodeError or Refused for what is none of ours, AppError."""
        command = self._decoder.decode(text)
        if len(command.channels) > MOST:
            raise Refused
        match command.do:
            case "hear":
                await self.hear(line, command.channels, now=command.now)
            case "leave":
                for channel in command.channels:
                    self._hub.leave(line, channel)
            case "ping":
                line.push(frames("pong"))
            case "here" | "gone" | "who":
                await self._place(line, command)
            case _:
                raise Refused

    async def hear(self, line: Line, channels: tuple[str, ...], *, now: bool = False) -> None:
        """Listen to channels, as many as there is room for."""
        wanted = list(dict.fromkeys(channels))
        room = max(0, self._most - len(line.channels))
        fresh = [channel for channel in wanted if channel not in line.channels][:room]
        allowed = await self._hub.audience.allowed(line.person, fresh)
        for channel in allowed:
            self._hub.hear(line, channel)
        heard = [channel for channel in wanted if channel in line.channels]
        refused = [channel[:60] for channel in wanted if channel not in line.channels]
        line.push(frames("heard", channels=heard, refused=refused))
        if now:
            await self._hub.tell_now(line, heard)

    async def _place(self, line: Line, command: Command) -> None:
        """Presence at an item."""
        item = item_of(command.channel)
        if item is None:
            raise Refused
        where = ItemRef(kind=item[0], id=item[1])
        realtime = self._hub.edge.realtime
        with calling(line.person.call(asyncio.get_running_loop().time())):
            try:
                if command.do == "here":
                    await realtime.touch(item=where)
                elif command.do == "gone":
                    await realtime.leave(item=where)
                else:
                    found = await realtime.who(item=where)
                    people = [str(user_id) for user_id in found.user_ids]
                    line.push(frames("here", channel=command.channel, people=people, count=found.count))
            except NotFound:
                line.push(frames("heard", channels=[], refused=[command.channel]))
