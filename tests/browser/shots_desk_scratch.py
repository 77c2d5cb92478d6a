import os
from datetime import timedelta
import pytest
from django.test import Client
from django.core.management import call_command
from entitlements.clock import database_now
from entitlements.models import *
from sla.models import *
from tests import factories as make
from tests.browser.desk import sign_in, violations

OUT = "/tmp/desk"
os.makedirs(OUT, exist_ok=True)


def test_shots(page, live_url, browser, settings):
    settings.DEMO = True
    now = database_now()
    boss = make.manager(name="Mara Quinn"); second = make.approver(name="Ola Berg")
    acme = make.contract(customer=make.customer(name="Acme Rockets"), zone="America/New_York")
    hooli = make.contract(customer=make.customer(name="Hooli & Sons of the North Sea Trading Company"), level="silver", zone="Europe/London")
    lars = make.engineer(name="Lars Holm"); make.engineer(name="Ines Prado")
    wish = now.date() + timedelta(days=9)
    one = make.request(contract=acme, day=wish, now=now)
    two = make.request(contract=hooli, activity="incident_lifecycle", day=wish, now=now)
    busy = make.scheduled(contract=hooli, start=now.replace(hour=15, minute=0, second=0, microsecond=0) + timedelta(days=9), engineer=lars, now=now)
    tomorrow = make.scheduled(contract=acme, activity="maturity", start=now + timedelta(days=1), engineer=lars, now=now)
    began = now - timedelta(days=2)
    began = began.replace(second=0, microsecond=0)
    f = make.failure(contract=acme, began=began, now=now - timedelta(days=1, hours=20))
    claim = make.sent_claim(failure=f, received_at=now - timedelta(days=1))
    f2 = make.failure(contract=hooli, began=began + timedelta(hours=3), minutes=110, logged=False, now=now - timedelta(days=1, hours=15), description="No alerts came for about two hours.")
    claim2 = make.sent_claim(failure=f2, received_at=now - timedelta(hours=5))
    make.outage(customer=hooli.customer, start=began + timedelta(hours=3, minutes=4), minutes=None, now=now)
    f3 = make.failure(contract=acme, began=now - timedelta(days=15, hours=2), now=now - timedelta(days=15))
    from sla.actions.decisions import propose_decision
    draft = make.draft(failure=make.failure(contract=hooli, began=now - timedelta(days=10), now=now - timedelta(days=9)), now=now - timedelta(days=9))
    SweepRun.objects.create(started_at=now, ended_at=now - timedelta(minutes=12), as_of=now, clock_offset_ms=12)
    p = None
    try:
        p = propose_decision(claim=claim, outcome="approve", grounds="The outage is in our logs.", by=boss, now=now)
    except Exception as e:
        print(e)
    urls = {
        "index": "/admin/", "records": "/admin/records/", "find": "/admin/find/?q=oo", "nothing": "/admin/find/?q=zzz",
        "engagement": f"/admin/engagements/{one.reference}/", "engagement2": f"/admin/engagements/{two.reference}/",
        "scheduled": f"/admin/engagements/{tomorrow.reference}/",
        "claim": f"/admin/claims/{claim2.reference}/?strike=1", "claim_waiting": f"/admin/claims/{claim.reference}/", "draft": f"/admin/claims/{draft.reference}/",
        "record_outage": "/admin/outages/record/", "outage": f"/admin/outages/{Outage.objects.order_by('-pk').first().reference}/",
        "claims": "/admin/sla/claim/", "engagements": "/admin/entitlements/engagement/", "ledger": "/admin/sla/creditentry/",
        "contract": f"/admin/entitlements/contract/{acme.pk}/change/", "customer": f"/admin/entitlements/customer/{acme.customer_id}/change/",
        "policy": f"/admin/entitlements/policyedition/{PolicyEdition.objects.first().pk}/change/",
        "terms": f"/admin/sla/termsedition/{TermsEdition.objects.first().pk}/change/",
        "person": f"/admin/entitlements/user/{acme.customer.memberships.first().user_id}/change/", "engineer": f"/admin/entitlements/engineer/{lars.pk}/change/",
        "letters": "/admin/entitlements/letter/", "events": "/admin/entitlements/event/", "failure": f"/admin/sla/failure/{f2.pk}/change/", "empty": "/admin/entitlements/letter/?work=failed",
        "sweeps": "/admin/entitlements/sweeprun/", "letter1": f"/admin/entitlements/letter/{Letter.objects.first().pk}/change/", "event1": f"/admin/entitlements/event/{Event.objects.exclude(changes=None).first().pk}/change/",
    }
    if p:
        urls["proposal"] = f"/admin/proposals/{p.pk}/"
    only = os.environ.get("ONLY")
    if only: urls = {k: v for k, v in urls.items() if k in only.split(",")}
    sign_in(page, live_url, second)
    bad = []
    page.add_init_script("document.addEventListener('securitypolicyviolation', e => console.log('CSPV', e.sourceFile, e.lineNumber, e.columnNumber, e.sample))")
    page.on("console", lambda m: bad.append(m.text) if m.text.startswith("CSPV") else None)
    page.on("console", lambda m: bad.append((page.url, m.text)) if m.type == "error" else None)
    for name, url in urls.items():
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            for width in (1280, 320):
                page.set_viewport_size({"width": width, "height": 900})
                if width == 1280 or scheme == "light":
                    r = page.goto(url)
                    if r.status != 200: bad.append((url, r.status))
                    wide = page.evaluate("document.documentElement.scrollWidth")
                    if wide > width: bad.append(page.evaluate("[...document.querySelectorAll('main *')].filter(e => e.getBoundingClientRect().right > innerWidth && !e.closest('.scroll, .results, .inline-group')).map(e => e.tagName + '.' + e.className + ' ' + Math.round(e.getBoundingClientRect().right)).slice(0, 8).join(' | ')"))
                    if wide > width: bad.append((url, width, "scrolls", wide))
                    page.screenshot(path=f"{OUT}/{name}-{scheme}-{width}.png", full_page=True)
            found = violations(page) if not os.environ.get("NOAXE") else []
            if found: bad.append((url, scheme, found))
    for b in dict.fromkeys(map(str, bad)): print(b)
