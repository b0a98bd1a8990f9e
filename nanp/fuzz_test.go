package nanp_test

import (
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/numberdesk/numberdesk/nanp"
)

var seeds = []string{
	"+15015550123", "(501) 555-0123", "1-541-555-0123", "tel:+1-201-555-0123;ext=5", "212O365000", "5550123",
	"２１２ 736 5000", "\u202a(501)\u00a0555\u20110123\u202c", "12127365000 x12", "501 555 0123 ext. 12", "911", "",
	"+442079460958", "501-555-0123 #9", "\xff", "(+1) 501 555 0123", "1-800-FLOWERS",
}

// Whatever is accepted is valid, reads back from its own forms, and has exactly
// the digits of the text; whatever is refused is refused with a whole error.
func FuzzParse(f *testing.F) {
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n, err := nanp.Parse(s)
		if err != nil {
			require.Zero(t, n)
			checkError(t, err)
			return
		}
		require.True(t, n.Valid())
		for _, text := range []string{n.String(), n.Format(), " " + s + " "} {
			if len(text) > 120 {
				continue
			}
			back, err := nanp.Parse(text)
			require.NoError(t, err, "%q", text)
			require.Equal(t, n, back)
		}
		d := n.Digits()
		got := strings.Map(func(c rune) rune {
			switch {
			case c >= '0' && c <= '9':
				return c
			case c >= '０' && c <= '９':
				return c - '０' + '0'
			}
			return -1
		}, s)
		require.Equal(t, string(d[:]), strings.TrimPrefix(got, "1"))
		if err := n.CheckDID(); err != nil {
			checkError(t, err)
		}
	})
}

func FuzzParseExt(f *testing.F) {
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n, ext, err := nanp.ParseExt(s)
		plain, plainErr := nanp.Parse(s)
		if err != nil {
			require.Zero(t, n)
			require.Empty(t, ext)
			require.Error(t, plainErr, "Parse accepts no more than ParseExt")
			checkError(t, err)
			return
		}
		if ext == "" {
			require.NoError(t, plainErr)
			require.Equal(t, n, plain)
			return
		}
		require.ErrorIs(t, plainErr, nanp.RuleExtension)
		m, again, err := nanp.ParseExt(n.String() + ";ext=" + ext)
		require.NoError(t, err)
		require.Equal(t, n, m)
		require.Equal(t, ext, again)
		require.Empty(t, strings.Trim(ext, "0123456789"))
		require.LessOrEqual(t, len(ext), 15)
	})
}

func checkError(t *testing.T, err error) {
	t.Helper()
	var e *nanp.Error
	require.ErrorAs(t, err, &e)
	require.NotEmpty(t, e.Rule)
	require.NotEmpty(t, e.Detail)
	require.GreaterOrEqual(t, e.At, -1)
	msg := err.Error()
	require.Less(t, len(msg), 800)
	require.True(t, utf8.ValidString(msg))
	require.Empty(t, strings.Trim(msg, printable))
}

var printable = func() string {
	var b strings.Builder
	for c := ' '; c < 0x7f; c++ {
		b.WriteRune(c)
	}
	return b.String()
}()

// A report is read whole or refused with the place to blame; it never panics,
// and the table that comes out of it answers for every code.
func FuzzLoadReport(f *testing.F) {
	// Of the true report only what is read, in other places: that is faster.
	r := csv.NewReader(strings.NewReader(report(f)))
	r.FieldsPerRecord = -1
	rows, err := r.ReadAll()
	require.NoError(f, err)
	var columns []int
	for i, name := range rows[1] {
		if slices.Contains(strings.Fields("NPA_ID type_of_code EXPLANATION RESERVED ASSIGNED USE LOCATION COUNTRY "+
			"IN_SERVICE IN_SERVICE_DT OVERLAY_COMPLEX SERVICE"), name) {
			columns = append(columns, i)
		}
	}
	lines := []string{"File Date,08/17/2026\n"}
	for _, row := range rows[1:] {
		var short []string
		for _, i := range columns {
			short = append(short, strconv.Quote(row[i]))
		}
		lines = append(lines, strings.Join(short, ",")+"\n")
	}
	head := lines[0] + lines[1]
	_, err = nanp.LoadReport(strings.NewReader(strings.Join(lines, "")))
	require.NoError(f, err)
	f.Add("", "", 0)
	f.Add(head, lines[2], 1)
	f.Add(strings.ToLower(head), lines[700], 700)
	f.Add("File Date,08/17/2026\n", "201,x\n", 3)
	f.Fuzz(func(t *testing.T, head, line string, at int) {
		try := func(s string) {
			table, err := nanp.LoadReport(strings.NewReader(s))
			if err != nil {
				require.Nil(t, table)
				var e *nanp.ReportError
				require.ErrorAs(t, err, &e)
				require.True(t, errors.Is(err, nanp.RuleReport))
				require.Less(t, len(err.Error()), 1500)
				return
			}
			require.Len(t, string(table.FileDate()), 10)
			for c, info := range table.All() {
				if info.Category == nanp.Unknown {
					t.Fatalf("%v has no category", c)
				}
			}
		}
		try(head + line)
		// One line of the true report replaced: deep enough to reach the rows.
		mutated := make([]string, len(lines))
		copy(mutated, lines)
		mutated[uint(at)%uint(len(lines))] = line
		try(strings.Join(mutated, ""))
	})
}

func TestLoadReportReadsNoMoreThanItsLimit(t *testing.T) {
	t.Parallel()
	r := &endless{}
	_, err := nanp.LoadReport(r)
	require.ErrorIs(t, err, nanp.RuleReport)
	require.LessOrEqual(t, r.read, 2*nanp.MaxReport)
}

type endless struct{ read int }

func (e *endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ','
	}
	e.read += len(p)
	return len(p), nil
}

var _ io.Reader = (*endless)(nil)
