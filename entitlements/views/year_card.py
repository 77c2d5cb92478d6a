from django.http import HttpRequest, HttpResponse


def current(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise NotImplementedError


def year(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise NotImplementedError
