"""Simulated charging stations for the demo, the command line and the tests: OCPP 1.6J and 2.0.1 over real
WebSockets.
"""

from ocpp_bridge.simulator.config import Behaviour, OcppVersion, StationConfig
from ocpp_bridge.simulator.connector import Reading, SimTransaction
from ocpp_bridge.simulator.fleet import Autoplay, fleet_configs, run_fleet, simulate_command
from ocpp_bridge.simulator.journal import Frame
from ocpp_bridge.simulator.station import SimulatedStation

__all__ = [
    "Autoplay",
    "Behaviour",
    "Frame",
    "OcppVersion",
    "Reading",
    "SimTransaction",
    "SimulatedStation",
    "StationConfig",
    "fleet_configs",
    "run_fleet",
    "simulate_command",
]
