package market

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/numberdesk/numberdesk/provider"
)

// Report says what became of a search.
type Report struct {
	Want     int             // how many were wanted: numbers, or runs of SearchRuns
	Shown    int             // how many were shown
	Took     time.Duration   // since the iteration began; until it ended, when it has
	Carriers []CarrierReport // in the order of the Config; those that were not asked come last
}

// CarrierReport is one carrier's line. Numbers that it found and that no other
// count explains were left over when enough was shown.
type CarrierReport struct {
	Carrier         provider.ID
	Planned         int           // questions that the search takes: more than one where a pattern cannot be asked at once
	Asked           int           // of them, answered in full
	Pages           int           // answers
	Found           int           // numbers in them
	FilteredLocally int           // not what was asked for, or no number that could be bought
	Duplicates      int           // shown already, by this carrier or another
	Ours            int           // in our inventory already
	Shown           int           // of what Want counts
	Took            time.Duration // waiting for the carrier
	TooSlow         bool          // the time limit ended it
	Err             error         // why it ended early, or could not be asked
	Note            string        // what else is worth knowing, in words

	ended bool
}

// String is one line.
func (r CarrierReport) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: ", r.Carrier)
	parts := make([]string, 0, 8)
	if r.Pages > 0 {
		pages := "pages"
		if r.Pages == 1 {
			pages = "page"
		}
		parts = append(parts, fmt.Sprintf("%d shown, %d numbers on %d %s in %s", r.Shown, r.Found, r.Pages, pages, r.Took.Round(time.Millisecond)))
	}
	for _, c := range []struct {
		n    int
		what string
	}{{r.questionsLeft(), "questions left"}, {r.FilteredLocally, "filtered here"}, {r.Duplicates, "shown before"}, {r.Ours, "ours already"}} {
		if c.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", c.n, c.what))
		}
	}
	if r.Note != "" {
		parts = append(parts, r.Note)
	}
	switch {
	case r.TooSlow:
		parts = append(parts, "too slow, given up after "+r.Took.Round(time.Millisecond).String())
	case r.Err != nil:
		parts = append(parts, "failed: "+r.Err.Error())
	}
	if len(parts) == 0 {
		parts = append(parts, "no answer yet")
	}
	b.WriteString(strings.Join(parts, ", "))
	return b.String()
}

// questionsLeft is 0 for a search of one question: that is not worth a word.
func (r CarrierReport) questionsLeft() int {
	if r.Planned < 2 {
		return 0
	}
	return r.Planned - r.Asked
}

// String is a line for the search and one for each carrier.
func (r Report) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d of %d in %s", r.Shown, r.Want, r.Took.Round(time.Millisecond))
	for _, c := range r.Carriers {
		b.WriteString("\n  " + c.String())
	}
	return b.String()
}

// board is the report while it is being written, by all carriers at once.
type board struct {
	mu      sync.Mutex
	want    int
	rows    []CarrierReport
	started time.Time
	ended   time.Time
}

func newBoard(want int, asked []carrier, idle []CarrierReport) *board {
	b := &board{want: want, started: time.Now()}
	for _, c := range asked {
		b.rows = append(b.rows, CarrierReport{Carrier: c.id})
	}
	b.rows = append(b.rows, idle...)
	return b
}

func (b *board) update(i int, f func(*CarrierReport)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	f(&b.rows[i])
}

// end notes who had not answered when enough was shown.
func (b *board) end(shown int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.ended = time.Now()
	for i := range b.rows {
		r := &b.rows[i]
		if shown >= b.want && !r.ended && r.Pages == 0 && r.Note == "" {
			r.Note = "had not answered when enough was found"
		}
	}
}

func (b *board) read() Report {
	b.mu.Lock()
	defer b.mu.Unlock()
	r := Report{Want: b.want, Carriers: append([]CarrierReport(nil), b.rows...)}
	for _, c := range r.Carriers {
		r.Shown += c.Shown
	}
	if r.Took = time.Since(b.started); !b.ended.IsZero() {
		r.Took = b.ended.Sub(b.started)
	}
	return r
}
