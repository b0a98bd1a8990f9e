package did

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// Every pair of status and event has its declared answer: the status that it
// leads to, "prior" for where it came from, or "" for a refusal.
func TestEveryPairHasItsAnswer(t *testing.T) {
	const back = "prior"
	declared := map[Event][]Status{ // in the order of Statuses
		//               PENDING  ACTIVE     RELEASED   RETURNING RETURNED  FAILED   PORTED_OUT
		Confirm:       {Active, Active, Released, "", "", "", ""},
		Refuse:        {Failed, "", "", "", "", Failed, ""},
		Assign:        {"", Active, Active, "", "", "", ""},
		Route:         {"", Active, "", "", "", "", ""},
		Release:       {"", Released, "", "", "", "", ""},
		Return:        {"", Returning, Returning, "", "", "", ""},
		ConfirmReturn: {"", "", "", Returned, Returned, "", ""},
		RefuseReturn:  {"", "", "", back, "", "", ""},
		PortAway:      {"", PortedOut, PortedOut, "", "", "", PortedOut},
		Buy:           {"", "", "", "", Pending, Pending, Pending},
	}
	require.Len(t, declared, len(Events()))
	for _, on := range Events() {
		require.Len(t, declared[on], len(Statuses()), on)
		for i, from := range Statuses() {
			for _, prior := range []Status{Active, Released} {
				got, err := Next(from, on, prior)
				switch want := declared[on][i]; want {
				case "":
					var r *Refusal
					require.ErrorAs(t, err, &r, "%s on %s", on, from)
					require.ErrorIs(t, err, ErrRefused)
					require.NotEmpty(t, r.Why)
					require.Equal(t, from, got, "a refusal changes nothing")
				case back:
					require.NoError(t, err)
					require.Equal(t, prior, got)
				default:
					require.NoError(t, err, "%s on %s", on, from)
					require.Equal(t, want, got, "%s on %s", on, from)
				}
			}
		}
	}
}

func TestReturningNeedsItsPast(t *testing.T) {
	for _, prior := range []Status{"", Pending, Returned, Returning} {
		_, err := Next(Returning, RefuseReturn, prior)
		require.ErrorIs(t, err, ErrRefused)
	}
	_, err := Next("LOST", Assign, "")
	require.ErrorContains(t, err, `"LOST" is no status`)
}

// Random walks only reach declared statuses, and a closed number comes back only
// by being bought.
func TestRandomWalks(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		at, prior := Pending, Status("")
		for range rapid.IntRange(1, 60).Draw(rt, "steps") {
			on := rapid.SampledFrom(Events()).Draw(rt, "event")
			to, err := Next(at, on, prior)
			require.Contains(rt, Statuses(), to)
			if at.Closed() && to != at {
				require.Equal(rt, Buy, on)
			}
			if err == nil && to != at {
				at, prior = to, at
			}
		}
	})
}

func TestDiagramShowsTheTable(t *testing.T) {
	d := Diagram()
	require.True(t, strings.HasPrefix(d, "stateDiagram-v2\n"))
	for _, line := range []string{"PENDING --> ACTIVE : confirm", "RETURNING --> RELEASED : refuse return (came from there)", "FAILED --> PENDING : buy"} {
		require.Contains(t, d, line)
	}
	require.NotContains(t, d, "ACTIVE --> ACTIVE", "what changes nothing is not drawn")
}
