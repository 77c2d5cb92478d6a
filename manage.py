#!/usr/bin/env python
"""Django's command line. Migrate with `manage.py migrate --database owner`."""

import os
import sys

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import config.celery  # noqa: F401 - so that a task rung for here goes to our broker

    execute_from_command_line(sys.argv)
