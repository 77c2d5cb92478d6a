"""A document as it leaves: a file to keep, without a type to run; from a host of its own where one is configured (P27, V26).

The site checks who asks and notes it, and leads to that host by a link that is signed, names the reader, and holds for a minute. The
host asks again whether this reader may see the document. It knows no cookie and has no other page.
"""

from __future__ import annotations

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.http import content_disposition_header

from entitlements.actions.refused import Refused
from entitlements.models import User
from entitlements.rules.refusals import Refusal
from sla.access import evidence_visible_to
from sla.models import Evidence
from sla.scanning import scan
from sla.uploads import NotAsReceived, content_of

SALT, SECONDS = "evidence", 60
INERT = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store, private",
    "Referrer-Policy": "no-referrer",
}

_SILENT = Refusal(
    "S13", "waits_for_scan", "The virus scanner does not answer, or found something.", "The document is not opened now."
)
_NOT_THERE = Refusal(
    "S13", "not_as_received", "The document is not as it was handed in.", "Tell whoever runs this site."
)


def as_download(file: Evidence) -> HttpResponse:
    """The bytes as they were received. Raises NotAsReceived if they are others by now."""
    return bytes_to_keep(content_of(file.stored_as, file.sha256), file.original_name)


def scanned_now(stored_as: str, sha256: str, name: str) -> HttpResponse:
    """The same of a document of which no verdict is kept: where there is a scanner, it is asked at each opening (V39).

    Raises Refused unless it says that nothing is wrong, and for bytes that are others by now.
    """
    try:
        content = content_of(stored_as, sha256)
    except NotAsReceived as other:
        raise Refused(_NOT_THERE) from other
    if scan(content) not in (Evidence.Scan.CLEAN, Evidence.Scan.UNSCANNED):
        raise Refused(_SILENT)
    return bytes_to_keep(content, name)


def bytes_to_keep(content: bytes, name: str) -> HttpResponse:
    """Nothing that a browser shows or runs."""
    named = {"Content-Disposition": content_disposition_header(True, name)}
    return HttpResponse(content, content_type="application/octet-stream", headers={**INERT, **named})


def link_to(file: Evidence, reader: User) -> str:
    """Where the reader gets it within a minute, on the host of documents."""
    return f"{settings.FILES_URL}/{signing.dumps([file.pk, reader.pk], salt=SALT, compress=False)}"


def on_the_host_of_documents(request: HttpRequest) -> HttpResponse:
    """All that there is at that host: a document to whom its link was made for. Everything else is not there."""
    file = _asked_for(request) if request.method in ("GET", "HEAD") else None
    try:
        return as_download(file) if file else _not_here()
    except NotAsReceived:
        return _not_here()


def _asked_for(request: HttpRequest) -> Evidence | None:
    try:
        key, reader = signing.loads(request.path.removeprefix("/"), salt=SALT, max_age=SECONDS)
    except (signing.BadSignature, ValueError):
        return None
    person = User.objects.filter(pk=reader, is_active=True).first()
    return evidence_visible_to(person).can_be_opened().filter(pk=key).first() if person else None


def _not_here() -> HttpResponse:
    sentence = "This link has ended, or was never one. Open the document again from its claim."
    return HttpResponse(sentence, content_type="text/plain; charset=utf-8", status=404, headers=INERT)
