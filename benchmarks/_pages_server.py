"""Two applications in one process for bench-pages: the product, and under /bare a view of Django that asks one question and has nothing
around it. Nobody but the benchmark starts it."""

from __future__ import annotations

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection
from django.http import HttpResponse
from django.urls import ResolverMatch

from config.wsgi import application as product

settings.ROOT_URLCONF = "benchmarks._pages_urls"


def one_query(request):
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM entitlements_customer ORDER BY id LIMIT 1")
        return HttpResponse(cursor.fetchone()[0])


class Bare(WSGIHandler):
    def load_middleware(self, is_async=False):
        """Without any."""
        whole, settings.MIDDLEWARE = settings.MIDDLEWARE, []
        try:
            super().load_middleware(is_async)
        finally:
            settings.MIDDLEWARE = whole

    def resolve_request(self, request):
        request.resolver_match = ResolverMatch(one_query, (), {})
        return request.resolver_match


bare = Bare()


def application(environ, start_response):
    return (bare if environ["PATH_INFO"] == "/bare" else product)(environ, start_response)
