package did_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/numberdesk/numberdesk/did"
	"github.com/numberdesk/numberdesk/market"
	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/sandbox"
	"github.com/numberdesk/numberdesk/store"
	"github.com/numberdesk/numberdesk/store/journal"
	"github.com/numberdesk/numberdesk/store/work"
)

func TestLifeOfANumber(t *testing.T) {
	w := newWorld(t, sandbox.Config{})
	offers := w.forSale(2)
	p, err := w.Buy(w.ctx, offers)
	require.NoError(t, err)
	require.Len(t, p.Orders, 1)
	n := p.Numbers[0]

	d := w.get(n)
	require.Equal(t, did.Pending, d.Status)
	require.Zero(t, d.Said, "nobody has said anything yet")
	require.Equal(t, offers[0].Price, d.Price)
	require.Empty(t, w.carrier.Book().Orders, "nothing leaves before it is durable and somebody steps")

	w.step()
	require.Equal(t, did.Pending, w.get(n).Status, "the carrier has accepted it, and not confirmed")
	w.pass(2 * time.Minute)
	d = w.get(n)
	require.Equal(t, did.Active, d.Status)
	require.Equal(t, provider.ID("sandbox"), d.Said.By)
	require.NotEmpty(t, d.Said.Raw)
	require.NotZero(t, d.Said.At)
	require.Empty(t, d.Attention)

	acme := w.tenant("acme", "Acme Plumbing")
	d, err = w.Assign(w.ctx, n, acme)
	require.NoError(t, err)
	require.Equal(t, acme, d.Tenant)
	to, err := w.Routing(w.ctx, n)
	require.NoError(t, err)
	require.Equal(t, did.Routed{Number: n, Tenant: acme, To: did.Destination{Kind: "voicemail", ID: "acme"}, Default: true}, to)
	_, err = w.SetDestination(w.ctx, n, did.Destination{Kind: "queue", ID: "sales"})
	require.NoError(t, err)
	to, err = w.Routing(w.ctx, n)
	require.NoError(t, err)
	require.Equal(t, did.Destination{Kind: "queue", ID: "sales"}, to.To)
	require.False(t, to.Default)

	d, err = w.Release(w.ctx, n)
	require.NoError(t, err)
	require.Equal(t, did.Released, d.Status)
	require.Empty(t, d.Tenant)
	require.Zero(t, d.Dest)
	_, err = w.Routing(w.ctx, n)
	require.ErrorIs(t, err, did.ErrRefused)

	d, err = w.Assign(w.ctx, n, acme)
	require.NoError(t, err)
	require.Equal(t, did.Active, d.Status, "a released number can be assigned again")
	require.Zero(t, d.Dest, "what an earlier tenant had set is gone")

	told := slices.DeleteFunc(w.history(n), func(s string) bool { return s == "did.pending" }) // one number in three is assigned before it is live
	require.Equal(t, []string{"did.bought", "did.active", "did.assigned", "did.routed", "did.released", "did.assigned"}, told)
}

func TestHistoryTellsWhoAndWhat(t *testing.T) {
	w := newWorld(t, sandbox.Config{Instant: true})
	n := w.active(1)[0]
	_, err := w.Assign(w.ctx, n, w.tenant("acme", "Acme"))
	require.NoError(t, err)
	_, err = w.Release(w.ctx, n)
	require.NoError(t, err)
	byType := map[string]journal.Event{}
	for e, err := range journal.History(w.ctx, w.store, "did/"+n.String()) {
		require.NoError(t, err)
		byType[e.Type] = e
	}
	require.Equal(t, journal.Actor{ID: "ann", Reason: "test"}, byType["did.assigned"].Actor)
	require.JSONEq(t, `{"status":"ACTIVE"}`, string(byType["did.assigned"].Before))
	require.JSONEq(t, `{"status":"ACTIVE","tenant":"acme"}`, string(byType["did.assigned"].After))
	require.Equal(t, "acme", byType["did.released"].Tenant, "a release concerns who had it")
	require.EqualValues(t, "sandbox", byType["did.active"].Said.By)
	require.NotZero(t, byType["did.active"].Said.At)
}

func TestTakenNumberFails(t *testing.T) {
	w := newWorld(t, sandbox.Config{Chaos: sandbox.Chaos{Script: func(op provider.Op, _ provider.Key, _ int) sandbox.Fault {
		if op == provider.OpPlace {
			return sandbox.Taken
		}
		return sandbox.Polite
	}}})
	ns := w.buy(3)
	w.pass(3 * time.Minute)
	counts := map[did.Status]int{}
	var lost nanp.Number
	for _, n := range ns {
		d := w.get(n)
		counts[d.Status]++
		if d.Status == did.Failed {
			lost = n
			require.Contains(t, d.Attention, "taken")
		}
	}
	require.Equal(t, map[did.Status]int{did.Active: 2, did.Failed: 1}, counts, "partial success")
	require.Len(t, rows(t, w, did.Filter{}, 10), 2, "closed numbers are out of the default view")
	require.Len(t, rows(t, w, did.Filter{Status: did.Failed}, 10), 1)
	require.Len(t, rows(t, w, did.Filter{WithClosed: true}, 10), 3)

	_, err := w.Buy(w.ctx, []market.Offer{{Carrier: "sandbox", Number: lost}})
	require.NoError(t, err, "a failed number can be bought again")
	require.Equal(t, did.Pending, w.get(lost).Status)
}

func TestLateIsShownAndNothingIsDecidedByTime(t *testing.T) {
	w := newWorld(t, sandbox.Config{Chaos: sandbox.Chaos{Script: func(op provider.Op, _ provider.Key, _ int) sandbox.Fault {
		if op == provider.OpTrack || op == provider.OpPlace {
			return sandbox.UnknownStatus
		}
		return sandbox.Polite
	}}})
	n := w.buy(1)[0]
	w.step()
	require.False(t, rows(t, w, did.Filter{}, 1)[0].Late)
	w.pass(5 * time.Hour)
	row := rows(t, w, did.Filter{}, 1)[0]
	require.Equal(t, did.Pending, row.Status)
	require.True(t, row.Late)
	require.Contains(t, row.Attention, "not known here")
	require.NotEmpty(t, w.get(n).Said.Raw, "the carrier's own word is kept")
}

// A carrier that only sells what a recent search has shown is searched before
// each order; a search that fails orders nothing.
func TestRecentSearchIsMade(t *testing.T) {
	for _, fault := range []sandbox.Fault{sandbox.Polite, sandbox.ReplyLost, sandbox.Throttled, sandbox.Hung} {
		var armed atomic.Bool
		w := newWorld(t, sandbox.Config{RecentSearch: time.Hour, PageMax: 2, Keying: provider.ByKey, Chaos: sandbox.Chaos{Only: []provider.Op{provider.OpSearch},
			Script: func(op provider.Op, k provider.Key, n int) sandbox.Fault {
				if n == 1 && armed.Load() {
					return fault
				}
				return sandbox.Polite
			}}})
		offers := w.forSale(5)
		armed.Store(true)
		w.clock.Advance(3 * time.Hour)
		p, err := w.Buy(w.ctx, offers)
		require.NoError(t, err)
		w.pass(10 * time.Minute)
		for _, n := range p.Numbers {
			require.Equal(t, did.Active, w.get(n).Status, w.get(n).Attention)
		}
		require.Len(t, w.carrier.Book().Charges, 5)
	}
}

// Of two who buy or assign the same number at once, exactly one wins, and the
// other is told who has it.
func TestOneOfTwoWins(t *testing.T) {
	w := newWorld(t, sandbox.Config{Instant: true})
	offers := w.forSale(1)
	race := func(try func(i int) error) (errs []error) {
		all := make([]error, 8)
		var wg sync.WaitGroup
		for i := range all {
			wg.Go(func() { all[i] = try(i) })
		}
		wg.Wait()
		for _, err := range all {
			if err != nil {
				errs = append(errs, err)
			}
		}
		return errs
	}
	lost := race(func(int) error { _, err := w.Buy(w.ctx, offers); return err })
	require.Len(t, lost, 7)
	for _, err := range lost {
		require.ErrorIs(t, err, did.ErrTaken)
		require.ErrorContains(t, err, "being bought already")
	}
	w.pass(time.Minute)
	require.Len(t, w.carrier.Book().Charges, 1)

	n := offers[0].Number
	ids := []did.TenantID{"a", "b", "c", "d", "e", "f", "g", "h"}
	for _, id := range ids {
		w.tenant(id, "Tenant "+string(id))
	}
	lost = race(func(i int) error { _, err := w.Assign(w.ctx, n, ids[i]); return err })
	require.Len(t, lost, 7)
	holder := w.get(n).Tenant
	for _, err := range lost {
		var r *did.Refusal
		require.ErrorAs(t, err, &r)
		require.ErrorIs(t, err, did.ErrTaken)
		require.Equal(t, holder, r.Holder)
		require.Equal(t, "Tenant "+string(holder), r.Name)
	}
	_, err := w.Buy(w.ctx, offers)
	require.ErrorIs(t, err, did.ErrTaken)
	require.ErrorContains(t, err, "Tenant "+string(holder))
}

// The number of durable commits of a purchase does not grow with its numbers.
func TestCommitsDoNotGrowWithNumbers(t *testing.T) {
	commits := func(n int) int {
		w := newWorld(t, sandbox.Config{Instant: true, OrderLines: 500})
		offers := w.forSale(n)
		before := w.store.commits
		_, err := w.Buy(w.ctx, offers)
		require.NoError(t, err)
		w.pass(time.Minute)
		require.Len(t, rows(t, w, did.Filter{Status: did.Active}, 0), n)
		return w.store.commits - before
	}
	one := commits(1)
	require.LessOrEqual(t, one, 4, "booked, claimed, sending, answered")
	for _, n := range []int{2, 20, 200} {
		require.Equal(t, one, commits(n), "%d numbers", n)
	}
}

func TestBadInputChangesNothing(t *testing.T) {
	w := newWorld(t, sandbox.Config{Instant: true})
	n := w.active(1)[0]
	acme := w.tenant("acme", "Acme")
	offer := func(s string) []market.Offer { return []market.Offer{{Carrier: "sandbox", Number: nanp.MustParse(s)}} }
	fresh := w.forSale(2)
	many := make([]market.Offer, 1_000_000)
	cancelled, cancel := context.WithCancel(w.ctx)
	cancel()
	long := string(make([]byte, 300))

	buy := func(o []market.Offer) func() error {
		return func() error { _, err := w.Buy(w.ctx, o); return err }
	}
	for name, c := range map[string]struct {
		do   func() error
		is   error
		says string
	}{
		"malformed number":    {buy([]market.Offer{{Carrier: "sandbox", Number: 0x999}}), did.ErrInvalid, "cannot be bought"},
		"zero number":         {buy([]market.Offer{{Carrier: "sandbox"}}), did.ErrInvalid, "cannot be bought"},
		"Canadian":            {buy(offer("416-234-5678")), nanp.RuleCountry, "Canad"},
		"Caribbean":           {buy(offer("242-234-5678")), nanp.RuleCountry, ""},
		"premium":             {buy(offer("900-234-5678")), nanp.RulePremium, "premium"},
		"non-geographic":      {buy(offer("533-234-5678")), nanp.RuleNonGeographic, ""},
		"fictional":           {buy(offer("501-555-0123")), did.ErrInvalid, ""},
		"quantity 0":          {buy(nil), did.ErrInvalid, "quantity"},
		"quantity 1,000,000":  {buy(many), did.ErrInvalid, "quantity"},
		"twice":               {buy([]market.Offer{fresh[0], fresh[0]}), did.ErrInvalid, "twice"},
		"good then bad":       {buy(append(fresh[:1:1], offer("900-234-5678")...)), did.ErrInvalid, ""},
		"unknown carrier":     {buy([]market.Offer{{Carrier: "verizon", Number: fresh[0].Number}}), provider.NotFound, "verizon"},
		"taken among others":  {buy([]market.Offer{fresh[0], {Carrier: "sandbox", Number: n}}), did.ErrTaken, "inventory"},
		"cancelled buy":       {func() error { _, err := w.Buy(cancelled, fresh); return err }, context.Canceled, ""},
		"unknown tenant":      {func() error { _, err := w.Assign(w.ctx, n, "nobody"); return err }, did.ErrNotFound, `tenant "nobody"`},
		"no tenant":           {func() error { _, err := w.Assign(w.ctx, n, ""); return err }, did.ErrNotFound, "tenant"},
		"hostile tenant":      {func() error { _, err := w.Assign(w.ctx, n, did.TenantID(long)); return err }, did.ErrNotFound, "tenant"},
		"unknown number":      {func() error { _, err := w.Assign(w.ctx, fresh[1].Number, acme); return err }, did.ErrNotFound, "inventory"},
		"assign garbage":      {func() error { _, err := w.Assign(w.ctx, 5, acme); return err }, did.ErrInvalid, "number"},
		"release unassigned":  {func() error { _, err := w.Release(w.ctx, n); return err }, did.ErrRefused, "no tenant"},
		"route unassigned":    {func() error { _, err := w.SetDestination(w.ctx, n, did.Destination{Kind: "q", ID: "1"}); return err }, did.ErrRefused, "no tenant"},
		"half destination":    {func() error { _, err := w.SetDestination(w.ctx, n, did.Destination{Kind: "q"}); return err }, did.ErrInvalid, "destination"},
		"cancelled assign":    {func() error { _, err := w.Assign(cancelled, n, acme); return err }, context.Canceled, ""},
		"get garbage":         {func() error { _, err := w.Get(w.ctx, 7); return err }, did.ErrInvalid, ""},
		"route unknown":       {func() error { _, err := w.Routing(w.ctx, fresh[1].Number); return err }, did.ErrNotFound, ""},
		"tenant without name": {func() error { _, err := w.PutTenant(w.ctx, did.Tenant{ID: "x"}); return err }, did.ErrInvalid, "name"},
		"tenant with slash":   {func() error { _, err := w.PutTenant(w.ctx, did.Tenant{ID: "a/b", Name: "x"}); return err }, did.ErrInvalid, "slash"},
		"tenant with control": {func() error { _, err := w.PutTenant(w.ctx, did.Tenant{ID: "a", Name: "x\x1b[2J"}); return err }, did.ErrInvalid, "printed"},
		"tenant again":        {func() error { _, err := w.PutTenant(w.ctx, did.Tenant{ID: "acme", Name: "x"}); return err }, store.ErrConflict, ""},
		"no such status":      {func() error { _, err := w.List(w.ctx, did.Filter{Status: "LOST"}, provider.Page{}); return err }, did.ErrInvalid, "LOST"},
		"letters as prefix":   {func() error { _, err := w.List(w.ctx, did.Filter{Prefix: "50x"}, provider.Page{}); return err }, did.ErrInvalid, "prefix"},
		"text of nothing":     {func() error { _, err := w.List(w.ctx, did.Filter{Text: "()-"}, provider.Page{}); return err }, did.ErrInvalid, "text"},
		"a million rows":      {func() error { _, err := w.List(w.ctx, did.Filter{}, provider.Page{Limit: 1_000_000}); return err }, store.ErrInvalid, "1000"},
		"cancelled list":      {func() error { _, err := w.List(cancelled, did.Filter{}, provider.Page{}); return err }, context.Canceled, ""},
	} {
		t.Run(name, func(t *testing.T) {
			before, orders := w.dump(), len(w.carrier.Book().Orders)
			err := c.do()
			require.ErrorIs(t, err, c.is)
			require.ErrorContains(t, err, c.says)
			require.NotContains(t, err.Error(), "\x1b")
			require.Less(t, len(err.Error()), 400)
			w.pass(10 * time.Second)
			require.Equal(t, before, w.dump())
			require.Len(t, w.carrier.Book().Orders, orders)
		})
	}
}

// section is a domain on a DID that records what it is told.
type section struct {
	told    []string
	object  map[did.Event]string
	explode error
}

func (s *section) Name() did.SectionName         { return "e911" }
func (s *section) Statuses() []string            { return []string{"not-set", "registered"} }
func (s *section) Initial(d did.DID) did.Summary { return did.Summary{Status: "not-set"} }
func (s *section) Assigned(t *did.Tx, d *did.DID) error {
	s.told = append(s.told, "assigned "+string(d.Tenant))
	d.Sections.Set("e911", did.Summary{Status: "registered", Text: "1 Main St"})
	return t.Put(&store.Record{Kind: "e911", ID: store.ID(d.Number.String())})
}
func (s *section) Leaving(t *did.Tx, d *did.DID, why did.Leave) error {
	s.told = append(s.told, "leaving "+string(d.Tenant)+": "+string(why))
	d.Sections.Set("e911", did.Summary{Status: "not-set"})
	if s.explode != nil {
		return s.explode
	}
	_, err := t.Ask(work.Intent{Kind: "e911.remove", Carrier: "sandbox", Numbers: []nanp.Number{d.Number}})
	return err
}
func (s *section) Objections(_ store.Reader, d did.DID, on did.Event) ([]string, error) {
	if why := s.object[on]; why != "" {
		return []string{why}, nil
	}
	return nil, nil
}

type removals struct{}

func (removals) Send(context.Context, work.Intent) (int, error) { return 0, nil }
func (removals) Track(context.Context, work.Intent) (f provider.Finding[int], err error) {
	return f, nil
}
func (removals) Book(store.Tx, work.Intent, int) (work.Progress, error) {
	return work.Progress{Done: true}, nil
}
func (removals) Fail(store.Tx, work.Intent, error) error { return nil }
func (removals) Stuck(store.Tx, work.Intent) error       { return nil }

func TestSectionsLiveInTheTransaction(t *testing.T) {
	w := newWorld(t, sandbox.Config{Instant: true})
	x := &section{object: map[did.Event]string{}}
	require.NoError(t, w.Use(x))
	require.Error(t, w.Use(x), "attached twice")
	require.NoError(t, work.Handle(w.work, "e911.remove", removals{}))
	n := w.active(1)[0]
	require.Equal(t, "not-set", w.get(n).Sections.Of("e911").Status)
	acme := w.tenant("acme", "Acme")

	x.object[did.Assign] = "no address of record"
	_, err := w.Assign(w.ctx, n, acme)
	require.ErrorIs(t, err, did.ErrRefused)
	require.ErrorContains(t, err, "no address of record")
	row := rows(t, w, did.Filter{}, 1)[0]
	require.False(t, row.Possible(did.Assign))
	delete(x.object, did.Assign)
	require.True(t, rows(t, w, did.Filter{}, 1)[0].Possible(did.Assign))

	_, err = w.Assign(w.ctx, n, acme)
	require.NoError(t, err)
	require.Len(t, rows(t, w, did.Filter{Section: map[did.SectionName]string{"e911": "registered"}}, 10), 1)
	require.Empty(t, rows(t, w, did.Filter{Section: map[did.SectionName]string{"e911": "not-set"}}, 10))

	x.explode = errors.New("boom")
	before := w.dump()
	_, err = w.Release(w.ctx, n)
	require.ErrorIs(t, err, x.explode)
	require.Equal(t, before, w.dump(), "half a release")
	x.explode = nil
	_, err = w.Release(w.ctx, n)
	require.NoError(t, err)
	open, err := w.work.Open(w.ctx)
	require.NoError(t, err)
	require.Equal(t, 1, open, "the end of the registration is booked with the release")
	require.Contains(t, x.told, "leaving acme: released")
}

func TestBlocksAreHonoured(t *testing.T) {
	w := newWorld(t, sandbox.Config{Instant: true})
	ns := w.active(2)
	acme := w.tenant("acme", "Acme")
	for _, n := range ns {
		_, err := w.Assign(w.ctx, n, acme)
		require.NoError(t, err)
	}
	block := func(n nanp.Number, k did.BlockKind) {
		require.NoError(t, w.Update(w.ctx, func(tx *did.Tx) error {
			d, err := tx.DID(n)
			if err != nil {
				return err
			}
			d.Blocks = append(d.Blocks, did.Block{Kind: k, Who: "ann", Why: "ticket 7", Since: w.clock.Now()})
			return tx.Save(&d, "did.blocked", "")
		}))
	}
	block(ns[0], did.Locked)
	block(ns[1], did.Suspended)
	_, err := w.Release(w.ctx, ns[0])
	require.ErrorContains(t, err, "locked, by ann: ticket 7")
	_, err = w.Routing(w.ctx, ns[1])
	require.ErrorContains(t, err, "suspended")
	require.Len(t, rows(t, w, did.Filter{Block: did.Locked}, 10), 1)
}
