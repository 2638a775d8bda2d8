"""DataTransfer (OCPP 1.6 §4.3): no vendor's extension is known, so the answer is UnknownVendorId; the data is kept
verbatim.
"""

from ocpp_bridge.notices import notice

DATA_TRANSFER = notice("DataTransfer", "charger.data_transfer", {"status": "UnknownVendorId"})
