"""The event contract as pydantic models, as a Python publisher or consumer has them."""

from datetime import datetime, timezone
from typing import Any, Optional, Union
from uuid import UUID, uuid4

from pydantic import BaseModel, ConfigDict, Field


def now() -> datetime:
    return datetime.now(timezone.utc)


class Model(BaseModel):
    model_config = ConfigDict(extra="allow")


class Payload(Model):
    correlation_id: UUID
    workflow_id: Optional[UUID] = None
    timestamp: datetime = Field(default_factory=now)
    schema_version: str = "1.0"


class TestGenerationStarted(Payload):
    test_contract_name: str
    test_types: list[str]
    node_name: str
    output_directory: str


class TestGenerationCompleted(Payload):
    generated_files: list[str]
    file_count: int = Field(ge=0)
    duration_seconds: float = Field(ge=0.0)
    quality_score: float = Field(ge=0.0, le=1.0)
    test_coverage_estimate: Optional[float] = Field(default=None, ge=0.0, le=100.0)
    metadata: dict[str, Any] = Field(default_factory=dict)


class TestGenerationFailed(Payload):
    error_code: str
    error_message: str
    stack_trace: Optional[str] = None
    failed_test_type: Optional[str] = None
    partial_files_generated: list[str] = Field(default_factory=list)
    metadata: dict[str, Any] = Field(default_factory=dict)


PAYLOADS = {
    "TEST_GENERATION_STARTED": TestGenerationStarted,
    "TEST_GENERATION_COMPLETED": TestGenerationCompleted,
    "TEST_GENERATION_FAILED": TestGenerationFailed,
}


class OnexEnvelopeV1(Model):
    envelope_version: str = "1.0"
    event_id: UUID = Field(default_factory=uuid4)
    event_type: str
    event_version: str = "1.0"
    event_timestamp: datetime = Field(default_factory=now)
    source_node_id: str
    source_service: Optional[str] = "omninode-bridge"
    source_version: Optional[str] = "1.0.0"
    source_instance: Optional[str] = None
    correlation_id: Optional[UUID] = None
    causation_id: Optional[str] = None
    environment: str = "development"
    region: Optional[str] = None
    partition_key: Optional[str] = None
    payload: Union[TestGenerationStarted, TestGenerationCompleted, TestGenerationFailed]
    metadata: dict[str, Any] = Field(default_factory=dict)


def read(text: str) -> OnexEnvelopeV1:
    """Reads a message as a consumer does: the payload by the type that the envelope names."""
    envelope = OnexEnvelopeV1.model_validate_json(text)
    # A union would take the first model that fits; which one it must be is known.
    payload = PAYLOADS[envelope.event_type].model_validate(envelope.payload.model_dump())
    return envelope.model_copy(update={"payload": payload})
