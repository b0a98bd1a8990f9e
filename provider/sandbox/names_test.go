package sandbox

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
)

// fiction is a number of nobody.
var fiction = nanp.MustParse("501-555-0101")

func naming(k provider.Key, name string, ns ...nanp.Number) provider.NameRequest {
	return provider.NameRequest{Key: k, Name: name, Numbers: ns, Remove: name == ""}
}

func (d *desk) setName(k provider.Key, name string, ns ...nanp.Number) provider.NameOrder {
	d.Helper()
	o, err := d.Names.SetName(ctxOf(d.T), naming(k, name, ns...))
	require.NoError(d, err)
	return o
}

func (d *desk) trackName(t provider.Trace) provider.Finding[provider.NameOrder] {
	d.Helper()
	f, err := d.Names.TrackName(ctxOf(d.T), t)
	require.NoError(d, err)
	return f
}

func (d *desk) readName(n nanp.Number) provider.NameItem {
	d.Helper()
	it, err := d.Names.ReadName(ctxOf(d.T), n)
	require.NoError(d, err)
	require.Equal(d, n, it.Number)
	return it
}

func (d *desk) lookup(n nanp.Number) provider.CallerName {
	d.Helper()
	got, err := d.NameLookup.LookupName(ctxOf(d.T), n)
	require.NoError(d, err)
	require.Equal(d, n, got.Number)
	return got
}

func nameStates(o provider.NameOrder) []provider.NameState {
	var out []provider.NameState
	for _, it := range o.Items {
		out = append(out, it.State)
	}
	return out
}

func TestANameSettlesByTheClock(t *testing.T) {
	both(t, Config{}, func(d *desk) {
		ns := d.find(3)
		d.buy("k1", ns...)
		require.Equal(d, provider.NameNone, d.readName(ns[0]).State)
		o := d.setName("n1", "ACME PLUMBING", ns...)
		require.NotEmpty(d, o.Ref)
		require.Equal(d, []provider.NameState{provider.NameWaiting, provider.NameWaiting, provider.NameWaiting}, nameStates(o))
		require.Equal(d, provider.Raw("open"), o.Said.Raw)
		require.Equal(d, provider.NameWaiting, d.readName(ns[0]).State)
		require.Empty(d, d.readName(ns[0]).Name, "what is held, not what was sent")

		sent := d.clk.Now()
		listed := map[nanp.Number]time.Duration{}
		for len(listed) < 3 {
			d.clk.add(time.Second)
			for _, it := range d.trackName(provider.Trace{Key: "n1"}).Value.Items {
				if it.State == provider.NameListed && listed[it.Number] == 0 {
					listed[it.Number] = d.clk.Now().Sub(sent)
					require.Equal(d, "ACME PLUMBING", it.Name)
					require.Equal(d, nameWords[provider.NameListed], it.Said.Raw)
				}
			}
			require.LessOrEqual(d, d.clk.Now().Sub(sent), nameMax)
		}
		for n, took := range listed {
			require.GreaterOrEqual(d, took, nameMin)
			require.Equal(d, provider.NameListed, d.readName(n).State)
			require.Equal(d, "ACME PLUMBING", d.readName(n).Name)
		}
		require.Equal(d, provider.Raw("complete"), d.trackName(provider.Trace{Ref: o.Ref}).Value.Said.Raw)

		// Look-ups show it within a minute more.
		d.clk.add(showMax)
		require.Equal(d, "ACME PLUMBING", d.lookup(ns[0]).Name)
		require.Equal(d, "business", d.lookup(ns[0]).Type)

		// Another name: the old one is held until the new one is.
		d.setName("n2", "ACME 2", ns[0])
		require.Equal(d, "ACME PLUMBING", d.readName(ns[0]).Name)
		require.Equal(d, provider.NameWaiting, d.readName(ns[0]).State)
		d.clk.add(nameMax)
		require.Equal(d, "ACME 2", d.readName(ns[0]).Name)
		require.Equal(d, "ACME 2", d.trackName(provider.Trace{Key: "n1"}).Value.Items[0].Name, "what is held now")

		// And none.
		d.setName("n3", "", ns[0])
		require.Equal(d, "ACME 2", d.readName(ns[0]).Name)
		d.clk.add(nameMax)
		require.Equal(d, provider.NameNone, d.readName(ns[0]).State)
		require.Empty(d, d.readName(ns[0]).Name)
		require.Equal(d, provider.NameNone, d.trackName(provider.Trace{Key: "n3"}).Value.Items[0].State)
		d.clk.add(showMax)
		require.Empty(d, d.lookup(ns[0]).Name)
		require.Equal(d, map[nanp.Number]string{ns[1]: "ACME PLUMBING", ns[2]: "ACME PLUMBING"}, d.c.Book().Names())
		require.Equal(d, 3, d.c.Book().Count(provider.OpSetName))
	})
}

func TestLookupsLagBehind(t *testing.T) {
	d := open(t, Config{Foreign: []provider.Capability{provider.CapNames}})
	lagging := 0
	for i := range 20 {
		n, err := nanp.Make(501, 555, 100+i)
		require.NoError(t, err)
		d.setName(provider.Key(n.String()[1:]), "ACME", n)
		for d.readName(n).State != provider.NameListed {
			d.clk.add(time.Second)
		}
		for d.c.state.names.Held(n, d.clk.Now()) != "" {
			if name, _ := d.c.state.names.Shown(n, d.clk.Now()); name != "" {
				break
			}
			lagging++
			d.clk.add(time.Second)
		}
	}
	require.Greater(t, lagging, 100)
	require.Less(t, lagging, 20*60)
}

func TestNamesThatAreRefused(t *testing.T) {
	both(t, Config{}, func(d *desk) {
		ns := d.find(2)
		free, err := d.Search.Search(ctxOf(d.T), provider.SearchRequest{Kind: provider.TollFree, Page: provider.Page{Limit: 1}})
		require.NoError(d, err)
		tollFree := free.Items[0].Number
		d.buy("k1", ns[0], tollFree)
		set := func(k provider.Key, name string, remove bool, ns ...nanp.Number) []provider.NameItem {
			o, err := d.Names.SetName(ctxOf(d.T), provider.NameRequest{Key: k, Name: name, Remove: remove, Numbers: ns})
			require.NoError(d, err)
			return o.Items
		}
		for i, c := range []struct {
			name   string
			remove bool
			text   string
		}{
			{" ACME", false, "space"}, {"ACME#1", false, "character"}, {"ACMÉ", false, "character"}, {"ACME\n", false, "character"},
			{"ACME\xff", false, "character"}, {"", false, "empty"}, {"ACM3456789ABCDEF", false, "15 characters"}, {"ACME", true, "removal"},
		} {
			it := set(provider.Key("bad-"+string(rune('a'+i))), c.name, c.remove, ns[0])[0]
			require.Equal(d, provider.NameRefused, it.State, c.name)
			require.ErrorIs(d, it.Err, provider.Invalid)
			require.ErrorContains(d, it.Err, c.text)
			require.NotContains(d, it.Err.Error(), "ACM", "it does not repeat the name")
		}
		items := set("mixed", "O'Hara & Sons.", false, ns[0], ns[1], tollFree)
		require.Equal(d, provider.NameWaiting, items[0].State)
		require.ErrorIs(d, items[1].Err, provider.NotYours)
		require.ErrorIs(d, items[2].Err, provider.Unsupported)
		require.Equal(d, tollFree, items[2].Err.Number)
		d.clk.add(nameMax)
		require.Equal(d, map[nanp.Number]string{ns[0]: "O'Hara & Sons."}, d.c.Book().Names())
		_, err = d.Names.ReadName(ctxOf(d.T), ns[1])
		fails(d, err, provider.NotFound, provider.NotApplied)

		// No requests at all.
		before := len(d.c.Book().Events)
		for _, r := range []provider.NameRequest{
			naming("", "ACME", ns[0]), naming("k", "ACME"), naming("k", "ACME", ns[0], ns[0]), naming("k", "ACME", 7), naming("k", strings.Repeat("A", 257), ns[0]),
		} {
			_, err := d.Names.SetName(ctxOf(d.T), r)
			require.ErrorIs(d, err, provider.Invalid)
			require.Equal(d, provider.NotApplied, provider.OutcomeOf(err))
		}
		require.Len(d, d.c.Book().Events, before)
	})
	both(t, Config{NameTollFree: true, Foreign: []provider.Capability{provider.CapNames}}, func(d *desk) {
		require.True(d, d.Traits.NameTollFree && d.Traits.Serves(provider.CapNames))
		d.setName("n1", "ACME", fiction, nanp.MustParse("877-555-0103"))
		d.clk.add(nameMax)
		require.Equal(d, "ACME", d.readName(fiction).Name)
		require.Len(d, d.c.Book().Names(), 2)
	})
}

// A carrier says no more than its proof allows, whatever is true.
func TestWhatACarrierCanProveOfAName(t *testing.T) {
	type seen struct {
		state provider.NameState
		name  string
	}
	for proof, want := range map[provider.Proof]struct{ sent, tracked, read, replacing, removed seen }{
		provider.Status: {seen{provider.NameWaiting, ""}, seen{provider.NameListed, "ACME"}, seen{provider.NameListed, "ACME"},
			seen{provider.NameWaiting, "ACME"}, seen{provider.NameNone, ""}},
		provider.ReadBack: {seen{provider.NameWaiting, ""}, seen{provider.NameReadBack, "ACME"}, seen{provider.NameReadBack, "ACME"},
			seen{provider.NameWaiting, "ACME"}, seen{provider.NameNone, ""}},
		provider.NoProof: {seen{provider.NameWaiting, ""}, seen{provider.NameWaiting, ""}, seen{provider.NameWaiting, ""},
			seen{provider.NameWaiting, ""}, seen{provider.NameWaiting, ""}},
	} {
		both(t, Config{NameProof: proof, NameSilent: proof == provider.NoProof}, func(d *desk) {
			require.Equal(d, proof, d.Traits.NameProof)
			of := func(it provider.NameItem) seen { return seen{it.State, it.Name} }
			n := d.find(1)[0]
			d.buy("k1", n)
			require.Equal(d, want.sent, of(d.setName("n1", "ACME", n).Items[0]))
			d.clk.add(nameMax)
			require.Equal(d, want.tracked, of(d.trackName(provider.Trace{Key: "n1"}).Value.Items[0]))
			require.Equal(d, want.read, of(d.readName(n)))
			require.Equal(d, want.replacing, of(d.setName("n2", "OTHER", n).Items[0]))
			require.Equal(d, "ACME", d.c.Book().NamesAt(d.clk.Now())[n], "the truth")
			d.clk.add(nameMax)
			d.setName("n3", "", n)
			d.clk.add(nameMax)
			require.Equal(d, want.removed, of(d.trackName(provider.Trace{Key: "n3"}).Value.Items[0]))
			require.Equal(d, provider.NameNone, d.readName(n).State)
		})
	}
}

func TestAPersonLooksAtNames(t *testing.T) {
	both(t, Config{NameReview: true}, func(d *desk) {
		require.Equal(d, reviewMax+nameMax, d.Traits.Usual[provider.CapNames])
		ns := d.find(3)
		d.buy("k1", ns...)
		d.setName("n1", "ACME", ns...)
		d.setName("n2", "555 0101", ns[2])
		d.clk.add(reviewMin - time.Second)
		require.Equal(d, []provider.NameState{provider.NameInReview, provider.NameInReview, provider.NameInReview}, nameStates(d.trackName(provider.Trace{Key: "n1"}).Value))
		require.Equal(d, provider.NameInReview, d.readName(ns[0]).State)
		d.clk.add(reviewMax + nameMax)
		require.Equal(d, provider.NameListed, d.readName(ns[0]).State)
		it := d.trackName(provider.Trace{Key: "n2"}).Value.Items[0]
		require.Equal(d, provider.NameRefused, it.State)
		require.ErrorIs(d, it.Err, provider.Invalid)
		require.Equal(d, "ACME", d.readName(ns[2]).Name)
		require.Equal(d, provider.NameWaiting, d.setName("n3", "", ns[0]).Items[0].State, "nobody looks at a removal")
	})
}

func TestANameIsLostWithItsNumber(t *testing.T) {
	both(t, Config{}, func(d *desk) {
		ns := d.find(2)
		d.buy("k1", ns...)
		d.setName("n1", "ACME", ns...)
		d.clk.add(nameMax + showMax)
		listed := d.clk.Now()
		o, err := d.Return.Return(ctxOf(d.T), provider.ReturnRequest{Key: "r1", Numbers: ns[:1]})
		require.NoError(d, err)
		require.Equal(d, "ACME", d.readName(ns[0]).Name, "until it is gone")
		d.clk.add(o.Again)
		_, err = d.Names.ReadName(ctxOf(d.T), ns[0])
		fails(d, err, provider.NotFound, provider.NotApplied)
		require.Equal(d, []provider.NameState{provider.NameNone, provider.NameListed}, nameStates(d.trackName(provider.Trace{Key: "n1"}).Value))
		require.Empty(d, d.lookup(ns[0]).Name)
		require.Equal(d, map[nanp.Number]string{ns[1]: "ACME"}, d.c.Book().Names())
		require.Len(d, d.c.Book().NamesAt(listed), 2)

		// Whoever buys it again does not find the old name on it.
		d.clk.add(rest)
		d.buy("k2", ns[0])
		require.Equal(d, provider.NameNone, d.readName(ns[0]).State)
	})
}

func TestLookupsOfOtherPeoplesNumbers(t *testing.T) {
	both(t, Config{}, func(d *desk) {
		names, none := map[string]bool{}, 0
		for i := range 100 {
			n, err := nanp.Make(501, 217, 4000+i)
			require.NoError(d, err)
			got := d.lookup(n)
			require.Equal(d, got.Name, d.lookup(n).Name, "the same for ever")
			require.LessOrEqual(d, len(got.Name), 15)
			require.Equal(d, got.Name == "", got.Type == "")
			if got.Name == "" {
				none++
				require.Equal(d, provider.Raw("unavailable"), got.Said.Raw)
			}
			names[got.Name] = true
		}
		require.Greater(d, len(names), 20)
		require.Greater(d, none, 10)
		require.Less(d, none, 60)
		require.Empty(d, d.lookup(d.find(1)[0]).Name, "nobody has it")
		_, err := d.NameLookup.LookupName(ctxOf(d.T), fiction)
		fails(d, err, provider.NotFound, provider.NotApplied)
	})
}
