package spectest

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A carrier with one order resource, to test the witness on.
const umbrella = `{
 "openapi": "3.0.0", "info": {"title": "umbrellas", "version": "1"}, "servers": [{"url": "https://umbrellas.example/v1"}],
 "paths": {
  "/orders": {
   "get": {
    "parameters": [
     {"name": "page", "in": "query", "style": "deepObject", "explode": true, "schema": {"type": "object", "properties": {"size": {"type": "integer", "maximum": 250}}}},
     {"name": "filter", "in": "query", "style": "deepObject", "explode": true, "schema": {"type": "object", "properties": {"status": {"type": "string", "enum": ["open", "done"]}, "made": {"type": "object", "properties": {"gt": {"type": "string"}}}}}}
    ],
    "responses": {"200": {"description": "ok", "content": {"application/json": {"schema": {"type": "object", "properties": {"data": {"type": "array", "items": {"$ref": "#/components/schemas/Order"}}}}}}}}
   },
   "post": {
    "requestBody": {"content": {"application/json": {"schema": {"allOf": [{"$ref": "#/components/schemas/Named"}, {"type": "object", "required": ["color"], "properties": {"color": {"type": "string"}, "labels": {"type": "object", "additionalProperties": {"type": "string"}}}}]}}}},
    "responses": {"201": {"description": "made", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Order"}}}}}
   }
  },
  "/orders/{id}": {
   "post": {
    "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string", "pattern": "^o[0-9]+$"}}],
    "requestBody": {"content": {"application/x-www-form-urlencoded": {"schema": {"type": "object", "properties": {"Color": {"type": "string", "minLength": 3}, "Notes": {"description": "anything"}, "Short": {"maxLength": 2}}}}}},
    "responses": {"200": {"description": "ok", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Order"}}}}}
   },
   "delete": {
    "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}],
    "responses": {"204": {"description": "gone"}}
   }
  }
 },
 "components": {"schemas": {
  "Named": {"type": "object", "properties": {"name": {"type": "string"}}},
  "Order": {"type": "object", "properties": {"id": {"type": "string"}, "status": {"type": "string", "enum": ["open", "done"]}}}
 }}
}`

// exchange sends one request past a witness to a carrier that gives one answer.
func exchange(t *testing.T, method, target, media, body string, status int, answer string) []string {
	t.Helper()
	d, err := parse([]byte(umbrella))
	require.NoError(t, err)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got, _ := io.ReadAll(r.Body)
		require.Equal(t, body, string(got), "the request passes unchanged")
		if answer != "" {
			w.Header().Set("Content-Type", "application/json; charset=utf-8")
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, answer)
	}))
	defer srv.Close()
	w := &Witness{Documents: Documents{d}, Next: http.DefaultTransport}
	r, err := http.NewRequestWithContext(t.Context(), method, srv.URL+target, strings.NewReader(body))
	require.NoError(t, err)
	if media != "" {
		r.Header.Set("Content-Type", media)
	}
	res, err := w.RoundTrip(r)
	require.NoError(t, err)
	got, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	require.Equal(t, answer, string(got), "the answer passes unchanged")
	var out []string
	for _, f := range w.findings {
		out = append(out, f.Side+": "+f.What)
	}
	return out
}

func TestWhatTheDocumentAllows(t *testing.T) {
	const order = `{"id":"o1","status":"open"}`
	for name, c := range map[string]struct {
		method, target, media, body string
		status                      int
		answer                      string
	}{
		"list":         {"GET", "/orders?page[size]=250&filter[status]=open&filter[made][gt]=2026-01-01", "", "", 200, `{"data":[` + order + `]}`},
		"create":       {"POST", "/orders", "application/json", `{"name":"a","color":"red","labels":{"any":"thing"}}`, 201, order},
		"form":         {"POST", "/orders/o1", "application/x-www-form-urlencoded", "Color=blue", 200, order},
		"any text":     {"POST", "/orders/o1", "application/x-www-form-urlencoded", "Notes=%7B%22any%22%3A7%7D", 200, order},
		"no text":      {"POST", "/orders/o1", "application/x-www-form-urlencoded", "Notes=", 200, order},
		"no content":   {"DELETE", "/orders/o1", "", "", 204, ""},
		"other errors": {"DELETE", "/orders/o1", "", "", 404, `{"anything":"goes"}`},
	} {
		t.Run(name, func(t *testing.T) {
			require.Empty(t, exchange(t, c.method, c.target, c.media, c.body, c.status, c.answer))
		})
	}
}

// Every sort of mistake is seen.
func TestWhatTheDocumentRefuses(t *testing.T) {
	const order = `{"id":"o1","status":"open"}`
	for name, c := range map[string]struct {
		method, target, media, body string
		status                      int
		answer                      string
		want                        string
	}{
		"path":                   {"GET", "/order", "", "", 200, order, "no document"},
		"method":                 {"PUT", "/orders", "application/json", "{}", 200, order, "no document"},
		"query name":             {"GET", "/orders?pages=1", "", "", 200, `{"data":[]}`, "no query name pages"},
		"name in brackets":       {"GET", "/orders?filter[state]=open", "", "", 200, `{"data":[]}`, "no query name filter[state]"},
		"deeper name":            {"GET", "/orders?filter[made][lt]=2026-01-01", "", "", 200, `{"data":[]}`, "no query name filter[made][lt]"},
		"query value":            {"GET", "/orders?page[size]=251", "", "", 200, `{"data":[]}`, "request: query page"},
		"property":               {"POST", "/orders", "application/json", `{"color":"red","colour":"red"}`, 201, order, "request: no property /colour"},
		"missing":                {"POST", "/orders", "application/json", `{"name":"a"}`, 201, order, "color"},
		"type":                   {"POST", "/orders", "application/json", `{"color":7}`, 201, order, "/color"},
		"media type":             {"POST", "/orders", "application/xml", `<a/>`, 201, order, "application/xml"},
		"form field":             {"POST", "/orders/o1", "application/x-www-form-urlencoded", "Colour=blue", 200, order, "no form field Colour"},
		"form value":             {"POST", "/orders/o1", "application/x-www-form-urlencoded", "Color=b", 200, order, "Color"},
		"typeless value":         {"POST", "/orders/o1", "application/x-www-form-urlencoded", "Short=long", 200, order, "Short"},
		"path value":             {"POST", "/orders/x1", "application/x-www-form-urlencoded", "Color=blue", 200, order, "path id"},
		"status":                 {"POST", "/orders", "application/json", `{"color":"red"}`, 202, order, "answer: no status 202"},
		"answer's property":      {"POST", "/orders", "application/json", `{"color":"red"}`, 201, `{"id":"o1","state":"open"}`, "answer: no property /state"},
		"answer's word":          {"POST", "/orders", "application/json", `{"color":"red"}`, 201, `{"id":"o1","status":"opened"}`, "answer: /status"},
		"property in a list":     {"GET", "/orders", "", "", 200, `{"data":[{"id":"o1"},{"ID":"o2"}]}`, "answer: no property /data/*/ID"},
		"body where none belong": {"DELETE", "/orders/o1", "", "", 200, order, "no status 200"},
	} {
		t.Run(name, func(t *testing.T) {
			got := exchange(t, c.method, c.target, c.media, c.body, c.status, c.answer)
			require.NotEmpty(t, got)
			require.Contains(t, strings.Join(got, "\n"), c.want)
		})
	}
}

// A deviation covers its finding and no other, and fails when it stops happening.
func TestDeviations(t *testing.T) {
	w := &Witness{
		findings: []Finding{{"POST /orders", "request", "no property /colour"}, {"POST /orders", "answer", "no status 202"}},
		seen:     map[string]int{"POST /orders": 2, "GET /orders": 1},
	}
	require.Equal(t, []string{
		"DELETE /orders/{id}: was never used",
		"GET /orders: is used and not listed",
		"GET /orders: request: no longer deviates by \"x\": drop the deviation",
		"POST /orders: answer: no status 202",
		"a deviation without its fact: GET /orders",
	}, w.verdict([]string{"POST /orders", "DELETE /orders/{id}"}, []Deviation{
		{"POST /orders", "request", "/colour", "it is spelt that way in Canada"},
		{"GET /orders", "request", "x", ""},
	}))
	require.Empty(t, w.verdict([]string{"POST /orders", "GET /orders"}, []Deviation{
		{"POST /orders", "request", "/colour", "it is spelt that way in Canada"},
		{"POST /orders", "answer", "202", "it takes its time"},
	}))
}
