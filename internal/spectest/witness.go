package spectest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
)

// Finding is one thing that the carrier's document does not allow.
type Finding struct {
	Operation string // "POST /number_orders": the path as the document has it
	Side      string // "request" or "answer"
	What      string
}

func (f Finding) String() string { return f.Operation + ": " + f.Side + ": " + f.What }

// Deviation is a finding that is right all the same, because the document is wrong
// about the carrier.
type Deviation struct {
	Operation string
	Side      string
	Holds     string // what the finding says contains this
	Fact      string // how the carrier really is, and where that stands
}

func (d Deviation) covers(f Finding) bool {
	return d.Operation == f.Operation && d.Side == f.Side && strings.Contains(f.What, d.Holds)
}

// Witness is a transport that checks everything that passes through it.
type Witness struct {
	Documents Documents
	Next      http.RoundTripper

	mu       sync.Mutex
	findings []Finding
	seen     map[string]int // by operation
}

// RoundTrip passes the request on unchanged, and the answer back.
func (w *Witness) RoundTrip(r *http.Request) (*http.Response, error) {
	sent, err := drain(&r.Body)
	if err != nil {
		return nil, err
	}
	route, params, err := w.Documents.find(r)
	if err != nil {
		w.note(Finding{r.Method + " " + r.URL.Path, "request", "the path is in no document"})
		return w.Next.RoundTrip(r)
	}
	operation := route.Method + " " + route.Path
	in := &openapi3filter.RequestValidationInput{Request: r, PathParams: params, Route: route, Options: &openapi3filter.Options{
		AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, SkipSettingDefaults: true, MultiError: true}}
	for _, what := range checkRequest(in, sent) {
		w.note(Finding{operation, "request", what})
	}
	if r.Body = http.NoBody; len(sent) > 0 { // an empty body would be announced as one of unknown length
		r.Body = io.NopCloser(bytes.NewReader(sent))
	}
	res, err := w.Next.RoundTrip(r)
	if err != nil {
		w.saw(operation)
		return nil, err
	}
	got, err := drain(&res.Body)
	if err != nil { // cut off on purpose: nothing to check
		w.saw(operation)
		res.Body = io.NopCloser(io.MultiReader(bytes.NewReader(got), failing{err}))
		return res, nil
	}
	for _, what := range checkAnswer(in, res, got) {
		w.note(Finding{operation, "answer", what})
	}
	w.saw(operation)
	return res, nil
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// drain reads a body and puts it back.
func drain(body *io.ReadCloser) ([]byte, error) {
	if *body == nil || *body == http.NoBody {
		return nil, nil
	}
	b, err := io.ReadAll(*body)
	(*body).Close()
	*body = io.NopCloser(bytes.NewReader(b))
	return b, err
}

func checkRequest(in *openapi3filter.RequestValidationInput, body []byte) (out []string) {
	route := in.Route
	if err := openapi3filter.ValidateRequest(in.Request.Context(), in); err != nil {
		out = append(out, tidy(err)...)
	}
	if names := unknownQuery(in.Request.URL.Query(), route.Operation.Parameters, route.PathItem.Parameters); len(names) > 0 {
		out = append(out, describe("no query name", names))
	}
	if len(body) == 0 {
		return out
	}
	media, _, _ := mime.ParseMediaType(in.Request.Header.Get("Content-Type"))
	schema := requestSchema(route, media)
	if schema == nil {
		return append(out, "the operation takes no body of type "+media)
	}
	switch media {
	case "application/json":
		var v any
		if err := json.Unmarshal(body, &v); err != nil {
			return append(out, "the body is no JSON")
		}
		if names := unknown(v, "", schema); len(names) > 0 {
			out = append(out, describe("no property", names))
		}
	case "application/x-www-form-urlencoded":
		form, err := url.ParseQuery(string(body))
		if err != nil {
			return append(out, "the body is no form")
		}
		s := shapeOf(schema)
		for name := range form {
			if _, known := s.properties[name]; !known {
				out = append(out, "no form field "+name)
			}
		}
	}
	return out
}

func requestSchema(route *routers.Route, media string) *openapi3.Schema {
	body := route.Operation.RequestBody
	if body == nil || body.Value == nil {
		return nil
	}
	return schemaOf(body.Value.Content, media)
}

func schemaOf(c openapi3.Content, media string) *openapi3.Schema {
	m := c[media]
	if m == nil || m.Schema == nil {
		return nil
	}
	return m.Schema.Value
}

func checkAnswer(in *openapi3filter.RequestValidationInput, res *http.Response, body []byte) (out []string) {
	declared := in.Route.Operation.Responses.Status(res.StatusCode)
	if declared == nil {
		declared = in.Route.Operation.Responses.Default()
	}
	success := res.StatusCode >= 200 && res.StatusCode < 300
	if declared == nil || declared.Value == nil {
		if success {
			out = append(out, fmt.Sprintf("no status %d", res.StatusCode))
		}
		return out // documents are thin on errors: a status that they leave out has no schema
	}
	media, _, _ := mime.ParseMediaType(res.Header.Get("Content-Type"))
	schema := schemaOf(declared.Value.Content, media)
	switch {
	case len(declared.Value.Content) == 0 && len(body) > 0 && success:
		return append(out, "a body where the document has none")
	case len(declared.Value.Content) == 0:
		return out
	case schema == nil:
		return append(out, fmt.Sprintf("status %d has no body of type %q", res.StatusCode, media))
	}
	err := openapi3filter.ValidateResponse(in.Request.Context(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: in, Status: res.StatusCode, Header: res.Header, Body: io.NopCloser(bytes.NewReader(body)),
		Options: &openapi3filter.Options{MultiError: true}})
	if err != nil {
		out = append(out, tidy(err)...)
	}
	var v any
	if json.Unmarshal(body, &v) == nil {
		if names := unknown(v, "", schema); len(names) > 0 {
			out = append(out, describe("no property", names))
		}
	}
	return out
}

// tidy cuts errors to the line that says what is wrong.
func tidy(err error) (out []string) {
	if many, ok := err.(openapi3.MultiError); ok {
		for _, e := range many {
			out = append(out, tidy(e)...)
		}
		return out
	}
	switch e := err.(type) {
	case *openapi3filter.RequestError:
		where := "body"
		if e.Parameter != nil {
			where = e.Parameter.In + " " + e.Parameter.Name
		}
		if e.Err == nil {
			return []string{where + ": " + e.Reason}
		}
		for _, s := range tidy(e.Err) {
			out = append(out, where+": "+s)
		}
		return out
	case *openapi3filter.ResponseError:
		if e.Err != nil {
			return tidy(e.Err)
		}
		return []string{e.Reason}
	case *openapi3.SchemaError:
		if e.Origin != nil { // of one part of what the schema is composed of
			return tidy(e.Origin)
		}
		return []string{"/" + strings.Join(e.JSONPointer(), "/") + ": " + e.Reason}
	}
	first, _, _ := strings.Cut(err.Error(), "\n")
	return []string{first}
}

func (w *Witness) note(f Finding) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !slices.Contains(w.findings, f) {
		w.findings = append(w.findings, f)
	}
}

func (w *Witness) saw(operation string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.seen == nil {
		w.seen = map[string]int{}
	}
	w.seen[operation]++
}

// Judge fails the test for every finding that no deviation covers, for every
// deviation that did not happen, and unless exactly these operations were seen: an
// operation that an adapter can use and no test makes it use was not checked.
func (w *Witness) Judge(t testing.TB, operations []string, deviations []Deviation) {
	t.Helper()
	for _, line := range w.verdict(operations, deviations) {
		t.Error(line)
	}
}

func (w *Witness) verdict(operations []string, deviations []Deviation) (out []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	happened := make([]bool, len(deviations))
	for _, f := range w.findings {
		covered := false
		for i, d := range deviations {
			if d.covers(f) {
				covered, happened[i] = true, true
			}
		}
		if !covered {
			out = append(out, f.String())
		}
	}
	for i, d := range deviations {
		if d.Fact == "" {
			out = append(out, "a deviation without its fact: "+d.Operation)
		}
		if !happened[i] {
			out = append(out, fmt.Sprintf("%s: %s: no longer deviates by %q: drop the deviation", d.Operation, d.Side, d.Holds))
		}
	}
	for _, o := range operations {
		if w.seen[o] == 0 {
			out = append(out, o+": was never used")
		}
	}
	for o := range w.seen {
		if !slices.Contains(operations, o) {
			out = append(out, o+": is used and not listed")
		}
	}
	slices.Sort(out)
	return out
}
