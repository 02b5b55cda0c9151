"""Another part of Samovar, at one address or several, and all that may befall a call to it."""

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from typing import Any, Final

import grpc
import structlog

from samovar.adapters.grpc.addresses import Addresses
from samovar.adapters.grpc.breaker import Breaker, RetryBudget
from samovar.adapters.grpc.bulkhead import Bulkhead
from samovar.adapters.grpc.line import Line
from samovar.adapters.grpc.messages import ERROR_KEY, LARGEST, Answer, Outcome, Request
from samovar.adapters.grpc.signing import CALL_KEY, SIGNATURE_KEY, sign_call
from samovar.adapters.grpc.stubs import GrpcStub
from samovar.adapters.grpc.talk import Lost, NotSent, Talk
from samovar.adapters.protobuf import from_bytes
from samovar.adapters.wire import unpack_error
from samovar.kernel import telemetry
from samovar.kernel.context import current_call
from samovar.kernel.contract import Contract, Method
from samovar.kernel.errors import Internal, TooLarge, Unavailable

log = structlog.get_logger(__name__)

#: Seconds for a call that has no deadline, or a later one.
OWN_DEADLINE: Final = 10.0
TRIES: Final = 3
PAUSE: Final = 0.05


class _Failure(Exception):
    """A try that brought no answer."""

    def __init__(self, reason: str, *, carried_out: bool | None) -> None:
        """`carried_out`: False when it certainly was not, True when it may be still, None when unknown."""
        super().__init__(reason)
        self.carried_out = carried_out


class GrpcPeer:
    """A part of Samovar in other processes."""

    def __init__(self, target: str, secret: str, name: str = "") -> None:
        """`name` is how metrics and logs call it. Raises SettingsError for a target that is none."""
        self._name = name or target
        self._secret = secret
        self._addresses = Addresses(target)
        self._lines: dict[str, Line] = {}
        self._closing: set[asyncio.Task[None]] = set()
        self._found: Sequence[str] = ()
        self._turn = 0
        self._bulkhead = Bulkhead(self._name)
        self._breaker = Breaker(self._name)
        self._budget = RetryBudget(self._name)

    async def close(self) -> None:
        """End all connections."""
        self._addresses.close()
        for closing in self._closing:
            closing.cancel()
        ends = (*self._closing, *(line.close() for line in self._lines.values()))
        await asyncio.gather(*ends, return_exceptions=True)

    def stub(self, contract: Contract[Any], instance: str, caller: str) -> Any:
        """A stub of one of its contracts, for one caller."""
        return GrpcStub(self, contract, instance, caller)

    async def call(self, contract: Contract[Any], method: Method, path: str, data: bytes, caller: str) -> Any:
        """One call. Raises the contract's errors; a failing wire is Unavailable."""
        if len(data) > LARGEST:
            raise TooLarge
        call = current_call()
        deadline = self._deadline(call.deadline)
        probe, ok = self._breaker.enter(), None
        try:
            await self._bulkhead.enter(deadline)
            try:
                signed, signature = sign_call(self._secret, caller, call, path)
                answer = await self._answer(Request(path, signed, signature, data), method, deadline)
                ok = True
            except _Failure as failure:
                # One of several processes that ends with calls under way says nothing of the others.
                ok = None if failure.carried_out is None and self._is_open() else False
                log.warning("peer call failed", peer=self._name, path=path, error=str(failure))
                raise Unavailable(retry_after=1) from failure
            finally:
                self._bulkhead.leave()
        finally:
            self._breaker.leave(probe, ok)
        if answer.outcome is Outcome.OK:
            try:
                return from_bytes(answer.data, method.response)
            except ValueError as error:
                log.error("a peer's answer can't be read", peer=self._name, path=path, exc_info=error)
                raise Internal from error
        if answer.outcome is Outcome.ERROR:
            raise unpack_error(contract, answer.data)
        log.error("peer refuses a call", peer=self._name, path=path, error=answer.data.decode())
        raise Unavailable(retry_after=1)

    def _deadline(self, asked: float | None) -> float:
        own = asyncio.get_running_loop().time() + OWN_DEADLINE
        return own if asked is None else min(asked, own)

    async def _answer(self, request: Request, method: Method, deadline: float) -> Answer:
        """Try until there is an answer, or it makes no sense any more. Raises _Failure."""
        self._budget.earn()
        for attempt in range(1, TRIES + 1):
            try:
                return await self._try(request, deadline)
            except _Failure as failure:
                may = failure.carried_out is False or (failure.carried_out is None and method.idempotent)
                if not may or attempt == TRIES or not self._budget.spend():
                    raise
            # Another address is asked at once; where there is none, the peer gets a moment.
            if not self._is_open():
                pause = PAUSE * 2**attempt * random.uniform(0.5, 1.5)
                if asyncio.get_running_loop().time() + pause >= deadline:
                    raise _Failure("no time left to try again", carried_out=None)
                await asyncio.sleep(pause)
        raise AssertionError

    async def _try(self, request: Request, deadline: float) -> Answer:
        """One try. What was certainly not sent goes to another address, as long as there is one."""
        while True:
            talk = await self._talk(asyncio.get_running_loop().time())
            if talk is None:
                raise _Failure("no address of it answers", carried_out=False)
            try:
                answer = await talk.ask(request, deadline)
            except NotSent:
                continue
            except Lost:
                raise _Failure("the connection broke", carried_out=None) from None
            except TimeoutError:
                raise _Failure("no answer in time", carried_out=True) from None
            if answer.outcome is Outcome.BUSY:
                raise _Failure("it has too much to do", carried_out=False)
            if answer.outcome is Outcome.LATE:
                raise _Failure("no answer in time", carried_out=True)
            return answer

    def _is_open(self) -> bool:
        """Whether a call could be sent at once."""
        return any(line.is_open for line in self._lines.values())

    async def _talk(self, now: float) -> Talk | None:
        """A stream to send on: an open one with little on it, else one that opens; None when all rest."""
        await self._find(now)
        best: Talk | None = None
        rank = (3, 0, 0)
        for line in self._lines.values():
            talk = line.talk(now)
            if talk is not None and talk.takes:
                its = ((2 if talk.is_silent() else 0) if talk.was_open else 1, talk.load, talk.turn)
                if its < rank:
                    best, rank = talk, its
        if best is not None:
            self._turn = best.turn = self._turn + 1
        return best

    async def _find(self, now: float) -> None:
        """Keep a line to each address: a new process gets its share, a gone one is forgotten."""
        await self._addresses.refresh(now)
        found = self._addresses.found
        if found is self._found:
            return
        self._found = found
        for target in found:
            if target not in self._lines:
                self._lines[target] = Line(target)
        for target in self._lines.keys() - set(found):
            closing = asyncio.create_task(self._forget(self._lines.pop(target)))
            self._closing.add(closing)
            closing.add_done_callback(self._closing.discard)
        telemetry.peer_addresses.labels(self._name).set(len(found))

    async def _forget(self, line: Line) -> None:
        try:
            await asyncio.sleep(OWN_DEADLINE)  # what is under way there ends first
        finally:
            await line.close()

    async def stream(
        self, contract: Contract[Any], method: Method, path: str, data: bytes, caller: str
    ) -> AsyncIterator[Any]:
        """A streamed answer: a gRPC call of its own, to be over by the deadline. It is not tried again."""
        call = current_call()
        deadline = self._deadline(call.deadline)
        probe, ok = self._breaker.enter(), None
        try:
            await self._bulkhead.enter(deadline)
            try:
                signed, signature = sign_call(self._secret, caller, call, path)
                metadata = ((CALL_KEY, signed), (SIGNATURE_KEY, signature))
                send: Any = (await self._line()).channel.unary_stream(path)
                seconds = deadline - asyncio.get_running_loop().time()
                async for item in send(data, metadata=metadata, timeout=max(0.001, seconds)):
                    yield from_bytes(item, method.response)
                ok = True
            except grpc.aio.AioRpcError as error:
                packed = dict(error.trailing_metadata() or ()).get(ERROR_KEY)
                ok = packed is not None
                if packed is not None:
                    raise unpack_error(contract, bytes(packed)) from None
                log.warning("peer call failed", peer=self._name, path=path, error=error.code().name)
                raise Unavailable(retry_after=1) from error
            except asyncio.CancelledError as error:
                if asyncio.current_task().cancelling():  # type: ignore[union-attr]
                    raise
                ok = False
                raise Unavailable(retry_after=1) from error
            finally:
                self._bulkhead.leave()
        finally:
            self._breaker.leave(probe, ok)

    async def _line(self) -> Line:
        """An address that is open, or any."""
        now = asyncio.get_running_loop().time()
        await self._talk(now)
        lines = list(self._lines.values())
        if not lines:
            raise Unavailable(retry_after=1)
        return next((line for line in lines if line.is_open), lines[self._turn % len(lines)])
