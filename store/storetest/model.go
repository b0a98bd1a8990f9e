package storetest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/numberdesk/numberdesk/internal/memstore"
	"github.com/numberdesk/numberdesk/store"
)

var modelCases = []Case{
	{"model/random-operations", MUST, "a store answers random transactions as a plain one in memory does", func(e *env) {
		rnd, seed := e.random()
		m := &model{env: e, rnd: rnd, pair: [2]store.Store{e.open(), memstore.New()}}
		for n := range 250 {
			if d := m.step(); d != "" {
				e.Fatalf("after %d transactions: %s (seed %d)", n, d, seed)
			}
			if e.h.Reopen != nil && rnd.IntN(60) == 0 {
				m.pair[0] = e.h.Reopen(e, m.pair[0])
				s := m.pair[0]
				e.Cleanup(func() { s.Close() })
			}
		}
		if d := m.compare(); d != "" {
			e.Fatalf("in the end: %s (seed %d)", d, seed)
		}
	}},
}

// model does the same to the store that is proven and to one in memory.
type model struct {
	*env
	rnd      *rand.Rand
	pair     [2]store.Store
	versions [2]map[store.ID][]uint64 // all that were given, the newest last
	seqs     [2][]store.Seq
	now      time.Time
}

const modelIDs = 24

func (m *model) id() store.ID { return store.ID(fmt.Sprintf("%c%d", 'a'+m.rnd.IntN(3), m.rnd.IntN(8))) }

// op is one call within a transaction; it returns its answer in words.
type op func(which int, tx store.Tx, given map[store.ID][]uint64, seqs *[]store.Seq) string

// step runs one random transaction, or claim, on both, and says how they differ.
func (m *model) step() string {
	if m.versions[0] == nil {
		m.versions = [2]map[store.ID][]uint64{{}, {}}
		m.now = noon
	}
	if m.rnd.IntN(6) == 0 {
		return m.claimBoth()
	}
	ops := make([]op, 1+m.rnd.IntN(6))
	for i := range ops {
		ops[i] = m.op()
	}
	var fail error
	if m.rnd.IntN(5) == 0 {
		fail = errMine
	}
	var answers [2][]string
	for which, s := range m.pair {
		given, seqs := map[store.ID][]uint64{}, []store.Seq(nil)
		err := s.Update(m.ctx, func(tx store.Tx) error {
			answers[which], seqs = nil, slices.Clone(m.seqs[which])
			for id, vs := range m.versions[which] {
				given[id] = slices.Clone(vs)
			}
			for _, o := range ops {
				answers[which] = append(answers[which], o(which, tx, given, &seqs))
			}
			return fail
		})
		if !errors.Is(err, fail) {
			return fmt.Sprintf("Update: %v", err)
		}
		if fail == nil {
			m.versions[which], m.seqs[which] = given, seqs
		}
	}
	for i := range answers[0] {
		if answers[0][i] != answers[1][i] {
			return fmt.Sprintf("got  %s\nwant %s", answers[0][i], answers[1][i])
		}
	}
	return ""
}

func (m *model) op() op {
	id := m.id()
	// The newest version, one that was replaced, or none.
	back := []int{0, 0, 0, 0, 1, 2, 1000}[m.rnd.IntN(7)]
	version := func(vs []uint64) uint64 {
		if back >= len(vs) {
			return 0
		}
		return vs[len(vs)-1-back]
	}
	switch n := m.rnd.IntN(10); {
	case n < 4:
		r := m.record(id)
		return func(_ int, tx store.Tx, given map[store.ID][]uint64, _ *[]store.Seq) string {
			r := r
			r.Version = version(given[id])
			err := tx.Put(&r)
			if err == nil {
				if vs := given[id]; len(vs) > 0 && r.Version <= vs[len(vs)-1] {
					return fmt.Sprintf("put %s: version %d is not above %d", id, r.Version, vs[len(vs)-1])
				}
				given[id] = append(given[id], r.Version)
			}
			return fmt.Sprint("put ", id, ": ", class(err))
		}
	case n < 5:
		return func(_ int, tx store.Tx, given map[store.ID][]uint64, _ *[]store.Seq) string {
			err := tx.Delete("work", id, version(given[id]))
			return fmt.Sprint("delete ", id, ": ", class(err))
		}
	case n < 6:
		e := store.Entry{Subject: []string{"", string(id)}[m.rnd.IntN(2)], At: m.now, Body: fmt.Append(nil, m.rnd.Uint32())}
		return func(_ int, tx store.Tx, _ map[store.ID][]uint64, seqs *[]store.Seq) string {
			n, err := tx.Append("j", e)
			if err == nil {
				if last := *seqs; len(last) > 0 && n <= last[len(last)-1] {
					return fmt.Sprintf("append: position %d is not above %d", n, last[len(last)-1])
				}
				*seqs = append(*seqs, n)
			}
			return fmt.Sprint("append: ", class(err))
		}
	case n < 7:
		return func(_ int, tx store.Tx, _ map[store.ID][]uint64, _ *[]store.Seq) string {
			r, err := tx.Get("work", id)
			return fmt.Sprintf("get %s: %s %s", id, class(err), show(&r))
		}
	case n < 8:
		at, limit, subject := m.rnd.Float64(), m.rnd.IntN(6), []string{"", string(id)}[m.rnd.IntN(2)]
		return func(_ int, tx store.Tx, _ map[store.ID][]uint64, seqs *[]store.Seq) string {
			after := store.Seq(0)
			if n := int(at * float64(len(*seqs)+1)); n > 0 {
				after = (*seqs)[n-1]
			}
			es, err := tx.Read("j", subject, after, limit)
			out := fmt.Sprintf("read %q after %.2f: %s", subject, at, class(err))
			for _, en := range es {
				out += fmt.Sprintf(" %d:%s:%s:%v", slices.Index(*seqs, en.Seq), en.Subject, en.Body, en.At)
			}
			return out
		}
	default:
		q := store.Query{Kind: "work", Limit: m.rnd.IntN(6), Whole: m.rnd.IntN(2) == 0}
		if m.rnd.IntN(2) == 0 {
			q.All = randomTags(m.rnd)
		}
		if m.rnd.IntN(3) == 0 {
			q.Prefix = id[:1]
		}
		if m.rnd.IntN(3) == 0 {
			q.Contains = string(id[1:])
		}
		if m.rnd.IntN(3) == 0 {
			q.After = string(m.id())
		}
		return func(_ int, tx store.Tx, _ map[store.ID][]uint64, _ *[]store.Seq) string { return answer(tx, q) }
	}
}

func answer(tx store.Reader, q store.Query) string {
	f, err := tx.List(q)
	n, exact, err2 := tx.Count(q, 4)
	if n == 4 {
		exact = false // whether it is, is not a MUST
	}
	out := fmt.Sprintf("list %+v: %s, %d %v %s, more: %v", q, class(err), n, exact, class(err2), f.Next != "")
	for i := range f.Records {
		out += " " + show(&f.Records[i])
	}
	return out
}

func (m *model) record(id store.ID) store.Record {
	r := store.Record{Kind: "work", ID: id, Tags: randomTags(m.rnd), Row: fmt.Append(nil, m.rnd.Uint32())}
	if m.rnd.IntN(3) > 0 {
		r.Body = fmt.Append(nil, m.rnd.Uint32())
	}
	if m.rnd.IntN(2) == 0 {
		r.Due = m.now.Add(time.Duration(m.rnd.IntN(200)-100) * time.Second)
	}
	if m.rnd.IntN(2) == 0 {
		r.Unique = []store.Tag{tag("u", fmt.Sprint(m.rnd.IntN(modelIDs)))}
	}
	return r
}

func (m *model) claimBoth() string {
	m.now = m.now.Add(time.Duration(m.rnd.IntN(60)-15) * time.Second) // clocks of workers differ
	c := store.Claim{Kind: "work", Now: m.now, Lease: time.Duration(1+m.rnd.IntN(90)) * time.Second, Limit: m.rnd.IntN(5), Worker: "w"}
	var answers [2]string
	for which, s := range m.pair {
		rs, err := s.Claim(m.ctx, c)
		answers[which] = fmt.Sprintf("claim %+v: %s", c, class(err))
		for i := range rs {
			rs[i].Unique = nil // whether they are there is not a MUST
			answers[which] += " " + show(&rs[i])
		}
	}
	if answers[0] != answers[1] {
		return fmt.Sprintf("got  %s\nwant %s", answers[0], answers[1])
	}
	return ""
}

// compare reads everything.
func (m *model) compare() string {
	var answers [2]string
	for which, s := range m.pair {
		err := s.View(m.ctx, func(tx store.Reader) error {
			answers[which] = answer(tx, store.Query{Kind: "work", Limit: store.MaxLimit, Whole: true})
			es, err := tx.Read("j", "", 0, store.MaxLimit)
			for _, en := range es {
				answers[which] += fmt.Sprintf(" %s:%s", en.Subject, en.Body)
			}
			return err
		})
		if err != nil {
			return err.Error()
		}
	}
	if answers[0] != answers[1] {
		return fmt.Sprintf("got  %s\nwant %s", answers[0], answers[1])
	}
	return ""
}

func show(r *store.Record) string {
	return fmt.Sprintf("{%s %v %v %v %s %s}", r.ID, r.Tags, r.Unique, r.Due, r.Row, r.Body)
}

// class is the kind of an error: its words are the store's own.
func class(err error) string {
	for _, e := range []error{store.ErrNotFound, store.ErrConflict, store.ErrTaken, store.ErrInvalid} {
		if errors.Is(err, e) {
			return e.Error()
		}
	}
	if err != nil {
		return "unexpected: " + err.Error()
	}
	return "ok"
}
