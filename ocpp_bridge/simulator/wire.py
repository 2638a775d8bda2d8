"""The `ocpp` package's message classes, loosely typed.

The package annotates its fields with enums and datatype classes but transports their text values and plain
mappings just as well; a simulator needs the latter, also to send values no enum knows.
"""

from typing import Any

from ocpp.v16 import call as _call_v16
from ocpp.v16 import call_result as _result_v16
from ocpp.v201 import call as _call_v201
from ocpp.v201 import call_result as _result_v201

call_v16: Any = _call_v16
result_v16: Any = _result_v16
call_v201: Any = _call_v201
result_v201: Any = _result_v201
