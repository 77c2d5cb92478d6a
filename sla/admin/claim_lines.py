"""The lines of a claim, as many as there are: found by a filter, and struck out, kept or documented many at once (S9, M5.6)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseBase

from entitlements import wording
from entitlements.access import Who, open_to
from entitlements.admin.pages import DeskRequest, done, page, refusals_of
from entitlements.exports import FORMATS, Row, as_file
from entitlements.rules.spans import Span
from entitlements.views.lists import rows_in_words
from sla import lines
from sla.actions import lines as actions
from sla.actions.reviews import LINES_ARE_JUDGED, unless_changed
from sla.admin.claim_line_forms import DOCUMENT, KEEP, JudgeForm, LinesForm
from sla.admin.claim_page import asked_for, received_only
from sla.admin.seen import how_far_seen, what_changed
from sla.models import Claim, LostTransaction
from sla.rules.losses import Strike
from sla.seen import how_many_seen

ON_A_PAGE = 100
HEADS = ("line", "attempted", "what", "revenue", "expenses", "profit", "counts", "why", "note", "document", "file")


@open_to(Who.MANAGERS)
def detail(request: DeskRequest, *, reference: str) -> HttpResponseBase:
    """The lines that the filter finds, a page of them or all as a file; by POST: what is found of many of them."""
    claim = received_only(asked_for(request, reference))
    if request.method == "POST":
        return _judge(request, claim)
    remedy = lines.remedy_of(claim, request.now)
    found = lines.found(claim, LinesForm(request.GET).sought(), remedy)
    if (kind := request.GET.get("format", "")) in FORMATS:
        rows = found.select_related("document", "file").iterator(chunk_size=1_000)
        return as_file(kind, f"lines-{reference}", HEADS, _rows(rows, remedy, claim), request.now)
    return _page(request, claim, remedy, found)


def _judge(request: DeskRequest, claim: Claim) -> HttpResponse:
    remedy = lines.remedy_of(claim, request.now)
    found = lines.found(claim, LinesForm(request.GET).sought(), remedy)
    form = JudgeForm(request.POST, claim=claim)
    if not form.is_valid():
        return _page(request, claim, remedy, found, judge=form, form=form)
    which, count = _meant(request, form, found)
    refusals = refusals_of(
        lambda: unless_changed(
            claim=claim,
            seen=how_far_seen(request),
            by=request.user,
            act=_act(request, claim, form.cleaned_data, which, count),
        )
    )
    if refusals:
        return _page(request, claim, remedy, found, judge=form, refusals=refusals)
    query = request.GET.urlencode()
    answer = done(request, f"Done with {wording.counted(count, 'line')}.", "admin:claim_lines", claim.reference)
    if query:
        answer["Location"] += f"?{query}"
    return answer


def _meant(
    request: DeskRequest, form: JudgeForm, found: QuerySet[LostTransaction]
) -> tuple[QuerySet[LostTransaction], int]:
    """The lines that are meant, and how many they were when the page was shown."""
    if form.cleaned_data["which"] == "found":
        told = request.POST.get("found", "")
        return found, int(told) if told.isascii() and told.isdecimal() else 0
    ticked = {int(one) for one in request.POST.getlist("line") if one.isascii() and one.isdecimal()}
    return found.filter(line__in=ticked), len(ticked)


def _act(
    request: DeskRequest, claim: Claim, given: dict[str, Any], which: QuerySet[LostTransaction], count: int
) -> Callable[[], int]:
    meant: dict[str, Any] = {"lines": which, "claim": claim, "count": count, "by": request.user, "now": request.now}
    match given["finding"]:
        case finding if finding == KEEP:
            return lambda: actions.keep_lines(**meant, note=given["note"])
        case finding if finding == DOCUMENT:
            return lambda: actions.document_lines(**meant, document=given["document"])
    return lambda: actions.strike_lines(**meant, reason=given["reason"], note=given["note"])


def _page(
    request: DeskRequest,
    claim: Claim,
    remedy: tuple[Span, ...],
    found: QuerySet[LostTransaction],
    **shown: Any,
) -> HttpResponse:
    whole = lines.summed(found)
    rows = found.select_related("document", "file", "struck_by")
    listed = Paginator(rows, ON_A_PAGE).get_page(request.GET.get("page"))
    refusals = shown.get("refusals", ())
    return page(
        request,
        "admin/claim_lines_page.html",
        title=f"Lines of {claim.reference}",
        claim=claim,
        reference=claim.reference,
        zone=claim.contract.tz,
        currency=claim.contract.currency,
        filter_form=LinesForm(request.GET),
        lines=listed,
        judged=[(line, _why(line, remedy)) for line in listed],
        whole=whole,
        rows=rows_in_words(whole.lines, "line"),
        narrowed=any(request.GET.get(name) for name in LinesForm.base_fields),
        documents=lines.documents_of(claim, remedy),
        can_judge=claim.state in LINES_ARE_JUDGED and not claim.proposals.filter(approved_at=None, returned_at=None),
        judge=shown.get("judge") or JudgeForm(claim=claim),
        form=shown.get("form"),
        ticked=set(request.POST.getlist("line")),
        refusals=refusals,
        seen=how_many_seen(claim, request.user),
        changed=what_changed(request, claim, refusals),
    )


def _why(line: LostTransaction, remedy: tuple[Span, ...]) -> str:
    """Why a line does not count, by the reviewer's finding or by the rule; empty if it does."""
    outside = not any(span.contains(line.attempted_at) for span in remedy)
    reasons = [wording.label_in_words(Strike.OUTSIDE_REMEDY_PERIOD.value)] if outside else []
    if line.struck:
        reasons.append(line.get_struck_display())
    return "; ".join(reasons)


def _rows(found: Iterator[LostTransaction], remedy: tuple[Span, ...], claim: Claim) -> Iterator[Row]:
    zone = claim.contract.tz
    for line in found:
        why = _why(line, remedy)
        note = line.struck_note or line.kept_note
        named = (str(line.document or ""), str(line.file or ""))
        money = (line.revenue, line.expenses, line.revenue - line.expenses)
        at = line.attempted_at.astimezone(zone)
        yield line.line, at, line.what, *money, "no" if why else "yes", why, note, *named


pages: list[tuple[str, Any, str]] = [("claims/<str:reference>/lines/", detail, "claim_lines")]
