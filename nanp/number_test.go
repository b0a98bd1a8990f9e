package nanp_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/numberdesk/numberdesk/nanp"
)

// anyNumber draws a number that keeps the rules of the plan.
func anyNumber() *rapid.Generator[nanp.Number] {
	return rapid.Custom(func(t *rapid.T) nanp.Number {
		npa := rapid.Uint16Range(200, 999).Filter(func(c uint16) bool { return nanp.NPA(c).Valid() }).Draw(t, "npa")
		nxx := rapid.Uint16Range(200, 999).Filter(func(c uint16) bool { return nanp.NXX(c).Valid() }).Draw(t, "nxx")
		n, err := nanp.Make(nanp.NPA(npa), nanp.NXX(nxx), rapid.IntRange(0, 9999).Draw(t, "line"))
		require.NoError(t, err)
		return n
	})
}

func TestNumberParts(t *testing.T) {
	t.Parallel()
	n := nanp.MustParse("(501) 555-0123")
	require.True(t, n.Valid())
	require.Equal(t, nanp.NPA(501), n.NPA())
	require.Equal(t, nanp.NXX(555), n.NXX())
	require.Equal(t, 123, n.Line())
	require.Equal(t, [10]byte([]byte("5015550123")), n.Digits())
	require.Equal(t, "+15015550123", n.String())
	require.Equal(t, "(501) 555-0123", n.Format())
	require.Equal(t, "n=+15015550123", string(n.AppendE164([]byte("n="))))
	require.Equal(t, "n=(501) 555-0123", string(n.AppendFormat([]byte("n="))))
	require.Equal(t, "AR", n.State())
	require.Equal(t, nanp.Number(0x5015550123), n, "ten digits, two to a byte")
}

func TestNumberThatIsNone(t *testing.T) {
	t.Parallel()
	var zero nanp.Number
	require.False(t, zero.Valid())
	require.Empty(t, zero.String())
	require.Empty(t, zero.Format())
	require.Equal(t, nanp.Unknown, zero.Category())
	require.Equal(t, nanp.Info{}, zero.Info())
	require.ErrorIs(t, zero.CheckDID(), nanp.RuleInvalid)
	require.Empty(t, zero.State())
	require.False(t, zero.Fictional())
	require.False(t, zero.TollFree())

	for _, n := range []nanp.Number{
		1, 0x50155501, 0x501555012a, 0xa015550123, 0x15015550123, 0x9115550123, 0x5019115550, 0x5019505550,
		0x5011555012, 5015550123, ^nanp.Number(0), 0x1005550123,
	} {
		require.False(t, n.Valid(), "%#x", uint64(n))
		require.ErrorIs(t, n.CheckDID(), nanp.RuleInvalid, "%#x", uint64(n))
		require.NotPanics(t, func() {
			_, _, _, _, _ = n.Format(), n.Info(), n.Digits(), n.Line(), n.Fictional()
		})
		_, err := n.MarshalText()
		require.ErrorIs(t, err, nanp.RuleInvalid, "%#x", uint64(n))
		_, err = n.Value()
		require.ErrorIs(t, err, nanp.RuleInvalid)
		_, ok := n.Next()
		require.False(t, ok)
	}
	require.Equal(t, "nanp.Number(0xffffffffffffffff)", fmt.Sprint(^nanp.Number(0)))
}

func TestMake(t *testing.T) {
	t.Parallel()
	n, err := nanp.Make(501, 555, 7)
	require.NoError(t, err)
	require.Equal(t, "+15015550007", n.String())
	for _, c := range []struct {
		npa  nanp.NPA
		nxx  nanp.NXX
		line int
		rule nanp.Rule
	}{
		{1000, 555, 0, nanp.RuleLength},
		{501, 1000, 0, nanp.RuleLength},
		{501, 555, 10000, nanp.RuleLength},
		{501, 555, -1, nanp.RuleLength},
		{1, 555, 0, nanp.RuleNPAFirstDigit},
		{911, 555, 0, nanp.RuleNPAN11},
		{501, 55, 0, nanp.RuleNXXFirstDigit},
		{501, 411, 0, nanp.RuleNXXN11},
	} {
		n, err := nanp.Make(c.npa, c.nxx, c.line)
		require.ErrorIs(t, err, c.rule, "%v", c)
		require.Zero(t, n)
	}
}

func TestNumberNext(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ from, to string }{
		{"5015550000", "5015550001"},
		{"5015550009", "5015550010"},
		{"5015550199", "5015550200"},
		{"5015550999", "5015551000"},
		{"5015559998", "5015559999"},
	} {
		n, ok := nanp.MustParse(c.from).Next()
		require.True(t, ok)
		require.Equal(t, nanp.MustParse(c.to), n)
	}
	_, ok := nanp.MustParse("5015559999").Next()
	require.False(t, ok)

	n, count := nanp.MustParse("5015550000"), 1
	for next, ok := n.Next(); ok; next, ok = n.Next() {
		require.Equal(t, n.Line()+1, next.Line())
		require.True(t, next.Valid())
		n, count = next, count+1
	}
	require.Equal(t, 10_000, count)
}

func TestSpecialNumbers(t *testing.T) {
	t.Parallel()
	for in, fictional := range map[string]bool{
		"501-555-0099": false, "501-555-0100": true, "501-555-0123": true, "501-555-0199": true, "501-555-0200": false,
		"501-556-0123": false, "501-555-1100": false, "416-555-0150": true, "273-555-0150": true,
		"800-555-0150": true, "888-555-0150": false, "900-555-0150": false, "500-555-0150": false,
	} {
		require.Equal(t, fictional, nanp.MustParse(in).Fictional(), in)
	}
	require.True(t, nanp.MustParse("501-555-1212").DirectoryAssistance())
	require.False(t, nanp.MustParse("501-555-1213").DirectoryAssistance())
	require.False(t, nanp.MustParse("501-556-1212").DirectoryAssistance())
	require.True(t, nanp.MustParse("833-234-5678").TollFree())
	require.False(t, nanp.MustParse("822-234-5678").TollFree())
	require.False(t, nanp.MustParse("501-234-5678").TollFree())
}

func TestNumberProperties(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n, m := anyNumber().Draw(t, "n"), anyNumber().Draw(t, "m")
		require.True(t, n.Valid())

		for _, text := range []string{n.String(), n.Format(), "1" + n.String()[2:], "tel:" + n.String(), n.String()[2:]} {
			back, err := nanp.Parse(text)
			require.NoError(t, err)
			require.Equal(t, n, back)
		}
		again, err := nanp.Make(n.NPA(), n.NXX(), n.Line())
		require.NoError(t, err)
		require.Equal(t, n, again)

		dn, dm := n.Digits(), m.Digits()
		require.Equal(t, cmp.Compare(string(dn[:]), string(dm[:])), cmp.Compare(n, m), "ordered as the digits")

		if next, ok := n.Next(); ok {
			require.Equal(t, n.Line()+1, next.Line())
			require.Equal(t, n.NPA(), next.NPA())
			require.Equal(t, n.NXX(), next.NXX())
			require.True(t, next.Valid())
			require.Greater(t, next, n)
		} else {
			require.Equal(t, 9999, n.Line())
		}

		ext := rapid.StringMatching(`[0-9]{1,15}`).Draw(t, "ext")
		label := rapid.SampledFrom([]string{"x", " x ", " ext ", " ext. ", ";ext=", "#", " extension "}).Draw(t, "label")
		back, got, err := nanp.ParseExt(n.Format() + label + ext)
		require.NoError(t, err)
		require.Equal(t, n, back)
		require.Equal(t, ext, got)
	})
}

// Marks never change what a number is.
func TestParseSkipsMarksAnywhere(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := anyNumber().Draw(t, "n")
		d := n.Digits()
		text := rapid.SampledFrom([]string{"", "1", "+1", "tel:", "tel:+1", " +1"}).Draw(t, "prefix")
		for _, c := range d {
			text += rapid.StringMatching(`[-()./ \t]{0,3}`).Draw(t, "marks") + string(c)
		}
		back, err := nanp.Parse(text + rapid.StringMatching(`[-()./ \t]{0,3}[\r\n ]{0,2}`).Draw(t, "end"))
		require.NoError(t, err)
		require.Equal(t, n, back)
	})
}

func TestNumberCodecs(t *testing.T) {
	t.Parallel()
	type record struct {
		N nanp.Number         `json:"n"`
		P *nanp.Number        `json:"p"`
		M map[nanp.Number]int `json:"m"`
		A nanp.NPA            `json:"a"`
		X nanp.NXX            `json:"x"`
	}
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.OneOf(anyNumber(), rapid.Just(nanp.Number(0))).Draw(t, "n")
		in := record{N: n, P: &n, M: map[nanp.Number]int{n: 1}, A: n.NPA(), X: n.NXX()}
		data, err := json.Marshal(in)
		require.NoError(t, err)
		var out record
		require.NoError(t, json.Unmarshal(data, &out), "%s", data)
		require.Equal(t, in, out)

		text, err := n.MarshalText()
		require.NoError(t, err)
		require.Equal(t, n.String(), string(text))
		back := nanp.MustParse("2015550123")
		require.NoError(t, back.UnmarshalText(text))
		require.Equal(t, n, back)

		v, err := n.Value()
		require.NoError(t, err)
		if n == 0 {
			require.Nil(t, v, "SQL NULL")
		} else {
			require.Equal(t, n.String(), v)
		}
		scanned := nanp.MustParse("2015550123")
		require.NoError(t, scanned.Scan(v))
		require.Equal(t, n, scanned)
		if s, ok := v.(string); ok {
			require.NoError(t, scanned.Scan([]byte(s)))
			require.Equal(t, n, scanned)
		}
	})
}

func TestNumberCodecsRefuse(t *testing.T) {
	t.Parallel()
	keep := nanp.MustParse("2015550123")
	n := keep
	require.ErrorIs(t, n.UnmarshalText([]byte("555-0123")), nanp.RuleSevenDigits)
	require.ErrorIs(t, json.Unmarshal([]byte(`"911-555-0123"`), &n), nanp.RuleNPAN11)
	require.Error(t, json.Unmarshal([]byte(`5015550123`), &n))
	for _, src := range []any{int64(5015550123), 5015550123.0, true, struct{}{}} {
		require.ErrorIs(t, n.Scan(src), nanp.RuleScan)
	}
	require.ErrorContains(t, n.Scan(int64(1)), "int64")
	require.ErrorIs(t, n.Scan("555-0123"), nanp.RuleSevenDigits)
	require.ErrorIs(t, n.Scan([]byte("q")), nanp.RuleLetter)
	require.Equal(t, keep, n, "a bad value changes nothing")

	a, x := nanp.NPA(501), nanp.NXX(555)
	require.ErrorIs(t, a.UnmarshalText([]byte("911")), nanp.RuleNPAN11)
	require.ErrorIs(t, x.UnmarshalText([]byte("911")), nanp.RuleNXXN11)
	require.Equal(t, nanp.NPA(501), a)
	require.Equal(t, nanp.NXX(555), x)
	require.NoError(t, a.UnmarshalText(nil))
	require.NoError(t, x.UnmarshalText(nil))
	require.Zero(t, a)
	require.Zero(t, x)
}
