"""The Python side of the exchange of events. Its first argument says which part:

  read          reads envelopes, one a line, and writes for each what was read, field by field
  write COUNT   makes random envelopes; writes for each a message, and what is in it, field by field
  lax           reads completed events, one a line, and writes whether pydantic takes each

What is in an event is written in a form in which nothing can be lost: whole numbers with all digits,
floats by their bits, times by their microseconds since 1970.
"""

import json
import random
import struct
import sys
from datetime import datetime, timedelta, timezone
from uuid import UUID

from pydantic import BaseModel, ValidationError

import models

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def plain(value):
    if value is None:
        return "null"
    if isinstance(value, bool):
        return f"bool {str(value).lower()}"
    if isinstance(value, int):
        return f"int {value}"
    if isinstance(value, float):
        return "float " + struct.pack(">d", value).hex()
    if isinstance(value, str):
        return "text " + value
    if isinstance(value, UUID):
        return f"uuid {value}"
    if isinstance(value, datetime):
        return f"time {(value - EPOCH) // timedelta(microseconds=1)}"
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, BaseModel):
        return plain(dict(value))
    return {key: plain(item) for key, item in value.items()}


def read():
    for line in sys.stdin.buffer.read().decode().split("\n"):
        if line:
            print(json.dumps(plain(models.read(line))))


# --- random events -------------------------------------------------------------------------------

PARTS = ["unit", "Node", "/", ".py", " ", "é", "漢字", "🦀", '"\\', "\0\x1f\n\t", "\u2028\ufeff"]
ZONES = [timezone.utc, timezone(timedelta(hours=5, minutes=30)), timezone(-timedelta(hours=11))]


def text():
    return "".join(random.choices(PARTS, k=random.randrange(6)))


def texts():
    return [text() for _ in range(random.randrange(4))]


def uuid():
    return UUID(int=random.getrandbits(128))


def time():
    second = EPOCH + timedelta(seconds=random.randrange(-10**10, 10**11))
    moment = second.replace(microsecond=random.choice([0, 1, 500000, 999999, random.randrange(10**6)]))
    return moment.astimezone(random.choice(ZONES))


def number():
    return random.choice([0.0, 1.0, 5e-324, 0.1 + 0.2, random.random()])


def anything(depth=3):
    kind = random.randrange(10 if depth else 8)
    if kind < 8:
        whole = random.choice([0, -1, 2**53 + 1, 2**64, -(10**30), random.getrandbits(63)])
        return random.choice([None, True, False, whole, number() * 1e9, -1e300, text(), text()])
    if kind == 8:
        return [anything(depth - 1) for _ in range(random.randrange(3))]
    return {text(): anything(depth - 1) for _ in range(random.randrange(3))}


def mapping():
    return {text(): anything() for _ in range(random.randrange(4))}


def common():
    fields = {"correlation_id": uuid(), "timestamp": time()}
    if random.random() < 0.5:
        fields |= {"workflow_id": uuid(), "schema_version": text(), "newer": anything()}
    return fields


def started():
    return models.TestGenerationStarted(
        test_contract_name=text(), test_types=texts(), node_name=text(), output_directory=text(), **common())


def completed():
    return models.TestGenerationCompleted(
        generated_files=texts(), file_count=random.getrandbits(random.randrange(65)), metadata=mapping(),
        duration_seconds=number() * 1e6, quality_score=number(),
        test_coverage_estimate=random.choice([None, number() * 100]), **common())


def failed():
    return models.TestGenerationFailed(
        error_code=text(), error_message=text(), stack_trace=random.choice([None, text()]),
        failed_test_type=random.choice([None, text()]), partial_files_generated=texts(),
        metadata=mapping(), **common())


def envelope():
    kind, make = random.choice(list(zip(models.PAYLOADS, [started, completed, failed])))
    fields = {"event_type": kind, "source_node_id": text(), "payload": make(), "metadata": mapping()}
    if random.random() < 0.5:
        fields |= {
            "event_timestamp": time(), "source_service": None, "source_instance": text(), "newer": anything(),
            "correlation_id": uuid(), "causation_id": text(), "region": text(), "partition_key": text(),
        }
    return models.OnexEnvelopeV1(**fields)


def with_isoformat(value):
    """What a publisher writes that hands its model to json.dumps."""
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value)


def write(count):
    random.seed(7)
    for _ in range(count):
        event = envelope()
        ways = [event.model_dump_json(), json.dumps(event.model_dump(), default=with_isoformat)]
        print(random.choice(ways))
        print(json.dumps(plain(event)))


def lax():
    for line in sys.stdin:
        try:
            count = models.TestGenerationCompleted.model_validate_json(line).file_count
            print(f"takes {count}")
        except ValidationError:
            print("refuses")


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8", newline="\n")
    parts = {"read": read, "lax": lax, "write": lambda: write(int(sys.argv[2]))}
    parts[sys.argv[1]]()
