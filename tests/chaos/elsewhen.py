"""The clock of this process is wrong by CLOCK_OFF seconds, where that is set (P11). Web, worker and beat import it first."""

import os
from datetime import UTC, datetime, timedelta

import time_machine

if off := int(os.environ.get("CLOCK_OFF", "0")):
    time_machine.travel(datetime.now(UTC) + timedelta(seconds=off), tick=True).start()
