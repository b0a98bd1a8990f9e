package sandbox

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/numberdesk/numberdesk/nanp"
)

// COCodes is what a list of central office codes holds.
type COCodes struct {
	Places       []Place // the codes that are assigned, in service and in a rate center, in the order of the list; without cities
	Rows         int
	Assigned     int // use AS, in service or not yet
	Unassignable int // use UA
}

// COCodeError says where a list of central office codes is wrong.
type COCodeError struct {
	Line   int    // from 1
	Column string // "" when the line as a whole is wrong
	Text   string
}

func (e *COCodeError) Error() string {
	where := "line " + strconv.Itoa(e.Line)
	if e.Column != "" {
		where += ", column " + strconv.Quote(e.Column)
	}
	return "sandbox: central office codes: " + where + ": " + e.Text
}

const (
	maxCOLine = 4096
	maxCORows = 800 * 800 // there are no more codes
)

// The columns that are read. Either format has both codes in one column or each
// in its own.
const (
	coNPA = iota
	coNXX
	coBoth // NPA-NXX
	coState
	coCenter
	coUse
	coService
	coColumns
)

var coFormats = []struct {
	comma string
	names [coColumns]string
}{
	{",", [...]string{"npa", "nxx", "", "state", "rate_center", "use", "in_service"}},
	{"\t", [...]string{"", "", "NPA-NXX", "State", "RateCenter", "Use", "In Service"}},
}

// LoadCOCodes reads the administrator's list of the central office codes of the
// United States, for Config.Stock: either its own file, which is separated by
// tabs (CoCodeAssignment_Utilized_AllStates_Public.txt), or one separated by
// commas with the columns npa, nxx, state, rate_center, use and in_service. Other
// columns are skipped. A wrong line is a [*COCodeError], and nothing is returned.
// It reads no more than there can be codes.
func LoadCOCodes(r io.Reader) (COCodes, error) {
	in := bufio.NewReaderSize(r, 64<<10)
	header, err := coLine(in, 1)
	if err != nil {
		if errors.Is(err, io.EOF) {
			err = &COCodeError{1, "", "the list is empty"}
		}
		return COCodes{}, err
	}
	l, err := newCOReader(header)
	if err != nil {
		return COCodes{}, err
	}
	for n := 2; ; n++ {
		text, err := coLine(in, n)
		if errors.Is(err, io.EOF) {
			return l.out, nil
		}
		if err != nil {
			return COCodes{}, err
		}
		if text == "" {
			continue
		}
		if l.out.Rows == maxCORows {
			return COCodes{}, &COCodeError{n, "", "there are more lines than codes"}
		}
		if err := l.row(n, text); err != nil {
			return COCodes{}, err
		}
	}
}

// coLine returns a line without its end, io.EOF after the last one.
func coLine(in *bufio.Reader, n int) (string, error) {
	b, err := readLine(in, maxCOLine)
	switch {
	case errors.Is(err, bufio.ErrTooLong):
		return "", &COCodeError{n, "", fmt.Sprintf("is longer than %d bytes", maxCOLine)}
	case errors.Is(err, io.EOF) && len(b) == 0, err != nil && !errors.Is(err, io.EOF):
		return "", err
	}
	return strings.TrimSuffix(string(b), "\r"), nil
}

type coReader struct {
	comma   string
	columns int               // how many there are
	names   [coColumns]string // of those that are read
	at      [coColumns]int    // where they are
	last    int               // the last of them
	words   map[string]string // one copy of each name
	out     COCodes
}

func newCOReader(header string) (*coReader, error) {
	header = strings.TrimPrefix(header, "\ufeff")
	for _, f := range coFormats {
		cells := strings.Split(header, f.comma)
		l := &coReader{comma: f.comma, columns: len(cells), names: f.names, words: make(map[string]string)}
		missing := false
		for i, name := range f.names {
			at := slices.IndexFunc(cells, func(c string) bool { return name != "" && strings.TrimSpace(c) == name })
			missing = missing || name != "" && at < 0
			l.at[i], l.last = at, max(l.last, at)
		}
		if !missing {
			return l, nil
		}
	}
	return nil, &COCodeError{1, "", "has neither the columns of the administrator's file nor npa, nxx, state, rate_center, use and in_service"}
}

func (l *coReader) row(n int, text string) error {
	cells := strings.Split(text, l.comma)
	// The administrator's header has a date behind its last column.
	if len(cells) != l.columns && (l.comma != "\t" || len(cells) > l.columns || len(cells) <= l.last) {
		return &COCodeError{n, "", fmt.Sprintf("has %d columns, the first line has %d", len(cells), l.columns)}
	}
	var cell [coColumns]string
	for i, at := range l.at {
		if at >= 0 {
			cell[i] = strings.TrimSpace(cells[at])
		}
	}
	wrong := func(column int, format string, v string) error {
		name := l.names[column]
		if name == "" {
			name = l.names[coBoth]
		}
		return &COCodeError{n, name, fmt.Sprintf(format, v)}
	}
	if l.names[coBoth] != "" {
		cell[coNPA], cell[coNXX], _ = strings.Cut(cell[coBoth], "-")
	}
	npa, err := strconv.ParseUint(cell[coNPA], 10, 16)
	if err != nil || len(cell[coNPA]) != 3 || !nanp.NPA(npa).Valid() {
		return wrong(coNPA, "%.8q is no area code", cell[coNPA])
	}
	nxx, err := strconv.ParseUint(cell[coNXX], 10, 16)
	if err != nil || len(cell[coNXX]) != 3 || nxx < 200 {
		return wrong(coNXX, "%.8q is no central office code", cell[coNXX])
	}
	if !nanp.IsState(cell[coState]) {
		return wrong(coState, "%.8q is no state", cell[coState])
	}
	used, center := cell[coService], cell[coCenter]
	if used != "Y" && used != "N" {
		return wrong(coService, "%.8q is neither Y nor N", used)
	}
	switch cell[coUse] {
	case "UA":
		l.out.Unassignable++
	case "AS":
		switch {
		case !nanp.NXX(nxx).Valid(): // N11 and the like are listed too, as unassignable
			return wrong(coNXX, "%q cannot be assigned", cell[coNXX])
		case len(center) > 32 || strings.IndexFunc(center, unicode.IsControl) >= 0:
			return wrong(coCenter, "%.32q is no name of a rate center", center)
		case used == "Y" && center != "":
			l.out.Places = append(l.out.Places, Place{State: l.word(cell[coState]), RateCenter: l.word(center), NPA: nanp.NPA(npa), NXX: nanp.NXX(nxx)})
		}
		l.out.Assigned++
	default:
		return wrong(coUse, "%.8q is neither AS nor UA", cell[coUse])
	}
	l.out.Rows++
	return nil
}

// word gives equal names one memory: a whole country has a few thousand.
func (l *coReader) word(s string) string {
	if w, ok := l.words[s]; ok {
		return w
	}
	w := strings.Clone(s)
	l.words[w] = w
	return w
}
