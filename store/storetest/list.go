package storetest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/numberdesk/numberdesk/store"
)

var listCases = []Case{
	{"list/order", MUST, "List answers in the bytewise order of IDs", func(e *env) {
		s := e.open()
		want := []string{"a", "B", "aa", "a b", "é", "z", "Z", "+1", "+10", "+2", "a\x7f", "a\u0080", "\U0001F4DE", "\uFFFD", "~", " ", "\x01", "10", "9"}
		for _, id := range want {
			e.put(s, rec(id, tag("t", "1")))
		}
		slices.Sort(want)
		for _, limit := range []int{0, 3} {
			e.equal(e.ids(s, store.Query{Kind: "did", Limit: limit}), want, "IDs by %d", limit)
			e.equal(e.ids(s, store.Query{Kind: "did", Limit: limit, All: []store.Tag{tag("t", "1")}}), want, "IDs with the tag by %d", limit)
		}
	}},
	{"list/limit", MUST, "Limit is the size of a page: 0 means DefaultLimit, more than MaxLimit is refused", func(e *env) {
		s := e.open()
		e.fill(s, store.MaxLimit+5)
		for limit, want := range map[int]int{0: store.DefaultLimit, 1: 1, 7: 7, store.MaxLimit: store.MaxLimit} {
			f := e.list(s, store.Query{Kind: "did", Limit: limit})
			e.equal(len(f.Records), want, "records for Limit %d", limit)
			e.that(f.Next != "", "Next is empty and there is more")
		}
		for _, limit := range []int{-1, store.MaxLimit + 1} {
			e.is(s.View(e.ctx, func(tx store.Reader) error {
				_, err := tx.List(store.Query{Kind: "did", Limit: limit})
				return err
			}), store.ErrInvalid)
		}
	}},
	{"list/refuses-invalid", MUST, "a query that breaks a rule is refused with ErrInvalid", func(e *env) {
		s := e.open()
		e.put(s, rec("a"))
		for _, q := range []store.Query{{}, {Kind: "a\x00"}, {Kind: "did", Prefix: "\x00"}, {Kind: "did", Contains: strings.Repeat("x", store.MaxID+1)}, {Kind: "did", All: []store.Tag{{}}}} {
			e.is(s.View(e.ctx, func(tx store.Reader) error { _, err := tx.List(q); return err }), store.ErrInvalid)
			e.is(s.View(e.ctx, func(tx store.Reader) error { _, _, err := tx.Count(q, 0); return err }), store.ErrInvalid)
		}
	}},
	{"list/last-page", MUST, "Next is empty on the last page, also when it is full", func(e *env) {
		s := e.open()
		e.fill(s, 6)
		f := e.list(s, store.Query{Kind: "did", Limit: 3})
		e.that(f.Next != "", "Next is empty and there is more")
		f = e.list(s, store.Query{Kind: "did", Limit: 3, After: f.Next})
		e.equal(len(f.Records), 3, "records of the second page")
		e.equal(f.Next, "", "Next of a full last page")
		f = e.list(s, store.Query{Kind: "did", Limit: 2, Contains: "001"})
		e.equal(f.Next, "", "Next when what follows does not match")
		e.equal(e.list(s, store.Query{Kind: "none"}), store.Found{}, "page of an unknown kind")
	}},
	{"list/cursor-is-stable", MUST, "a record that is there during the whole walk is listed exactly once, whatever comes and goes", func(e *env) {
		rnd, seed := e.random()
		for _, q := range []store.Query{{Kind: "did", Limit: 4}, {Kind: "did", Limit: 3, All: []store.Tag{tag("t", "1")}}, {Kind: "did", Limit: 3, Contains: "0", Prefix: "k"}} {
			s := e.open()
			stay, come := map[string]bool{}, []store.Record{}
			for i := range 120 {
				r := rec(fmt.Sprintf("k%03d0", i), tag("t", "1"))
				if i%3 == 0 {
					stay[string(r.ID)] = false
					e.put(s, r)
				} else {
					come = append(come, r)
				}
			}
			for {
				f := e.list(s, q)
				for _, r := range f.Records {
					if seen, must := stay[string(r.ID)]; must && seen {
						e.Fatalf("%s is listed twice (seed %d)", r.ID, seed)
					} else if must {
						stay[string(r.ID)] = true
					}
				}
				if q.After = f.Next; q.After == "" {
					break
				}
				for range 10 { // also the record that the cursor stands on
					i := rnd.IntN(len(come))
					if n := len(f.Records); n > 0 {
						if at := slices.IndexFunc(come, func(r store.Record) bool { return r.ID == f.Records[n-1].ID }); at >= 0 {
							i = at
						}
					}
					if r := &come[i]; r.Version == 0 {
						*r = e.put1(s, *r)
					} else {
						e.update(s, func(tx store.Tx) error { return tx.Delete(r.Kind, r.ID, r.Version) })
						r.Version = 0
					}
				}
			}
			for id, seen := range stay {
				e.that(seen, "%s is not listed by %+v (seed %d)", id, q, seed)
			}
		}
	}},
	{"list/tags", MUST, "every one of the tags must hold, and a tag is its name and its whole value", func(e *env) {
		s := e.open()
		e.put(s,
			rec("1", tag("a", "x"), tag("b", "y")), rec("2", tag("a", "x")), rec("3", tag("b", "y")), rec("4", tag("a", "xx"), tag("b", "y")),
			rec("5", tag("ax", ""), tag("b", "y")), rec("6", tag("a", "x"), tag("a", "z"), tag("b", "y"), tag("a", "x")), rec("7", tag("A", "x"), tag("b", "y")), rec("8", tag("a", "")))
		for _, c := range []struct {
			all  []store.Tag
			want []string
		}{
			{[]store.Tag{tag("a", "x")}, []string{"1", "2", "6"}},
			{[]store.Tag{tag("a", "x"), tag("b", "y")}, []string{"1", "6"}},
			{[]store.Tag{tag("b", "y"), tag("a", "x")}, []string{"1", "6"}},
			{[]store.Tag{tag("a", "x"), tag("a", "z")}, []string{"6"}},
			{[]store.Tag{tag("a", "x"), tag("a", "x")}, []string{"1", "2", "6"}},
			{[]store.Tag{tag("a", "")}, []string{"8"}},
			{[]store.Tag{tag("ax", "")}, []string{"5"}},
			{[]store.Tag{tag("a", "nothing")}, []string{}},
			{[]store.Tag{tag("a", "x"), tag("nothing", "")}, []string{}},
		} {
			e.equal(e.ids(s, store.Query{Kind: "did", All: c.all, Limit: 1}), c.want, "records with %v", c.all)
			n, exact := e.count(s, store.Query{Kind: "did", All: c.all}, 0)
			e.equal([]any{n, exact}, []any{len(c.want), true}, "count of %v", c.all)
		}
	}},
	{"list/prefix", MUST, "Prefix is the beginning of the ID, literally", func(e *env) {
		s := e.open()
		e.put(s, rec("a"), rec("ab"), rec("abc"), rec("ac"), rec("b"), rec("A"), rec("a%"), rec("a_c"), rec("a*"), rec("é"), rec("ê"), rec("\U0010FFFF"), rec("\U0010FFFFa"))
		for prefix, want := range map[store.ID][]string{
			"a": {"a", "a%", "a*", "a_c", "ab", "abc", "ac"}, "ab": {"ab", "abc"}, "a%": {"a%"}, "a_": {"a_c"}, "a*": {"a*"},
			"é": {"é"}, "\U0010FFFF": {"\U0010FFFF", "\U0010FFFFa"}, "zz": {}, "abcd": {},
		} {
			e.equal(e.ids(s, store.Query{Kind: "did", Prefix: prefix, Limit: 2}), want, "IDs that begin with %q", prefix)
			e.equal(e.ids(s, store.Query{Kind: "did", Prefix: prefix, After: "\x01"}), want, "IDs that begin with %q after a cursor below", prefix)
			e.equal(e.ids(s, store.Query{Kind: "did", Prefix: prefix, After: "\U0010FFFFb"}), []string{}, "IDs that begin with %q after a cursor above", prefix)
		}
	}},
	{"list/contains", MUST, "Contains is a part of the ID, literally", func(e *env) {
		s := e.open()
		e.put(s, rec("+15015550123"), rec("+15015550199"), rec("+12125550123"), rec("a%b"), rec("a_b"), rec("axb"), rec("A%B"), rec("éa"))
		for part, want := range map[string][]string{
			"0123": {"+12125550123", "+15015550123"}, "+1501": {"+15015550123", "+15015550199"}, "%": {"A%B", "a%b"}, "_": {"a_b"},
			"a%b": {"a%b"}, "é": {"éa"}, "none": {}, "+15015550123": {"+15015550123"}, "+150155501234": {},
		} {
			e.equal(e.ids(s, store.Query{Kind: "did", Contains: part, Limit: 1}), want, "IDs that contain %q", part)
		}
	}},
	{"list/everything-at-once", MUST, "every condition must hold", func(e *env) {
		s := e.open()
		rnd, seed := e.random()
		var all []store.Record
		for i := range 300 {
			all = append(all, rec(fmt.Sprintf("%c%03d", 'a'+rune(rnd.IntN(3)), i), randomTags(rnd)...))
		}
		e.put(s, all...)
		slices.SortFunc(all, func(a, b store.Record) int { return strings.Compare(string(a.ID), string(b.ID)) })
		for range 60 {
			q := store.Query{Kind: "did", Limit: 1 + rnd.IntN(40), Prefix: store.ID([]string{"", "", "a", "b1"}[rnd.IntN(4)]), Contains: []string{"", "", "1", "23"}[rnd.IntN(4)]}
			q.All = randomTags(rnd)[:rnd.IntN(2)]
			if rnd.IntN(3) == 0 {
				q.All = append(q.All, randomTags(rnd)...)
			}
			want := []string{}
			for _, r := range all {
				if matches(&r, &q) {
					want = append(want, string(r.ID))
				}
			}
			e.equal(e.ids(s, q), want, "%+v (seed %d)", q, seed)
			n, exact := e.count(s, q, 0)
			e.equal([]any{n, exact}, []any{len(want), true}, "count of %+v (seed %d)", q, seed)
		}
	}},
	{"list/fields", MUST, "records of a page carry version, due time and row, and the rest only when the query asked for whole records", func(e *env) {
		s := e.open()
		r := rec("a", tag("t", "1"), tag("b", "2"))
		r.Unique, r.Due = []store.Tag{tag("u", "1")}, noon
		r = e.put1(s, r)
		for _, q := range []store.Query{{Kind: "did"}, {Kind: "did", All: r.Tags}, {Kind: "did", Contains: "a"}} {
			for _, q.Whole = range []bool{false, true} {
				want := r
				if !q.Whole {
					want.Tags, want.Unique, want.Body = nil, nil, nil
				}
				f := e.list(s, q)
				e.equal(len(f.Records), 1, "records")
				e.same(f.Records[0], want, true)
			}
		}
	}},
	{"count/at-most", MUST, "Count stops at atMost and says that it did; 0 means never", func(e *env) {
		s := e.open()
		e.fill(s, 130)
		for _, c := range []struct {
			atMost, n int
			exact     bool
		}{{0, 130, true}, {200, 130, true}, {131, 130, true}, {129, 129, false}, {1, 1, false}} {
			n, exact := e.count(s, store.Query{Kind: "did"}, c.atMost)
			e.equal([]any{n, exact}, []any{c.n, c.exact}, "Count with at most %d", c.atMost)
		}
		n, _ := e.count(s, store.Query{Kind: "did"}, 130)
		e.equal(n, 130, "Count with at most as many as there are")
		n, exact := e.count(s, store.Query{Kind: "did", Prefix: "n0"}, 5)
		e.equal([]any{n, exact}, []any{5, false}, "Count of a prefix with at most 5")
	}},
	{"count/whole-query", MUST, "After, Limit and Whole do not matter to Count", func(e *env) {
		s := e.open()
		e.fill(s, 30)
		n, exact := e.count(s, store.Query{Kind: "did", After: "n0015", Limit: 3, Whole: true}, 0)
		e.equal([]any{n, exact}, []any{30, true}, "Count")
		n, exact = e.count(s, store.Query{Kind: "did", Limit: store.MaxLimit + 1}, 0)
		e.equal([]any{n, exact}, []any{30, true}, "Count with a Limit that List refuses")
		n, exact = e.count(s, store.Query{Kind: "none"}, 0)
		e.equal([]any{n, exact}, []any{0, true}, "Count of an unknown kind")
	}},
	{"count/exact-at-the-limit", SHOULD, "Count that reaches atMost with nothing left is exact", func(e *env) {
		s := e.open()
		e.fill(s, 10)
		_, exact := e.count(s, store.Query{Kind: "did"}, 10)
		e.that(exact, "Count of 10 records with at most 10 is not exact")
	}},
}

// fill stores n records "n0000", "n0001", ...
func (e *env) fill(s store.Store, n int) {
	rs := make([]store.Record, n)
	for i := range rs {
		rs[i] = rec(fmt.Sprintf("n%04d", i), tag("t", "1"))
	}
	e.put(s, rs...)
}

func randomTags(rnd *rand.Rand) []store.Tag {
	out := []store.Tag{tag("state", []string{"AR", "TX", "CA"}[rnd.IntN(3)])}
	for i := range rnd.IntN(3) {
		out = append(out, tag(fmt.Sprintf("t%d", i), fmt.Sprint(rnd.IntN(3))))
	}
	return out
}

func matches(r *store.Record, q *store.Query) bool {
	for _, t := range q.All {
		if !slices.Contains(r.Tags, t) {
			return false
		}
	}
	return strings.HasPrefix(string(r.ID), string(q.Prefix)) && strings.Contains(string(r.ID), q.Contains)
}
