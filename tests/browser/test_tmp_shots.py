import re, os
from tests.factories import *
from tests import factories as f
from django.test import Client
import pytest
OUT="/tmp/shots_claims"; os.makedirs(OUT, exist_ok=True)

def test_shots(page, live_url, browser, monkeypatch):
    monkeypatch.setattr("entitlements.middleware.database_now", lambda: NOW + 2*HOUR)
    cust = f.customer(name="Lakeside Freight")
    c = f.contract(customer=cust, zone="America/Los_Angeles")
    who = f.member(customer=cust, name="Ana Ortiz", email="ana@lakeside.example")
    fl = f.failure(contract=c, by=who, description="Nobody on call was alerted; orders from the web shop failed.")
    fb = f.failure(contract=c, kind="B", minutes=30, by=who, began=NOW-2*DAY, channel="sms", incident="Q1XYZ")
    d = f.draft(failure=fl, complete=True, by=who)
    from sla.actions.claims import add_transactions
    from sla.actions.claims import TransactionLine
    add_transactions(claim=d, lines=[TransactionLine(fl.began_at, "Order 4711, freight to Oakland", Decimal("15250.00"), Decimal("1200"))], by=who, now=NOW)
    f.evidence(claim=d, by=who, file=f.document(name="a very long name of a file that somebody gave without thinking of narrow screens at all.csv", content=b"a,b\n"))
    d2 = f.draft(failure=fb, by=who)
    f.failure(contract=c, by=who, began=NOW-3*DAY, minutes=20)
    f.scheduled(contract=c)
    sent = f.sent_claim(failure=f.failure(contract=c, by=who, began=NOW-6*DAY))
    dec = f.decided(proposal=f.proposal(claim=f.sent_claim(failure=f.failure(contract=c, by=who, began=NOW-5*DAY))), now=NOW+HOUR)
    cl = Client(); cl.force_login(who)
    cookie = {"name":"session","value":cl.cookies["session"].value,"url":live_url}
    urls = {"home":"/", "failures":"/failures/","report":"/failures/report/","failure":f"/failures/{f.Failure.objects.filter(state='reported').first().reference}/","failureA":f"/failures/{fl.reference}/","claims":"/claims/",
      **{"d_"+y.strip("/"):f"/claims/{d.reference}/{y}" for y in ("","what-happened/","transactions/","evidence/","contact/","check/","withdraw/")},
      "d2_check":f"/claims/{d2.reference}/check/","d2_trans":f"/claims/{d2.reference}/transactions/",
      "sent":f"/claims/{sent.reference}/","receipt":f"/claims/{sent.reference}/receipt/","decided":f"/claims/{dec.reference}/"}
    for mode in os.environ.get("MODES","light,dark,narrow,print").split(","):
        ctx = browser.new_context(base_url=live_url, color_scheme="dark" if mode=="dark" else "light", viewport={"width":320 if mode=="narrow" else 1100,"height":900})
        ctx.add_cookies([cookie]); p = ctx.new_page()
        for name,u in urls.items():
            if os.environ.get("ONLY") and name not in os.environ["ONLY"].split(","): continue
            p.goto(u)
            if mode=="print": p.emulate_media(media="print")
            if mode=="narrow":
                w = p.evaluate("document.documentElement.scrollWidth")
                if w>320: print("WIDE", name, w)
            p.screenshot(path=f"{OUT}/{mode}_{name}.png", full_page=True)
        ctx.close()
    b = cl
    open("/tmp/out/receipt.pdf","wb").write(b.get(f"/claims/{sent.reference}/receipt.pdf").content)
    open("/tmp/out/decision.pdf","wb").write(b.get(f"/claims/{dec.reference}/decision.pdf").content)
