package registrar

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/postal"
	"github.com/numberdesk/numberdesk/provider"
)

var (
	one  = nanp.MustParse("501-555-0101")
	noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	here = postal.Civic{HouseNumber: "1", Street: "A"}
	then = postal.Civic{HouseNumber: "2", Street: "B"}
)

func at(seconds int) time.Time { return noon.Add(time.Duration(seconds) * time.Second) }

func always(nanp.Number, time.Time) (time.Time, bool) { return time.Time{}, true }

func sets(k provider.Key, device provider.Ref, a *postal.Civic, booked, active int) Entry {
	l := Line{Active: at(active)}
	if device == "" {
		l.Number = one
	}
	return Entry{At: at(booked), Key: k, Ref: provider.Ref("ref-" + k), Device: device, Address: a, Lines: []Line{l}}
}

func ends(k provider.Key, device provider.Ref, booked, gone int) Entry {
	e := sets(k, device, nil, booked, 0)
	e.Lines[0].Active, e.Lines[0].Gone = time.Time{}, at(gone)
	return e
}

// A number and a device live by the same rules.
func TestWhatIsInForce(t *testing.T) {
	for _, device := range []provider.Ref{"", "ep-1"} {
		s := New(always)
		holding := func(sec int) Holding {
			if device == "" {
				return s.Number(one, at(sec))
			}
			h, _ := s.Device(device, at(sec))
			return h
		}
		step := func(k provider.Key) *Step { return s.Keyed(device != "", k)[0].Steps[0] }
		is := func(sec int, st provider.RegState, a *postal.Civic) {
			t.Helper()
			require.Equal(t, st, holding(sec).State, sec)
			require.Equal(t, a, holding(sec).Address, sec)
		}
		s.Apply(sets("a", device, &here, 0, 30))
		is(-1, provider.RegNone, nil)
		is(29, provider.RegWaiting, nil)
		is(30, provider.RegActive, &here)
		s.Apply(sets("b", device, &then, 100, 150))
		is(149, provider.RegActive, &here)
		require.Equal(t, provider.RegWaiting, s.At(step("b"), at(149)).State)
		is(150, provider.RegActive, &then)
		require.Equal(t, provider.RegNone, s.At(step("a"), at(150)).State, "replaced")

		s.Apply(ends("c", device, 200, 220))
		is(199, provider.RegActive, &then)
		is(200, provider.RegRemoving, &then)
		is(220, provider.RegNone, nil)
		require.Equal(t, provider.RegRemoving, s.At(step("c"), at(219)).State)
		require.Equal(t, provider.RegNone, s.At(step("c"), at(220)).State)
		require.Equal(t, provider.RegNone, s.At(step("b"), at(220)).State)

		if device != "" {
			s.Apply(sets("d", device, &here, 300, 310))
			is(310, provider.RegNone, nil)
			require.Equal(t, provider.RegNone, s.At(step("d"), at(310)).State, "there is no device that could be there")
			continue
		}

		// What ends before it is in force never is.
		s.Apply(sets("d", device, &here, 300, 400))
		s.Apply(ends("e", device, 310, 350))
		is(309, provider.RegWaiting, nil)
		is(310, provider.RegRemoving, nil)
		is(350, provider.RegNone, nil)
		is(400, provider.RegNone, nil)

		adjusted := sets("f", device, &here, 500, 510)
		adjusted.Adjusted = true
		s.Apply(adjusted)
		is(510, provider.RegAdjusted, &here)
		lost := sets("g", device, &then, 600, 0)
		lost.Lines[0].Active = time.Time{}
		s.Apply(lost) // accepted, never saved
		is(100_000, provider.RegAdjusted, &here)
		require.Equal(t, provider.RegWaiting, s.At(step("g"), at(100_000)).State)
		refused := sets("h", device, &then, 700, 0)
		refused.Lines[0] = Line{Number: refused.Lines[0].Number, Refused: at(700), Kind: provider.Conflict}
		s.Apply(refused)
		require.Equal(t, provider.RegFailed, s.At(step("h"), at(700)).State)
		is(700, provider.RegAdjusted, &here)
	}
}

func TestFindingWhatWasBooked(t *testing.T) {
	s := New(always)
	s.Apply(sets("a", "", &here, 100, 130))
	s.Apply(sets("a", "ep-1", &then, 50, 60)) // the keys of devices are their own
	require.Nil(t, s.Find("a", "", at(99)))
	require.Equal(t, &here, s.Find("a", "", at(100)).Address)
	require.Equal(t, &then, s.FindDevice("a", at(50)).Address)
	require.Nil(t, s.FindDevice("b", at(50)))
	s.Apply(ends("b", "ep-1", 200, 210))
	require.Equal(t, &then, s.Place("ep-1", at(205)).Address)
	require.Nil(t, s.Place("ep-1", at(49)))
	require.Equal(t, provider.Key("b"), s.LatestOf("ep-1", at(60), at(300)).Of.Key)
	require.Nil(t, s.Latest(one, at(101), at(300)))
	require.Equal(t, []provider.Ref{"ep-1"}, s.Devices())
	require.Equal(t, []nanp.Number{one}, s.Numbers())
	require.Equal(t, []time.Time{at(60), at(210)}, s.InstantsOf("ep-1"))
	_, known := s.Device("ep-1", at(49))
	require.False(t, known)

	s.Apply(sets("z", "", &then, 90, 95)) // booked after it, in effect before it
	require.Equal(t, &then, s.Number(one, at(129)).Address)
	require.Equal(t, &here, s.Number(one, at(130)).Address)

	require.True(t, s.Standing(one, at(0)), "on its way")
	s.Arrive("ref-none", at(0))
	s.Apply(sets("c", "", &then, 1000, 1030))
	s.Arrive("ref-c", at(900))
	require.Equal(t, &here, s.Number(one, at(929)).Address)
	require.Equal(t, &then, s.Number(one, at(930)).Address)
}

func TestARegistrationIsLostWithItsNumber(t *testing.T) {
	lost := at(100)
	s := New(func(_ nanp.Number, t time.Time) (time.Time, bool) {
		if t.Before(lost) {
			return time.Time{}, true
		}
		return lost, t.After(at(200)) // bought again
	})
	s.Apply(sets("a", "", &here, 0, 10))
	s.Apply(sets("a", "ep-1", &then, 0, 10))
	require.True(t, s.Standing(one, at(99)))
	for _, sec := range []int{100, 201} {
		require.Equal(t, Holding{State: provider.RegNone}, s.Number(one, at(sec)))
		require.Equal(t, provider.RegNone, s.At(s.Keyed(false, "a")[0].Steps[0], at(sec)).State)
		require.False(t, s.Standing(one, at(sec)))
		h, _ := s.Device("ep-1", at(sec))
		require.Equal(t, &then, h.Address, "a device is no number")
	}
	foreign := sets("f", "", &then, 150, 160)
	foreign.Lines[0].Foreign = true
	s.Apply(foreign)
	require.Equal(t, &then, s.Number(one, at(170)).Address)
}

// An entry says the same after it was written and read.
func TestEntriesSurviveTheLedger(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		when := func(what string) time.Time {
			if rapid.Bool().Draw(t, what+" set") {
				return noon.Add(time.Duration(rapid.Int64Range(0, 1e15).Draw(t, what)))
			}
			return time.Time{}
		}
		e := Entry{Adjusted: rapid.Bool().Draw(t, "adjusted"), Label: rapid.StringN(0, 9, -1).Draw(t, "label"), CallerName: "ACME", SIPFrom: "sip", Geolocation: "geo"}
		if rapid.Bool().Draw(t, "sets") {
			e.Address, e.Callback = &here, one
		}
		for range rapid.IntRange(1, 3).Draw(t, "lines") {
			l := Line{Active: when("active"), Gone: when("gone"), Refused: when("refused"), Kind: provider.NotYours, Text: "x", Foreign: rapid.Bool().Draw(t, "foreign")}
			if rapid.Bool().Draw(t, "number") {
				l.Number = one
			}
			e.Lines = append(e.Lines, l)
		}
		b, err := json.Marshal(e)
		require.NoError(t, err)
		var got Entry
		require.NoError(t, json.Unmarshal(b, &got))
		require.Equal(t, e, got)
	})
}
