"""The product's Celery app; its beat rings every job after `RINGS` seconds, so that nobody has to wait for minutes. Nothing else differs."""

import os

from config.celery import app, every

RINGS = int(os.environ.get("RINGS", "1"))
app.conf.beat_schedule = {name: every(RINGS, job["task"]) for name, job in app.conf.beat_schedule.items()}
