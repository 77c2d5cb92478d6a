"""The web's entry. What is loaded here stays: the garbage collector need not go through all of it again, a tenth of a second each time."""

import gc
import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
os.environ.setdefault("WEB_PROCESS", "true")

import config.celery  # noqa: F401 - so that a task rung for here goes to our broker

application = get_wsgi_application()
get_resolver().url_patterns  # noqa: B018 - all pages, with their forms
gc.collect()
gc.freeze()
