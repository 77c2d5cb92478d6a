"""The product's Celery app, whose beat rings each job after `RINGS` seconds, so that nobody has to wait for minutes. `RUNG` names
the jobs that it rings for, where a scenario wants only some. Nothing else differs."""

import os

from config.celery import app, every

RINGS = int(os.environ.get("RINGS", "1"))
RUNG = os.environ.get("RUNG", "").split(",") if os.environ.get("RUNG") else list(app.conf.beat_schedule)
app.conf.beat_schedule = {name: every(RINGS, app.conf.beat_schedule[name]["task"]) for name in RUNG}
