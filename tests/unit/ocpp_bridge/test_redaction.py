"""No secret reaches the frame log."""

import json

import pytest

from ocpp_bridge.redaction import redact_frame


@pytest.mark.parametrize(
    "frame",
    [
        [2, "1", "ChangeConfiguration", {"key": "AuthorizationKey", "value": "hush"}],
        [3, "1", {"configurationKey": [{"key": "authorizationkey", "readonly": False, "value": "hush"}]}],
        [
            2,
            "1",
            "SetVariables",
            {
                "setVariableData": [
                    {
                        "component": {"name": "SecurityCtrlr"},
                        "variable": {"name": "BasicAuthPassword"},
                        "attributeValue": "hush",
                    }
                ]
            },
        ],
        [2, "1", "SetNetworkProfile", {"connectionData": {"apn": {"apnPassword": "hush"}}}],
        [2, "1", "UpdateFirmware", {"location": "ftp://user:hush@host/file"}],
        [2, "1", "DataTransfer", {"data": {"password": "hush"}}],
    ],
)
def test_secrets_are_taken_out(frame: list[object]) -> None:
    for text in (json.dumps(frame), json.dumps(frame, separators=(",", ":")), json.dumps(frame)[:-1]):
        cleaned = redact_frame(text)
        assert "hush" not in cleaned
        assert "[redacted]" in cleaned


def test_other_frames_stay_as_they_are() -> None:
    frame = '[2, "1", "StartTransaction",  {"idTag":"CAFE"}]'
    assert redact_frame(frame) is frame
