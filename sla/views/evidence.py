from django.http import HttpRequest, HttpResponse


def upload(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise NotImplementedError


def download(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise NotImplementedError


def remove(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise NotImplementedError
