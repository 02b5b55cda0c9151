"""What operators do to the machine, each noted in the audit log. Pages and the API act through here."""

from collections.abc import Sequence

import structlog

from samovar.contracts.limits import ActionRule, Network
from samovar.edge.edge import Edge
from samovar.edge.present.machine import Machine
from samovar.kernel.errors import Invalid, Unavailable

log = structlog.get_logger(__name__)

#: Hours that a network may be listed for; for longer it is for good.
HOURS = 24 * 366


class Acts:
    """Jobs, dead letters, limits and networks, as operators change them."""

    def __init__(self, edge: Edge, machine: Machine) -> None:
        self._edge = edge
        self._machine = machine

    async def run_job(self, service: str, job_id: int) -> None:
        """Have a job run soon."""
        await self._machine.of(service).run_job(id=job_id)
        await self._note("job_run", f"{service} {job_id}")

    async def cancel_job(self, service: str, job_id: int) -> None:
        """Take a job away."""
        await self._machine.of(service).cancel_job(id=job_id)
        await self._note("job_cancelled", f"{service} {job_id}")

    async def replay(self, service: str, ids: Sequence[int], *, everything: bool) -> int:
        """Give dead letters another round of tries; answers how many."""
        changed = await self._machine.of(service).replay(ids=tuple(ids), all=everything)
        if changed.count:
            await self._note("letters_replayed", f"{service}: {changed.count}")
        return changed.count

    async def drop(self, service: str, ids: Sequence[int], *, everything: bool) -> int:
        """Throw dead letters away for good; answers how many."""
        changed = await self._machine.of(service).drop(ids=tuple(ids), all=everything)
        if changed.count:
            await self._note("letters_dropped", f"{service}: {changed.count}")
        return changed.count

    async def set_rule(self, action: str, rule: str) -> ActionRule:
        """Change how often something may be done; an empty rule gives it back to the settings."""
        before = {one.action: one.rule for one in (await self._edge.limits.rules()).items}.get(action, "")
        changed = await self._edge.limits.set_rule(action=action, rule=rule)
        await self._note("limit_changed", action, before, changed.rule)
        return changed

    async def put_network(self, network: str, stand: str, reason: str, hours: int) -> Network:
        """Let a network through, or keep it out, for some hours, 0 for good. Raises Invalid."""
        if not 0 <= hours <= HOURS:
            raise Invalid(fields={"hours": "Choose at most a year."})
        until = self._edge.clock.now() + hours * 3600 * 1_000_000 if hours else 0
        act = self._edge.limits.allow if stand == "allow" else self._edge.limits.block
        listed = await act(network=network, reason=reason, until=until)
        said = f"{listed.network}: {reason}" if reason else listed.network
        await self._note("network_listed", said, after=stand)
        return listed

    async def remove_network(self, network: str) -> None:
        """Take a network off the list."""
        await self._edge.limits.unblock(network=network)
        await self._note("network_removed", network)

    async def _note(self, what: str, why: str, before: str = "", after: str = "") -> None:
        """It is done already: where the log can't be reached just now, the process's own log must do."""
        try:
            await self._edge.moderation.record(
                action=f"machine.{what}", person_id=0, why=why, before=before, after=after
            )
        except Unavailable:
            log.warning("not in the audit log", act=what, why=why, before=before, after=after)
