package sandboxtest

import (
	"slices"
	"time"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/providertest"
	"github.com/numberdesk/numberdesk/provider/sandbox"
	"github.com/numberdesk/numberdesk/vanity"
)

// World is everything that the stage can arrange around p, which speaks to the
// carrier of the stage in whatever way. The caller adds what only he knows: options,
// destinations, secrets, how credentials come to be refused.
func (s *Stage) World(p provider.Provider) providertest.World {
	w := providertest.World{
		Provider: p,
		Now:      s.Now, Advance: s.Advance, Settle: s.settle, Hostile: s.hostile,
		Made: s.made, Ours: s.ours, Taken: s.taken,
		Search: local(p.Capabilities().Traits), TollFreeSearch: tollFree(p.Capabilities().Traits),
		Destinations: []string{"trunk-east", "trunk-west"},
	}
	if !s.hostile {
		w.Fail = s.Fail
	}
	s.addresses(&w)
	s.elsewhere(&w)
	switch p.(type) {
	case *sandbox.Carrier, *sandbox.Client: // an adapter has messages of its own
		s.messages(&w)
	}
	return w
}

// local asks for Arkansas, or for its area code where a search knows no states.
func local(t provider.Traits) provider.SearchRequest {
	if t.Applies(provider.ByState) {
		return provider.SearchRequest{State: "AR"}
	}
	return provider.SearchRequest{Query: vanity.Query{NPA: 501}}
}

func tollFree(t provider.Traits) provider.SearchRequest {
	r := provider.SearchRequest{Kind: provider.TollFree}
	switch d := t.Dialect[provider.TollFree]; {
	case !t.Sells(provider.TollFree):
		return provider.SearchRequest{}
	case d.NeedNPA || d.NPA:
		r.Query.NPA = 833
	}
	return r
}

// settle is what the simulated carrier takes, whatever an adapter says.
func (s *Stage) settle(c provider.Capability) time.Duration {
	return s.Carrier.Capabilities().Traits.Usual[c]
}

// made counts what took effect. The simulated carrier books an order also where it
// refuses each of its numbers at once, but nothing comes of that one.
func (s *Stage) made(op provider.Op) int {
	b := s.Carrier.Book()
	n := b.Count(op)
	for _, o := range b.Orders {
		if o.Op == op && op == provider.OpPlace && !slices.ContainsFunc(o.Lines, func(l sandbox.BookedLine) bool {
			return l.State != provider.ItemRefused || !l.At.Equal(o.At)
		}) {
			n--
		}
	}
	return n
}

func (s *Stage) ours() []nanp.Number { return s.Carrier.Book().OwnedAt(s.Now()) }
