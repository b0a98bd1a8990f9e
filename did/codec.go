package did

import (
	"encoding/binary"
	"fmt"
	"time"

	"github.com/numberdesk/numberdesk/money"
	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/store"
)

// A DID is kept in two parts: the row has what a list shows, the body the rest.
// Both begin with the version of their form. Fields are only ever added at the
// end, under a new version.
const form = 1

func (d *DID) record() store.Record {
	return store.Record{Kind: kindDID, ID: recordID(d.Number), Version: d.Version, Tags: d.tags(), Row: d.appendRow(nil), Body: d.appendBody(nil)}
}

func fromRecord(r store.Record) (DID, error) {
	d := DID{Version: r.Version}
	if err := d.readRow(r.ID, r.Row); err != nil {
		return DID{}, err
	}
	if err := d.readBody(r.Body); err != nil {
		return DID{}, err
	}
	d.was = d.snapshot()
	return d, nil
}

func (d *DID) appendRow(b []byte) []byte {
	w := writer{append(b, form)}
	w.text(string(d.Status), string(d.Tenant), string(d.Carrier), d.Dest.Kind, d.Dest.ID, d.State, d.City, d.RateCenter, d.Attention)
	w.time(d.Since)
	for _, r := range rates(&d.Price) {
		w.rate(*r)
	}
	w.uint(uint64(len(d.Blocks)))
	for _, k := range d.Blocks {
		w.text(string(k.Kind), k.Who, k.Why)
		w.time(k.Since)
	}
	w.uint(uint64(len(d.Sections)))
	for _, x := range d.Sections {
		w.text(string(x.Name), x.Status, x.Text)
	}
	return w.b
}

func (d *DID) readRow(id store.ID, row []byte) error {
	n, err := nanp.Parse(string(id))
	if err != nil {
		return fmt.Errorf("did: record %q: %w", id, err)
	}
	r := readerOf(row)
	d.Number = n
	d.Status, d.Tenant, d.Carrier = Status(r.text()), TenantID(r.text()), provider.ID(r.text())
	d.Dest = Destination{Kind: r.text(), ID: r.text()}
	d.State, d.City, d.RateCenter, d.Attention = r.text(), r.text(), r.text(), r.text()
	d.Since = r.time()
	for _, p := range rates(&d.Price) {
		*p = r.rate()
	}
	for range r.count() {
		d.Blocks = append(d.Blocks, Block{Kind: BlockKind(r.text()), Who: r.text(), Why: r.text(), Since: r.time()})
	}
	if k := r.count(); k > 0 {
		d.Sections = make(Summaries, k)
		for i := range d.Sections {
			d.Sections[i] = NamedSummary{SectionName(r.text()), Summary{Status: r.text(), Text: r.text()}}
		}
	}
	return r.end("row", id)
}

func (d *DID) appendBody(b []byte) []byte {
	w := writer{append(b, form)}
	w.text(string(d.Ref), string(d.Order), string(d.Prior), string(d.Said.By), string(d.Said.Raw), d.Said.Request)
	w.time(d.Said.At)
	w.time(d.Bought)
	return w.b
}

func (d *DID) readBody(body []byte) error {
	r := readerOf(body)
	d.Ref, d.Order, d.Prior = provider.Ref(r.text()), store.ID(r.text()), Status(r.text())
	d.Said = provider.Said{By: provider.ID(r.text()), Raw: provider.Raw(r.text()), Request: r.text()}
	d.Said.At, d.Bought = r.time(), r.time()
	return r.end("body", recordID(d.Number))
}

func rates(p *money.Price) [4]*money.Rate {
	return [4]*money.Rate{&p.Setup, &p.Monthly, &p.MinuteIn, &p.MinuteOut}
}

type writer struct{ b []byte }

func (w *writer) uint(v uint64) { w.b = binary.AppendUvarint(w.b, v) }

func (w *writer) text(ss ...string) {
	for _, s := range ss {
		w.uint(uint64(len(s)))
		w.b = append(w.b, s...)
	}
}

// time keeps microseconds, as stores do; 0 is the zero time.
func (w *writer) time(t time.Time) {
	var v int64
	if !t.IsZero() {
		v = t.UnixMicro()
	}
	w.b = binary.AppendVarint(w.b, v)
}

func (w *writer) rate(r money.Rate) {
	if !r.Known {
		w.b = append(w.b, 0)
		return
	}
	w.b = binary.AppendVarint(append(w.b, 1), int64(r.Amount))
}

// reader reads what writer wrote. After the first mistake it only gives zero
// values; end tells. Texts are parts of the one string that it reads.
type reader struct {
	s   string
	bad bool
}

func readerOf(b []byte) reader {
	r := reader{s: string(b)}
	if r.s == "" || r.s[0] != form {
		r.fail()
		return r
	}
	r.s = r.s[1:]
	return r
}

func (r *reader) fail() { r.s, r.bad = "", true }

func (r *reader) uint() uint64 {
	if r.s != "" && r.s[0] < 0x80 { // nearly always
		v := uint64(r.s[0])
		r.s = r.s[1:]
		return v
	}
	return r.long()
}

func (r *reader) long() (v uint64) {
	for i := range min(len(r.s), binary.MaxVarintLen64) {
		c := r.s[i]
		v |= uint64(c&0x7f) << (7 * i)
		if c < 0x80 {
			r.s = r.s[i+1:]
			return v
		}
	}
	r.fail()
	return 0
}

// int undoes the zigzag of binary.AppendVarint.
func (r *reader) int() int64 {
	u := r.uint()
	return int64(u>>1) ^ -int64(u&1)
}

// count is the length of a list: every element has at least one byte.
func (r *reader) count() int {
	n := r.uint()
	if n > uint64(len(r.s)) {
		r.fail()
		return 0
	}
	return int(n)
}

func (r *reader) text() string {
	n := r.count()
	s := r.s[:n]
	r.s = r.s[n:]
	return s
}

func (r *reader) time() time.Time {
	if v := r.int(); v != 0 {
		return time.UnixMicro(v).UTC()
	}
	return time.Time{}
}

func (r *reader) rate() money.Rate {
	switch r.uint() {
	case 0:
		return money.Rate{}
	case 1:
		return money.Known(money.USD(r.int()))
	}
	r.fail()
	return money.Rate{}
}

func (r *reader) end(part string, id store.ID) error {
	if r.bad || r.s != "" {
		return fmt.Errorf("did: the %s of %q is not in form %d: %w", part, id, form, store.ErrDamaged)
	}
	return nil
}
