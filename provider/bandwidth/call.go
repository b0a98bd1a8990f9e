package bandwidth

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/carrierhttp"
)

// reply is an answer. doc is nil when it had no body.
type reply struct {
	doc *element
	res carrierhttp.Response
}

// account is a path below the account.
func (c *Carrier) account(segments ...string) string {
	return carrierhttp.Path(append([]string{"accounts", c.cfg.Account}, segments...)...)
}

func (c *Carrier) do(ctx context.Context, call carrierhttp.Call) (reply, error) {
	call.Header = http.Header{"Accept": {"application/xml"}}
	res, err := c.client.Do(ctx, call)
	if err != nil {
		return reply{res: res}, err
	}
	return read(res)
}

// read decodes a success. A body of nothing is an answer too.
func read(res carrierhttp.Response) (reply, error) {
	if res.Status == http.StatusNoContent || len(bytes.TrimSpace(res.Body)) == 0 {
		return reply{res: res}, nil
	}
	var doc element
	if err := res.DecodeXML(&doc); err != nil {
		return reply{res: res}, err
	}
	if doc.is("html") {
		return reply{res: res}, res.Error(provider.Internal, provider.Applied, "the answer is a page for people")
	}
	return reply{&doc, res}, nil
}

// get reads one thing.
func (c *Carrier) get(ctx context.Context, op provider.Op, path string, q url.Values) (reply, error) {
	return c.do(ctx, carrierhttp.Call{Op: op, Intent: carrierhttp.Read, Path: path, Query: q})
}

// list reads a list. Some lists of nothing are 204, and some are 404.
func (c *Carrier) list(ctx context.Context, op provider.Op, path string, q url.Values) (reply, error) {
	r, err := c.get(ctx, op, path, q)
	if missing(r, err) {
		return reply{res: r.res}, nil
	}
	return r, err
}

// missing reports whether the carrier said that there is no such thing. A 404 of
// something in front of it, a page for people, says nothing of the kind.
func missing(r reply, err error) bool {
	if err == nil || r.res.Status != http.StatusNotFound {
		return false
	}
	doc := parse(r.res.Body)
	return len(bytes.TrimSpace(r.res.Body)) == 0 || doc != nil && !doc.is("html")
}

// create sends an order once.
func (c *Carrier) create(ctx context.Context, op provider.Op, path string, body any) (reply, error) {
	return c.do(ctx, carrierhttp.Call{Op: op, Path: path, Body: carrierhttp.XML(body)})
}

// created is the last segment of the Location header: the only place in which
// some resources name what was made.
func created(res carrierhttp.Response) string {
	u, err := url.Parse(res.Header.Get("Location"))
	if err != nil {
		return ""
	}
	path := strings.TrimRight(u.Path, "/.")
	return path[strings.LastIndexByte(path, '/')+1:]
}

// next is the page of a "next" link, which is a URL, or one written like a Link
// header; "" when there is none.
func next(doc *element) string {
	link := doc.find("Links").str("next")
	if _, rest, ok := strings.Cut(link, "<"); ok {
		link, _, _ = strings.Cut(rest, ">")
	}
	u, err := url.Parse(strings.TrimSpace(link))
	if err != nil {
		return ""
	}
	return u.Query().Get("page")
}

// plainly is the evidence for an answer that has no status word of its own: the
// status of the answer is the carrier's word then.
func plainly(res carrierhttp.Response) provider.Said {
	return res.Said(provider.Raw(strconv.Itoa(res.Status)))
}

// worded is the evidence for a word, or for the answer where there is none.
func worded(res carrierhttp.Response, word string) provider.Said {
	if word == "" {
		return plainly(res)
	}
	return res.Said(provider.Raw(word))
}

// e164s writes numbers as v2 takes them.
func e164s(ns []nanp.Number) []string {
	out := make([]string, len(ns))
	for i, n := range ns {
		out[i] = n.String()
	}
	return out
}

// manyIDs bounds how many orders one look-up reads.
const manyIDs = 10

// sighting is what a look for an order of ours came to.
type sighting struct {
	verdict provider.Verdict
	reply   reply
	ref     string
	why     string
	at      time.Time
	others  bool // the list named orders that are not ours
}

// sight looks for an order by its reference, and then by our key, which is the
// CustomerOrderId of the orders of this resource. The carrier does not keep that
// unique, and may ignore a filter that it does not know: what it lists is read
// one by one.
func (c *Carrier) sight(ctx context.Context, op provider.Op, where resource, t provider.Trace, filter url.Values) (sighting, error) {
	if t.Ref == "" && t.Key == "" {
		return sighting{why: "orders are found by their reference or by the key that they carry, and neither was given", at: c.cfg.Now()}, nil
	}
	if t.Ref != "" {
		r, err := c.get(ctx, op, c.account(string(where), string(t.Ref)), nil)
		switch {
		case err == nil:
			return sightedByRef(r, where, t), nil
		case !missing(r, err):
			return sighting{}, err
		case t.Key == "":
			return sighting{verdict: provider.Absent, at: r.res.At}, nil
		}
	}
	filter.Set("customerOrderId", string(t.Key))
	r, err := c.list(ctx, op, c.account(string(where)), filter)
	if err != nil {
		return sighting{}, err
	}
	s, err := c.readAll(ctx, op, where, t, r)
	if s.verdict == provider.Absent && s.others {
		s = doubt("the carrier lists orders that do not carry the key: it did not look for it", s.at)
	}
	return s, err
}

// shows is the element that an answer about one order has.
var shows = map[resource]string{orders: "Order", lidbs: "LidbOrder", e911s: "E911Order", portins: "LnpOrderResponse"}

func sightedByRef(r reply, where resource, t provider.Trace) sighting {
	if r.doc.find(shows[where]) == nil {
		return doubt("the carrier answered, and does not show the order", r.res.At)
	}
	if k := customerOrderID(r.doc); k != "" && t.Key != "" && k != string(t.Key) {
		return doubt("the order with this reference carries another key", r.res.At)
	}
	return sighting{verdict: provider.Found, reply: r, ref: string(t.Ref), at: r.res.At}
}

// readAll reads the orders that a list named, and keeps the one that carries our
// key. Whether there were others is said beside it. None is Absent only where the
// list was whole and each order that it named could be read and told apart from ours.
func (c *Carrier) readAll(ctx context.Context, op provider.Op, where resource, t provider.Trace, listed reply) (sighting, error) {
	s := sighting{verdict: provider.Absent, at: listed.res.At}
	ids := orderIDs(listed.doc)
	if len(ids) > manyIDs || next(listed.doc) != "" {
		return doubt(fmt.Sprintf("the carrier lists more than %d orders to look through", manyIDs), s.at), nil
	}
	why := silence(listed, len(ids))
	for _, id := range ids {
		r, err := c.get(ctx, op, c.account(string(where), id), nil)
		switch of := customerOrderID(r.doc); {
		case missing(r, err):
			why = "the carrier lists an order that it does not show"
		case err != nil:
			return sighting{}, err
		case of == "" && mayBe(r.doc, t):
			why = "an order that carries no key may be the one"
		case of != string(t.Key):
			s.others = true
		case s.verdict == provider.Found:
			return doubt("two orders carry this key", r.res.At), nil
		default:
			s = sighting{verdict: provider.Found, reply: r, ref: id, at: r.res.At, others: s.others}
		}
	}
	if s.verdict == provider.Absent && why != "" {
		return doubt(why, s.at), nil
	}
	return s, nil
}

// doubt decides nothing.
func doubt(why string, at time.Time) sighting { return sighting{why: why, at: at} }

// orderLists are the roots of lists of orders: what else names none is not taken
// for an empty one.
var orderLists = map[string]bool{"responseselectwrapper": true, "lnpresponsewrapper": true, "e911orders": true}

// silence is why a list does not prove that there are no orders but those that it
// names.
func silence(listed reply, named int) string {
	count := listed.doc.find("TotalCount").str()
	switch {
	case listed.doc == nil && listed.res.Status == http.StatusOK:
		return "the carrier answered with nothing at all"
	case listed.doc == nil:
		return "" // it has none: 204 and 404
	case len(problems(listed.doc)) > 0 && named == 0:
		return "the carrier answered with an error instead of a list"
	case !orderLists[strings.ToLower(listed.doc.name)] && named == 0:
		return "the carrier answered with something that is no list"
	}
	if n, err := strconv.Atoi(count); count != "" && (err != nil || n > named) {
		return "the carrier counts orders that it does not list"
	}
	return ""
}

// mayBe reports whether an order that shows no key could be the one that is traced:
// it is about one of the numbers, or about none that can be seen.
func mayBe(doc *element, t provider.Trace) bool {
	about := doc.numbers()
	return len(about) == 0 || slices.ContainsFunc(t.Numbers, func(n nanp.Number) bool { return slices.Contains(about, n) })
}

func customerOrderID(doc *element) string {
	if e := doc.find("CustomerOrderId"); e != nil {
		return e.text
	}
	return ""
}

// orderIDs lists the orders that a list names, each once.
func orderIDs(doc *element) []string {
	var out []string
	seen := make(map[string]bool)
	for d := range doc.deep() {
		id := ""
		switch {
		case d.is("OrderId"):
			id = d.text
		case d.is("Order"):
			id = d.str("id")
		}
		if id != "" && !seen[id] {
			seen[id] = true
			out = append(out, id)
		}
	}
	return out
}

// finding turns a sighting that is no order into the answer of a Track method.
func finding[T any](s sighting) provider.Finding[T] {
	return provider.Finding[T]{Verdict: s.verdict, AsOf: s.at, Why: s.why}
}
