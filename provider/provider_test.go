package provider_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/numberdesk/numberdesk/nanp"
	. "github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/vanity"
)

func TestPick(t *testing.T) {
	set, err := NewSet(everything{}, nothing{"none"})
	require.NoError(t, err)

	orders, traits, err := Pick[Orderer](set, "everything")
	require.NoError(t, err)
	require.NotNil(t, orders)
	require.Empty(t, traits.Name)

	_, traits, err = Pick[Orderer](set, "none")
	require.ErrorIs(t, err, Unsupported)
	require.ErrorContains(t, err, "umbrellas", "the carrier's own reason")
	require.Equal(t, NotApplied, OutcomeOf(err))
	require.Equal(t, "Nothing", traits.Name)

	_, _, err = Pick[Hooker](set, "none")
	require.ErrorIs(t, err, Unsupported, "also without a reason")

	_, _, err = Pick[Orderer](set, "verizon")
	require.ErrorIs(t, err, NotFound)
	require.ErrorContains(t, err, "everything, none")
	require.Panics(t, func() { _, _, _ = Pick[fmt.Stringer](set, "none") })
}

// foreign registers numbers of other carriers too, and sells nothing.
type foreign struct{ everything }

func (foreign) ID() ID { return "foreign" }
func (f foreign) Capabilities() Capabilities {
	return Capabilities{Emergency: f, Traits: Traits{Foreign: []Capability{CapEmergency, CapNames}}}
}

// A registration may live at another carrier than the number; the owner comes
// first, and a carrier that claims to serve what it does not offer is passed over.
func TestServing(t *testing.T) {
	set, err := NewSet(nothing{"none"}, foreign{}, everything{})
	require.NoError(t, err)
	for _, c := range []struct {
		cap   Capability
		owner ID
		want  ID
	}{
		{CapEmergency, "none", "foreign"},
		{CapEmergency, "everything", "everything"},
		{CapEmergency, "gone", "foreign"},
		{CapNames, "none", ""},
		{CapOrders, "none", ""},
		{CapNames, "everything", "everything"},
	} {
		id, ok := set.Serving(c.cap, c.owner)
		require.Equal(t, c.want, id, "%s for %s", c.cap, c.owner)
		require.Equal(t, c.want != "", ok)
	}
}

func TestOffered(t *testing.T) {
	require.Equal(t, AllCapabilities(), everything{}.Capabilities().Offered())
	require.Empty(t, nothing{}.Capabilities().Offered())
	require.Equal(t, []Capability{CapEmergency}, foreign{}.Capabilities().Offered())
}

type pointer struct{ everything }

func (*pointer) ID() ID { return "pointer" }

type typedNil struct{ nothing }

func (typedNil) Capabilities() Capabilities { return Capabilities{Search: (*pointer)(nil)} }

func TestNewSetRefuses(t *testing.T) {
	for name, ps := range map[string][]Provider{
		"nil":        {nil},
		"typed nil":  {(*pointer)(nil)},
		"bad ID":     {nothing{"Has Spaces"}},
		"empty ID":   {nothing{""}},
		"twice":      {nothing{"a"}, nothing{"a"}},
		"nil inside": {typedNil{nothing{"a"}}},
	} {
		_, err := NewSet(ps...)
		require.Error(t, err, name)
	}
	set, err := NewSet(nothing{"b"}, nothing{"a"})
	require.NoError(t, err)
	var order []ID
	for id := range set.All() {
		order = append(order, id)
	}
	require.Equal(t, []ID{"b", "a"}, order, "the order in which they were given")
	require.Equal(t, 2, set.Len())
}

func TestKeys(t *testing.T) {
	for k, ok := range map[Key]bool{"01JDABCDEFGHJKMNPQRSTVWXYZ": true, "a-1": true, "": false, "a b": false, "a_b": false, "é": false,
		Key(strings.Repeat("a", 32)): true, Key(strings.Repeat("a", 33)): false} {
		err := k.Validate()
		require.Equal(t, ok, err == nil, "%q: %v", k, err)
		if err != nil {
			require.ErrorIs(t, err, Invalid)
		}
	}
}

func TestErrorsHaveTwoAxes(t *testing.T) {
	cause := errors.New("connection reset")
	err := fmt.Errorf("buying: %w", &Error{Op: OpPlace, Provider: "telnyx", Kind: Unavailable, Code: "10007", Request: "r-9", Number: one, Err: cause})
	require.ErrorIs(t, err, Unavailable)
	require.ErrorIs(t, err, cause)
	require.NotErrorIs(t, err, RateLimited)
	require.Equal(t, OutcomeUnknown, OutcomeOf(err))
	require.Equal(t, "buying: telnyx place order unavailable (outcome unknown): (501) 555-0101 [10007] (request r-9)", err.Error())
	require.Equal(t, Applied, OutcomeOf(nil))

	after, passing := Passing(&Error{Kind: RateLimited, After: time.Minute})
	require.True(t, passing)
	require.Equal(t, time.Minute, after)
	for _, k := range []Kind{NumberTaken, Invalid, Funds, Unauthorized, Unsupported} {
		_, passing = Passing(&Error{Kind: k})
		require.False(t, passing, k)
	}
}

func TestRequestsAreChecked(t *testing.T) {
	line := OrderLine{Number: one}
	for name, r := range map[string]OrderRequest{
		"no key":    {Lines: []OrderLine{line}},
		"no lines":  {Key: "k"},
		"no number": {Key: "k", Lines: []OrderLine{{}}},
		"twice":     {Key: "k", Lines: []OrderLine{line, line}},
	} {
		err := r.Validate(0)
		require.ErrorIs(t, err, Invalid, name)
		require.Equal(t, NotApplied, OutcomeOf(err), name)
	}
	require.NoError(t, OrderRequest{Key: "k", Lines: []OrderLine{line}}.Validate(1))

	for name, r := range map[string]SearchRequest{
		"state":       {State: "XX"},
		"kind":        {Kind: 7},
		"NXX alone":   {Query: vanity.Query{NXX: 555}},
		"bad NPA":     {Query: vanity.Query{NPA: 111}},
		"letters":     {Query: vanity.Query{Suffix: "FOOD"}},
		"long":        {Query: vanity.Query{Contains: "12345678901"}},
		"limit":       {Page: Page{Limit: -1}},
		"zero number": {Exact: []nanp.Number{0}},
	} {
		require.ErrorIs(t, r.Validate(), Invalid, name)
	}
	require.NoError(t, SearchRequest{State: "AR", Query: vanity.Query{NPA: 501, NXX: 555}}.Validate())
}

func TestAllWalksEveryPage(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		want := rapid.SliceOf(rapid.Int()).Draw(rt, "items")
		size := rapid.IntRange(1, 5).Draw(rt, "page size")
		var got []int
		for v, err := range All(context.Background(), pages(want, size)) {
			require.NoError(rt, err)
			got = append(got, v)
		}
		require.Equal(rt, append([]int(nil), want...), append([]int(nil), got...))
	})
}

func pages[T any](items []T, size int) func(context.Context, Page) (Result[T], error) {
	return func(_ context.Context, p Page) (Result[T], error) {
		from := 0
		if p.Cursor != "" {
			_, _ = fmt.Sscan(p.Cursor, &from)
		}
		to := min(from+size, len(items))
		r := Result[T]{Items: items[from:to]}
		if to < len(items) {
			r.Next = fmt.Sprint(to)
		}
		return r, nil
	}
}

func TestAllEndsWithOneError(t *testing.T) {
	boom := errors.New("boom")
	collect := func(ctx context.Context, f func(context.Context, Page) (Result[int], error)) (items []int, errs []error) {
		for v, err := range All(ctx, f) {
			if err != nil {
				errs = append(errs, err)
				continue
			}
			items = append(items, v)
		}
		return items, errs
	}
	items, errs := collect(t.Context(), func(_ context.Context, p Page) (Result[int], error) {
		if p.Cursor == "2" {
			return Result[int]{}, boom
		}
		return Result[int]{[]int{1}, "2"}, nil
	})
	require.Equal(t, []int{1}, items)
	require.Equal(t, []error{boom}, errs)

	_, errs = collect(t.Context(), func(context.Context, Page) (Result[int], error) { return Result[int]{nil, "same"}, nil })
	require.Len(t, errs, 1, "a list that does not move on ends")
	require.ErrorIs(t, errs[0], Internal)

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, errs = collect(ctx, pages([]int{1}, 1))
	require.Equal(t, []error{context.Canceled}, errs)
}
