"""The station's shared state and what its parts tell each other: connectors, outbox, journal, tokens and
variables.

It lives on without a connection; what happens meanwhile is queued. The parts (charging, commands, dialect,
connection) know only this, never one another's internals.
"""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

from ocpp.exceptions import OCPPError

from app.kit.clock import Clock, SystemClock
from ocpp_bridge.simulator.charging import Charging
from ocpp_bridge.simulator.commands import Commands
from ocpp_bridge.simulator.config import Behaviour, StationConfig
from ocpp_bridge.simulator.connection import ConnectionLoop
from ocpp_bridge.simulator.connector import Authorisation, Connector, SimTransaction
from ocpp_bridge.simulator.dialect import Dialect
from ocpp_bridge.simulator.endpoint import is_start
from ocpp_bridge.simulator.journal import Frame, Journal, Pulse
from ocpp_bridge.simulator.outbox import Message, Outbox
from ocpp_bridge.simulator.physics import Outlet
from ocpp_bridge.simulator.settings import SetOutcome
from ocpp_bridge.simulator.tokens import Tokens
from ocpp_bridge.simulator.v16_dialect import DialectV16
from ocpp_bridge.simulator.v201_dialect import DialectV201

_LOG = logging.getLogger("voltlane.simulator")
_FAREWELL_S = 5.0


class StationCore:
    """A station's state. To be made inside a running event loop."""

    def __init__(self, config: StationConfig, *, clock: Clock | None = None) -> None:
        """Set the station up as `config` says; `clock` stamps its messages (the system's by default)."""
        self.config = config
        self.behaviour: Behaviour = config.behaviour
        self.clock: Clock = clock or SystemClock()
        self.journal = Journal(config.journal_size)
        self.pulse = Pulse()
        self.speaking = asyncio.Event()
        self.speaking.set()
        self.outbox = Outbox(config.retry_interval_s)
        self.tokens = Tokens()
        self.transactions: list[SimTransaction] = []
        self.charging_profiles: list[tuple[int, dict[str, Any]]] = []
        self.connectors = [
            Connector(number, Outlet(config.max_power_w, config.meter_start_wh))
            for number in range(1, config.connectors + 1)
        ]
        self.error_code: str | None = None
        self.reboot_when_idle = False
        self.dialect: Dialect = DialectV16(self) if config.version == "1.6" else DialectV201(self)
        if self.behaviour.sample_interval_read_only:
            self.dialect.settings.protect(self.dialect.names.sample_interval)
        self.charging = Charging(self)
        self.commands = Commands(self)
        self.connection = ConnectionLoop(self)
        self._answer_to_lose = True
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def online(self) -> bool:
        """True while connected and accepted by the CSMS."""
        return self.connection.accepted

    @property
    def sample_interval_s(self) -> float:
        """Real seconds between readings, 0 for none: the configured ones until the CSMS sets its own."""
        settings, name = self.dialect.settings, self.dialect.names.sample_interval
        ordered = settings.number(name) if name in settings.changed else self.config.sample_interval_s
        return self.config.scaled(ordered)

    @property
    def cable_timeout_s(self) -> float:
        """Real seconds an authorisation waits for a cable."""
        return self.config.scaled(self.dialect.settings.number(self.dialect.names.cable_timeout))

    def find(self, number: int | None) -> Connector | None:
        """Return a connector or None."""
        return next((c for c in self.connectors if c.number == number), None)

    def running_transaction(self, transaction_id: int | str) -> Connector | None:
        """Return the connector with the running transaction of that id."""
        running = [c for c in self.connectors if c.transaction is not None]
        return next((c for c in running if c.transaction and c.transaction.id == transaction_id), None)

    def spawn(self, work: Coroutine[Any, Any, object]) -> None:
        """Do something in the background for as long as the station runs."""

        async def guarded() -> None:
            try:
                await work
            except (OCPPError, OSError, TimeoutError) as error:
                _LOG.warning("%s: %s", self.config.identity, error)

        task = asyncio.create_task(guarded())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def cancel_background(self) -> None:
        """Stop everything that `spawn` began."""
        for task in tuple(self._tasks):
            task.cancel()

    def status_changed(self, connector: Connector) -> None:
        """Announce a connector's status where it differs from the last one announced."""
        status = (self.dialect.status_name(connector), connector.error_code)
        if status != connector.announced_status:
            connector.announced_status = status
            if self.online:
                notice = self.dialect.status(connector, self.clock.now())
                self.outbox.put(Message(lambda: notice, durable=False))
        self.pulse.beat()

    def set_station_error(self, error_code: str | None) -> None:
        """Record and announce a fault of the whole station, or None for its end."""
        self.error_code = error_code
        notice = self.dialect.station_status(error_code, self.clock.now())
        if notice is not None and self.online:
            self.commands.send(notice)

    def transaction_ended(self, connector: Connector) -> None:
        """Carry out what waited for the end of a transaction."""
        if connector.goes_inoperative:
            connector.goes_inoperative, connector.operative = False, False
        if self.reboot_when_idle and not any(c.transaction for c in self.connectors):
            self.reboot_when_idle = False
            self.spawn(self.reboot("ScheduledReset", graceful=True))
        self.pulse.beat()

    def token_judged(self, connector: Connector, transaction: SimTransaction, status: str) -> None:
        """The CSMS judged the token of a start: a refused one stops the charge where the station is so
        configured.
        """
        if transaction.uid is not None:
            self.tokens.remember(transaction.uid, status)
        refused = status != "Accepted" and self.dialect.settings.flag(self.dialect.names.stop_on_invalid)
        if refused and connector.transaction is transaction:
            self.charging.stop(connector, "DeAuthorized", "Deauthorized")
        self.pulse.beat()

    async def authorise_token(self, authorisation: Authorisation) -> tuple[str, str | None]:
        """Return a token's status and group: from the CSMS, or offline from the station's own knowledge."""
        payload = self.dialect.authorize(authorisation.uid, authorisation.token_type)
        try:
            status, group = self.dialect.verdict(await self.connection.ask(payload))
        except (ConnectionError, TimeoutError):
            return self._authorise_offline(authorisation.uid), None
        self.tokens.remember(authorisation.uid, status)
        return status, group

    def change_setting(self, name: str, value: str) -> SetOutcome:
        """Set a variable on the CSMS's order."""
        return self.dialect.settings.set(name, value)

    def loses_answer_to(self, frame: Frame) -> bool:
        """Tell, once, that the connection is to break before the answer to a start message."""
        if not (self._answer_to_lose and self.behaviour.lose_first_start_answer and is_start(frame)):
            return False
        self._answer_to_lose = False
        return True

    async def boot_again(self) -> None:
        """Send a BootNotification the CSMS asked for; the station stays as accepted as it was."""
        await self.connection.ask(self.dialect.boot("Triggered"))

    async def reboot(self, reason: str, *, graceful: bool) -> None:
        """End all transactions with `reason`, restart, and boot anew; gracefully the CSMS hears of the end
        first.
        """
        for connector in self.connectors:
            if connector.transaction is not None:
                self.charging.stop(connector, reason, "ResetCommand", final=True)
        if graceful:
            await self.outbox.drained(_FAREWELL_S)
        for connector in self.connectors:
            connector.finishing = False
            connector.authorisation = None
            if self.behaviour.meter_reset == "boot":
                connector.outlet.reset_register()
        self.connection.boot_reason = "ScheduledReset" if reason == "ScheduledReset" else "RemoteReset"
        await self.connection.cut(self.config.reboot_s)

    def _authorise_offline(self, uid: str) -> str:
        settings, names = self.dialect.settings, self.dialect.names
        known = self.tokens.status(uid)
        if known is not None and settings.flag(names.offline_local):
            return known
        return "Accepted" if known is None and settings.flag(names.offline_unknown) else "Invalid"
