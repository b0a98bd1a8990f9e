package market

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"
	"strconv"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
)

const (
	// maxRun is the longest run that can be searched for.
	maxRun = 1000
	// maxRunNumbers bounds the numbers of all runs of one search.
	maxRunNumbers = 10_000
	// maxHeld bounds the offers of one carrier that are kept while runs are
	// looked for among them: about 4 MB.
	maxHeld = 20_000
	// sweepPages is the part of maxPages after which single exchanges are looked
	// into, if that has not found enough.
	sweepPages = maxPages / 2
)

// Run is a row of consecutive numbers of one exchange at one carrier.
type Run struct {
	Carrier provider.ID
	First   nanp.Number
	Offers  []Offer // in the order of their numbers
}

// Last is the last number of the run.
func (r Run) Last() nanp.Number {
	if len(r.Offers) == 0 {
		return r.First
	}
	return r.Offers[len(r.Offers)-1].Number
}

func (r Run) String() string {
	return fmt.Sprintf("%s to %s · %s", r.First.Format(), r.Last().Format(), r.Carrier)
}

// RunSearch is a search for runs that has been checked. As with Search, each
// iteration asks anew.
type RunSearch struct{ hunt hunt[Run] }

// SearchRuns looks for n consecutive numbers, such as 20 in a row for a new
// office: at one carrier, within one area code and exchange, in which no other
// number of the answer is. q.Want counts runs; 0 is one. n is 2 to 1,000, and all
// runs together have at most 10,000 numbers; else the error is an *InputError.
//
// A carrier is first asked for everything that fits the query. If that is only a
// sample, or too much to be read, it is asked for each exchange that has turned
// up, the fullest first, as far as it can be asked for one. Where a bound ended
// the search the report says so: there may be runs that were not found.
func (s *Service) SearchRuns(ctx context.Context, q Query, n int) (*RunSearch, error) {
	w, err := q.check()
	if err != nil {
		return nil, err
	}
	if n < 2 || n > maxRun {
		return nil, &InputError{Field: "run length", Value: strconv.Itoa(n), Rule: fmt.Sprintf("must be 2 to %d", maxRun)}
	}
	want, err := quantity(q.Want, 1)
	if err != nil {
		return nil, err
	}
	if want*n > maxRunNumbers {
		return nil, &InputError{Field: "quantity", Value: strconv.Itoa(want), Rule: fmt.Sprintf("of runs of %d are more than %d numbers", n, maxRunNumbers)}
	}
	carriers, idle, err := s.searchable(q)
	if err != nil {
		return nil, err
	}
	return &RunSearch{hunt[Run]{
		ctx: ctx, s: s, want: want, timeout: q.timeout(s), carriers: carriers, idle: idle,
		find: func(ctx context.Context, a *asker, send func([]Run) bool) error {
			f := finder{asker: a, wish: w, n: n, need: want, send: send, gone: map[nanp.Number]bool{}}
			return f.find(ctx)
		},
		fresh: freshRun,
	}}, nil
}

func freshRun(shown map[nanp.Number]bool, r Run) bool {
	for _, o := range r.Offers {
		if shown[o.Number] {
			return false
		}
	}
	for _, o := range r.Offers {
		shown[o.Number] = true
	}
	return true
}

// Runs asks the carriers and yields runs as they are found, no number twice. Its
// errors are those of Search.Offers.
func (x *RunSearch) Runs() iter.Seq2[Run, error] { return x.hunt.all() }

// All is Runs as a list, in the order in which they were found.
func (x *RunSearch) All() ([]Run, error) { return collect(x.Runs()) }

// Report says what each carrier came to in the latest iteration.
func (x *RunSearch) Report() Report { return x.hunt.report() }

// finder looks for runs at one carrier.
type finder struct {
	asker *asker
	wish  wish
	n     int
	need  int // how many runs are worth handing over before all is read
	send  func([]Run) bool

	blocks map[exchange][]Offer // sorted, each number once
	held   int                  // in all blocks
	gone   map[nanp.Number]bool // in a run that was handed over
	bound  string               // what ended the reading early, in words
}

// exchange is an area code and a central office code.
type exchange struct {
	npa nanp.NPA
	nxx nanp.NXX
}

// find reads everything once, and the exchanges one by one if that was not all.
func (f *finder) find(ctx context.Context) error {
	f.forget()
	whole, on, err := f.read(ctx, f.wish, sweepPages)
	if err != nil || !on || whole {
		return err
	}
	if d := f.asker.traits.Dialect[f.wish.kind]; d.NPA && d.NXX && f.wish.query.NXX == 0 {
		whole, on, err = f.byExchange(ctx)
	}
	if err == nil && on && !whole {
		f.asker.note(func(c *CarrierReport) { c.Note = cmp.Or(c.Note, f.bound, "shows only a part of its numbers") })
	}
	return err
}

// byExchange asks for each exchange that has turned up.
func (f *finder) byExchange(ctx context.Context) (whole, on bool, err error) {
	all := true
	f.bound = ""
	for _, x := range f.fullest() {
		f.forget()
		w := f.wish
		w.query.NPA, w.query.NXX = x.npa, x.nxx
		if whole, on, err = f.read(ctx, w, maxPages); err != nil || !on {
			return false, on, err
		}
		all = all && whole
	}
	return all, true, nil
}

// read walks through the pages of a wish, and hands over runs as soon as there
// are enough, or at the end what there is. on is false when nothing more is wanted.
func (f *finder) read(ctx context.Context, w wish, pages int) (whole, on bool, err error) {
	on, cut := true, false
	whole, err = f.asker.walk(ctx, w, func(offers []Offer) bool {
		f.add(offers)
		if f.count() >= f.need {
			on, f.need = f.hand(), 1
		}
		switch {
		case f.held >= maxHeld:
			cut, f.bound = true, fmt.Sprintf("stopped after %d numbers", maxHeld)
		case f.asker.pages >= pages:
			cut, f.bound = true, fmt.Sprintf("stopped after %d pages", pages)
		}
		return on && !cut
	})
	if on { // also what was found before an error
		on = f.hand()
	}
	return whole && !cut, on, err
}

func (f *finder) forget() { f.blocks, f.held = map[exchange][]Offer{}, 0 }

func (f *finder) add(offers []Offer) {
	for _, o := range offers {
		x := exchange{o.Number.NPA(), o.Number.NXX()}
		at, twice := slices.BinarySearchFunc(f.blocks[x], o, byNumber)
		switch {
		case twice:
			f.asker.note(func(c *CarrierReport) { c.Duplicates++ })
		case !f.gone[o.Number]:
			f.blocks[x] = slices.Insert(f.blocks[x], at, o)
			f.held++
		}
	}
}

func byNumber(a, b Offer) int { return cmp.Compare(a.Number, b.Number) }

// count is how many runs there are now.
func (f *finder) count() (n int) {
	for _, block := range f.blocks {
		for range rows(block, f.n) {
			n++
		}
	}
	return n
}

// hand hands over all runs that there are now and lets go of their numbers. It
// returns false when nothing more is wanted.
func (f *finder) hand() bool {
	var found []Run
	for _, x := range f.sorted() {
		found = append(found, f.cut(x)...)
	}
	return f.send(found)
}

// cut takes the runs out of a block.
func (f *finder) cut(x exchange) (found []Run) {
	for row := range rows(f.blocks[x], f.n) {
		found = append(found, Run{Carrier: f.asker.id, First: row[0].Number, Offers: slices.Clone(row)})
		for _, o := range row {
			f.gone[o.Number] = true
		}
	}
	if found == nil {
		return nil
	}
	f.held -= f.n * len(found)
	f.blocks[x] = slices.DeleteFunc(f.blocks[x], func(o Offer) bool { return f.gone[o.Number] })
	return found
}

// rows yields the runs of n in a sorted block, from the lowest number on: the
// most that there can be.
func rows(block []Offer, n int) iter.Seq[[]Offer] {
	return func(yield func([]Offer) bool) {
		start := 0
		for i := range block {
			if i > 0 {
				if next, ok := block[i-1].Number.Next(); !ok || next != block[i].Number {
					start = i
				}
			}
			if i-start+1 < n {
				continue
			}
			if !yield(block[start : i+1]) {
				return
			}
			start = i + 1
		}
	}
}

// sorted are the exchanges in order.
func (f *finder) sorted() []exchange {
	all := make([]exchange, 0, len(f.blocks))
	for x := range f.blocks {
		all = append(all, x)
	}
	slices.SortFunc(all, func(a, b exchange) int { return cmp.Or(cmp.Compare(a.npa, b.npa), cmp.Compare(a.nxx, b.nxx)) })
	return all
}

// fullest are the exchanges, those with the most numbers first.
func (f *finder) fullest() []exchange {
	all := f.sorted()
	slices.SortStableFunc(all, func(a, b exchange) int { return cmp.Compare(len(f.blocks[b]), len(f.blocks[a])) })
	return all
}
