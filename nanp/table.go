package nanp

import (
	"iter"
	"slices"
	"time"
)

// Date is a civil date, "2026-08-17", or empty when not known. Dates order as
// their texts do.
type Date string

// Time returns midnight of the date in loc, and false when the date is not
// known.
func (d Date) Time(loc *time.Location) (time.Time, bool) {
	t, err := time.ParseInLocation(time.DateOnly, string(d), loc)
	return t, err == nil
}

// Info is what a [Table] knows of an area code.
type Info struct {
	Category Category
	// Country is the ISO 3166-1 code of the country, US for Puerto Rico, and
	// empty for codes that belong to the whole plan, such as 800.
	Country string
	// Regions are the codes of the US states and territories or of the
	// Canadian provinces that share the code; empty elsewhere. The slice
	// belongs to the caller.
	Regions []string
	// Territory is the ISO 3166-1 code of the place itself: PR for Puerto
	// Rico, otherwise the same as Country.
	Territory string
	InService bool
	// InServiceOn is the day on which the code came or will come into
	// service, if the administrator has named it.
	InServiceOn Date
}

// Table is what the administrator of the numbering plan has published of all
// 800 area codes at one date. A Table never changes and is safe for concurrent
// use.
type Table struct {
	fileDate Date
	rows     [codes]row
	places   []place
}

const (
	firstCode = 200
	codes     = 800
)

type row struct {
	category Category
	place    uint16 // index into places
	group    uint16 // overlay group, 0 for none
	inUse    bool   // in service
	date     uint32 // 20270227, or 0
}

type place struct {
	country   string
	territory string
	regions   []string
}

//go:generate go run ./internal/gen -npa testdata/npa.csv -special testdata/nxx_special.csv -date 2026-08-17 -out table_gen.go

// Builtin returns the table that is compiled in. Its date is [FileDate].
func Builtin() *Table { return &builtin }

// FileDate returns the date of the administrator's report that the table was
// made from.
func (t *Table) FileDate() Date { return t.fileDate }

func (t *Table) row(c NPA) *row {
	if i := uint(c) - firstCode; i < codes {
		return &t.rows[i]
	}
	return &noRow
}

var noRow row

// Category tells what the code is for, Unknown for anything but 200 to 999.
func (t *Table) Category(c NPA) Category { return t.row(c).category }

// Info tells what is known of the code. For anything but 200 to 999 it is zero.
func (t *Table) Info(c NPA) Info {
	r := t.row(c)
	p := &t.places[r.place]
	return Info{
		Category:    r.category,
		Country:     p.country,
		Regions:     slices.Clone(p.regions),
		Territory:   p.territory,
		InService:   r.inUse,
		InServiceOn: civil(r.date),
	}
}

func (t *Table) state(c NPA) string {
	if p := &t.places[t.row(c).place]; len(p.regions) == 1 {
		return p.regions[0]
	}
	return ""
}

func civil(v uint32) Date {
	if v == 0 {
		return ""
	}
	b := []byte("0000-00-00")
	for i := len(b) - 1; i >= 0; i-- {
		if b[i] != '-' {
			b[i] = '0' + byte(v%10)
			v /= 10
		}
	}
	return Date(b)
}

// All yields every code from 200 to 999 in order.
func (t *Table) All() iter.Seq2[NPA, Info] {
	return func(yield func(NPA, Info) bool) {
		for c := NPA(firstCode); c < firstCode+codes; c++ {
			if !yield(c, t.Info(c)) {
				return
			}
		}
	}
}

func (t *Table) filter(keep func(*row) bool) []NPA {
	var out []NPA
	for i := range t.rows {
		if keep(&t.rows[i]) {
			out = append(out, NPA(firstCode+i))
		}
	}
	return out
}

// TollFree returns the toll-free codes in service, in order.
func (t *Table) TollFree() []NPA {
	return t.filter(func(r *row) bool { return r.category == TollFree })
}

// Overlays returns the codes that serve the same area as c, c among them, in
// order, and nil when c is alone. Codes of a partial overlay are joined: 206
// and 360 both share their areas with 564, so the three are one answer.
func (t *Table) Overlays(c NPA) []NPA {
	g := t.row(c).group
	if g == 0 {
		return nil
	}
	return t.filter(func(r *row) bool { return r.group == g })
}

// NPAs returns the geographic codes in service of a US state or territory or of
// a Canadian province, by its two-letter code in capitals, in order. A code
// that several provinces share is returned for each of them.
func (t *Table) NPAs(region string) []NPA {
	return t.filter(func(r *row) bool {
		return r.category == Geographic && slices.Contains(t.places[r.place].regions, region)
	})
}
