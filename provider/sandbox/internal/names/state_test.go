package names

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
)

var (
	one  = nanp.MustParse("501-555-0101")
	noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
)

func at(seconds int) time.Time { return noon.Add(time.Duration(seconds) * time.Second) }

func always(nanp.Number, time.Time) (time.Time, bool) { return time.Time{}, true }

func entry(k provider.Key, name string, booked, listed int) Entry {
	return Entry{At: at(booked), Key: k, Ref: provider.Ref("ref-" + k), Name: name, Remove: name == "",
		Lines: []Line{{Number: one, Listed: at(listed), Shown: at(listed + 30)}}}
}

// The request that was made last counts, in whatever order they come through.
func TestTheLastRequestCounts(t *testing.T) {
	s := New(always)
	s.Apply(entry("a", "FIRST", 0, 60))
	s.Apply(entry("b", "SECOND", 10, 20))
	require.Equal(t, "", s.Held(one, at(19)))
	require.Equal(t, "SECOND", s.Held(one, at(20)))
	require.Equal(t, "SECOND", s.Held(one, at(60)), "the first came through later")
	name, known := s.Shown(one, at(49))
	require.False(t, known)
	require.Empty(t, name)
	name, known = s.Shown(one, at(50))
	require.True(t, known)
	require.Equal(t, "SECOND", name)
	require.Equal(t, "b", string(s.Latest(one, time.Time{}, at(60)).Of.Key))
	require.Equal(t, "a", string(s.Latest(one, time.Time{}, at(9)).Of.Key))
	require.Nil(t, s.Latest(one, at(11), at(60)))
	require.ElementsMatch(t, []time.Time{at(60), at(20)}, s.Instants(one))
	require.Equal(t, []nanp.Number{one}, s.Numbers())
}

func TestWhatIsOnItsWayArrivesEarlier(t *testing.T) {
	late := New(always)
	late.Apply(entry("a", "LATE", 100, 130))
	late.Apply(entry("b", "SOON", 10, 20)) // booked after it, in effect before it
	require.Equal(t, "SOON", late.Held(one, at(129)))
	require.Equal(t, "LATE", late.Held(one, at(130)))

	s := New(always)
	s.Apply(entry("a", "LATE", 100, 130))
	require.Nil(t, s.Find("a", "ref-a", at(99)))
	require.Len(t, s.Keyed("a"), 1)
	s.Arrive("ref-a", at(50))
	s.Arrive("ref-none", at(50))
	b := s.Find("", "ref-a", at(50))
	require.Equal(t, provider.NameWaiting, s.At(b.Changes[0], at(79)))
	require.Equal(t, provider.NameListed, s.At(b.Changes[0], at(80)))
}

func TestANameIsLostWithItsNumber(t *testing.T) {
	lost := at(100)
	s := New(func(_ nanp.Number, t time.Time) (time.Time, bool) {
		if t.Before(lost) {
			return time.Time{}, true
		}
		return lost, t.After(at(200)) // bought again
	})
	s.Apply(entry("a", "ACME", 0, 10))
	b := s.Find("a", "", at(0))
	require.Equal(t, "ACME", s.Held(one, at(99)))
	for _, sec := range []int{100, 201} {
		require.Empty(t, s.Held(one, at(sec)))
		require.Equal(t, provider.NameNone, s.At(b.Changes[0], at(sec)))
	}
	foreign := entry("f", "ACME", 150, 160)
	foreign.Lines[0].Foreign = true
	s.Apply(foreign)
	require.Equal(t, "ACME", s.Held(one, at(170)), "somebody else's number")
	mine := entry("m", "OTHER", 151, 155)
	s.Apply(mine)
	require.Equal(t, "ACME", s.Held(one, at(170)), "arrived when the number was not ours")
}

func TestReviewsAndRefusals(t *testing.T) {
	s := New(always)
	s.Apply(Entry{At: at(0), Key: "a", Ref: "r", Name: "ACME", Lines: []Line{
		{Number: one, Reviewed: at(30), Listed: at(60)},
		{Number: one + 1<<16, Refused: at(0), Kind: provider.NotYours},
		{Number: one + 2<<16}, // never saved
	}})
	b := s.Find("a", "", at(0))
	require.Equal(t, provider.NameInReview, s.At(b.Changes[0], at(29)))
	require.Equal(t, provider.NameWaiting, s.At(b.Changes[0], at(30)))
	require.Equal(t, provider.NameRefused, s.At(b.Changes[1], at(0)))
	require.Equal(t, provider.NameWaiting, s.At(b.Changes[2], at(1_000_000)))
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
		e := Entry{Name: rapid.StringMatching(`[A-Za-z ]{0,15}`).Draw(t, "name"), Remove: rapid.Bool().Draw(t, "remove")}
		for range rapid.IntRange(1, 3).Draw(t, "lines") {
			e.Lines = append(e.Lines, Line{Number: one, Reviewed: when("reviewed"), Listed: when("listed"), Shown: when("shown"), Refused: when("refused"),
				Kind: provider.NotYours, Text: "x", Foreign: rapid.Bool().Draw(t, "foreign")})
		}
		b, err := json.Marshal(e)
		require.NoError(t, err)
		var got Entry
		require.NoError(t, json.Unmarshal(b, &got))
		require.Equal(t, e, got)
	})
}

func TestTheRuleOfNames(t *testing.T) {
	for name, fault := range map[string]string{
		"ACME": "", "O'Hara & Sons, 2": "longer", "Smith-Jones Co.": "", "A": "", "A ": "",
		"": "empty", " ACME": "space", "ABCDEFGHIJKLMNOP": "longer", "A_B": "character", "ÄCME": "character", "A\tB": "character", "ÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄ": "character",
	} {
		if fault == "" {
			require.Empty(t, Fault(name, false), name)
			continue
		}
		require.Contains(t, Fault(name, false), fault, "%q", name)
		require.Equal(t, name != "", Fault(name, true) != "", "a removal has no name")
	}
	require.True(t, Wordless("555-0101 & 2."))
	require.False(t, Wordless("1 a"))
}
