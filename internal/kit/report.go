package kit

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"
)

// Level says what it means not to keep a promise.
type Level string

const (
	MUST   Level = "MUST"   // programs will break
	SHOULD Level = "SHOULD" // programs will work, people will have it harder
)

// Line is one case and what came out of it.
type Line struct {
	ID     string
	Level  Level
	Why    string // the promise, in words
	Failed bool
	NotRun string // why it was not run, or empty
	Log    []string
	Took   time.Duration
	// Deviates is why the promise need not be kept here, or empty. Then keeping it
	// is what breaks.
	Deviates string
}

// Attempt runs one case and fills in what came out. It is not run when ctx has
// ended. A case that has failed was run.
func Attempt(ctx context.Context, l Line, f func(*Recorder)) Line {
	if err := ctx.Err(); err != nil {
		l.NotRun = err.Error()
		return l
	}
	r := &Recorder{ctx: ctx, name: l.ID}
	began := time.Now()
	r.guard(func() { f(r) })
	r.guard(r.cleanUp)
	l.Failed, l.NotRun, l.Log, l.Took = r.failed, r.notRun, r.lines, time.Since(began)
	if l.Failed {
		l.NotRun = ""
	}
	return l
}

// Breaks says whether the contract is not kept by this case alone.
func (l Line) Breaks() bool {
	switch {
	case l.NotRun != "":
		return false
	case l.Deviates != "":
		return !l.Failed
	}
	return l.Failed && l.Level == MUST
}

// Kept says whether the case was run and its promise is kept.
func (l Line) Kept() bool { return l.NotRun == "" && !l.Failed }

// String says what is worth saying: nothing of a promise that is kept.
func (l Line) String() string {
	switch {
	case l.NotRun != "":
		return fmt.Sprintf("%s %s is not proven: %s", l.Level, l.ID, l.NotRun)
	case l.Deviates != "" && l.Failed:
		return fmt.Sprintf("%s %s is not kept, as stated: %s", l.Level, l.ID, l.Deviates)
	case l.Deviates != "":
		return fmt.Sprintf("%s %s no longer deviates: drop the deviation", l.Level, l.ID)
	case l.Failed:
		return fmt.Sprintf("%s %s is not kept: %s\n\t%s", l.Level, l.ID, l.Why, strings.Join(l.Log, "\n\t"))
	}
	return ""
}

// Tell reports the line to the subtest of its case.
func (l Line) Tell(t *testing.T) {
	for _, line := range l.Log {
		t.Log(line)
	}
	switch {
	case l.NotRun != "":
		t.Log("not run: " + l.NotRun)
	case l.Deviates != "" && l.Failed:
		t.Log("not kept, as stated: " + l.Deviates)
	case l.Deviates != "":
		t.Error("no longer deviates: drop the deviation")
	case l.Failed && l.Level == MUST:
		t.Errorf("MUST is not kept: %s", l.Why)
	case l.Failed:
		t.Logf("SHOULD is not kept: %s", l.Why)
	}
}

// Lines is what came out of all cases.
type Lines []Line

// OK says whether no line breaks the contract.
func (ls Lines) OK() bool {
	for _, l := range ls {
		if l.Breaks() {
			return false
		}
	}
	return true
}

// String lists what is not kept and what was not run, and ends with the totals.
func (ls Lines) String() string {
	var b strings.Builder
	kept := 0
	for _, l := range ls {
		if s := l.String(); s != "" {
			b.WriteString(s + "\n")
		}
		if l.Kept() {
			kept++
		}
	}
	fmt.Fprintf(&b, "%d of %d kept", kept, len(ls))
	return b.String()
}
