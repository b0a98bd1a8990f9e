package market

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/numberdesk/numberdesk/money"
	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/vanity"
)

// fake is a carrier for searches. It remembers what it was asked.
type fake struct {
	name   provider.ID
	traits provider.Traits
	search func(ctx context.Context, r provider.SearchRequest) (provider.Result[provider.Offer], error)
	places func(ctx context.Context, state string, p provider.Page) (provider.Result[provider.Place], error)

	mu    sync.Mutex
	asked []provider.SearchRequest
	busy  int
}

var bothKinds = []provider.NumberKind{provider.Local, provider.TollFree}

func (f *fake) ID() provider.ID { return f.name }

func (f *fake) Capabilities() provider.Capabilities {
	c := provider.Capabilities{Traits: f.traits}
	if c.Traits.Kinds == nil {
		c.Traits.Kinds = bothKinds
	}
	if f.search != nil {
		c.Search = f
	}
	if f.places != nil {
		c.Places = f
	}
	return c
}

func (f *fake) Search(ctx context.Context, r provider.SearchRequest) (provider.Result[provider.Offer], error) {
	f.mu.Lock()
	f.asked = append(f.asked, r)
	f.busy++
	f.mu.Unlock()
	defer func() {
		f.mu.Lock()
		f.busy--
		f.mu.Unlock()
	}()
	if err := r.Validate(); err != nil {
		return provider.Result[provider.Offer]{}, err
	}
	return f.search(ctx, r)
}

func (f *fake) Places(ctx context.Context, state string, p provider.Page) (provider.Result[provider.Place], error) {
	return f.places(ctx, state, p)
}

func (f *fake) requests() []provider.SearchRequest {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]provider.SearchRequest(nil), f.asked...)
}

type searchFunc = func(context.Context, provider.SearchRequest) (provider.Result[provider.Offer], error)

// sells shows offers in pages of a size, whatever was asked but the digits.
func sells(size int, offers ...provider.Offer) searchFunc {
	return func(_ context.Context, r provider.SearchRequest) (provider.Result[provider.Offer], error) {
		var fit []provider.Offer
		for _, o := range offers {
			if r.Query.Match(o.Number) {
				fit = append(fit, o)
			}
		}
		from, _ := strconv.Atoi(r.Page.Cursor)
		to := min(from+size, len(fit))
		res := provider.Result[provider.Offer]{Items: fit[from:to]}
		if to < len(fit) {
			res.Next = strconv.Itoa(to)
		}
		return res, nil
	}
}

// after answers late, unless the context ends first.
func after(d time.Duration, f searchFunc) searchFunc {
	return func(ctx context.Context, r provider.SearchRequest) (provider.Result[provider.Offer], error) {
		select {
		case <-time.After(d):
			return f(ctx, r)
		case <-ctx.Done():
			return provider.Result[provider.Offer]{}, ctx.Err()
		}
	}
}

// inTurn answers each request with the next of several, the last for ever.
func inTurn(fs ...searchFunc) searchFunc {
	var mu sync.Mutex
	n := 0
	return func(ctx context.Context, r provider.SearchRequest) (provider.Result[provider.Offer], error) {
		mu.Lock()
		f := fs[min(n, len(fs)-1)]
		n++
		mu.Unlock()
		return f(ctx, r)
	}
}

func failing(err error) searchFunc {
	return func(context.Context, provider.SearchRequest) (provider.Result[provider.Offer], error) {
		return provider.Result[provider.Offer]{}, err
	}
}

const hour = time.Hour

// range501 are n offers from (501) 234-xxxx on.
func range501(from, n int) (all []provider.Offer) {
	for i := range n {
		all = append(all, provider.Offer{Number: line(501, 234, from+i), State: "AR"})
	}
	return all
}

func line(npa nanp.NPA, nxx nanp.NXX, l int) nanp.Number {
	n, err := nanp.Make(npa, nxx, l)
	if err != nil {
		panic(err)
	}
	return n
}

func desk(t testing.TB, carriers ...provider.Provider) *Service {
	set, err := provider.NewSet(carriers...)
	require.NoError(t, err)
	s, err := New(Config{Carriers: set})
	require.NoError(t, err)
	return s
}

func search(t testing.TB, s *Service, q Query) *Search {
	t.Helper()
	x, err := s.Search(t.Context(), q)
	require.NoError(t, err)
	return x
}

func of(r Report, c provider.ID) CarrierReport {
	for _, l := range r.Carriers {
		if l.Carrier == c {
			return l
		}
	}
	return CarrierReport{}
}

func numbersOf(offers []Offer) (all []string) {
	for _, o := range offers {
		all = append(all, o.Number.Format())
	}
	return all
}

func TestSearchTrustsNoAnswer(t *testing.T) {
	good := provider.Offer{Number: line(501, 234, 1), State: "AR", City: "LITTLEROCK", RateCenter: "little rock"}
	wrong := map[string]func(*provider.Offer){
		"no number":         func(o *provider.Offer) { o.Number = 0 },
		"impossible number": func(o *provider.Offer) { o.Number = 0x0001234567 },
		"fictional":         func(o *provider.Offer) { o.Number = line(501, 555, 123) },
		"toll-free":         func(o *provider.Offer) { o.Number = line(888, 234, 1) },
		"premium":           func(o *provider.Offer) { o.Number = line(900, 234, 1) },
		"Canadian":          func(o *provider.Offer) { o.Number = line(416, 234, 1) },
		"NPA":               func(o *provider.Offer) { o.Number = line(870, 234, 1) },
		"NXX":               func(o *provider.Offer) { o.Number = line(501, 235, 1) },
		"state":             func(o *provider.Offer) { o.State = "TX" },
		"no state":          func(o *provider.Offer) { o.State = "??" },
		"city":              func(o *provider.Offer) { o.City = "Conway" },
		"rate center":       func(o *provider.Offer) { o.RateCenter = "CONWAY" },
	}
	everything := provider.Traits{Filters: []provider.Filter{provider.ByState, provider.ByCity, provider.ByRateCenter},
		Dialect: map[provider.NumberKind]vanity.Dialect{provider.Local: {NPA: true, NXX: true}}}
	for name, traits := range map[string]provider.Traits{"one that filters nothing": {}, "one that says it filters": everything} {
		for what, spoil := range wrong {
			t.Run(name+"/"+what, func(t *testing.T) {
				o := good
				spoil(&o)
				all := func(context.Context, provider.SearchRequest) (provider.Result[provider.Offer], error) {
					return provider.Result[provider.Offer]{Items: []provider.Offer{o, good, o}}, nil
				}
				x := search(t, desk(t, &fake{name: "a", search: all, traits: traits}), Query{State: "AR", City: "Little Rock", RateCenter: "LITTLEROCK", NPA: 501, NXX: 234})
				got, err := x.All()
				require.NoError(t, err)
				require.Equal(t, []string{"(501) 234-0001"}, numbersOf(got))
				require.Equal(t, 2, of(x.Report(), "a").FilteredLocally)
			})
		}
	}
}

func TestSearchBelievesSilenceOnlyWhereItAsked(t *testing.T) {
	silent := provider.Offer{Number: line(501, 234, 1)}
	q := Query{State: "AR", City: "Little Rock"}
	for name, c := range map[string]struct {
		filters []provider.Filter
		shown   int
	}{
		"asked for the city":     {[]provider.Filter{provider.ByCity}, 1},
		"not asked for the city": {nil, 0},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := search(t, desk(t, &fake{name: "a", search: sells(9, silent), traits: provider.Traits{Filters: c.filters}}), q).All()
			require.NoError(t, err)
			require.Len(t, got, c.shown)
			for _, o := range got {
				require.Equal(t, "AR", o.State, "the area code says so")
				require.Empty(t, o.City, "nobody said it")
			}
		})
	}
}

func TestSearchAsksWhatACarrierUnderstands(t *testing.T) {
	q := Query{State: "Arkansas", City: " Little Rock ", NPA: 501, NXX: 234, Want: 30}
	local := func(d vanity.Dialect) map[provider.NumberKind]vanity.Dialect {
		return map[provider.NumberKind]vanity.Dialect{provider.Local: d}
	}
	for name, c := range map[string]struct {
		q      Query
		traits provider.Traits
		want   []provider.SearchRequest
	}{
		"nothing": {q, provider.Traits{PageMax: 200}, []provider.SearchRequest{{Page: provider.Page{Limit: 200}}}},
		"everything": {q, provider.Traits{PageMax: 200, Filters: []provider.Filter{provider.ByState, provider.ByCity, provider.ByRateCenter}, Dialect: local(vanity.Dialect{NPA: true, NXX: true})},
			[]provider.SearchRequest{{State: "AR", City: "Little Rock", Query: vanity.Query{NPA: 501, NXX: 234}, Page: provider.Page{Limit: 30}}}},
		"small pages": {q, provider.Traits{PageMax: 20, Filters: []provider.Filter{provider.ByState, provider.ByCity}, Dialect: local(vanity.Dialect{NPA: true, NXX: true})},
			[]provider.SearchRequest{{State: "AR", City: "Little Rock", Query: vanity.Query{NPA: 501, NXX: 234}, Page: provider.Page{Limit: 20}}}},
		"states only": {q, provider.Traits{Filters: []provider.Filter{provider.ByState}}, []provider.SearchRequest{{State: "AR"}}},
		"area codes but no states": {Query{State: "AR", Want: 30}, provider.Traits{Dialect: local(vanity.Dialect{NPA: true})}, []provider.SearchRequest{
			{Query: vanity.Query{NPA: 327}}, {Query: vanity.Query{NPA: 479}}, {Query: vanity.Query{NPA: 501}}, {Query: vanity.Query{NPA: 870}}}},
		"toll-free": {Query{Kind: provider.TollFree}, provider.Traits{}, []provider.SearchRequest{{Kind: provider.TollFree, Page: provider.Page{Limit: 10}}}},
	} {
		t.Run(name, func(t *testing.T) {
			a := &fake{name: "a", search: sells(100), traits: c.traits}
			_, err := search(t, desk(t, a), c.q).All()
			require.NoError(t, err)
			require.Equal(t, c.want, a.requests())
		})
	}
}

func TestSearchErrors(t *testing.T) {
	broke := failing(&provider.Error{Provider: "b", Kind: provider.Unauthorized})
	t.Run("all fail", func(t *testing.T) {
		x := search(t, desk(t, &fake{name: "a", search: failing(&provider.Error{Provider: "a", Kind: provider.Forbidden})}, &fake{name: "b", search: broke}), Query{State: "AR"})
		got, err := x.All()
		require.Empty(t, got)
		require.ErrorIs(t, err, provider.Forbidden)
		require.ErrorIs(t, err, provider.Unauthorized)
	})
	t.Run("one fails, the other has nothing", func(t *testing.T) {
		x := search(t, desk(t, &fake{name: "a", search: sells(1)}, &fake{name: "b", search: broke}), Query{State: "AR"})
		got, err := x.All()
		require.NoError(t, err)
		require.Empty(t, got)
		require.ErrorIs(t, of(x.Report(), "b").Err, provider.Unauthorized)
		require.Contains(t, x.Report().String(), "b: failed: b not authorised")
	})
	t.Run("all fail, but one had shown something", func(t *testing.T) {
		x := search(t, desk(t, &fake{name: "b", search: inTurn(sells(2, range501(0, 9)...), broke)}), Query{State: "AR"})
		got, err := x.All()
		require.NoError(t, err)
		require.Len(t, got, 2)
		require.ErrorIs(t, of(x.Report(), "b").Err, provider.Unauthorized)
	})
	t.Run("the list does not move on", func(t *testing.T) {
		a := &fake{name: "a", search: func(context.Context, provider.SearchRequest) (provider.Result[provider.Offer], error) {
			return provider.Result[provider.Offer]{Items: range501(0, 1), Next: "x"}, nil
		}}
		x := search(t, desk(t, a), Query{State: "AR"})
		got, err := x.All()
		require.NoError(t, err)
		require.Len(t, got, 1)
		require.ErrorIs(t, of(x.Report(), "a").Err, provider.Internal)
	})
	t.Run("pages without end", func(t *testing.T) {
		page := 0
		a := &fake{name: "a", search: func(context.Context, provider.SearchRequest) (provider.Result[provider.Offer], error) {
			page++
			return provider.Result[provider.Offer]{Next: strconv.Itoa(page)}, nil
		}}
		x := search(t, desk(t, a), Query{State: "AR"})
		got, err := x.All()
		require.NoError(t, err)
		require.Empty(t, got)
		require.Len(t, a.requests(), maxPages)
		require.Equal(t, "stopped after 200 pages", of(x.Report(), "a").Note)
	})
}

func TestSearchShowsEachNumberOnce(t *testing.T) {
	a := &fake{name: "a", search: sells(3, append(range501(0, 4), range501(2, 4)...)...)}
	b := &fake{name: "b", search: sells(100, range501(4, 4)...)}
	x := search(t, desk(t, a, b), Query{State: "AR", Want: 100})
	got, err := x.All()
	require.NoError(t, err)
	require.Len(t, got, 8)
	r := x.Report()
	require.Equal(t, 8, r.Shown)
	require.Equal(t, 4, of(r, "a").Duplicates+of(r, "b").Duplicates)
	for _, c := range r.Carriers {
		require.Equal(t, c.Found, c.Shown+c.Duplicates, "nothing was left over")
	}
}

func TestSearchLeavesOutWhatIsOurs(t *testing.T) {
	s := desk(t, &fake{name: "a", search: sells(3, range501(0, 6)...)})
	s.Ours = owning(line(501, 234, 0), line(501, 234, 1), line(501, 234, 2))
	x := search(t, s, Query{State: "AR"})
	got, err := x.All()
	require.NoError(t, err)
	require.Equal(t, []string{"(501) 234-0003", "(501) 234-0004", "(501) 234-0005"}, numbersOf(got))
	require.Equal(t, 3, of(x.Report(), "a").Ours)
}

// owning is an inventory of these numbers.
func owning(ns ...nanp.Number) func(context.Context, []nanp.Number) (map[nanp.Number]bool, error) {
	return func(context.Context, []nanp.Number) (map[nanp.Number]bool, error) {
		ours := map[nanp.Number]bool{}
		for _, n := range ns {
			ours[n] = true
		}
		return ours, nil
	}
}

// unreadable is an inventory that cannot be read.
func unreadable(context.Context, []nanp.Number) (map[nanp.Number]bool, error) { return nil, errStore }

var errStore = errors.New("the disk is gone")

func TestSearchFailsWhenTheInventoryCannotBeRead(t *testing.T) {
	s := desk(t, &fake{name: "a", search: sells(3, range501(0, 6)...)}, &fake{name: "b", search: sells(1)})
	s.Ours = unreadable
	x := search(t, s, Query{State: "AR"})
	got, err := x.All()
	require.ErrorIs(t, err, errStore)
	require.Empty(t, got, "what may be ours is never shown as for sale")
	require.NoError(t, of(x.Report(), "a").Err, "it is not the carrier's fault")
}

func TestSearchAgain(t *testing.T) {
	a := &fake{name: "a", search: inTurn(sells(9, range501(0, 1)...), sells(9, range501(5, 2)...))}
	x := search(t, desk(t, a), Query{State: "AR"})
	require.Equal(t, "a: no answer yet", of(x.Report(), "a").String())
	first, err := x.All()
	require.NoError(t, err)
	second, err := x.All()
	require.NoError(t, err)
	require.Equal(t, []string{"(501) 234-0000"}, numbersOf(first))
	require.Equal(t, []string{"(501) 234-0005", "(501) 234-0006"}, numbersOf(second))
	require.Equal(t, 2, x.Report().Shown, "the report is of the latest")
}

func TestSearchReportPrints(t *testing.T) {
	r := Report{Want: 25, Shown: 20, Took: 1234567 * time.Microsecond, Carriers: []CarrierReport{
		{Carrier: "telnyx", Pages: 2, Found: 40, FilteredLocally: 15, Duplicates: 3, Ours: 2, Shown: 20, Took: 310 * time.Millisecond},
		{Carrier: "twilio", Err: &provider.Error{Provider: "twilio", Kind: provider.Unauthorized, Outcome: provider.NotApplied}},
	}}
	require.Equal(t, "20 of 25 in 1.235s\n"+
		"  telnyx: 20 shown, 40 numbers on 2 pages in 310ms, 15 filtered here, 3 shown before, 2 ours already\n"+
		"  twilio: failed: twilio not authorised (not applied)", r.String())
}

func TestRank(t *testing.T) {
	price := func(setup, monthly money.Rate) money.Price { return money.Price{Setup: setup, Monthly: monthly} }
	dear, cheap, free := money.Known(5*money.Dollar), money.Known(money.Dollar), money.Known(0)
	offers := []Offer{
		{Number: line(501, 234, 1), Price: price(money.Rate{}, free)},
		{Number: line(501, 234, 9), Price: price(cheap, cheap)},
		{Number: line(501, 234, 2), Price: price(cheap, cheap)},
		{Number: line(501, 234, 3), Price: price(free, dear)},
		{Number: line(501, 234, 0), Price: price(money.Known(1<<62), money.Known(1<<62))},
		{Number: line(501, 234, 8), Price: price(free, free)},
	}
	Rank(offers)
	require.Equal(t, []string{"(501) 234-0008", "(501) 234-0002", "(501) 234-0009", "(501) 234-0003", "(501) 234-0000", "(501) 234-0001"}, numbersOf(offers))
}
