package telnyx

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/carrierhttp"
)

// word is a text that the carrier's documents show as a string here and as a number
// there: identifiers and codes.
type word string

func (w *word) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '"' {
		return json.Unmarshal(b, (*string)(w))
	}
	var n json.Number
	if err := json.Unmarshal(b, &n); err != nil {
		return err
	}
	*w = word(n)
	return nil
}

// one is an answer about one thing. Without it Data is nil.
type one[T any] struct {
	Data *T `json:"data"`
}

func (o one[T]) value() T {
	var v T
	if o.Data != nil {
		v = *o.Data
	}
	return v
}

// many is a list. A list without entries is [], and Data of an answer without a list
// is nil.
type many[T any] struct {
	Data []T `json:"data"`
	Meta struct {
		Pages int `json:"total_pages"`
		Total int `json:"total_results"`
	} `json:"meta"`
}

// do makes one call and reads its answer.
func do[T any](ctx context.Context, c *Carrier, call carrierhttp.Call) (v T, r carrierhttp.Response, err error) {
	if r, err = c.http.Do(ctx, call); err != nil {
		return v, r, err
	}
	if err = r.Decode(&v); err != nil {
		var none T
		return none, r, err
	}
	return v, r, nil
}

// get reads one thing.
func get[T any](ctx context.Context, c *Carrier, op provider.Op, n nanp.Number, path string, q url.Values) (T, carrierhttp.Response, error) {
	v, r, err := do[one[T]](ctx, c, carrierhttp.Call{Op: op, Intent: carrierhttp.Read, Path: path, Query: q, Number: n})
	if err == nil && v.Data == nil {
		err = r.Error(provider.Internal, provider.NotApplied, "the answer shows nothing")
	}
	return v.value(), r, err
}

// list reads a list, or one page of it. An answer in which there is none proves
// nothing, least of all that the list is empty.
func list[T any](ctx context.Context, c *Carrier, call carrierhttp.Call) (many[T], carrierhttp.Response, error) {
	call.Intent = carrierhttp.Read
	m, r, err := do[many[T]](ctx, c, call)
	if err == nil && m.Data == nil {
		err = r.Error(provider.Internal, provider.NotApplied, "the answer holds no list")
	}
	return m, r, err
}

// send makes one call that changes something.
func send[T any](ctx context.Context, c *Carrier, op provider.Op, n nanp.Number, method, path string, body any) (T, carrierhttp.Response, error) {
	call := carrierhttp.Call{Op: op, Method: method, Path: path, Number: n}
	if body != nil {
		call.Body = carrierhttp.JSON(body)
	}
	v, r, err := do[one[T]](ctx, c, call)
	return v.value(), r, err
}

// sendAbout makes one POST about numbers: an error names the one that it is about,
// where there is only one or the carrier points at its place in the list.
func sendAbout[T any](ctx context.Context, c *Carrier, op provider.Op, ns []nanp.Number, path string, body any) (T, carrierhttp.Response, error) {
	call := carrierhttp.Call{Op: op, Path: path, Body: carrierhttp.JSON(body), Classify: func(r carrierhttp.Response, e *provider.Error) {
		if i, ok := place(r.Body); ok && i < len(ns) {
			e.Number = ns[i]
		}
	}}
	if len(ns) == 1 {
		call.Number = ns[0]
	}
	v, r, err := do[one[T]](ctx, c, call)
	return v.value(), r, err
}

func query(pairs ...string) url.Values {
	q := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			q.Set(pairs[i], pairs[i+1])
		}
	}
	return q
}

// page reads one page of a list.
func page[T any](ctx context.Context, c *Carrier, op provider.Op, path string, q url.Values, number, size int) (many[T], carrierhttp.Response, error) {
	paged := url.Values{}
	for k, v := range q {
		paged[k] = v
	}
	paged.Set("page[number]", strconv.Itoa(number))
	paged.Set("page[size]", strconv.Itoa(size))
	return list[T](ctx, c, carrierhttp.Call{Op: op, Path: path, Query: paged})
}

// last reports whether there is no page behind this one.
func (m many[T]) last(number, size int) bool {
	if m.Meta.Pages > 0 {
		return number >= m.Meta.Pages
	}
	return len(m.Data) < size
}

// listMax bounds a list that is read as a whole.
const listMax = 40 * pageMax

// all reads every page of a list, from the beginning again when the list has become
// shorter meanwhile: what followed has moved up, and something may have been skipped.
// A list that is longer than listMax is an error: what was not read proves nothing.
func all[T any](ctx context.Context, c *Carrier, op provider.Op, path string, q url.Values) ([]T, carrierhttp.Response, error) {
	var out []T
	total := 0
	for number := 1; ; number++ {
		m, r, err := page[T](ctx, c, op, path, q, number, pageMax)
		if err != nil {
			return nil, r, err
		}
		if m.Meta.Total < total {
			number, total, out = 0, 0, nil
			continue
		}
		total = m.Meta.Total
		out = append(out, m.Data...)
		if len(m.Data) == 0 || m.last(number, pageMax) {
			return out, r, nil
		}
		if len(out) >= listMax {
			return nil, r, r.Error(provider.Capacity, provider.NotApplied, "the list is longer than can be read as a whole")
		}
	}
}

// A cursor of a list is the number of the page, its size, and how long the list was.
type cursor struct{ number, size, total int }

func (c cursor) String() string { return fmt.Sprintf("%d.%d.%d", c.number, c.size, c.total) }

// cursorOf reads the cursor of a page, or begins a list.
func cursorOf(p provider.Page) (cursor, error) {
	if p.Limit < 0 {
		return cursor{}, bad("page limit", "range", "is negative")
	}
	if p.Cursor == "" {
		size := p.Limit
		if size == 0 || size > pageMax {
			size = pageMax
		}
		return cursor{number: 1, size: size}, nil
	}
	var c cursor
	parts := strings.Split(p.Cursor, ".")
	for i, v := range []*int{&c.number, &c.size, &c.total} {
		if len(parts) != 3 {
			break
		}
		*v, _ = strconv.Atoi(parts[i])
	}
	if c.String() != p.Cursor || c.number < 1 || c.size < 1 || c.size > pageMax || c.total < 0 {
		return cursor{}, bad("cursor", "known", "is none that this carrier has given out")
	}
	return c, nil
}

// pages reads the page that p asks for. Lists have numbered pages: when the list has
// become shorter since the page before, what followed it has moved up, and the pages
// that it can have moved to are read again. An entry can come twice, but none is
// skipped.
func pages[T any](ctx context.Context, c *Carrier, op provider.Op, path string, q url.Values, p provider.Page) ([]T, string, carrierhttp.Response, error) {
	at, err := cursorOf(p)
	if err != nil {
		return nil, "", carrierhttp.Response{}, c.refuse(op, err)
	}
	m, r, err := page[T](ctx, c, op, path, q, at.number, at.size)
	if err != nil {
		return nil, "", r, err
	}
	if gone := at.total - m.Meta.Total; at.total > 0 && gone > 0 && at.number > 1 {
		at.number = max(1, at.number-(gone+at.size-1)/at.size)
		if m, r, err = page[T](ctx, c, op, path, q, at.number, at.size); err != nil {
			return nil, "", r, err
		}
	}
	if len(m.Data) == 0 || m.last(at.number, at.size) {
		return m.Data, "", r, nil
	}
	return m.Data, cursor{at.number + 1, at.size, m.Meta.Total}.String(), r, nil
}

// numbers refuses what no request about numbers can hold.
func (c *Carrier) numbers(op provider.Op, ns []nanp.Number, most int) error {
	return c.refuse(op, provider.CheckNumbers(ns, most))
}

func (c *Carrier) key(op provider.Op, k provider.Key) error { return c.refuse(op, k.Validate()) }

func (c *Carrier) ref(op provider.Op, r provider.Ref) error {
	if r == "" {
		return c.refuse(op, bad("reference", "present", "is empty"))
	}
	return nil
}

func e164s(ns []nanp.Number) []string {
	out := make([]string, len(ns))
	for i, n := range ns {
		out[i] = n.String()
	}
	return out
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
