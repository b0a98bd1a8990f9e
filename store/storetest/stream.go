package storetest

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/numberdesk/numberdesk/store"
)

var streamCases = []Case{
	{"stream/positions-grow", MUST, "Append gives positions from 1 on that grow, and Read returns entries oldest first", func(e *env) {
		s := e.open()
		seqs := e.append(s, "j", store.Entry{Seq: 77, Body: []byte("0"), At: noon}, store.Entry{Body: []byte("1")})
		seqs = append(seqs, e.append(s, "j", store.Entry{Body: []byte("2"), Subject: "x"})...)
		e.that(seqs[0] >= 1 && seqs[0] < seqs[1] && seqs[1] < seqs[2], "positions are %v", seqs)
		es := e.read(s, "j", "", 0, 0)
		e.equal(len(es), 3, "entries")
		for i, en := range es {
			e.equal(en.Seq, seqs[i], "position of entry %d", i)
			e.equal(string(en.Body), fmt.Sprint(i), "body of entry %d", i)
		}
		e.equal(es[2].Subject, "x", "subject")
		e.that(es[0].At.Equal(noon), "time is %v", es[0].At)
	}},
	{"stream/after", MUST, "Read returns what comes after a position", func(e *env) {
		s := e.open()
		seqs := e.append(s, "j", make([]store.Entry, 5)...)
		for i, after := range append([]store.Seq{0}, seqs...) {
			e.equal(len(e.read(s, "j", "", after, 0)), 5-i, "entries after %d", after)
		}
		e.equal(len(e.read(s, "j", "", math.MaxUint64, 0)), 0, "entries after the largest position")
		e.equal(len(e.read(s, "none", "", 0, 0)), 0, "entries of an unknown stream")
	}},
	{"stream/subject", MUST, "a subject limits Read to the entries about it; an empty one means the whole stream", func(e *env) {
		s := e.open()
		subjects := []string{"a", "b", "", "ab", "a", "A", "a", "\x01"}
		var es []store.Entry
		for _, sub := range subjects {
			es = append(es, store.Entry{Subject: sub})
		}
		seqs := e.append(s, "j", es...)
		e.append(s, "k", store.Entry{Subject: "a"})
		for _, sub := range []string{"a", "b", "ab", "A", "\x01", "c"} {
			var want []store.Seq
			for i := range subjects {
				if subjects[i] == sub {
					want = append(want, seqs[i])
				}
			}
			got := e.read(s, "j", sub, 0, 0)
			e.equal(seqsOf(got), want, "positions about %q", sub)
			for _, en := range got {
				e.equal(en.Subject, sub, "subject")
			}
			if len(want) > 1 {
				e.equal(seqsOf(e.read(s, "j", sub, want[0], 1)), want[1:2], "one position about %q after the first", sub)
			}
		}
		e.equal(seqsOf(e.read(s, "j", "", 0, 0)), seqs, "positions of the whole stream")
	}},
	{"stream/limit", MUST, "limit is as in a query, and a Read that breaks a rule is refused with ErrInvalid", func(e *env) {
		s := e.open()
		e.append(s, "j", make([]store.Entry, store.DefaultLimit+20)...)
		for limit, want := range map[int]int{0: store.DefaultLimit, 3: 3, store.MaxLimit: store.DefaultLimit + 20} {
			e.equal(len(e.read(s, "j", "", 0, limit)), want, "entries for limit %d", limit)
		}
		for _, f := range []func(store.Reader) error{
			func(tx store.Reader) error { _, err := tx.Read("j", "", 0, -1); return err },
			func(tx store.Reader) error { _, err := tx.Read("j", "", 0, store.MaxLimit+1); return err },
			func(tx store.Reader) error { _, err := tx.Read("", "", 0, 0); return err },
			func(tx store.Reader) error { _, err := tx.Read("j", "\x00", 0, 0); return err },
		} {
			e.is(s.View(e.ctx, f), store.ErrInvalid)
		}
	}},
	{"stream/refuses-invalid", MUST, "an entry that breaks a rule is refused with ErrInvalid, and the largest is kept", func(e *env) {
		s := e.open()
		for _, f := range []func(store.Tx) error{
			func(tx store.Tx) error { _, err := tx.Append("", store.Entry{}); return err },
			func(tx store.Tx) error { _, err := tx.Append("j\x00", store.Entry{}); return err },
			func(tx store.Tx) error {
				_, err := tx.Append("j", store.Entry{Subject: strings.Repeat("x", store.MaxID+1)})
				return err
			},
			func(tx store.Tx) error {
				_, err := tx.Append("j", store.Entry{Body: make([]byte, store.MaxBody+1)})
				return err
			},
		} {
			e.is(s.Update(e.ctx, f), store.ErrInvalid)
		}
		name := store.Stream(strings.Repeat("s", store.MaxName))
		large := store.Entry{Subject: strings.Repeat("x", store.MaxID), Body: bytes.Repeat([]byte("0123456789abcdef"), store.MaxBody/16)}
		e.append(s, name, large)
		got := e.read(s, name, large.Subject, 0, 0)
		e.that(len(got) == 1 && bytes.Equal(got[0].Body, large.Body), "the largest entry is not the one that went in")
	}},
	{"stream/own-appends", MUST, "a function sees what it has appended, after what was there", func(e *env) {
		s := e.open()
		first := e.append(s, "j", store.Entry{})
		e.update(s, func(tx store.Tx) error {
			n, err := tx.Append("j", store.Entry{Body: []byte("mine")})
			if err != nil {
				return err
			}
			es, err := tx.Read("j", "", first[0], 0)
			if err != nil || len(es) != 1 || es[0].Seq != n || n <= first[0] {
				return fmt.Errorf("read %v after appending %d: %w", seqsOf(es), n, err)
			}
			return nil
		})
	}},
	{"stream/commit-order", MUST, "a reader that has seen a position never sees a smaller one appear afterwards", func(e *env) {
		s := e.open()
		const writers, each = 4, 25
		var left atomic.Int32
		left.Store(writers)
		var tail []store.Seq
		e.Together(writers+2, func(i int) {
			if i < writers {
				defer left.Add(-1)
				for n := range each {
					err := s.Update(e.ctx, func(tx store.Tx) error {
						_, err := tx.Append("j", store.Entry{Subject: fmt.Sprint(i), Body: []byte(fmt.Sprint(n))})
						if err == nil && n%5 == 4 { // a gap, perhaps
							_, err = tx.Append("j", store.Entry{Subject: "gap"})
							return errors.Join(err, errMine)
						}
						return err
					})
					if err != nil && !errors.Is(err, errMine) {
						e.Fatalf("unexpected error: %v", err)
					}
				}
				return
			}
			var seen []store.Seq
			for last := false; ; {
				after := store.Seq(0)
				if len(seen) > 0 {
					after = seen[len(seen)-1]
				}
				var es []store.Entry
				if err := s.View(e.ctx, func(tx store.Reader) (err error) {
					es, err = tx.Read("j", "", after, 7)
					return err
				}); err != nil {
					e.Fatalf("unexpected error: %v", err)
				}
				seen = append(seen, seqsOf(es)...)
				if len(es) == 0 && last {
					break
				}
				last = left.Load() == 0
			}
			if i == writers {
				tail = seen
			}
		})
		var all []store.Seq
		for after := store.Seq(0); ; {
			es := e.read(s, "j", "", after, store.MaxLimit)
			if len(es) == 0 {
				break
			}
			all, after = append(all, seqsOf(es)...), es[len(es)-1].Seq
		}
		e.equal(len(all), writers*each*4/5, "entries")
		e.that(slices.IsSorted(all), "positions do not grow: %v", all)
		e.equal(tail, all, "positions that a reader has seen while they were appended")
	}},
}

func seqsOf(es []store.Entry) []store.Seq {
	var out []store.Seq
	for _, en := range es {
		out = append(out, en.Seq)
	}
	return out
}
