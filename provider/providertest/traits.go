package providertest

import (
	"context"
	"slices"

	"github.com/numberdesk/numberdesk/provider"
)

var traitCases = []Case{
	{"id/valid", MUST, nil, "the ID is valid, stays the same, and the carrier can be part of a set: records are kept under it for years", func(e *env) {
		id := e.w.Provider.ID()
		e.ok(id.Validate())
		e.equal(e.w.Provider.ID(), id, "ID")
		_, err := provider.NewSet(e.w.Provider)
		e.ok(err)
	}},
	{"traits/nil-has-a-reason", MUST, nil, "what is not offered has a reason in words: a person who cannot do something reads why", func(e *env) {
		offered := e.caps.Offered()
		for _, c := range provider.AllCapabilities() {
			note := e.traits().Why[c]
			if !slices.Contains(offered, c) {
				e.that(note.Reason != "", "%s is not offered, and nothing says why", c)
				e.that(!note.Can, "%s is not offered, and its note says that it can be done", c)
			} else if note.Reason != "" {
				e.that(note.Can, "%s is offered, and its note says that it cannot be done", c)
			}
		}
	}},
	{"traits/names-are-known", MUST, nil, "traits speak of capabilities that there are and are offered: a misspelt one is a promise that nobody reads", func(e *env) {
		all, offered := provider.AllCapabilities(), e.caps.Offered()
		for c := range e.traits().Why {
			e.that(slices.Contains(all, c), "Why speaks of %q", c)
		}
		for c, k := range e.traits().Keyed {
			e.that(slices.Contains(offered, c), "Keyed speaks of %q, which is not offered", c)
			e.that(k <= provider.Once, "Keyed of %s is %d", c, k)
		}
		for c, d := range e.traits().Usual {
			e.that(slices.Contains(offered, c), "Usual speaks of %q, which is not offered", c)
			e.that(d >= 0, "what %s usually takes is %v", c, d)
		}
		for _, c := range e.traits().Foreign {
			e.that(slices.Contains(offered, c), "Foreign speaks of %q, which is not offered", c)
		}
	}},
	{"traits/make-sense", MUST, nil, "the carrier has a name, limits are not negative, and each kind that is sold has a dialect", func(e *env) {
		t := e.traits()
		e.that(t.Name != "", "the carrier has no name")
		e.that(t.PageMax >= 0 && t.OrderLines >= 0 && t.Horizon >= 0 && t.RecentSearch >= 0, "a limit is negative")
		if e.caps.Search == nil {
			return
		}
		e.that(len(t.Kinds) > 0, "it searches, and sells nothing")
		for _, k := range t.Kinds {
			_, has := t.Dialect[k]
			e.that(has, "it sells %s numbers, and says nothing of how they are asked for", k)
		}
		for class, l := range t.Rates {
			e.that(l.PerSecond > 0 && l.Burst > 0, "the rate of %s is %+v", class, l)
		}
	}},
	{"traits/same-every-time", MUST, nil, "a carrier offers the same whenever it is asked, and middleware keeps what is offered and what is not", func(e *env) {
		want := e.caps.Offered()
		seen := provider.Intercept(func(ctx context.Context, _ provider.Call, next func(context.Context) error) error { return next(ctx) })
		e.equal(e.w.Provider.Capabilities().Offered(), want, "what is offered the second time")
		e.equal(seen(e.w.Provider).Capabilities().Offered(), want, "what is offered through middleware")
	}},
}
