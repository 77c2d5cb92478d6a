import re
from datetime import timedelta
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.factories import *
from tests import factories as f

def test_smoke(signed_in, clock):
    c = f.contract()
    who = f.one_of(c.customer)
    fl = f.failure(contract=c, by=who)
    fb = f.failure(contract=c, kind="B", minutes=30, by=who, began=NOW-2*DAY)
    d = f.draft(failure=fl, complete=True, by=who)
    d2 = f.draft(failure=fb, by=who)
    sent = f.sent_claim(contract=c)
    dec = f.decided(proposal=f.proposal(claim=f.sent_claim(failure=f.failure(contract=c, began=NOW-5*DAY))))
    b = signed_in(who)
    for url in ["/", "/failures/", "/failures/report/", f"/failures/{fl.reference}/", f"/failures/{fb.reference}/", f"/failures/{fl.reference}/deadline.ics", "/claims/",
      *[f"/claims/{x.reference}/{y}" for x in (d,d2) for y in ("","what-happened/","transactions/","evidence/","contact/","check/","withdraw/")],
      *[f"/claims/{x.reference}/{y}" for x in (sent,dec) for y in ("","receipt/","receipt.pdf")], f"/claims/{sent.reference}/evidence/", f"/claims/{dec.reference}/decision.pdf",
      f"/claims/{d.reference}/evidence/{d.evidence.first().pk}/remove/"]:
        with CaptureQueriesContext(connection, ) as q:
            r = b.get(url)
        print(len(q), r.status_code, len(r.content), url)
        assert r.status_code == 200, (url, r.content[:3000])
        open("/tmp/out/"+url.strip("/").replace("/","_")+(".pdf" if "pdf" in url else ".html"),"wb").write(r.content)
        if "-v" in url: print(q.captured_queries)
