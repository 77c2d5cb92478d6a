from django.http import HttpRequest, HttpResponse


def start(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise NotImplementedError


def listing(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise NotImplementedError


def detail(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise NotImplementedError


def transactions(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise NotImplementedError


def remove_transaction(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise NotImplementedError


def contact(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise NotImplementedError


def check(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise NotImplementedError


def receipt(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise NotImplementedError


def withdraw(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise NotImplementedError
