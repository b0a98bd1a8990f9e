package bandwidth

import (
	"bytes"
	"context"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/carrierhttp"
	"github.com/numberdesk/numberdesk/secret"
)

// page is a search of fifty results.
func page() []byte {
	var b strings.Builder
	b.WriteString(`<?xml version="1.0" encoding="UTF-8" standalone="yes"?><SearchResult><ResultCount>50</ResultCount><TelephoneNumberDetailList>`)
	for i := range 50 {
		fmt.Fprintf(&b, `<TelephoneNumberDetail><City>LITTLE ROCK</City><LATA>528</LATA><RateCenter>LITTLEROCK</RateCenter><State>AR</State><FullNumber>+150155501%02d</FullNumber><Tier>0</Tier><VendorId>49</VendorId><VendorName>Bandwidth CLEC</VendorName></TelephoneNumberDetail>`, i)
	}
	b.WriteString(`</TelephoneNumberDetailList></SearchResult>`)
	return []byte(b.String())
}

type canned struct{ page []byte }

func (c canned) RoundTrip(r *http.Request) (*http.Response, error) {
	body := c.page
	if strings.HasSuffix(r.URL.Path, "/token") {
		body = []byte(`{"access_token":"t","expires_in":3600,"token_type":"bearer"}`)
	}
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(bytes.NewReader(body)), ContentLength: int64(len(body)), Request: r}, nil
}

// BenchmarkSearchPage is a whole Search beside the bare decoding of its answer, and
// decoding with mapping beside the same.
func BenchmarkSearchPage(b *testing.B) {
	body := page()
	b.Run("adapter", func(b *testing.B) {
		c, err := New(Config{Account: "1", Site: "1", ClientID: "id", ClientSecret: secret.New("s"), Transport: canned{body}, Rates: map[provider.Class]provider.Limit{}})
		if err != nil {
			b.Fatal(err)
		}
		b.ReportAllocs()
		for b.Loop() {
			found, err := c.Search(context.Background(), provider.SearchRequest{State: "AR", Page: provider.Page{Limit: 50}})
			if err != nil || len(found.Items) != 50 {
				b.Fatal(len(found.Items), err)
			}
		}
	})
	b.Run("decode+map", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			r, err := read(carrierhttp.Response{Status: http.StatusOK, Body: body})
			if err != nil || len(offersIn(r.doc)) != 50 {
				b.Fatal(err)
			}
		}
	})
	b.Run("unmarshal", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			var doc element
			if err := xml.Unmarshal(body, &doc); err != nil {
				b.Fatal(err)
			}
		}
	})
}
