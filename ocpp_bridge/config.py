"""The bridge's own rules of timing and size, derived from the program's settings."""

from dataclasses import dataclass

from app.kit.settings import Settings

_HEARTBEATS_PER_DEADLINE = 3
_LONGEST_HEARTBEAT_SECONDS = 300


@dataclass(frozen=True, slots=True)
class BridgeConfig:
    """Durations are seconds."""

    heartbeat_seconds: int = 300
    """Interval told to chargers; never 0, and at most a third of the silence we allow."""
    retry_boot_seconds: int = 60
    """How soon a charger that is not accepted asks again."""
    idle_seconds: float = 900
    """Silence after which a socket is dropped. Any frame counts as life."""
    settle_seconds: float = 5
    """Pause after an accepted boot, or a reconnect without one, before our own configuration calls."""
    ready_seconds: float = 2
    """Pause after which a reconnected charger that is known and sends no boot may be called."""
    call_timeout_seconds: float = 30
    send_seconds: float = 30
    drain_seconds: float = 10
    queue_frames: int = 64
    timeouts_before_drop: int = 3
    seen_flush_seconds: float = 5
    sweep_seconds: float = 10
    owner_answer_seconds: float = 2
    """How long the process that owns a socket may take to claim a command."""
    allow_security_profile_0: bool = False
    sample_interval_seconds: int = 30
    connection_timeout_seconds: int = 60

    @classmethod
    def of(cls, settings: Settings) -> "BridgeConfig":
        """Take the rules from the program's settings."""
        heartbeat = min(_LONGEST_HEARTBEAT_SECONDS, settings.offline_after_seconds // _HEARTBEATS_PER_DEADLINE)
        return cls(
            heartbeat_seconds=max(heartbeat, 10),
            idle_seconds=settings.offline_after_seconds,
            call_timeout_seconds=settings.command_timeout_seconds,
            allow_security_profile_0=settings.allow_security_profile_0,
            sample_interval_seconds=settings.sample_interval_seconds,
            connection_timeout_seconds=settings.connection_timeout_seconds,
        )
