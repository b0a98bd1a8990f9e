package telnyx

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/secret"
)

// canned answers everything with the same bytes.
type canned struct {
	status int
	body   []byte
}

func (c canned) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: c.status, Header: http.Header{}, Body: io.NopCloser(bytes.NewReader(c.body)), ContentLength: int64(len(c.body)), Request: r}, nil
}

func quick(tb testing.TB, status int, body []byte) *Carrier {
	limit := provider.Limit{PerSecond: 1e9, Burst: 1e9}
	c, err := New(Config{Key: secret.New("k"), Transport: canned{status, body}, Now: func() time.Time { return time.Unix(1795521600, 0) },
		Rates: map[provider.Class]provider.Limit{provider.ClassRead: limit, provider.ClassSearch: limit, provider.ClassCreate: limit}})
	require.NoError(tb, err)
	return c
}

// Whatever a carrier answers, every method gives a value or an *Error of this carrier,
// with nothing of the body in it, and a creation that failed never claims more than is
// known.
func FuzzAnswers(f *testing.F) {
	for _, seed := range []string{`{"data":{"id":"1","status":"success","phone_numbers":[{"phone_number":"+15015550101"}]}}`, `{"data":[{"id":1,"phone_number":"+15015550101","status":"active"}],"meta":{"total_pages":2}}`,
		`{"errors":[{"code":85001,"source":{"pointer":"/phone_numbers/0"}}]}`, `{"data":null}`, `[]`, ``} {
		f.Add(200, []byte(seed))
		f.Add(422, []byte(seed))
	}
	one := nanp.MustParse("501-555-0101")
	ns := []nanp.Number{one}
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		if status < 200 || status > 499 || status == 429 || status == 408 || status == 425 {
			status = 200 // of the rest a read waits and asks again
		}
		c, ctx := quick(t, status, body), context.Background()
		check := func(err error) {
			var e *provider.Error
			if err == nil {
				return
			}
			require.True(t, errors.As(err, &e))
			require.Equal(t, provider.ID("telnyx"), e.Provider)
			require.NotEmpty(t, e.Op)
			require.NotEmpty(t, e.Kind)
		}
		_, err := c.Search(ctx, provider.SearchRequest{})
		check(err)
		_, err = c.Place(ctx, provider.OrderRequest{Key: "K", Lines: []provider.OrderLine{{Number: one}}})
		check(err)
		tr, err := c.Track(ctx, provider.Trace{Key: "K"})
		check(err)
		require.True(t, tr.Verdict != provider.CannotTell || tr.Why != "" || err != nil)
		_, err = c.Hold(ctx, "K", ns)
		check(err)
		_, err = c.ListOwned(ctx, provider.Page{})
		check(err)
		_, err = c.Owned(ctx, one)
		check(err)
		_, err = c.TrackReturn(ctx, provider.Trace{Numbers: ns})
		check(err)
		_, err = c.ReadName(ctx, one)
		check(err)
		_, err = c.LookupNumber(ctx, one)
		check(err)
		_, err = c.Registration(ctx, one)
		check(err)
		_, err = c.ListEndpoints(ctx, provider.Page{})
		check(err)
		_, err = c.CheckPort(ctx, ns)
		check(err)
		_, err = c.TrackPort(ctx, provider.Trace{Ref: "p"})
		check(err)
		_, err = c.ListPortOuts(ctx, provider.Page{})
		check(err)
	})
}

func TestChoose(t *testing.T) {
	at := func(s string) time.Time { v, err := time.Parse(time.RFC3339, s); require.NoError(t, err); return v }
	ny, err := time.LoadLocation("America/New_York")
	require.NoError(t, err)
	window := func(from, to string) wireWindow { return wireWindow{Start: at(from), End: at(to)} }
	ws := []wireWindow{{}, window("2026-12-08T15:00:00Z", "2026-12-08T23:00:00Z"), window("2026-12-07T12:00:00Z", "2026-12-08T02:00:00Z"), window("2026-12-09T03:00:00Z", "2026-12-09T12:00:00Z")}
	for d, want := range map[provider.Date]string{
		{}:                               "2026-12-07T12:00:00Z",
		{Year: 2026, Month: 12, Day: 7}:  "2026-12-07T12:00:00Z",
		{Year: 2026, Month: 12, Day: 8}:  "2026-12-08T15:00:00Z", // and not at 22:00 of the seventh, New York
		{Year: 2026, Month: 12, Day: 9}:  "2026-12-09T05:00:00Z", // a window that began on the eighth
		{Year: 2026, Month: 12, Day: 6}:  "",                     // every window comes later
		{Year: 2026, Month: 12, Day: 10}: "",
	} {
		got, ok := choose(ws, d, ny)
		require.Equal(t, want != "", ok, d)
		if ok {
			require.Equal(t, at(want), got, d)
		}
	}
	_, ok := choose(nil, provider.Date{}, ny)
	require.False(t, ok)
}

func TestWord(t *testing.T) {
	for in, want := range map[string]word{`"a"`: "a", `12345678901234567890`: "12345678901234567890", `null`: "", `1.5`: "1.5"} {
		var w word
		require.NoError(t, json.Unmarshal([]byte(in), &w), in)
		require.Equal(t, want, w)
	}
	var w word
	require.Error(t, json.Unmarshal([]byte(`{}`), &w))
}

func searchPage() []byte {
	var b bytes.Buffer
	b.WriteString(`{"data":[`)
	for i := range 50 {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"record_type":"available_phone_number","phone_number":"+15015550%d","vanity_format":"","best_effort":false,"quickship":true,"reservable":true,`+
			`"region_information":[{"region_type":"country_code","region_name":"US"},{"region_type":"rate_center","region_name":"LITTLEROCK"},{"region_type":"state","region_name":"AR"},{"region_type":"location","region_name":"LITTLE ROCK"}],`+
			`"features":[{"name":"sms"},{"name":"mms"},{"name":"voice"},{"name":"fax"},{"name":"emergency"}],"cost_information":{"upfront_cost":"1.00000","monthly_cost":"1.00000","currency":"USD"}}`, 100+i)
	}
	b.WriteString(`],"meta":{"total_results":50,"best_effort_results":0}}`)
	return b.Bytes()
}

// The whole of a search against the bare reading of its answer, and reading with
// mapping only.
func BenchmarkSearchPage(b *testing.B) {
	body := searchPage()
	c := quick(b, 200, body)
	b.Run("adapter", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			r, err := c.Search(b.Context(), provider.SearchRequest{})
			if err != nil || len(r.Items) != 50 {
				b.Fatal(err, len(r.Items))
			}
		}
	})
	b.Run("unmarshal", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			var v many[wireAvailable]
			if err := json.Unmarshal(body, &v); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("unmarshal and map", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			var v many[wireAvailable]
			if err := json.Unmarshal(body, &v); err != nil {
				b.Fatal(err)
			}
			for i := range v.Data {
				if _, ok := v.Data[i].offer(); !ok {
					b.Fatal(i)
				}
			}
		}
	})
}
