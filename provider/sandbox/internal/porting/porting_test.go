package porting

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
)

var (
	start = time.Date(2026, 8, 3, 9, 0, 0, 0, time.UTC)
	one   = nanp.MustParse("501-555-0101")
	two   = nanp.MustParse("501-555-0102")
	pace  = &Pace{Checked: time.Minute, Signed: time.Hour, Acknowledged: 24 * time.Hour, Decided: 25 * time.Hour,
		Day: 100 * time.Hour, FOC: 110 * time.Hour, Done: 111 * time.Hour, Cancelled: 2 * time.Hour}
	good = Facts{LOA: true}
)

func opening(f Facts, p *Pace) Entry {
	return Entry{Op: provider.OpOpenPort, Key: "k", Ref: "g", At: start, N: 1, Orders: []Opening{{
		Ref: "p", Group: "g", Lines: []Line{{Number: one}, {Number: two}}, Facts: f, Pace: p,
	}}}
}

func on(op provider.Op, n int, at time.Time) Entry {
	return Entry{Op: op, Key: provider.Key(rune('a' + n)), Ref: "p", At: at, N: n, Pace: pace}
}

func states(o *Order) (out []provider.PortState) {
	for _, s := range o.Steps() {
		out = append(out, s.State)
	}
	return out
}

func TestTheWayOfAnOrder(t *testing.T) {
	for name, c := range map[string]struct {
		facts Facts
		want  []provider.PortState
	}{
		"good":     {good, []provider.PortState{provider.PortChecking, provider.PortSubmitted, provider.PortAcknowledged, provider.PortFOC, provider.PortActivating, provider.PortDone}},
		"wrong":    {Facts{LOA: true, Wrong: []Wrong{{Code: WrongPIN}}}, []provider.PortState{provider.PortChecking, provider.PortSubmitted, provider.PortAcknowledged, provider.PortRejected}},
		"no paper": {Facts{}, []provider.PortState{provider.PortChecking, provider.PortNeedsDocument}},
		"unasked":  {Facts{Signs: true}, []provider.PortState{provider.PortChecking, provider.PortNeedsSignature}},
		"signed": {Facts{Signs: true, Asked: true}, []provider.PortState{provider.PortChecking, provider.PortNeedsSignature, provider.PortSubmitted,
			provider.PortAcknowledged, provider.PortFOC, provider.PortActivating, provider.PortDone}},
	} {
		s := New()
		orders, _ := s.Apply(opening(c.facts, pace))
		require.Len(t, orders, 1)
		require.Equal(t, c.want, states(orders[0]), name)
		gained, out := orders[0].Outcome(one)
		require.Equal(t, c.want[len(c.want)-1] == provider.PortDone, !gained.IsZero(), name)
		require.True(t, out.IsZero())
	}
}

func TestEntriesAreTakenAsTheyArrive(t *testing.T) {
	s := New()
	orders, _ := s.Apply(opening(good, nil))
	o := orders[0]
	// A submission that arrives in an hour, and a cancellation before it.
	s.Apply(on(provider.OpSubmitPort, 2, start.Add(time.Hour)))
	require.Equal(t, provider.PortDraft, o.Stand(start.Add(59*time.Minute)).State)
	require.Equal(t, provider.PortChecking, o.Stand(start.Add(time.Hour)).State)
	s.Apply(on(provider.OpCancelPort, 3, start.Add(time.Minute)))
	require.Equal(t, []provider.PortState{provider.PortDraft, provider.PortCancelled}, states(o))
	_, out := o.Outcome(one)
	require.Equal(t, start.Add(time.Minute), out)

	// What is overtaken arrives with what overtakes it.
	s = New()
	orders, _ = s.Apply(opening(good, nil))
	o = orders[0]
	late := on(provider.OpSubmitPort, 2, start.Add(time.Hour))
	s.Apply(late)
	moved, _ := s.Arrive(late.Key, "p", start.Add(time.Second), 3)
	require.Equal(t, []*Order{o}, moved)
	require.Equal(t, provider.PortChecking, o.Stand(start.Add(time.Second)).State)
	require.Equal(t, 3, o.Stand(start.Add(time.Second)).N)
	moved, _ = s.Arrive(late.Key, "p", start.Add(time.Minute), 4)
	require.Empty(t, moved, "it is there already")
}

// What makes no sense when it arrives changes nothing.
func TestEntriesThatComeTooLate(t *testing.T) {
	for _, c := range []struct {
		op   provider.Op
		when provider.PortState
	}{
		{provider.OpSubmitPort, provider.PortChecking}, {provider.OpSubmitPort, provider.PortDone},
		{provider.OpAmendPort, provider.PortSubmitted}, {provider.OpAmendPort, provider.PortFOC}, {provider.OpAmendPort, provider.PortDone},
		{provider.OpCancelPort, provider.PortActivating}, {provider.OpCancelPort, provider.PortDone},
		{OpReject, provider.PortActivating}, {OpReject, provider.PortDone},
		{OpMoveFOC, provider.PortSubmitted}, {OpMoveFOC, provider.PortDone},
	} {
		s := New()
		orders, _ := s.Apply(opening(good, pace))
		before := slices.Clone(orders[0].Steps())
		at := slices.IndexFunc(before, func(x Step) bool { return x.State == c.when })
		e := on(c.op, 2, before[at].At)
		e.Facts, e.Reasons = &Facts{}, []provider.Rejection{{Code: "unknown"}}
		s.Apply(e)
		require.Equal(t, before, orders[0].Steps(), "%s of what is %s", c.op, c.when)
	}
}

func TestCancellingIsPossibleUntilTheDay(t *testing.T) {
	day := start.Add(pace.Day)
	for _, c := range []struct {
		at time.Time
		ok bool
	}{{start, true}, {day.Add(-1), true}, {day, false}, {start.Add(pace.FOC), false}, {start.Add(pace.Done), false}} {
		s := New()
		orders, _ := s.Apply(opening(good, pace))
		require.Equal(t, c.ok, orders[0].Stand(c.at).Cancellable(c.at))
		s.Apply(on(provider.OpCancelPort, 2, c.at))
		gained, out := orders[0].Outcome(two)
		require.Equal(t, c.ok, gained.IsZero())
		require.Equal(t, !c.ok, out.IsZero())
	}
}

func TestSomeNumbersAndThenTheRest(t *testing.T) {
	s := New()
	orders, _ := s.Apply(opening(good, pace))
	o := orders[0]
	some := on(provider.OpCancelPort, 2, start.Add(time.Hour))
	some.Numbers = []nanp.Number{one}
	s.Apply(some)
	require.Equal(t, provider.PortCancelAsked, o.ItemStand(one, start.Add(time.Hour)).State)
	require.Equal(t, provider.PortCancelled, o.ItemStand(one, start.Add(3*time.Hour)).State)
	require.Equal(t, provider.PortSubmitted, o.ItemStand(two, start.Add(3*time.Hour)).State)
	gained, _ := o.Outcome(two)
	require.Equal(t, start.Add(pace.Done), gained)
	rest := on(provider.OpCancelPort, 3, start.Add(4*time.Hour))
	rest.Numbers = []nanp.Number{two}
	s.Apply(rest)
	require.Equal(t, provider.PortCancelled, o.Stand(start.Add(6*time.Hour)).State)
	_, out := o.Outcome(one)
	require.Equal(t, start.Add(3*time.Hour), out, "as it was")
}

func TestPortOuts(t *testing.T) {
	ask := Entry{Op: OpAskOut, Ref: "x", At: start, N: 1, Out: &Out{Number: one, To: "Elsewhere", AnswerBy: start.Add(time.Hour), Leave: time.Minute}}
	say := func(n int, at time.Duration, allow bool) Entry {
		return Entry{Op: provider.OpAnswerPortOut, Key: provider.Key(rune('a' + n)), Ref: "x", At: start.Add(at), N: n, Allow: allow}
	}
	for name, c := range map[string]struct {
		answers []Entry
		leaves  time.Duration // 0: never
	}{
		"silence":        {nil, 61 * time.Minute},
		"allowed":        {[]Entry{say(2, time.Second, true)}, 61 * time.Second},
		"denied":         {[]Entry{say(2, time.Second, false)}, 0},
		"too late":       {[]Entry{say(2, time.Hour, false)}, 61 * time.Minute},
		"first counts":   {[]Entry{say(2, time.Second, false), say(3, time.Minute, true)}, 0},
		"as they arrive": {[]Entry{say(2, time.Minute, false), say(3, time.Second, true)}, 61 * time.Second},
	} {
		s := New()
		_, p := s.Apply(ask)
		for _, e := range c.answers {
			_, same := s.Apply(e)
			require.Same(t, p, same)
		}
		if c.leaves == 0 {
			require.True(t, p.Leaves().IsZero(), name)
			require.Equal(t, OutDenied, p.State(start.Add(48*time.Hour)))
			continue
		}
		require.Equal(t, start.Add(c.leaves), p.Leaves(), name)
		require.Equal(t, OutPending, p.State(start))
		require.Equal(t, OutAllowed, p.State(p.Leaves().Add(-1)))
		require.Equal(t, OutGone, p.State(p.Leaves()))
	}
}

// What does not fit is left out, whatever it is.
func TestStrangeEntries(t *testing.T) {
	s := New()
	whole, _ := s.Apply(opening(good, nil))
	for _, op := range []provider.Op{provider.OpSubmitPort, provider.OpAmendPort, provider.OpCancelPort, OpMoveFOC} {
		s.Apply(Entry{Op: op, Ref: "p", At: start.Add(time.Hour)})
	}
	require.Equal(t, []provider.PortState{provider.PortDraft}, states(whole[0]))
	for _, op := range []provider.Op{provider.OpUploadDocument, provider.OpSubmitPort, provider.OpAmendPort, provider.OpCancelPort, OpReject, OpMoveFOC, provider.OpAnswerPortOut,
		provider.OpOpenPort, provider.OpAddPortComment, OpAskOut, provider.OpSearch} {
		orders, out := s.Apply(Entry{Op: op, Ref: "nowhere", Key: "k", At: start})
		require.Empty(t, orders)
		require.Nil(t, out)
	}
	require.Nil(t, s.Order("nowhere", start))
	require.Nil(t, s.Out("nowhere"))
	_, ok := s.Document("nowhere", start)
	require.False(t, ok)
	require.Empty(t, s.Messages("nowhere", start))
}

func TestBusinessDays(t *testing.T) {
	day := func(m time.Month, d int) time.Time { return time.Date(2026, m, d, 14, 0, 0, 0, time.UTC) }
	for _, d := range []time.Time{day(1, 1), day(5, 25), day(9, 7), day(11, 26), day(12, 25), day(8, 1), day(8, 2), day(7, 4)} {
		require.False(t, BusinessDay(d), d)
	}
	for _, d := range []time.Time{day(1, 2), day(5, 26), day(5, 18), day(9, 14), day(11, 19), day(11, 27), day(12, 24), day(8, 3)} {
		require.True(t, BusinessDay(d), d)
	}
	require.Equal(t, day(8, 6), AddBusinessDays(day(8, 3), 3))
	require.Equal(t, day(8, 10), AddBusinessDays(day(8, 7), 1), "over a weekend")
	require.Equal(t, day(11, 27), AddBusinessDays(day(11, 25), 1), "over Thanksgiving")
}

// Any entries in any order of arrival: an entry changes nothing before it takes
// effect, the order in which they are written decides nothing but ties, and the
// state survives a journey through JSON.
func TestAnyEntries(t *testing.T) {
	ops := []provider.Op{provider.OpSubmitPort, provider.OpAmendPort, provider.OpCancelPort, OpReject, OpMoveFOC}
	rapid.Check(t, func(t *rapid.T) {
		facts := func(what string) Facts {
			f := Facts{LOA: rapid.Bool().Draw(t, what+" loa"), Signs: rapid.Bool().Draw(t, what+" signs"), Asked: true}
			if rapid.Bool().Draw(t, what+" wrong") {
				f.Wrong = []Wrong{{WrongPIN, one}}
			}
			return f
		}
		entries := []Entry{opening(facts("first"), nil)}
		for i := range rapid.IntRange(0, 8).Draw(t, "count") {
			e := on(rapid.SampledFrom(ops).Draw(t, "op"), i+2, start.Add(time.Duration(rapid.IntRange(0, 8000).Draw(t, "minute"))*time.Minute+time.Duration(i)))
			switch e.Op {
			case provider.OpAmendPort:
				f := facts("amended")
				e.Facts = &f
			case OpReject:
				e.Reasons = []provider.Rejection{{Code: "unknown"}}
			case provider.OpCancelPort:
				e.Numbers = rapid.SampledFrom([][]nanp.Number{nil, {one}, {two}, {one, two}}).Draw(t, "only")
			}
			entries = append(entries, e)
		}
		s := New()
		for _, e := range entries {
			var before []provider.PortState
			look := func() (out []provider.PortState) {
				for at := start; at.Before(e.At); at = at.Add(3 * time.Hour) {
					if o := s.Order("p", at); o != nil {
						out = append(out, o.ItemStand(one, at).State, o.ItemStand(two, at).State, o.Stand(at).State)
					}
				}
				return out
			}
			before = look()
			s.Apply(through(t, e))
			if e.Op != provider.OpOpenPort {
				require.Equal(t, before, look(), "the past")
			}
		}
		// Written in another order, they come to the same.
		shuffled := append([]Entry{entries[0]}, rapid.Permutation(entries[1:]).Draw(t, "written")...)
		other := New()
		for _, e := range shuffled {
			other.Apply(e)
		}
		require.Equal(t, s.ref["p"].Steps(), other.ref["p"].Steps())
		for _, n := range []nanp.Number{one, two} {
			require.Equal(t, s.ref["p"].OwnSteps(n), other.ref["p"].OwnSteps(n))
			gained, out := s.ref["p"].Outcome(n)
			require.True(t, gained.IsZero() || out.IsZero(), "one end")
		}
		require.True(t, slices.IsSortedFunc(s.ref["p"].Steps(), func(a, b Step) int { return a.At.Compare(b.At) }))
	})
}

// through writes an entry and reads it, as a ledger does.
func through(t *rapid.T, e Entry) Entry {
	b, err := json.Marshal(e)
	require.NoError(t, err)
	out := Entry{Op: e.Op, Key: e.Key, Ref: e.Ref, At: e.At, N: e.N}
	require.NoError(t, json.Unmarshal(b, &out))
	return out
}
