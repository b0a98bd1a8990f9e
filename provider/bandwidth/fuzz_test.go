package bandwidth

import (
	"encoding/xml"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/carrierhttp"
)

// FuzzAnswers gives any body to every decoder. None panics, none invents a number,
// none says of a number that was not answered for that it is live, and what was
// read can be written and read again.
func FuzzAnswers(f *testing.F) {
	for _, s := range []string{
		`<Order><CustomerOrderId>K</CustomerOrderId></Order>`,
		`<OrderResponse><Order><id>1</id></Order><OrderStatus>COMPLETE</OrderStatus><CompletedNumbers><TelephoneNumber><FullNumber>+15015550101</FullNumber></TelephoneNumber></CompletedNumbers></OrderResponse>`,
		`<SearchResult><TelephoneNumberDetailList><TelephoneNumberDetail><FullNumber>5015550101</FullNumber><State>AR</State></TelephoneNumberDetail></TelephoneNumberDetailList></SearchResult>`,
		`<LidbOrderResponse><LidbOrder><orderId>1</orderId><ErrorList><Error><Code>11015</Code><TelephoneNumbers><TelephoneNumber>+18775550103</TelephoneNumber></TelephoneNumbers></Error></ErrorList></LidbOrder></LidbOrderResponse>`,
		`<E911OrderResponse><E911Order><ProcessingStatus>ADJUSTED_COMPLETE</ProcessingStatus><Address><HouseNumber>9</HouseNumber></Address></E911Order></E911OrderResponse>`,
		`<LnpOrderResponse><ProcessingStatus>FOC</ProcessingStatus><ActualFocDate>2026-12-01T16:00:00Z</ActualFocDate><ListOfPhoneNumbers><PhoneNumber>+15015550101</PhoneNumber></ListOfPhoneNumbers></LnpOrderResponse>`,
		`<NumberPortabilityResponse><PortableNumbers><Tn>+15015550101</Tn></PortableNumbers></NumberPortabilityResponse>`,
		`<Notification><OrderType>orders</OrderType></Notification>`, `<a><a><Errors><Error/></Errors></a></a>`, `<a`, ``,
	} {
		f.Add([]byte(s))
	}
	asked := []nanp.Number{nanp.MustParse("501-555-0101"), nanp.MustParse("501-555-0102")}
	f.Fuzz(func(t *testing.T, body []byte) {
		res := carrierhttp.Response{Status: http.StatusOK, Body: body, At: time.Unix(0, 0)}
		doc := parse(body)
		for _, p := range problems(doc) {
			_ = rejection(p)
			_ = itemError(res, portins, p, 0)
		}
		e := &provider.Error{Op: provider.OpPlace, Kind: provider.Invalid}
		classify(res, e)
		if doc == nil {
			return
		}
		r := reply{doc, res}
		for _, o := range []provider.Order{orderIn(r, asked), disconnectIn(r, asked)} {
			for _, it := range o.Items {
				if it.State == provider.ItemLive {
					t.Fatal("an order says that a number is live")
				}
				if !it.Number.Valid() {
					t.Fatal("an item without a number")
				}
			}
		}
		for _, o := range offersIn(doc) {
			if !o.Number.Valid() {
				t.Fatal("an offer of nothing")
			}
		}
		for _, ch := range portChecks(r, asked) {
			if !slices.Contains(asked, ch.Number) {
				t.Fatal("a number that nobody asked about")
			}
		}
		_, _, _, _ = namesIn(r, asked), registrationsIn(r, asked, true), registrationsIn(r, asked, false), duplicateOf(doc)
		_, _, _, _ = portIn(r, asked), portOutsIn(r, provider.PortOut{}), holdIn(r, "1"), endpointIn(r, "e", false)
		_, _, _, _ = listedEndpoint(r, doc), ownedIn(r, doc), civicIn(doc), noticeInXML(doc)
		_, _, _, _ = codesIn(doc, "AR"), citiesIn(doc, "AR"), orderIDs(doc), next(doc)
		_, _, _ = customerOrderID(doc), addressProblems(doc), silence(r, 0)

		written, err := xml.Marshal(doc)
		if err != nil {
			return // a name that only reading allows
		}
		again := parse(written)
		if again == nil || !alikeTrees(doc, again) {
			t.Fatalf("%q is written as %q", body, written)
		}
	})
}

// alikeTrees compares what is written: text beside elements is not.
func alikeTrees(a, b *element) bool {
	if a.name != b.name || len(a.kids) != len(b.kids) || len(a.kids) == 0 && a.text != b.text {
		return false
	}
	for i := range a.kids {
		if !alikeTrees(&a.kids[i], &b.kids[i]) {
			return false
		}
	}
	return true
}
