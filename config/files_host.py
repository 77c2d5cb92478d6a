"""The host of documents, where one is configured: it answers there and then, before sessions, cookies and pages (V26)."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse


class FilesHost:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.FILES_HOST and request.get_host() == settings.FILES_HOST:
            from sla.handed_out import on_the_host_of_documents

            return on_the_host_of_documents(request)
        return self.get_response(request)
