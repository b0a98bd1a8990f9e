package bandwidth

import (
	"context"
	"encoding/xml"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/carrierhttp"
)

// telephoneWords are the statuses of a number. Those that are not ours, or not
// yet, or no more, are Gone or Waiting.
var telephoneWords = map[provider.Raw]provider.ItemState{
	"Inservice":        provider.ItemLive,
	"InAccount":        provider.ItemAssigned, // ours, and no calls yet
	"Aging":            provider.ItemGone,     // given back, not for sale to others yet
	"Available":        provider.ItemGone,
	"Reserved":         provider.ItemWaiting,
	"PortInPendingFoc": provider.ItemWaiting,
}

const (
	telephonesPage = 2500 // the largest page of /tns, and the largest list that can be asked about
	protected      = "Protected"
)

// telephone is what the carrier says about one number.
type telephone struct {
	said provider.Said
	ours bool // shown under our account
}

// Owned reads one number. The carrier has no label on it.
func (c *Carrier) Owned(ctx context.Context, n nanp.Number) (provider.Owned, error) {
	r, err := c.details(ctx, provider.OpOwned, n)
	if err != nil {
		return provider.Owned{}, err
	}
	o := ownedIn(r, r.doc.find("TelephoneNumberDetails"))
	o.Number = n
	if !c.holds(r.doc.find("TelephoneNumberDetails"), o) {
		e := r.res.Error(provider.NotFound, provider.NotApplied, "the number is not in the account")
		e.Number = n
		return provider.Owned{}, e
	}
	return o, nil
}

func (c *Carrier) details(ctx context.Context, op provider.Op, n nanp.Number) (reply, error) {
	if !n.Valid() {
		return reply{}, c.invalid(op, field("number", "number", "is none"))
	}
	r, err := c.do(ctx, carrierhttp.Call{Op: op, Intent: carrierhttp.Read, Path: carrierhttp.Path("tns", n.String(), "tndetails"), Number: n})
	in := r.doc.find("TelephoneNumberDetails")
	if got := in.kid("FullNumber").number(); err == nil && (in == nil || got.Valid() && got != n) {
		err = r.res.Error(provider.Internal, provider.NotApplied, "the carrier does not say what the number is at")
	}
	return r, err
}

func ownedIn(r reply, in *element) provider.Owned {
	raw := provider.Raw(in.str("Status"))
	o := provider.Owned{Number: first(in.numbers()), State: telephoneWords[raw], Said: r.res.Said(raw), Route: in.str("SipPeer", "PeerId")}
	for a := range in.kid("TnAttributes").all("TnAttribute") {
		o.Locked = o.Locked || a.text == protected
	}
	return o
}

// holds reports whether a number is ours: under our account, and not known to be
// given back, for sale, or on its way. A status that nobody knows stays ours.
func (c *Carrier) holds(in *element, o provider.Owned) bool {
	return c.underAccount(in) && o.State != provider.ItemGone && o.State != provider.ItemWaiting
}

// underAccount: an answer that names no account is about ours, which was asked.
func (c *Carrier) underAccount(in *element) bool {
	id := in.str("AccountId")
	return in != nil && (id == "" || id == c.cfg.Account)
}

// ListOwned pages through the numbers of the account in every status, and leaves
// out those that are known not to be ours.
func (c *Carrier) ListOwned(ctx context.Context, p provider.Page) (provider.Result[provider.Owned], error) {
	var out provider.Result[provider.Owned]
	if p.Limit < 0 {
		return out, c.invalid(provider.OpListOwned, field("page limit", "range", "is negative"))
	}
	page, size := p.Cursor, min(or(p.Limit, telephonesPage), telephonesPage)
	if page == "" {
		page = "1"
	}
	r, err := c.list(ctx, provider.OpListOwned, "/tns", url.Values{"accountId": {c.cfg.Account}, "page": {page}, "size": {strconv.Itoa(size)}})
	if err != nil {
		return out, err
	}
	if !listsNumbers(r) {
		return out, r.res.Error(provider.Internal, provider.NotApplied, "the carrier does not list the numbers")
	}
	listed := 0
	for in := range r.doc.kid("TelephoneNumbers").all("TelephoneNumber") {
		listed++
		if o := ownedIn(r, in); o.Number.Valid() && c.holds(in, o) {
			out.Items = append(out.Items, o)
		}
	}
	if out.Next = next(r.doc); out.Next == page || out.Next == "" && page == "1" && listed < counted(r.doc) && listed >= size {
		return provider.Result[provider.Owned]{}, r.res.Error(provider.Internal, provider.NotApplied, "the carrier counts numbers that it does not link to")
	}
	return out, nil
}

// listsNumbers reports whether an answer is a list of numbers, and not an error, or
// a count of numbers that are not shown. A page is the identifier of its first
// number, so that only the carrier's own links lead on.
func listsNumbers(r reply) bool {
	if r.doc == nil {
		return r.res.Status != http.StatusOK // 204 and 404
	}
	list := r.doc.kid("TelephoneNumbers")
	return r.doc.is("TelephoneNumbersResponse") && (counted(r.doc) == 0 && len(problems(r.doc)) == 0 || list.kid("TelephoneNumber") != nil)
}

// counted is how many numbers an answer counts, 0 where it does not.
func counted(doc *element) int {
	n, _ := strconv.Atoi(doc.str("TelephoneNumberCount"))
	return n
}

type telephoneList struct {
	XMLName xml.Name `xml:"TnList"`
	Numbers []string `xml:"Tn"`
}

// notFound is the code that lists the numbers of a question that no account has.
const notFound = "15610"

// statuses asks what many numbers are at. It is a POST that changes nothing. A
// number is not in the account when the carrier says so (15610), or when it lists
// those that are, as many as it counts and with no further page, and leaves this one
// out. One that a list which may be cut short leaves out is asked for by itself; any
// other silence is an error.
func (c *Carrier) statuses(ctx context.Context, op provider.Op, ns []nanp.Number) (map[nanp.Number]telephone, error) {
	out := make(map[nanp.Number]telephone, len(ns))
	for part := range slices.Chunk(ns, telephonesPage) {
		r, err := c.do(ctx, carrierhttp.Call{Op: op, Intent: carrierhttp.Read, Method: http.MethodPost, Path: "/tns", Body: carrierhttp.XML(telephoneList{Numbers: e164s(part)})})
		said := r.doc
		if err != nil {
			said = parse(r.res.Body)
		}
		for _, p := range problems(said) {
			for _, n := range p.numbers {
				if p.code == notFound {
					out[n] = telephone{said: plainly(r.res)}
				}
			}
		}
		var left []nanp.Number
		lists := err == nil && (said.kid("TelephoneNumbers") != nil || r.res.Status == http.StatusNoContent)
		for _, n := range part {
			if _, known := out[n]; known {
				continue
			}
			if err != nil && !missing(r, err) {
				return nil, err
			}
			if !lists {
				return nil, r.res.Error(provider.Internal, provider.NotApplied, "the carrier does not say what the number is at")
			}
			left = append(left, n)
		}
		for in := range said.kid("TelephoneNumbers").all("TelephoneNumber") {
			if n := first(in.numbers()); n.Valid() {
				out[n] = telephone{worded(r.res, in.str("Status")), c.underAccount(in)}
			}
		}
		for _, n := range left {
			if _, listed := out[n]; listed {
				continue
			}
			if out[n] = (telephone{said: plainly(r.res)}); whole(r) {
				continue
			}
			if out[n], err = c.status(ctx, op, n); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

// whole reports whether a list of numbers holds as many as it counts, and has no
// further page.
func whole(r reply) bool {
	if r.res.Status == http.StatusNoContent {
		return true
	}
	listed := 0
	for in := range r.doc.kid("TelephoneNumbers").all("TelephoneNumber") {
		if !first(in.numbers()).Valid() {
			return false
		}
		listed++
	}
	return r.doc.kid("TelephoneNumberCount") != nil && counted(r.doc) == listed && next(r.doc) == ""
}

// status asks what one number is at.
func (c *Carrier) status(ctx context.Context, op provider.Op, n nanp.Number) (telephone, error) {
	r, err := c.details(ctx, op, n)
	if missing(r, err) {
		return telephone{said: plainly(r.res)}, nil
	}
	if err != nil {
		return telephone{}, err
	}
	in := r.doc.find("TelephoneNumberDetails")
	return telephone{worded(r.res, in.str("Status")), c.underAccount(in)}, nil
}

// notSent: what failed before the request that matters was sent.
func notSent(err error) error {
	var e *provider.Error
	if !errors.As(err, &e) {
		return err
	}
	with := *e
	with.Outcome = provider.NotApplied
	return &with
}
