"""What all response models share: they are read from domain objects, and times are UTC with a ``Z``."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field


def _utc(value: datetime) -> datetime:
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


Instant = Annotated[datetime, BeforeValidator(_utc), Field(examples=["2026-11-22T10:04:00Z"])]
"""A time in an answer: RFC 3339, UTC."""


class Answer(BaseModel):
    """Base of every response model."""

    model_config = ConfigDict(from_attributes=True)


class Money(Answer):
    """An exact amount. Amounts in different currencies are never added up."""

    amount: str = Field(description="Decimal text with two to six places.", examples=["12.50"])
    currency: str = Field(description="ISO 4217 code.", examples=["EUR"])


class Identifier(Answer):
    """A typed business id: a case has its own id and reaches others."""

    type: str = Field(description="Type of the object, as the flow declares it.", examples=["tracking"])
    value: str = Field(description="As sent.", examples=["1Z999AA10123456784"])
