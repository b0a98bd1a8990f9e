// Package storetest proves that a store keeps the promises of package store.
//
// An author of a store runs every case from a test of his own:
//
//	func TestContract(t *testing.T) {
//		storetest.Run(t, storetest.Harness{New: func(t testing.TB) store.Store { return mystore.New(t.TempDir()) }})
//	}
//
// Each case has an ID, the level of the promise that it stands for and the
// reason for it. A MUST that is not kept fails the test; a SHOULD is logged.
// Check does the same without a test around it.
package storetest

import (
	"context"
	"testing"
	"time"

	"github.com/numberdesk/numberdesk/internal/kit"
	"github.com/numberdesk/numberdesk/store"
)

// Harness makes the stores that are to be proven. Functions report through t
// what they cannot do, and give their resources back with t.Cleanup. t has
// Cleanup, TempDir, Context, logging and failing; nothing else of testing.TB.
type Harness struct {
	// New returns an empty store. It is called at least once for each case.
	New func(t testing.TB) store.Store
	// Reopen closes the store in order and opens what it left. nil: what a store
	// keeps over a restart is not proven.
	Reopen func(t testing.TB, s store.Store) store.Store
	// Crash leaves the store as it is, as the end of its process would, and opens
	// what it left; calls that are running may fail. nil: not proven.
	Crash func(t testing.TB, s store.Store) store.Store
	// Seed begins the random cases. 0: one that changes from run to run. It is
	// part of what a random case says when it fails.
	Seed uint64
}

// Level says what it means not to keep a promise.
type Level = kit.Level

const (
	MUST   = kit.MUST   // programs will break
	SHOULD = kit.SHOULD // programs will work, people will have it harder
)

// Case is one thing that is proven.
type Case struct {
	ID    string // stable: "put/cas-conflict"
	Level Level
	Why   string // the promise, in words
	run   func(*env)
}

// Cases returns every case in a stable order.
func Cases() []Case {
	var all []Case
	for _, group := range [][]Case{putCases, uniqueCases, txCases, listCases, streamCases, claimCases, valueCases, lifeCases, concurrentCases, modelCases} {
		all = append(all, group...)
	}
	return all
}

// Result is what came out of one case.
type Result struct {
	Case
	Failed bool
	NotRun string // why it was not run, or empty
	Log    []string
	Took   time.Duration
}

// Report is what came out of all cases.
type Report struct{ Results []Result }

// OK says whether every MUST that was run is kept.
func (r Report) OK() bool { return r.lines().OK() }

// String lists what is not kept and what was not run, and ends with the totals.
func (r Report) String() string { return r.lines().String() }

func (r Report) lines() kit.Lines {
	var out kit.Lines
	for _, c := range r.Results {
		out = append(out, c.line())
	}
	return out
}

func (r Result) line() kit.Line {
	return kit.Line{ID: r.ID, Level: r.Level, Why: r.Why, Failed: r.Failed, NotRun: r.NotRun, Log: r.Log, Took: r.Took}
}

// Check runs every case and reports. It stops early when ctx ends.
func Check(ctx context.Context, h Harness) Report {
	var r Report
	for _, c := range Cases() {
		r.Results = append(r.Results, c.Run(ctx, h))
	}
	return r
}

// Run runs every case as a subtest of t.
func Run(t *testing.T, h Harness) {
	t.Helper()
	for _, c := range Cases() {
		t.Run(c.ID, func(t *testing.T) { c.Run(t.Context(), h).line().Tell(t) })
	}
}

// Run runs one case.
func (c Case) Run(ctx context.Context, h Harness) Result {
	l := kit.Attempt(ctx, Result{Case: c}.line(), func(r *kit.Recorder) {
		if h.New == nil {
			r.Fatal("Harness.New is nil")
		}
		c.run(&env{Recorder: r, h: h, ctx: ctx})
	})
	return Result{c, l.Failed, l.NotRun, l.Log, l.Took}
}
