import re, uuid, traceback
import pytest
from samspill.settlement.tests.test_web import FORM, browser, OWNER, published, text_of, an_agreement, a_gain, lead, SMALL
from samspill.impact.tests.builders import described, a_lead, a_municipality, frozen
from samspill.impact.tests.test_web import posted
from samspill.portfolio.tests.web import a_browser
from samspill.portfolio.tests.builders import OWNER as POWNER, KS_COORDINATOR, MINISTRY, lead as plead, brought_to
pytestmark = pytest.mark.django_db
BAD = ["", "-1", "x", "NaN", "inf", "-inf", "1e400", "1e308", "9"*500, "1e-320", "\x00", "\ud800", "[]", "{}", "[1,2", "1.234.567,89", "0", "٣", "½", "<b>", "A"*5000, "2027-13-45", "[{\"quantity\": 1e999}]", "{\"a\":"*2000]
found = []
def hit(client, address, form, label):
    for key in form:
        for bad in BAD:
            try:
                answer = client.post(address, {**form, key: bad})
                if answer.status_code >= 500: found.append((label, key, bad[:20], answer.status_code))
            except Exception as e:
                tb = traceback.extract_tb(e.__traceback__)[-1]
                found.append((label, key, bad[:20], type(e).__name__, str(e)[:100], f"{tb.filename[-40:]}:{tb.lineno}"))
def show():
    seen=set()
    for f in found:
        k=(f[0],f[1],f[3:])
        if k not in seen: seen.add(k); print("FOUND", f)
    assert not found
@pytest.fixture(autouse=True)
def fresh(): found.clear(); yield
def test_line():
    view = described(); hit(a_browser(POWNER), f"/konsekvens/{view.id}/linje/saved/regn/", posted(do="save"), "regn"); 
    hit(a_browser(POWNER), f"/konsekvens/{view.id}/linje/saved/", posted(start="2027",end="2030",ramp="0,5 1",municipal="0,3",p10="",p90="",reference_class="",language="nb"), "line"); show()
def test_propose():
    hit(browser(OWNER), f"/avtaler/ny/{published().id}/", {**FORM, "test":"1","json":""}, "propose"); show()
def test_gain():
    from samspill.settlement.tests import test_web
    hit(browser(OWNER), f"/gevinstplan/{published().id}/ny/", test_web.GAIN, "gain") if hasattr(test_web,"GAIN") else None; show()
def test_municipality():
    m = a_browser(a_lead())
    hit(m, "/konsekvens/var-kommune/rett/", {"key":"employees","value":"100","grade":"expert","source":"x","language":"nb"}, "rett")
    show()
def test_portfolio():
    made = brought_to("involved"); b=a_browser(POWNER); base=f"/samstyring/tiltak/{made.id}/"
    hit(b, base+"medvirkning/", {"phase":"concept","form":"workshop","held_on":"2026-10-20","municipalities":"Oslo","others":"","raised":"x","language":"nb"}, "medv")
    hit(b, base+"steg/", {"to":"assessed","reason":"x"}, "steg")
    hit(a_browser(KS_COORDINATOR), base+"uttalelse/dissens/", {"text":"x","name-0":"a","unit-0":"NOK","owner-0":"1","ks-0":"2","language":"nb"}, "diss")
    hit(a_browser(KS_COORDINATOR), base+"kommuner/utpek/", {"municipalities":"Oslo","until":"2027-01-01"}, "utpek")
    hit(a_browser(plead()), base+"innforing/", {"choice":"planned","starts_on":"2027-03-01","ends_on":"2027-08-01","remark":"x"}, "innf")
    hit(b, base+"om/", {"title":"a","sector":"housing","legal":"voluntary","legal_reference":"","window_from":"2027-01-01","window_to":"2027-06-01","package_id-0":"x","change-0":"creates","revision":"1","reason":"x"}, "om")
    show()
def test_rounds():
    hit(a_browser(MINISTRY), "/samstyring/runder/ny/", {"budget_year":"2028","deadline":"2027-01-10","plan-state-2028":"10","commitment-state-2028":"12","goal-npv":"100","hours-1-2028":"100"}, "round"); show()
def test_gets():
    view, made = frozen(); b=a_browser(POWNER)
    bad=[]
    for path,params in {f"/konsekvens/{view.id}/resultat/{made.id}/":("vis","aar","year","measure"),"/kart/":("measure","year","mal","aar"),"/kart.svg":("measure","year","language","theme"),"/tiltak/":("side","q","sektor","eier","tilstand","etter"),"/samstyring/tiltak/":("side","q","etter","state"),"/avtaler/":("tiltak",),"/likhet/":("year",),"/fordeling/":("measure",),"/anslag-og-fasit/":("x",),"/samstyring/runder/":("x",),"/samstyring/kalender/":("aar","side","dag","on"),f"/samstyring/tiltak/{view.id}/kommuner/":("antall","size","storrelse"),"/konsekvens/treffsikkerhet/":("hvem","klasse","class","forecaster"),"/kommuner/":("q",)}.items():
        for p in params:
            for v in BAD[:22]:
                try:
                    a=b.get(path,{p:v})
                    if a.status_code>=500: bad.append((path,p,v[:20],a.status_code))
                except Exception as e:
                    tb = traceback.extract_tb(e.__traceback__)[-1]; bad.append((path,p,v[:20],type(e).__name__,str(e)[:80],f"{tb.filename[-40:]}:{tb.lineno}"))
    for x in bad: print("FOUND",x)
    assert not bad
