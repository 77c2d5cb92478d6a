"""Django, loaded once by the server that the processes of `day.py` are forked from: it has no threads, whose locks a fork would copy."""

import django

django.setup()

import sla.sweep  # noqa: E402, F401
from config import urls  # noqa: E402, F401
from tests import factories  # noqa: E402, F401
