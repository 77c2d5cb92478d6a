"""M9: alert logs as Parquet, with the types that a data warehouse writes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pyarrow as arrow
import pytest
from pyarrow import parquet

from entitlements.uploads import RefusedFile
from sla.alerts import files
from tests.sla.alerts.files import HEADS, T0, check, checked, counts, handed_in, row, stored, told

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("customer")]


def parquet_of(rows, **types):
    """Text, but for the columns of other types."""
    sink = arrow.BufferOutputStream()
    schema = arrow.schema([(head, types.get(head, arrow.string())) for head in HEADS])
    parquet.write_table(arrow.Table.from_pylist([dict.fromkeys(HEADS) | one for one in rows], schema), sink)
    return sink.getvalue().to_pybytes()


def test_text_is_read_as_in_any_other_file():
    source = checked(
        parquet_of([row(n, located="USA" if n == 1 else "US") for n in range(1, 4)]), name="alerts.parquet"
    )

    assert (told(source), counts(source)) == ([(1, "located", "country")], (3, 2, 1, 0))


def test_types_are_read_as_what_they_are():
    """Finer times than microseconds are cut off, also where they are numbers; so is a time without a zone of the file's."""
    nanos = arrow.scalar(1_777_896_000_123_456_789, arrow.timestamp("ns", "UTC"))
    typed = {
        "received_at": nanos,
        "sms_sent_at": T0.replace(tzinfo=None) + timedelta(hours=-6),
        "initial": True,
        "delay": 1.5,
    }
    types = {
        "received_at": arrow.timestamp("ns", "UTC"),
        "sms_sent_at": arrow.timestamp("ms"),
        "initial": arrow.bool_(),
        "delay": arrow.float64(),
        "incident": arrow.binary(),
    }
    content = parquet_of([row(1) | typed | {"incident": b"INC-1"}, row(2) | typed | {"incident": b"\xff"}], **types)

    source = checked(content, name="alerts.parquet", zone="America/Mexico_City")

    assert told(source) == [(2, "incident", "signs")]
    (one,) = stored(f"SELECT * FROM sla_notification_{source.pk}_202605")
    assert one["received_at"] == datetime(2026, 5, 4, 12, 0, 0, 123456, tzinfo=UTC)
    assert (one["sms_sent_at"], one["initial"], one["delay"]) == (T0, True, timedelta(seconds=90))


def test_a_broken_file_is_said_to_be_broken():
    whole = parquet_of([row(n) for n in range(1, 400)])
    source = handed_in(whole[:100] + b"\xff" * 3_000 + whole[3_100:], "alerts.parquet")

    with pytest.raises(RefusedFile, match="is broken"), files.opened(source) as file:
        files.sample(file, files.shape_of(file, source.kind))
    assert check(source).trouble.startswith("The file is broken")
