package nanp

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
)

// MaxReport is the most bytes that [LoadReport] reads: more than thirty times
// the size of the reports of 2026.
const MaxReport = 4 << 20

// ReportError says what [LoadReport] could not read. It wraps [RuleReport], and
// the error of the reader if there was one.
type ReportError struct {
	Line   int    // from 1, or 0 when the report as a whole is to blame
	Column string // as the header names it, or empty
	Value  string // cut off after 64 bytes
	Detail string
	Err    error
}

// Error names the line, the column, the value and what is wrong with it.
func (e *ReportError) Error() string {
	var b strings.Builder
	b.WriteString("nanp: report")
	if e.Line > 0 {
		fmt.Fprintf(&b, ", line %d", e.Line)
	}
	if e.Column != "" {
		fmt.Fprintf(&b, ", column %s, %s", strconv.QuoteToASCII(e.Column), strconv.QuoteToASCII(e.Value))
	}
	b.WriteString(": ")
	b.WriteString(e.Detail)
	return b.String()
}

// Unwrap returns RuleReport, and the error of the reader.
func (e *ReportError) Unwrap() []error {
	if e.Err == nil {
		return []error{RuleReport}
	}
	return []error{RuleReport, e.Err}
}

// LoadReport reads the report of all area codes that the administrator of the
// numbering plan publishes as npa_report.csv, so that a program can be up to
// date without a new version of this package. The first line is its date, the
// second names the columns, which may come in any order.
//
// A report must have each of the 800 codes once: half a report would turn codes
// in use into unassigned ones. The error is a [*ReportError].
func LoadReport(r io.Reader) (*Table, error) {
	data, err := io.ReadAll(io.LimitReader(r, MaxReport+1))
	if err != nil {
		return nil, &ReportError{Detail: "it cannot be read: " + err.Error(), Err: err}
	}
	if len(data) > MaxReport {
		return nil, &ReportError{Detail: fmt.Sprintf("it is longer than %d bytes", MaxReport)}
	}
	l := loader{
		csv:     csv.NewReader(bytes.NewReader(bytes.TrimPrefix(data, []byte("\ufeff")))),
		table:   &Table{places: []place{{}}},
		placeAt: map[string]uint16{"": 0},
		seen:    make(map[NPA]bool),
		parent:  make(map[NPA]NPA),
	}
	l.csv.FieldsPerRecord = -1
	l.csv.ReuseRecord = true
	if err := l.run(); err != nil {
		return nil, err
	}
	return l.table, nil
}

type loader struct {
	csv     *csv.Reader
	table   *Table
	column  map[string]int
	record  []string
	line    int
	placeAt map[string]uint16
	seen    map[NPA]bool
	parent  map[NPA]NPA // union-find over the overlay complexes
}

// Columns of the report that are used.
const (
	colNPA         = "NPA_ID"
	colType        = "type_of_code"
	colExplanation = "EXPLANATION"
	colReserved    = "RESERVED"
	colAssigned    = "ASSIGNED"
	colUse         = "USE"
	colLocation    = "LOCATION"
	colCountry     = "COUNTRY"
	colInService   = "IN_SERVICE"
	colDate        = "IN_SERVICE_DT"
	colOverlay     = "OVERLAY_COMPLEX"
	colService     = "SERVICE"
)

func (l *loader) run() error {
	if err := l.next(); err != nil {
		return l.eof(err, "it is empty")
	}
	if len(l.record) < 2 || plain(l.record[0]) != "filedate" {
		return &ReportError{Line: l.line, Detail: "the first line is not its date: File Date,mm/dd/yyyy"}
	}
	date, err := time.Parse("01/02/2006", strings.TrimSpace(l.record[1]))
	if err != nil || date.Year() < 1900 {
		return &ReportError{Line: l.line, Column: "File Date", Value: clip(l.record[1]), Detail: "this is not a date mm/dd/yyyy"}
	}
	l.table.fileDate = Date(date.Format(time.DateOnly))

	if err := l.next(); err != nil {
		return l.eof(err, "there is no header")
	}
	l.column = make(map[string]int)
	for _, name := range [...]string{
		colNPA, colType, colExplanation, colReserved, colAssigned, colUse,
		colLocation, colCountry, colInService, colDate, colOverlay, colService,
	} {
		i := slices.IndexFunc(l.record, func(s string) bool { return strings.EqualFold(strings.TrimSpace(s), name) })
		if i < 0 {
			return &ReportError{Line: l.line, Detail: "the header has no column " + name}
		}
		l.column[name] = i
	}
	for {
		err := l.next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		if err := l.code(); err != nil {
			return err
		}
	}
	if len(l.seen) != codes {
		return &ReportError{Detail: fmt.Sprintf("it has %d of the %d codes from 200 to 999", len(l.seen), codes)}
	}
	l.groups()
	return nil
}

// next reads a record. Its error is io.EOF or a *ReportError.
func (l *loader) next() error {
	record, err := l.csv.Read()
	if err == io.EOF {
		return err
	}
	if bad := (*csv.ParseError)(nil); errors.As(err, &bad) {
		return &ReportError{Line: bad.Line, Detail: "this is not CSV: " + bad.Err.Error(), Err: err}
	}
	l.record = record
	l.line, _ = l.csv.FieldPos(0)
	return nil
}

func (l *loader) eof(err error, detail string) error {
	if err == io.EOF {
		return &ReportError{Detail: detail, Err: io.ErrUnexpectedEOF}
	}
	return err
}

func (l *loader) get(column string) string {
	if i := l.column[column]; i < len(l.record) {
		return strings.TrimSpace(l.record[i])
	}
	return ""
}

func (l *loader) fail(column, detail string) error {
	return &ReportError{Line: l.line, Column: column, Value: clip(l.get(column)), Detail: detail}
}

// yes reads a column that says yes or no. An empty one says no.
func (l *loader) yes(column string) (bool, error) {
	switch l.get(column) {
	case "Yes", "Y":
		return true, nil
	case "No", "N", "":
		return false, nil
	}
	return false, l.fail(column, "this is neither yes nor no")
}

// code reads the record of one area code into the table.
func (l *loader) code() error {
	id := l.get(colNPA)
	v, err := strconv.ParseUint(id, 10, 16)
	if err != nil || len(id) != 3 || v < firstCode {
		return l.fail(colNPA, "this is not a code from 200 to 999")
	}
	c := NPA(v)
	if l.seen[c] {
		return l.fail(colNPA, "this code comes twice")
	}
	l.seen[c] = true
	row := l.table.row(c)
	if row.category, err = l.category(c); err != nil {
		return err
	}
	if row.inUse, err = l.yes(colInService); err != nil {
		return err
	}
	if d := l.get(colDate); d != "" {
		t, err := time.Parse("02-Jan-2006", d)
		if err != nil || t.Year() < 1900 {
			return l.fail(colDate, "this is not a date dd-Mon-yyyy")
		}
		row.date = uint32(t.Year()*10000 + int(t.Month())*100 + t.Day())
	}
	p, err := l.place(row.category)
	if err != nil {
		return err
	}
	key := p.country + "|" + p.territory + "|" + strings.Join(p.regions, " ")
	at, ok := l.placeAt[key]
	if !ok {
		at = uint16(len(l.table.places))
		l.placeAt[key] = at
		l.table.places = append(l.table.places, p)
	}
	row.place = at
	return l.overlay(c)
}

// overlay joins c with the codes of its overlay complexes, which are written
// 206/564, 360/564. The report also lists the 5XX codes as one complex, though
// they have no area to share.
func (l *loader) overlay(c NPA) error {
	if !l.table.Category(c).Geographic() {
		return nil
	}
	for code := range strings.FieldsFuncSeq(l.get(colOverlay), func(r rune) bool { return r == '/' || r == ',' || r == ' ' }) {
		v, err := strconv.ParseUint(code, 10, 16)
		if err != nil || v < firstCode || v >= firstCode+codes {
			return l.fail(colOverlay, "this is not a list of area codes")
		}
		a, b := l.root(c), l.root(NPA(v))
		l.parent[max(a, b)] = min(a, b)
		l.parent[min(a, b)] = min(a, b)
	}
	return nil
}

func (l *loader) root(c NPA) NPA {
	for {
		p, ok := l.parent[c]
		if !ok || p == c {
			return c
		}
		c = p
	}
}

func (l *loader) groups() {
	numbers := make(map[NPA]uint16)
	for c := NPA(firstCode); c < firstCode+codes; c++ {
		if _, ok := l.parent[c]; !ok {
			continue
		}
		top := l.root(c)
		if numbers[top] == 0 {
			numbers[top] = uint16(len(numbers) + 1)
		}
		l.table.row(c).group = numbers[top]
	}
}

// category derives what a code is for. What the plan itself fixes is taken from
// the digits: the report has lost the explanation of such codes before.
func (l *loader) category(c NPA) (Category, error) {
	switch brokenNPA(bcd3(uint64(c))) {
	case RuleNPAN11:
		return ServiceCode, nil
	case RuleNPAN9X:
		return Expansion, nil
	case RuleNPAReserved:
		return ReservedBlock, nil
	case RuleNPA555:
		return DirectoryAssistanceCode, nil
	case RuleNPA950:
		return CarrierAccessCode, nil
	case RuleNPA988:
		return CrisisLineCode, nil
	}
	inService, err := l.yes(colInService)
	if err != nil {
		return Unknown, err
	}
	assigned, err := l.yes(colAssigned)
	if err != nil {
		return Unknown, err
	}
	reserved, err := l.yes(colReserved)
	if err != nil {
		return Unknown, err
	}
	pick := func(cond bool, yes, no Category) (Category, error) {
		if cond {
			return yes, nil
		}
		return no, nil
	}
	canada := plain(l.get(colCountry)) == "canada"
	switch plain(l.get(colService)) {
	case "tollfree":
		return pick(inService, TollFree, TollFreeReserved)
	case "nongeographicservices":
		return pick(assigned, NonGeographic, NonGeographicReserved)
	case "premiumservices":
		return Premium, nil
	case "interexchangecarrierservices":
		return InterExchange, nil
	case "usgovernment":
		return Government, nil
	}
	switch use := strings.ToUpper(l.get(colUse)); {
	case use == "G" && assigned:
		return pick(inService, Geographic, GeographicPending)
	case use == "G" && reserved:
		return ReservedRelief, nil
	case plain(l.get(colExplanation)) == "reservedforcanada":
		return CanadaNonGeographicReserved, nil
	case use == "N" && assigned && canada:
		return CanadaNonGeographic, nil
	case use == "N" && assigned:
		return Unknown, l.fail(colService, "this is a service that is not known")
	case use != "G" && use != "N" && use != "":
		return Unknown, l.fail(colUse, "this is neither G for geographic nor N")
	}
	return pick(strings.HasPrefix(plain(l.get(colType)), "easilyrecognizable"), UnassignedRecognizable, Unassigned)
}

// place derives whose code it is.
func (l *loader) place(c Category) (place, error) {
	switch {
	case c == Government:
		return place{country: "US"}, nil
	case c == CanadaNonGeographic:
		return place{country: "CA"}, nil
	case !c.Geographic():
		return place{}, nil
	}
	location := l.get(colLocation)
	switch country := l.get(colCountry); plain(country) {
	case "us":
		if plain(location) == "cnmi" {
			location = "MP"
		}
		if !IsState(location) {
			return place{}, l.fail(colLocation, "this is no state or territory of the United States")
		}
		p := place{country: "US", territory: "US", regions: []string{location}}
		if slices.Contains([]string{"AS", "GU", "MP", "PR", "VI"}, location) {
			p.territory = location
		}
		return p, nil
	case "canada":
		p := place{country: "CA", territory: "CA"}
		for part := range strings.SplitSeq(location, "-") {
			code, err := ParseProvince(part)
			if err != nil {
				return place{}, l.fail(colLocation, "this names no provinces of Canada")
			}
			p.regions = append(p.regions, code)
		}
		slices.Sort(p.regions)
		return p, nil
	default:
		name := spelling(country)
		for _, r := range countries {
			if spelling(r.name) == name {
				return place{country: r.code, territory: r.code}, nil
			}
		}
		return place{}, l.fail(colCountry, "this is no country of the numbering plan")
	}
}

// spelling makes one of Saint Lucia and ST.LUCIA, of ANTIGUA/BARBUDA and
// Antigua and Barbuda.
func spelling(name string) string {
	return spellings.Replace(plain(name))
}

var spellings = strings.NewReplacer("saint", "st", "and", "", "the", "")
