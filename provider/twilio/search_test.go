package twilio

import (
	"encoding/json"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/numberdesk/numberdesk/money"
	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/vanity"
)

const (
	localURL    = base + "/AvailablePhoneNumbers/US/Local.json"
	tollFreeURL = base + "/AvailablePhoneNumbers/US/TollFree.json"
	pricesURL   = "https://pricing.twilio.com/v1/PhoneNumbers/Countries/US"
)

func sale(n nanp.Number) obj {
	return obj{"phone_number": n.String(), "locality": "Little Rock", "region": "AR", "rate_center": "LITTLEROCK", "latitude": "34.7", "longitude": -92.2}
}

// shop answers searches with numbers, and remembers what was asked.
func (w *wire) shop(at string, asked *[]url.Values, ns ...nanp.Number) {
	w.mock.RegisterResponder("GET", at, func(r *http.Request) (*http.Response, error) {
		*asked = append(*asked, r.URL.Query())
		items := []any{}
		for _, n := range ns {
			items = append(items, sale(n))
		}
		return httpmock.NewJsonResponse(200, obj{"available_phone_numbers": items, "uri": "/x"})
	})
}

func (w *wire) prices(unit string, local, free any) {
	w.answer("GET", pricesURL, 200, obj{"price_unit": unit, "phone_number_prices": []any{
		obj{"number_type": "local", "base_price": "9.99", "current_price": local}, obj{"number_type": "toll free", "current_price": free}}})
}

// Contains says each condition, and the adapter no other.
func TestContains(t *testing.T) {
	for _, tt := range []struct {
		q       vanity.Query
		area    string
		pattern string
	}{
		{vanity.Query{}, "", ""},
		{vanity.Query{NPA: 501}, "501", ""},
		{vanity.Query{NPA: 501, NXX: 555}, "501", "+1501555"},
		{vanity.Query{NPA: 501, NXX: 555, Suffix: "00"}, "501", "00$"},
		{vanity.Query{Prefix: "501555"}, "", "+1501555"},
		{vanity.Query{Prefix: "5015550101"}, "", "+15015550101"},
		{vanity.Query{Prefix: "5"}, "", ""},
		{vanity.Query{Suffix: "1000"}, "", "1000$"},
		{vanity.Query{Contains: "777"}, "", "777"},
		{vanity.Query{Tail: "3663"}, "", "3663"},
		{vanity.Query{Prefix: "50", Suffix: "1000"}, "", "1000$"},
		{vanity.Query{Mask: "877555****"}, "", "+1877555"},
		{vanity.Query{Mask: "877***1000"}, "", "1000$"},
		{vanity.Query{Mask: "***55*****"}, "", ""},
		{vanity.Query{Mask: "8*********"}, "", ""},
		{vanity.Query{Mask: "8775551000"}, "", "+18775551000"},
		{vanity.Query{NPA: 877, Mask: "********00"}, "877", "00$"},
	} {
		q := searchQuery(provider.SearchRequest{Query: tt.q})
		require.Equal(t, tt.area, q.Get("AreaCode"), "%+v", tt.q)
		require.Equal(t, tt.pattern, q.Get("Contains"), "%+v", tt.q)
	}
}

// What is asked is never narrower than what is wanted, and every pattern keeps
// Twilio's rules.
func TestAskIsNeverNarrower(t *testing.T) {
	legal := matches(`^(\+1\d{2,10}|\d{2,10}\$?)$`)
	rapid.Check(t, func(t *rapid.T) {
		digits := func(name string) string {
			if rapid.Bool().Draw(t, "has "+name) {
				return rapid.StringMatching(`\d{1,6}`).Draw(t, name)
			}
			return ""
		}
		q := vanity.Query{Prefix: digits("prefix"), Suffix: digits("suffix"), Contains: digits("contains"), Tail: digits("tail")}
		if rapid.Bool().Draw(t, "has mask") {
			q.Mask = rapid.StringMatching(`[0-9*]{10}`).Draw(t, "mask")
		}
		n, err := nanp.Make(nanp.NPA(rapid.IntRange(201, 989).Draw(t, "npa")), nanp.NXX(rapid.IntRange(200, 999).Draw(t, "nxx")), rapid.IntRange(0, 9999).Draw(t, "line"))
		if err != nil {
			return
		}
		if rapid.Bool().Draw(t, "has codes") {
			q.NPA, q.NXX = n.NPA(), n.NXX()
		}
		asked := ask(q)
		if q.Match(n) {
			require.True(t, asked.Match(n), "%s is wanted by %+v and not asked for by %+v", n, q, asked)
		}
		if p := contains(asked); p != "" {
			require.True(t, legal(p), p)
			require.LessOrEqual(t, len(p), 16)
		}
	})
}

func TestSearch(t *testing.T) {
	w := dial(t)
	var asked []url.Values
	w.shop(localURL, &asked, one, two)
	w.prices("USD", "1.15", 2.15)
	res, err := w.caps.Search.Search(ctxOf(t), provider.SearchRequest{
		State: "AR", City: "Little Rock", RateCenter: "LITTLEROCK", Query: vanity.Query{NPA: 501}, Page: provider.Page{Limit: 20},
		Options: provider.Options{"InLata": "528", "VoiceEnabled": "true"},
	})
	require.NoError(t, err)
	require.Equal(t, []provider.Offer{
		{Number: one, State: "AR", City: "Little Rock", RateCenter: "LITTLEROCK", Price: money.Price{Monthly: money.Known(115 * money.Cent)}},
		{Number: two, State: "AR", City: "Little Rock", RateCenter: "LITTLEROCK", Price: money.Price{Monthly: money.Known(115 * money.Cent)}},
	}, res.Items)
	require.Empty(t, res.Next)
	require.Equal(t, url.Values{"AreaCode": {"501"}, "InRegion": {"AR"}, "InLocality": {"Little Rock"}, "InRateCenter": {"LITTLEROCK"},
		"InLata": {"528"}, "VoiceEnabled": {"true"}, "PageSize": {"20"}}, asked[0])

	w.shop(tollFreeURL, &asked, free)
	res, err = w.caps.Search.Search(ctxOf(t), provider.SearchRequest{Kind: provider.TollFree, State: "AR", RateCenter: "X"})
	require.NoError(t, err)
	require.Equal(t, money.Known(215*money.Cent), res.Items[0].Price.Monthly)
	require.False(t, res.Items[0].Price.Setup.Known)
	require.Empty(t, asked[1], "a toll-free number is in no place, and a rate center needs InLata")
}

// A pattern may match with the country code: that is not what was asked for.
func TestSearchFiltersWhatThePatternMeansOtherwise(t *testing.T) {
	w := dial(t)
	var asked []url.Values
	w.prices("USD", "1", "2")
	w.shop(localURL, &asked, nanp.MustParse("502-555-0101"), nanp.MustParse("601-555-0115"))
	res, err := w.caps.Search.Search(ctxOf(t), provider.SearchRequest{Query: vanity.Query{Contains: "15"}})
	require.NoError(t, err)
	require.Len(t, res.Items, 1)
	require.Equal(t, nanp.MustParse("601-555-0115"), res.Items[0].Number)
}

func TestSearchAsksForNamedNumbersOneByOne(t *testing.T) {
	w := dial(t)
	var asked []url.Values
	w.shop(localURL, &asked, one) // whatever is asked
	w.prices("USD", "1", "2")
	r := provider.SearchRequest{Exact: []nanp.Number{one, free, two}, Page: provider.Page{Limit: 2}}
	res, err := w.caps.Search.Search(ctxOf(t), r)
	require.NoError(t, err)
	require.Len(t, res.Items, 1)
	require.Equal(t, "2", res.Next)
	require.Equal(t, "+15015550101", asked[0].Get("Contains"))
	r.Page.Cursor = res.Next
	res, err = w.caps.Search.Search(ctxOf(t), r)
	require.NoError(t, err)
	require.Empty(t, res.Items, "the answer has another number than was asked for")
	require.Empty(t, res.Next)
	require.Len(t, asked, 2, "a toll-free number is not asked for among local ones")
	for _, cursor := range []string{"0", "3", "-1", "x"} {
		r.Page.Cursor = cursor
		_, err = w.caps.Search.Search(ctxOf(t), r)
		fails(t, err, provider.Invalid, provider.NotApplied)
	}
	w.answer("GET", localURL, 400, fault(400, 21451))
	r.Page.Cursor = ""
	_, err = w.caps.Search.Search(ctxOf(t), r)
	fails(t, err, provider.Invalid, provider.NotApplied)
}

func TestSearchRefusesOptionsThatItDoesNotKnow(t *testing.T) {
	w := dial(t)
	for name, v := range map[string]string{
		"Contains": "1", "no-such-option": "1", "Distance": "501", "NearLatLong": "x", "NearNumber": "501-555-0101", "Beta": "yes", "InLata": "", "InPostalCode": "a\nb",
		"\x1b[31m": "1",
	} {
		_, err := w.caps.Search.Search(ctxOf(t), provider.SearchRequest{Options: provider.Options{name: v}})
		fails(t, err, provider.Invalid, provider.NotApplied)
		require.NotContains(t, err.Error(), "\x1b")
	}
	for _, r := range []provider.SearchRequest{{State: "ZZ"}, {Page: provider.Page{Cursor: "https://evil.example/"}}, {Query: vanity.Query{Mask: "1"}}} {
		_, err := w.caps.Search.Search(ctxOf(t), r)
		fails(t, err, provider.Invalid, provider.NotApplied)
	}
	require.Zero(t, w.mock.GetTotalCallCount())
	for name, v := range map[string]string{"Distance": "500", "NearLatLong": "34.7,-92.28", "NearNumber": "+15015550101", "Beta": "false", "InPostalCode": "72201"} {
		require.NoError(t, searchOptions.check(provider.Options{name: v}), name)
	}
}

// Should Twilio ever page its search, the pages are walked.
func TestSearchFollowsAPage(t *testing.T) {
	w := dial(t)
	w.prices("USD", "1", "2")
	next := "/2010-04-01/Accounts/" + acc + "/AvailablePhoneNumbers/US/Local.json?Page=1"
	w.answer("GET", localURL, 200, obj{"available_phone_numbers": []any{sale(one)}, "next_page_uri": next})
	res, err := w.caps.Search.Search(ctxOf(t), provider.SearchRequest{})
	require.NoError(t, err)
	require.Equal(t, next, res.Next)
	_, err = w.caps.Search.Search(ctxOf(t), provider.SearchRequest{Page: provider.Page{Cursor: res.Next}})
	require.NoError(t, err)
	w.answer("GET", localURL, 200, obj{"available_phone_numbers": []any{}, "next_page_uri": "https://evil.example"})
	_, err = w.caps.Search.Search(ctxOf(t), provider.SearchRequest{})
	fails(t, err, provider.Internal, provider.NotApplied)
	w.answer("GET", localURL, 200, "no json")
	_, err = w.caps.Search.Search(ctxOf(t), provider.SearchRequest{})
	fails(t, err, provider.Internal, provider.NotApplied)
}

func (w *wire) monthly() money.Rate {
	res, err := w.caps.Search.Search(ctxOf(w.T), provider.SearchRequest{})
	require.NoError(w, err)
	return res.Items[0].Price.Monthly
}

func TestPricesAreReadEachHour(t *testing.T) {
	w := dial(t)
	var asked []url.Values
	w.shop(localURL, &asked, one)
	w.prices("USD", "1.15", "2.15")
	require.Equal(t, money.Known(115*money.Cent), w.monthly())
	w.prices("USD", "1.20", "2.15")
	w.now = w.now.Add(time.Hour)
	require.Equal(t, money.Known(115*money.Cent), w.monthly())
	w.now = w.now.Add(time.Second)
	require.Equal(t, money.Known(120*money.Cent), w.monthly())
}

// What is not known stays unknown: it is never free.
func TestPricesThatCannotBeRead(t *testing.T) {
	var asked []url.Values
	for what, price := range map[string]any{"null": nil, "a word": "free", "negative": "-1", "too exact": "1.00000001", "an object": obj{}} {
		w := dial(t)
		w.shop(localURL, &asked, one)
		w.prices("USD", price, "2")
		require.False(t, w.monthly().Known, what)
	}
	w := dial(t)
	w.shop(localURL, &asked, one)
	w.prices("EUR", "1", "2")
	require.False(t, w.monthly().Known, "another currency")

	w = dial(t)
	w.shop(localURL, &asked, one)
	w.answer("GET", pricesURL, 403, fault(403, 20008))
	require.False(t, w.monthly().Known, "a search does not fail for a price")
	w.prices("USD", "1", "2")
	require.False(t, w.monthly().Known, "not asked again at once")
	w.now = w.now.Add(time.Minute + time.Second)
	require.True(t, w.monthly().Known)
}

// canned is a transport in memory.
type canned map[string][]byte

func (c canned) RoundTrip(r *http.Request) (*http.Response, error) {
	res := httpmock.NewBytesResponse(200, c[r.URL.Path])
	res.Header.Set("Content-Type", "application/json")
	res.Request = r
	return res, nil
}

func fifty() []byte {
	items := []any{}
	n := nanp.MustParse("501-555-0101")
	for range 50 {
		items = append(items, obj{
			"phone_number": n.String(), "friendly_name": n.Format(), "iso_country": "US", "region": "AR", "locality": "Little Rock", "rate_center": "LITTLEROCK",
			"postal_code": "72201", "lata": "528", "latitude": "34.746483", "longitude": "-92.289597", "address_requirements": "none", "beta": false,
			"capabilities": obj{"voice": true, "sms": true, "mms": true},
		})
		n, _ = n.Next()
	}
	return []byte(mustJSON(obj{"available_phone_numbers": items, "uri": "/2010-04-01/Accounts/" + acc + "/AvailablePhoneNumbers/US/Local.json"}))
}

// The whole of a search over a transport in memory, beside a bare decoding of the
// same body; and the decoding and mapping alone, beside it.
func BenchmarkSearchPage(b *testing.B) {
	body := fifty()
	w := canned{"/2010-04-01/Accounts/" + acc + "/AvailablePhoneNumbers/US/Local.json": body,
		"/v1/PhoneNumbers/Countries/US": []byte(`{"price_unit":"USD","phone_number_prices":[{"number_type":"local","current_price":"1.15"}]}`)}
	t := new(testing.T)
	c := dial(t, func(c *Config) { c.Transport = w })
	ctx := ctxOf(b)
	b.Run("adapter", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			res, err := c.caps.Search.Search(ctx, provider.SearchRequest{State: "AR"})
			if err != nil || len(res.Items) != 50 {
				b.Fatal(err, len(res.Items))
			}
		}
	})
	b.Run("unmarshal", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			var p availablePage
			if err := json.Unmarshal(body, &p); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("decode and map", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			var p availablePage
			if err := json.Unmarshal(body, &p); err != nil {
				b.Fatal(err)
			}
			if got := p.offers(vanity.Query{}); len(got) != 50 {
				b.Fatal(len(got))
			}
		}
	})
}
