package market

import (
	"context"
	"errors"
	"iter"
	"slices"
	"sync"
	"time"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
)

// fairWait is how long a carrier's share of a search is kept for it while
// quicker ones have more to show.
const fairWait = 2 * time.Second

// carrier is one that can be searched.
type carrier struct {
	id       provider.ID
	searcher provider.Searcher
	traits   provider.Traits
	options  provider.Options
}

// hunt is what all searches have in common: every carrier is asked in a
// goroutine of its own for a stream of T (offers, runs), and the streams become
// one.
type hunt[T any] struct {
	ctx      context.Context // of the call that checked the search
	s        *Service
	want     int
	timeout  time.Duration // for one carrier
	carriers []carrier
	idle     []CarrierReport // named, but cannot be asked

	// find asks one carrier. send hands over what was found and returns when more
	// is wanted, or false when nothing more is.
	find func(ctx context.Context, a *asker, send func([]T) bool) error
	// fresh reports whether nothing of v is among the numbers shown, and adds them.
	fresh func(shown map[nanp.Number]bool, v T) bool

	mu   sync.Mutex
	last *board
}

func (h *hunt[T]) all() iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		b := newBoard(h.want, h.carriers, h.idle)
		h.mu.Lock()
		h.last = b
		h.mu.Unlock()
		m := &merger[T]{want: h.want, board: b, fresh: h.fresh}
		m.run(h.ctx, h.sources(b), yield)
		b.end(m.shown)
	}
}

func (h *hunt[T]) report() Report {
	h.mu.Lock()
	b := h.last
	h.mu.Unlock()
	if b == nil {
		b = newBoard(h.want, h.carriers, h.idle)
	}
	return b.read()
}

// source is one carrier's stream.
type source[T any] func(ctx context.Context, send func([]T) bool) error

func (h *hunt[T]) sources(b *board) []source[T] {
	all := make([]source[T], len(h.carriers))
	for i, c := range h.carriers {
		a := &asker{s: h.s, carrier: c, limit: h.timeout, left: h.timeout, note: func(f func(*CarrierReport)) { b.update(i, f) }}
		all[i] = func(ctx context.Context, send func([]T) bool) error { return h.find(ctx, a, send) }
	}
	return all
}

// merger makes one stream of many. Its fields belong to the goroutine that
// iterates; feeds talk to it through arrivals alone.
type merger[T any] struct {
	want  int
	fresh func(map[nanp.Number]bool, T) bool
	board *board

	own     error // a failure of ours
	shown   int
	numbers map[nanp.Number]bool // in what was shown

	feeds     []*feed[T]
	arrivals  chan arrival[T]
	impatient bool // fairWait is over: nothing is kept for anybody
}

// feed is one source as the merger sees it.
type feed[T any] struct {
	queue   []T           // arrived, not shown
	more    chan struct{} // wakes the source
	shown   int
	busy    bool // the source is at work: something will arrive
	ended   bool
	failure error
}

type arrival[T any] struct {
	feed  int
	items []T
	ended bool
	err   error
}

// run returns when all sources have.
func (m *merger[T]) run(caller context.Context, sources []source[T], yield func(T, error) bool) {
	ctx, stop := context.WithCancel(caller)
	var running sync.WaitGroup
	defer running.Wait()
	defer stop()
	m.start(ctx, &running, sources)
	patience := time.NewTimer(fairWait)
	defer patience.Stop()
	var zero T
	for m.shown < m.want {
		m.drain()
		if err := m.broken(caller); err != nil {
			yield(zero, err)
			return
		}
		m.demand()
		i := m.next()
		if i >= 0 {
			if !m.show(i, yield) {
				return
			}
			continue
		}
		if m.over() {
			break
		}
		select {
		case a := <-m.arrivals:
			m.take(a)
		case <-patience.C:
			m.impatient = true
		case <-caller.Done():
		}
	}
	if err := m.fruitless(); err != nil {
		yield(zero, err)
	}
}

func (m *merger[T]) start(ctx context.Context, running *sync.WaitGroup, sources []source[T]) {
	m.arrivals = make(chan arrival[T])
	m.numbers = make(map[nanp.Number]bool)
	for i, find := range sources {
		l := &feed[T]{more: make(chan struct{}, 1), busy: true}
		m.feeds = append(m.feeds, l)
		hand := func(a arrival[T]) bool {
			select {
			case m.arrivals <- a:
				return true
			case <-ctx.Done():
				return false
			}
		}
		running.Go(func() {
			err := find(ctx, func(items []T) bool {
				if len(items) == 0 {
					return ctx.Err() == nil
				}
				if !hand(arrival[T]{feed: i, items: items}) {
					return false
				}
				select {
				case <-l.more:
					return true
				case <-ctx.Done():
					return false
				}
			})
			hand(arrival[T]{feed: i, ended: true, err: err})
		})
	}
}

// drain takes what has arrived already, so that fairness knows of it.
func (m *merger[T]) drain() {
	for {
		select {
		case a := <-m.arrivals:
			m.take(a)
		default:
			return
		}
	}
}

func (m *merger[T]) take(a arrival[T]) {
	l := m.feeds[a.feed]
	l.busy = false
	l.queue = append(l.queue, a.items...)
	if !a.ended {
		return
	}
	l.ended, l.failure = true, a.err
	var own *ownError
	if errors.As(a.err, &own) {
		m.own, a.err = own.err, nil // not the carrier's fault
	}
	m.board.update(a.feed, func(r *CarrierReport) { r.ended, r.Err = true, a.err })
}

// broken is what ends a search at once: the caller's context, or a store that
// cannot say what is ours.
func (m *merger[T]) broken(caller context.Context) error {
	if err := caller.Err(); err != nil {
		return err
	}
	return m.own
}

// share is what each carrier may show whatever the others do.
func (m *merger[T]) share() int { return (m.want + len(m.feeds) - 1) / len(m.feeds) }

// may reports whether feed i may show one more now: within its share, or when
// enough is left for what the others can still show of theirs.
func (m *merger[T]) may(i int) bool {
	if m.feeds[i].shown < m.share() {
		return true
	}
	kept := 0
	for j, l := range m.feeds {
		if j != i {
			kept += m.kept(l)
		}
	}
	return m.want-m.shown > kept
}

// kept is how much of its share is kept for a feed: all of it while its carrier
// is asked, and what has arrived in any case.
func (m *merger[T]) kept(l *feed[T]) int {
	rest := max(0, m.share()-l.shown)
	if l.busy && !m.impatient {
		return rest
	}
	return min(rest, len(l.queue))
}

// demand wakes the sources that have nothing waiting and may show more.
func (m *merger[T]) demand() {
	for i, l := range m.feeds {
		if len(l.queue) == 0 && !l.busy && !l.ended && m.may(i) {
			l.busy = true
			l.more <- struct{}{}
		}
	}
}

// next is the feed whose turn it is: of those that may, the one that has shown
// least. -1: none.
func (m *merger[T]) next() int {
	turn := -1
	for i, l := range m.feeds {
		if len(l.queue) > 0 && (turn < 0 || l.shown < m.feeds[turn].shown) && m.may(i) {
			turn = i
		}
	}
	return turn
}

// show yields the next of a feed, unless it was shown before. It returns false
// when the consumer has had enough.
func (m *merger[T]) show(i int, yield func(T, error) bool) bool {
	l := m.feeds[i]
	v := l.queue[0]
	l.queue = l.queue[1:]
	if !m.fresh(m.numbers, v) {
		m.board.update(i, func(r *CarrierReport) { r.Duplicates++ })
		return true
	}
	l.shown++
	m.shown++
	m.board.update(i, func(r *CarrierReport) { r.Shown++ })
	return yield(v, nil)
}

func (m *merger[T]) over() bool {
	return !slices.ContainsFunc(m.feeds, func(l *feed[T]) bool { return !l.ended || len(l.queue) > 0 })
}

// fruitless is the error of a search in which nobody was able to answer.
func (m *merger[T]) fruitless() error {
	var all []error
	for _, l := range m.feeds {
		if l.failure == nil {
			return nil
		}
		all = append(all, l.failure)
	}
	if m.shown > 0 {
		return nil
	}
	return errors.Join(all...)
}
