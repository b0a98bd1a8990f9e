package storetest

import (
	"fmt"
	"time"

	"github.com/numberdesk/numberdesk/store"
)

var valueCases = []Case{
	{"time/microseconds-utc", MUST, "times are stored in UTC and truncated to microseconds", func(e *env) {
		s := e.open()
		zone := time.FixedZone("CDT", -5*3600)
		for i, at := range []time.Time{
			time.Date(2026, 3, 1, 12, 0, 0, 123456789, time.UTC), time.Date(2026, 3, 1, 12, 0, 0, 999999999, zone), time.Now(),
			time.Date(1969, 12, 31, 23, 59, 59, 999999999, time.UTC), time.Date(1, 1, 1, 0, 0, 1, 0, time.UTC), time.Date(9999, 12, 31, 23, 59, 59, 0, zone),
		} {
			want := at.Truncate(time.Microsecond).UTC()
			r := rec(fmt.Sprint(i), tag("t", fmt.Sprint(i)))
			r.Due = at
			e.put(s, r)
			got := []time.Time{e.get(s, "did", r.ID).Due, e.list(s, store.Query{Kind: "did", All: r.Tags}).Records[0].Due}
			e.append(s, "j", store.Entry{At: at})
			es := e.read(s, "j", "", 0, 0)
			for _, g := range append(got, es[len(es)-1].At) {
				e.that(g.Equal(want) && g.Location() == time.UTC, "%v came out as %v", at, g)
			}
		}
	}},
	{"time/none", MUST, "a record without a due time has none when it comes out", func(e *env) {
		s := e.open()
		e.put(s, rec("a"))
		e.that(e.get(s, "did", "a").Due.IsZero(), "due is %v", e.get(s, "did", "a").Due)
		e.append(s, "j", store.Entry{})
		e.that(e.read(s, "j", "", 0, 0)[0].At.IsZero(), "the time of an entry without one")
	}},
	{"own/what-goes-in", MUST, "what is passed to Put and Append is not kept after the call", func(e *env) {
		s := e.open()
		r := rec("a", tag("t", "1"))
		r.Unique = []store.Tag{tag("u", "1")}
		want := rec("a", tag("t", "1"))
		want.Unique = []store.Tag{tag("u", "1")}
		body := []byte("entry")
		e.update(s, func(tx store.Tx) error {
			r.Version = 0
			if err := tx.Put(&r); err != nil {
				return err
			}
			want.Version = r.Version
			if _, err := tx.Append("j", store.Entry{Body: body}); err != nil {
				return err
			}
			r.Row[0], r.Body[0], r.Tags[0], r.Unique[0], body[0] = 'X', 'X', tag("x", "x"), tag("x", "x"), 'X'
			got, err := tx.Get("did", "a")
			if err == nil && differ(got, want, true) != "" {
				err = fmt.Errorf("in the transaction: %s", differ(got, want, true))
			}
			return err
		})
		r.Row[1], r.Body[1], body[1] = 'Y', 'Y', 'Y'
		e.same(e.get(s, "did", "a"), want, true)
		e.equal(string(e.read(s, "j", "", 0, 0)[0].Body), "entry", "body of the entry")
		e.equal(e.ids(s, store.Query{Kind: "did", All: want.Tags}), []string{"a"}, "records with the tag")
	}},
	{"own/what-comes-out", MUST, "records, rows, bodies and entries that are returned belong to the caller", func(e *env) {
		s := e.open()
		r := rec("a", tag("t", "1"))
		r.Due, r.Unique = noon, []store.Tag{tag("u", "1")}
		r = e.put1(s, r)
		e.append(s, "j", store.Entry{Body: []byte("entry")})
		spoil := func(r *store.Record) {
			for _, b := range [][]byte{r.Row, r.Body} {
				for i := range b {
					b[i] = 'X'
				}
			}
			for i := range r.Tags {
				r.Tags[i] = tag("x", "x")
			}
			for i := range r.Unique {
				r.Unique[i] = tag("x", "x")
			}
		}
		e.update(s, func(tx store.Tx) error {
			own := rec("b")
			if err := tx.Put(&own); err != nil {
				return err
			}
			for _, id := range []store.ID{"a", "b"} { // committed, and written here
				got, err := tx.Get("did", id)
				if err != nil {
					return err
				}
				spoil(&got)
			}
			f, err := tx.List(store.Query{Kind: "did", Whole: true})
			if err != nil {
				return err
			}
			for i := range f.Records {
				spoil(&f.Records[i])
			}
			es, err := tx.Read("j", "", 0, 0)
			if err != nil {
				return err
			}
			es[0].Body[0] = 'X'
			return nil
		})
		c := claimAt(noon)
		c.Kind = "did"
		spoil(&e.claim(s, c)[0])
		spoil(&e.list(s, store.Query{Kind: "did", Whole: true}).Records[0])
		e.same(e.get(s, "did", "a"), r, true)
		e.equal(string(e.get(s, "did", "b").Row), "row of b", "row that was written in the same transaction")
		e.equal(string(e.read(s, "j", "", 0, 0)[0].Body), "entry", "body of the entry")
	}},
}
