"""P40: does the broker answer that carries the rings? A sign of health; nothing else of ours asks it outside of Celery.

Only whoever asks whether all is well asks this: `/readyz`, `/metrics`, the desk's first page and the watch for alarms. No other request
ever connects to Redis (decision 004).
"""

from __future__ import annotations

from datetime import datetime

from django.conf import settings

from entitlements.health import Sign
from entitlements.wording import counted

PATIENCE = 0.5
"""Seconds, to connect and to answer."""


def sign(_: None, now: datetime) -> Sign | None:
    """Redis, and how many rings wait in it; None where the broker is another."""
    url = settings.CELERY_BROKER_URL
    if not url.startswith(("redis://", "rediss://", "redis+socket://")):
        return None
    from redis import RedisError  # here, since every process imports this module (decision 015)

    try:
        waiting = _rings_waiting(url)
    except (RedisError, OSError):
        remedy = "Start Redis. Until then let cron ring (manage.py sweep); nothing that matters was in it, and nothing is lost."
        return Sign("doorbell", "Redis", "It does not answer: nobody can ring.", "Redis does not answer", None, remedy)
    return Sign("doorbell", "Redis", f"It answers; {counted(waiting, 'ring waits', 'rings wait')} for a worker.")


def _rings_waiting(url: str) -> int:
    from redis import Redis

    queue = f"{settings.CELERY_BROKER_TRANSPORT_OPTIONS['global_keyprefix']}celery"
    url = url.replace("redis+socket://", "unix://", 1)
    with Redis.from_url(url, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE) as redis:
        return int(redis.llen(queue))
