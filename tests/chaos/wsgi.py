"""The product's web, in processes whose clock may be wrong."""

from tests.chaos import elsewhen  # noqa: F401, I001 - first
from config.wsgi import application

__all__ = ["application"]
