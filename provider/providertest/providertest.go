package providertest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/numberdesk/numberdesk/internal/kit"
	"github.com/numberdesk/numberdesk/provider"
)

// Harness makes the worlds in which a carrier is proven.
type Harness struct {
	// New returns a carrier with nothing bought, and what is around it. It is called
	// once for each case. It reports through t what it cannot do, and gives its
	// resources back with t.Cleanup. t has Cleanup, TempDir, Context, logging, failing
	// and skipping; nothing else of testing.TB.
	New func(t testing.TB) World
	// Deviations are the promises that this carrier cannot keep.
	Deviations []Deviation
	// Seed begins the keys that cases choose. 0: always the same.
	Seed uint64
}

// Deviation is a promise that a carrier cannot keep, by the ID of its case. The
// case still runs: once it is kept, but by a hostile carrier, where that may be by
// chance, the deviation breaks the contract instead, as does one without a reason or
// with an ID that no case has.
type Deviation struct {
	ID     string
	Reason string // in words for people who choose a carrier
	Link   string // the carrier's document, "" where there is none
}

// Level says what it means not to keep a promise.
type Level = kit.Level

const (
	MUST   = kit.MUST   // programs will break
	SHOULD = kit.SHOULD // programs will work, people will have it harder
)

// Case is one thing that is proven.
type Case struct {
	ID    string // stable: "orders/lost-answer-is-found"
	Level Level
	Needs []provider.Capability // a carrier that lacks one is not asked
	Why   string                // the promise, and what breaks without it
	run   func(*env)
}

// Cases returns every case in a stable order.
func Cases() []Case {
	var all []Case
	for _, group := range [][]Case{
		traitCases, callCases, errorCases, searchCases, placeCases, holdCases, orderCases, settleCases, closeCases,
		ownedCases, routingCases, returnCases, nameCases, addressCases, emergencyCases, endpointCases, removalCases,
		portCases, documentCases, commentCases, portOutCases, hookCases,
	} {
		all = append(all, group...)
	}
	return all
}

// Result is what came out of one case.
type Result struct {
	Case
	Failed   bool
	NotRun   string // why it was not run, or empty
	Deviates string // why it need not be kept, or empty
	Log      []string
	Took     time.Duration
}

// Report is what came out of all cases.
type Report struct {
	Results []Result
	Faults  []string // what is wrong with the deviations themselves
}

// OK says whether every MUST that was run is kept or deviates with a reason.
func (r Report) OK() bool { return len(r.Faults) == 0 && r.lines().OK() }

// String lists what is not kept and what was not run, and ends with the totals.
func (r Report) String() string {
	out := ""
	for _, f := range r.Faults {
		out += f + "\n"
	}
	return out + r.lines().String()
}

func (r Report) lines() kit.Lines {
	var out kit.Lines
	for _, c := range r.Results {
		out = append(out, c.line())
	}
	return out
}

func (r Result) line() kit.Line {
	return kit.Line{ID: r.ID, Level: r.Level, Why: r.Why, Failed: r.Failed, NotRun: r.NotRun, Log: r.Log, Took: r.Took, Deviates: r.Deviates}
}

// Check runs every case and reports. It stops early when ctx ends.
func Check(ctx context.Context, h Harness) Report {
	r := Report{Faults: h.faults()}
	for _, c := range Cases() {
		r.Results = append(r.Results, c.Run(ctx, h))
	}
	return r
}

// Run runs every case as a subtest of t.
func Run(t *testing.T, h Harness) {
	t.Helper()
	for _, f := range h.faults() {
		t.Error(f)
	}
	for _, c := range Cases() {
		t.Run(c.ID, func(t *testing.T) { c.Run(t.Context(), h).line().Tell(t) })
	}
}

// Run runs one case.
func (c Case) Run(ctx context.Context, h Harness) Result {
	r := Result{Case: c, Deviates: h.deviates(c.ID)}
	hostile := false
	l := kit.Attempt(ctx, r.line(), func(rec *kit.Recorder) {
		if h.New == nil {
			rec.Fatal("Harness.New is nil")
		}
		e := &env{Recorder: rec, h: h, ctx: ctx}
		e.w = h.New(rec)
		if e.w.Provider == nil {
			rec.Fatal("the world has no provider")
		}
		hostile = e.w.Hostile
		e.caps = e.w.Provider.Capabilities()
		e.offers(c.Needs...)
		c.run(e)
	})
	r.Failed, r.NotRun, r.Log, r.Took = l.Failed, l.NotRun, l.Log, l.Took
	if hostile && !r.Failed {
		r.Deviates = "" // kept by chance: what was to show it went wrong in another way
	}
	return r
}

func (h Harness) deviates(id string) string {
	for _, d := range h.Deviations {
		if d.ID == id {
			return d.Reason
		}
	}
	return ""
}

// faults lists what is wrong with the deviations.
func (h Harness) faults() []string {
	known, seen := map[string]bool{}, map[string]bool{}
	for _, c := range Cases() {
		known[c.ID] = true
	}
	var out []string
	for _, d := range h.Deviations {
		switch {
		case !known[d.ID]:
			out = append(out, fmt.Sprintf("the deviation from %q is from no case", d.ID))
		case d.Reason == "":
			out = append(out, fmt.Sprintf("the deviation from %q has no reason", d.ID))
		case seen[d.ID]:
			out = append(out, fmt.Sprintf("the deviation from %q is there twice", d.ID))
		}
		seen[d.ID] = true
	}
	return out
}
