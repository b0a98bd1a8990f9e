package providertest

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/vanity"
)

var searching = []provider.Capability{provider.CapSearch}

// offersOf searches once and returns what is found. Nothing is an error.
func (e *env) offersOf(r provider.SearchRequest, limit int) []provider.Offer {
	r.Page.Limit = limit
	out := e.search(r).Items
	e.that(len(out) > 0, "a search that should find numbers finds none")
	return out
}

var searchCases = []Case{
	{"search/finds-numbers", MUST, searching, "what is for sale are numbers that can be had: valid, of the kind that was asked for, and not fictional", func(e *env) {
		for _, o := range e.offersOf(e.w.Search, 20) {
			e.that(o.Number.Valid(), "an offer without a number")
			e.that(o.Number.CheckDID() == nil, "%s is for sale: %v", o.Number.Format(), o.Number.CheckDID())
			e.that(!o.Number.TollFree(), "%s is toll-free and offered as local", o.Number.Format())
			e.that(o.State == "" || nanp.IsState(o.State), "%q is no state", o.State)
		}
	}},
	{"search/toll-free", MUST, searching, "a search for toll-free numbers finds toll-free numbers only: they cost more, and anybody may call them for nothing", func(e *env) {
		e.needs(e.w.TollFreeSearch.Kind == provider.TollFree, "search for toll-free numbers (TollFreeSearch)")
		for _, o := range e.offersOf(e.w.TollFreeSearch, 20) {
			e.that(o.Number.TollFree(), "%s is no toll-free number", o.Number.Format())
		}
	}},
	{"search/kind-not-sold", MUST, searching, "a kind that the carrier does not sell is refused or not found, and never answered with another kind", func(e *env) {
		if e.traits().Sells(provider.Local) && e.traits().Sells(provider.TollFree) {
			e.Skip("the carrier sells both kinds")
		}
		r := provider.SearchRequest{Kind: provider.TollFree}
		if e.traits().Sells(provider.TollFree) {
			r.Kind = provider.Local
		}
		ctx, done := e.call()
		defer done()
		res, err := e.caps.Search.Search(ctx, r)
		if err != nil {
			e.oneOf(err, provider.NotApplied, provider.Unsupported, provider.Invalid)
		}
		e.equal(len(res.Items), 0, "numbers of a kind that is not sold")
	}},
	{"search/limit", MUST, searching, "a page holds no more than was asked for, and no more than Traits.PageMax", func(e *env) {
		for _, limit := range []int{1, 5, 10_000} {
			r := e.w.Search
			r.Page.Limit = limit
			got := len(e.search(r).Items)
			e.that(got <= limit, "a page has %d offers, %d were asked for", got, limit)
			if most := e.traits().PageMax; most > 0 {
				e.that(got <= most, "a page has %d offers, and Traits.PageMax is %d", got, most)
			}
			e.that(got > 0, "a page of up to %d offers is empty", limit)
		}
	}},
	{"search/pages-move-on", MUST, searching, "pages lead on to further numbers, no page holds a number twice, and no cursor comes back: else a walk never ends", func(e *env) {
		r := e.w.Search
		cursors, numbers := map[string]bool{}, map[nanp.Number]bool{}
		for page := range 6 {
			r.Page.Limit = 3
			res := e.search(r)
			here, fresh := map[nanp.Number]bool{}, false
			for _, o := range res.Items {
				e.that(!here[o.Number], "page %d holds %s twice", page, o.Number.Format())
				here[o.Number] = true
				fresh = fresh || !numbers[o.Number]
				numbers[o.Number] = true
			}
			e.that(fresh || res.Next == "", "page %d has no number that was not on an earlier one", page)
			if res.Next == "" {
				return
			}
			e.that(!cursors[res.Next], "the cursor of page %d comes a second time", page)
			cursors[res.Next] = true
			r.Page.Cursor = res.Next
		}
	}},
	{"search/pages-complete", SHOULD, searching, "small pages lead to each number that a large one holds: what is not seen cannot be sold", func(e *env) {
		want := e.offersOf(e.w.Search, 12)
		r := e.w.Search
		got := map[nanp.Number]bool{}
		for range 20 {
			r.Page.Limit = 3
			res := e.search(r)
			for _, o := range res.Items {
				got[o.Number] = true
			}
			if r.Page.Cursor = res.Next; res.Next == "" {
				break
			}
		}
		for _, o := range want {
			e.that(got[o.Number], "%s is on a large page, and on no small one", o.Number.Format())
		}
	}},
	{"search/pages-distinct", SHOULD, searching, "pages of one search repeat no number while none comes or goes: a person sees each once", func(e *env) {
		e.polite()
		r := e.w.Search
		on := map[nanp.Number]int{}
		for page := range 6 {
			r.Page.Limit = 3
			res := e.search(r)
			for _, o := range res.Items {
				before, twice := on[o.Number]
				e.that(!twice, "%s is on page %d and again on page %d", o.Number.Format(), before, page)
				on[o.Number] = page
			}
			if r.Page.Cursor = res.Next; res.Next == "" {
				return
			}
		}
	}},
	{"search/filters", MUST, searching, "what Traits.Filters claims to apply is applied: a number from somewhere else would be sold as local", func(e *env) {
		o := e.offersOf(e.w.Search, 20)[0]
		same := func(a, b string) bool { return strings.EqualFold(strings.TrimSpace(a), strings.TrimSpace(b)) }
		for _, f := range []struct {
			by   provider.Filter
			want string
			ask  func(*provider.SearchRequest)
			got  func(provider.Offer) string
		}{
			{provider.ByState, o.State, func(r *provider.SearchRequest) { r.State = o.State }, func(o provider.Offer) string { return o.State }},
			{provider.ByCity, o.City, func(r *provider.SearchRequest) { r.State, r.City = o.State, o.City }, func(o provider.Offer) string { return o.City }},
			{provider.ByRateCenter, o.RateCenter, func(r *provider.SearchRequest) { r.State, r.RateCenter = o.State, o.RateCenter }, func(o provider.Offer) string { return o.RateCenter }},
		} {
			if !e.traits().Applies(f.by) || f.want == "" {
				continue
			}
			var r provider.SearchRequest
			f.ask(&r)
			for _, got := range e.offersOf(r, 50) {
				e.that(f.got(got) == "" || same(f.got(got), f.want), "a search by %s for %q finds %s in %q", f.by, f.want, got.Number.Format(), f.got(got))
			}
		}
	}},
	{"search/filters-exclude", MUST, searching, "a filter that is claimed narrows the answer down also where offers do not say their place: the area codes show it", func(e *env) {
		if !e.traits().Applies(provider.ByState) {
			e.Skip("the search does not filter by state")
		}
		for _, state := range []string{"TX", "FL"} {
			for _, o := range e.offersOf(provider.SearchRequest{State: state}, 30) {
				e.equal(o.Number.State(), state, "state of the area code of %s", o.Number.Format())
			}
		}
	}},
	{"search/dialect", MUST, searching, "what Traits.Dialect can ask exactly is answered exactly: what is not asked is filtered by others, what is asked is not", func(e *env) {
		n := e.offersOf(e.w.Search, 20)[3%len(e.offersOf(e.w.Search, 20))].Number
		d := e.traits().Dialect[provider.Local]
		text := n.String()
		text = text[len(text)-10:]
		for what, q := range map[string]vanity.Query{
			"area code": {NPA: n.NPA()}, "exchange": {NPA: n.NPA(), NXX: n.NXX()}, "digits in front": {Prefix: text[:7]},
			"digits at the end": {Suffix: text[6:]}, "digits at the end in an area code": {NPA: n.NPA(), Suffix: text[6:]},
			"digits anywhere": {Contains: text[5:9]}, "digits in the last seven": {NPA: n.NPA(), Tail: text[4:8]}, "a mask": {Mask: text[:4] + "**" + text[6:]},
		} {
			asked, exact := d.Ask(q)
			if !exact || asked == (vanity.Query{}) {
				continue
			}
			for _, o := range e.offersOf(provider.SearchRequest{Query: q}, 30) {
				e.that(q.Match(o.Number), "a search for %s finds %s, which does not match", what, o.Number.Format())
			}
		}
	}},
	{"search/exact", MUST, searching, "a search for certain numbers finds those of them that are for sale, and no others: it is how a price is looked at before buying", func(e *env) {
		if !e.traits().Applies(provider.ByExact) {
			e.Skip("the search cannot be asked for certain numbers")
		}
		ns := e.find(3)
		ask := slices.Clone(ns[:2])
		if e.w.Taken != nil {
			ask = append(ask, e.w.Taken())
		}
		var got []nanp.Number
		pages(e, provider.Page{}, func(ctx context.Context, p provider.Page) (provider.Result[provider.Offer], error) {
			return e.caps.Search.Search(ctx, provider.SearchRequest{Exact: ask, Page: p})
		}, func(r provider.Result[provider.Offer]) {
			for _, o := range r.Items {
				got = append(got, o.Number)
			}
		})
		slices.Sort(got)
		e.equal(got, slices.Sorted(slices.Values(ns[:2])), "numbers found")
	}},
	{"search/prices", MUST, searching, "a carrier that says that it tells prices tells them, and one that does not leaves them unknown: an unknown price is never 0", func(e *env) {
		for _, o := range e.offersOf(e.w.Search, 20) {
			e.equal(o.Price.Monthly.Known, e.traits().PricesInSearch, "whether the monthly price of %s is known", o.Number.Format())
		}
	}},
	{"search/empty-page", MUST, searching, "a search that finds nothing is an empty page, and no error: a person gets to read that there is nothing, not that something broke", func(e *env) {
		n := e.find(1)[0]
		var r provider.SearchRequest
		switch d := e.traits().Dialect[provider.Local]; {
		case e.traits().Applies(provider.ByExact):
			r.Exact = []nanp.Number{fiction}
		case d.NXX:
			r.Query = vanity.Query{NPA: n.NPA(), NXX: 555}
		case d.Contains || d.Prefix || d.Mask:
			r.Query = vanity.Query{Prefix: n.NPA().String() + "5550"}
			if d.Contains {
				r.Query = vanity.Query{NPA: n.NPA(), Contains: "5550123"}
			}
		default:
			e.Skip("the search cannot be asked for what is not there")
		}
		e.equal(len(e.search(r).Items), 0, "numbers found")
	}},
	{"search/refuses-invalid", MUST, searching, "a request that no carrier can answer is refused as invalid, and not turned into another one", func(e *env) {
		for what, r := range map[string]provider.SearchRequest{
			"a state that there is not": {State: "ZZ"}, "a negative limit": {Page: provider.Page{Limit: -1}},
			"no kind": {Kind: 9}, "no number": {Exact: []nanp.Number{0}}, "no digits": {Query: vanity.Query{Prefix: "50A"}},
		} {
			ctx, done := e.call()
			_, err := e.caps.Search.Search(ctx, r)
			done()
			e.that(errors.Is(err, provider.Invalid), "a search with %s: the error is %v, and should be invalid", what, err)
			e.equal(provider.OutcomeOf(err), provider.NotApplied, "outcome of a search with %s", what)
		}
	}},
	{"search/refuses-unknown-options", MUST, searching, "an option that the adapter does not know is refused: a condition that is dropped without a word finds the wrong numbers", func(e *env) {
		r := e.w.Search
		r.Options = with(r.Options, "no-such-option", "1")
		err := refused(e, func(ctx context.Context) (provider.Result[provider.Offer], error) {
			return e.caps.Search.Search(ctx, r)
		})
		e.is(err, provider.Invalid, provider.NotApplied)
	}},
	{"search/foreign-cursor", MUST, searching, "a cursor of another request, or one that is made up, leads to an error or to numbers that were asked for, and to nothing else", func(e *env) {
		r := e.w.Search
		r.Page.Limit = 2
		cursor := e.search(r).Next
		npa := e.find(1)[0].NPA()
		d := e.traits().Dialect[provider.Local]
		other := provider.SearchRequest{Query: vanity.Query{NPA: npa, Suffix: "00"}}
		q, _ := d.Ask(other.Query)
		for _, c := range []string{cursor, "made-up", "-1", "{}"} {
			if c == "" {
				continue
			}
			other.Page.Cursor = c
			ctx, done := e.call()
			res, err := e.caps.Search.Search(ctx, other)
			done()
			if err != nil {
				e.typed(err)
				continue
			}
			for _, o := range res.Items {
				e.that(q.Match(o.Number), "the cursor of another request leads to %s, which was not asked for", o.Number.Format())
			}
		}
	}},
	{"search/says-until", SHOULD, searching, "where a number has to be ordered soon after it was found, an offer says until when", func(e *env) {
		within := e.traits().RecentSearch
		if within == 0 {
			e.Skip("there is no such rule here")
		}
		for _, o := range e.offersOf(e.w.Search, 5) {
			e.that(!o.Until.IsZero() && !o.Until.After(e.now().Add(within)), "%s can be ordered until %v, within %v of %v", o.Number.Format(), o.Until, within, e.now())
		}
	}},
}
