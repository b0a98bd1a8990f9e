package twilio

import (
	"context"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/carrierhttp"
)

// place is an address below one of the hosts.
func place(host string, q url.Values, segments ...string) string {
	u := host + carrierhttp.Path(segments...)
	if len(q) > 0 {
		u += "?" + q.Encode()
	}
	return u
}

// api is an address of the 2010 API below our account.
func (a *account) api(q url.Values, segments ...string) string {
	return place(a.cfg.Hosts.API, q, append([]string{"2010-04-01", "Accounts", a.cfg.Account}, segments...)...)
}

// get reads one thing into v.
func (a *account) get(ctx context.Context, op provider.Op, n nanp.Number, at string, v any) (carrierhttp.Response, error) {
	return a.read(ctx, carrierhttp.Call{Op: op, Number: n, URL: at}, v)
}

func (a *account) read(ctx context.Context, c carrierhttp.Call, v any) (carrierhttp.Response, error) {
	c.Intent, c.Method = carrierhttp.Read, "GET"
	res, err := a.client.Do(ctx, c)
	if err != nil {
		return res, err
	}
	return res, res.Decode(v)
}

// post changes something, once. v may be nil.
func (a *account) post(ctx context.Context, op provider.Op, n nanp.Number, at string, form url.Values, v any) (carrierhttp.Response, error) {
	res, err := a.client.Do(ctx, carrierhttp.Call{Op: op, Method: "POST", Number: n, URL: at, Body: carrierhttp.Form(form)})
	if err != nil || v == nil {
		return res, err
	}
	return res, res.Decode(v)
}

func (a *account) remove(ctx context.Context, op provider.Op, n nanp.Number, at string) (carrierhttp.Response, error) {
	return a.client.Do(ctx, carrierhttp.Call{Op: op, Method: "DELETE", Number: n, URL: at})
}

const (
	pageMost = "1000" // items on a page, by the API's own limit
	maxPages = 1000   // of one list that is walked to its end
)

// walk reads every page of a list, from an address on. each says where the next
// page is, "" for none, and whether to go on.
func (a *account) walk(ctx context.Context, op provider.Op, n nanp.Number, at string, each func(carrierhttp.Response) (next string, more bool, err error)) (last carrierhttp.Response, err error) {
	seen := map[string]bool{}
	for range maxPages {
		seen[at] = true
		res, err := a.client.Do(ctx, carrierhttp.Call{Op: op, Intent: carrierhttp.Read, Method: "GET", Number: n, URL: at})
		if err != nil {
			return res, err
		}
		next, more, err := each(res)
		if err != nil || !more || next == "" {
			return res, err
		}
		link, ok := follow(at, next)
		if !ok {
			return res, astray(res)
		}
		if seen[link] {
			return res, res.Error(provider.Internal, provider.NotApplied, "the list does not move on: a page comes again")
		}
		at = link
	}
	return last, &provider.Error{Op: op, Provider: a.cfg.ID, Kind: provider.Internal, Outcome: provider.NotApplied, Number: n, Text: "the list has too many pages"}
}

// follow turns a link to the next page into an address, and refuses one that
// leads anywhere but to the same list at the same origin.
func follow(at, link string) (string, bool) {
	here, err := url.Parse(at)
	if err != nil {
		return "", false
	}
	there, err := here.Parse(link)
	if err != nil || there.Scheme != here.Scheme || there.Host != here.Host || there.User != nil || there.EscapedPath() != here.EscapedPath() {
		return "", false
	}
	there.Fragment = ""
	return there.String(), true
}

// astray is the error about a page whose next page is somewhere else.
func astray(res carrierhttp.Response) error {
	return res.Error(provider.Internal, provider.NotApplied, "the next page is not where the list is")
}

// listless is the error about an answer that should hold a list and does not. To
// read it as an empty one would say that nothing is there.
func listless(res carrierhttp.Response) error {
	return res.Error(provider.Internal, provider.NotApplied, "the answer has no list")
}

// list reads all items of a list of the 2010 API that keep says to keep.
func list[T any](ctx context.Context, a *account, op provider.Op, n nanp.Number, at string, items func(*page) []T, keep func(T) bool) ([]T, carrierhttp.Response, error) {
	var out []T
	last, err := a.walk(ctx, op, n, at, func(res carrierhttp.Response) (string, bool, error) {
		var p page
		if err := res.Decode(&p); err != nil {
			return "", false, err
		}
		if items(&p) == nil {
			return "", false, listless(res)
		}
		for _, it := range items(&p) {
			if keep(it) {
				out = append(out, it)
			}
		}
		return p.next(), true, nil
	})
	return out, last, err
}

// next is the link of either generation of the API.
func (p *page) next() string {
	if p.NextPageURI != "" {
		return p.NextPageURI
	}
	return p.Meta.NextPageURL
}

// unsent marks an error of something that was only read on the way: the change
// that was asked for has not left.
func unsent(err error) error {
	if e, ok := err.(*provider.Error); ok && e.Outcome == provider.OutcomeUnknown {
		marked := *e
		marked.Outcome = provider.NotApplied
		return &marked
	}
	return err
}

// partly marks an error behind which an earlier part of the same request has
// taken effect.
func partly(err error, applied bool) error {
	if e, ok := err.(*provider.Error); ok && applied {
		marked := *e
		marked.Outcome = provider.OutcomeUnknown
		return &marked
	}
	return err
}

// step marks an error of one step of several: that the step has taken effect does
// not say so of the whole.
func step(err error) error {
	if e, ok := err.(*provider.Error); ok && e.Outcome == provider.Applied {
		return partly(err, true)
	}
	return err
}

// refuse is a request that is not sent.
func (a *account) refuse(op provider.Op, k provider.Kind, n nanp.Number, text string) *provider.Error {
	return &provider.Error{Op: op, Provider: a.cfg.ID, Kind: k, Outcome: provider.NotApplied, Number: n, Text: text}
}

// invalid is a request that breaks a rule of the contract or of Twilio.
func (a *account) invalid(op provider.Op, err error) error {
	return provider.Refused(a.cfg.ID, op, err)
}

// first is the first thing that is wrong.
func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func field(name, rule, text string) error {
	return &provider.FieldError{Field: name, Rule: rule, Text: text}
}

// checks refuse an option that is not known here, and the value of one that is.
type checks map[string]func(string) bool

func (c checks) check(o provider.Options) error {
	if err := o.Only(slices.Sorted(maps.Keys(c))...); err != nil {
		return err
	}
	for name, v := range o {
		if !c[name](v) {
			return field("option "+name, "value", "is not what Twilio takes there")
		}
	}
	return nil
}

func printable(s string) string {
	clean := strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '?'
		}
		return r
	}, s)
	return clean[:min(len(clean), 40)]
}
