"""The web's entry."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
os.environ.setdefault("WEB_PROCESS", "true")

import config.celery  # noqa: F401 - so that a task rung for here goes to our broker

application = get_wsgi_application()
