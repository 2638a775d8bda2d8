"""DataTransfer (OCPP 2.0.1 P02): no vendor's extension is known, so the answer is UnknownVendorId; the data is kept
verbatim.
"""

from ocpp_bridge.notices import notice

DATA_TRANSFER = notice("DataTransfer", "charger.data_transfer", {"status": "UnknownVendorId"})
