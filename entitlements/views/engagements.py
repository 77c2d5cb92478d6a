from django.http import HttpRequest, HttpResponse


def listing(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise NotImplementedError


def request(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise NotImplementedError


def detail(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise NotImplementedError


def withdraw(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise NotImplementedError


def cancel(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise NotImplementedError


def calendar(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise NotImplementedError
