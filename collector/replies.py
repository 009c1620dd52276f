"""Answers to senders in the encoding of their request: export responses, and ``google.rpc.Status`` for refusals."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from google.protobuf.json_format import MessageToDict
from google.rpc.error_details_pb2 import BadRequest, RetryInfo
from google.rpc.status_pb2 import Status

from collector.errors import RPC_CODE

if TYPE_CHECKING:
    from collector.errors import Refusal
    from collector.receiver import Receipt
    from collector.signals import Shape

PROTOBUF: Final = "application/x-protobuf"
JSON: Final = "application/json"

PROTOCOL: Final = {PROTOBUF: "http/protobuf", JSON: "http/json"}
"""Content type → name of the protocol in the metrics."""


def export_response(shape: Shape, receipt: Receipt) -> Any:
    """The Export…ServiceResponse for ``receipt``. ``partial_success`` stays unset if nothing is wrong."""
    response = shape.response()
    if receipt.rejected:
        setattr(response.partial_success, shape.rejected, receipt.rejected)
    if receipt.message:
        response.partial_success.error_message = receipt.message
    return response


def status(refusal: Refusal) -> Any:
    """The google.rpc.Status for ``refusal``. BadRequest says what is wrong, RetryInfo when to try again."""
    message = Status(code=RPC_CODE[refusal.code], message=str(refusal))
    if refusal.code == "invalid_data":  # OTLP: a client must not send such a request again, and this tells it why
        detail = BadRequest(field_violations=[BadRequest.FieldViolation(description=refusal.message)])
        message.details.add().Pack(detail)
    if refusal.retry_after_s is not None:
        retry = RetryInfo()
        retry.retry_delay.seconds = refusal.retry_after_s
        message.details.add().Pack(retry)
    return message


def encode(message: Any, content_type: str) -> bytes:
    """A message as protobuf if that is the content type, else as JSON."""
    if content_type == PROTOBUF:
        encoded: bytes = message.SerializeToString()
        return encoded
    return json.dumps(MessageToDict(message), ensure_ascii=False).encode()
