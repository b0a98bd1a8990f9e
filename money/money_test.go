package money_test

import (
	"encoding/json"
	"math"
	"math/big"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/numberdesk/numberdesk/money"
)

func TestParseUSD(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]struct {
		amount money.USD
		text   string
	}{
		"1":                      {1_000_000, "$1.00"},
		"1.00":                   {1_000_000, "$1.00"},
		"$1.00":                  {1_000_000, "$1.00"},
		"1.15":                   {1_150_000, "$1.15"},
		"0.0085":                 {8_500, "$0.0085"},
		"0.008500000":            {8_500, "$0.0085"},
		"1.00000":                {1_000_000, "$1.00"},
		"$0.000001":              {1, "$0.000001"},
		"-0.000001":              {-1, "-$0.000001"},
		"-$2.50":                 {-2_500_000, "-$2.50"},
		"-2.5":                   {-2_500_000, "-$2.50"},
		"0":                      {0, "$0.00"},
		"-0":                     {0, "$0.00"},
		"007.5":                  {7_500_000, "$7.50"},
		"0.1":                    {100_000, "$0.10"},
		"0.125":                  {125_000, "$0.125"},
		"9223372036854.775807":   {math.MaxInt64, "$9223372036854.775807"},
		"-9223372036854.775808":  {math.MinInt64, "-$9223372036854.775808"},
		"-$9223372036854.775808": {math.MinInt64, "-$9223372036854.775808"},
	} {
		u, err := money.ParseUSD(in)
		require.NoError(t, err, in)
		require.Equal(t, want.amount, u, in)
		require.Equal(t, want.text, u.String(), in)
	}
}

func TestParseUSDRefuses(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]error{
		"": money.ErrSyntax, "$": money.ErrSyntax, "-": money.ErrSyntax, ".": money.ErrSyntax, "1.": money.ErrSyntax,
		".5": money.ErrSyntax, " 1": money.ErrSyntax, "1 ": money.ErrSyntax, "+1": money.ErrSyntax, "--1": money.ErrSyntax,
		"$-1": money.ErrSyntax, "$$1": money.ErrSyntax, "1,000.00": money.ErrSyntax, "1e3": money.ErrSyntax,
		"0x10": money.ErrSyntax, "NaN": money.ErrSyntax, "Inf": money.ErrSyntax, "1.2.3": money.ErrSyntax, "1.-5": money.ErrSyntax,
		"unknown": money.ErrSyntax, "1_000": money.ErrSyntax, "１": money.ErrSyntax, "€1": money.ErrSyntax, "1\x00": money.ErrSyntax,
		strings.Repeat("1", 1000): money.ErrSyntax,
		"0.0000001":               money.ErrPrecision, "1.00000010": money.ErrPrecision,
		"9223372036854.775808": money.ErrRange, "-9223372036854.775809": money.ErrRange,
		"18446744073709.551616": money.ErrRange, "18446744073709551616": money.ErrRange, "18446744073710": money.ErrRange, "18446744073709.6": money.ErrRange,
		"99999999999999999999999999": money.ErrRange,
	} {
		u, err := money.ParseUSD(in)
		require.ErrorIs(t, err, want, "%q", in)
		require.Zero(t, u)
		var e *money.Error
		require.ErrorAs(t, err, &e)
		require.Less(t, len(e.Error()), 400)
		require.NotContains(t, e.Error(), "\x00")
	}
}

func exact(u money.USD) *big.Int { return big.NewInt(int64(u)) }

func TestUSDProperties(t *testing.T) {
	t.Parallel()
	amounts := rapid.OneOf(rapid.Int64(), rapid.Int64Range(-20_000_000, 20_000_000),
		rapid.SampledFrom([]int64{math.MinInt64, math.MinInt64 + 1, -1, 0, 1, math.MaxInt64}))
	rapid.Check(t, func(t *rapid.T) {
		u, v := money.USD(amounts.Draw(t, "u")), money.USD(amounts.Draw(t, "v"))
		n := rapid.OneOf(rapid.Int(), rapid.IntRange(-100, 100), rapid.SampledFrom([]int{math.MinInt, math.MaxInt})).Draw(t, "n")

		back, err := money.ParseUSD(u.String())
		require.NoError(t, err)
		require.Equal(t, u, back)
		whole, fraction, _ := strings.Cut(u.String(), ".")
		require.NotEmpty(t, whole)
		require.GreaterOrEqual(t, len(fraction), 2)
		require.LessOrEqual(t, len(fraction), 6)

		sum, err := u.Add(v)
		if want := new(big.Int).Add(exact(u), exact(v)); want.IsInt64() {
			require.NoError(t, err)
			require.Equal(t, want.Int64(), int64(sum))
		} else {
			require.ErrorIs(t, err, money.ErrRange)
			require.Zero(t, sum)
		}
		product, err := u.Times(n)
		if want := new(big.Int).Mul(exact(u), big.NewInt(int64(n))); want.IsInt64() {
			require.NoError(t, err)
			require.Equal(t, want.Int64(), int64(product))
		} else {
			require.ErrorIs(t, err, money.ErrRange)
			require.Zero(t, product)
		}

		data, err := json.Marshal(u)
		require.NoError(t, err)
		require.Equal(t, byte('"'), data[0], "a string, so that no reader makes a float of it")
		require.NoError(t, json.Unmarshal(data, &back))
		require.Equal(t, u, back)

		known := rapid.Bool().Draw(t, "known")
		r := money.Rate{Known: known}
		if known {
			r = money.Known(u)
		}
		p := money.Price{Setup: r, MinuteOut: money.Known(v)}
		data, err = json.Marshal(p)
		require.NoError(t, err)
		q := money.Price{Monthly: money.Known(1)}
		require.NoError(t, json.Unmarshal(data, &q))
		require.Equal(t, p, q)
		text, err := r.MarshalText()
		require.NoError(t, err)
		s := money.Known(1)
		require.NoError(t, s.UnmarshalText(text))
		require.Equal(t, r, s)
	})
}

func TestRate(t *testing.T) {
	t.Parallel()
	var unknown money.Rate
	free, dollar := money.Known(0), money.Known(money.Dollar)
	require.NotEqual(t, unknown, free, "not known is not free")
	require.Equal(t, "unknown", unknown.String())
	require.Equal(t, "$0.00", free.String())
	require.True(t, unknown.IsZero())
	require.False(t, free.IsZero())

	require.Equal(t, dollar, unknown.Or(dollar))
	require.Equal(t, free, free.Or(dollar), "free is an answer")
	require.Equal(t, unknown, unknown.Or(unknown))

	for _, c := range []struct{ a, b, want money.Rate }{
		{dollar, dollar, money.Known(2 * money.Dollar)},
		{dollar, unknown, unknown},
		{unknown, dollar, unknown},
		{money.Rate{Amount: 5}, dollar, unknown},
	} {
		got, err := c.a.Add(c.b)
		require.NoError(t, err)
		require.Equal(t, c.want, got)
	}
	_, err := money.Known(math.MaxInt64).Add(money.Known(1))
	require.ErrorIs(t, err, money.ErrRange)

	got, err := dollar.Times(3)
	require.NoError(t, err)
	require.Equal(t, money.Known(3*money.Dollar), got)
	got, err = unknown.Times(3)
	require.NoError(t, err)
	require.Equal(t, unknown, got)
	got, err = unknown.Times(0)
	require.NoError(t, err)
	require.Equal(t, unknown, got)
	_, err = money.Known(math.MaxInt64).Times(2)
	require.ErrorIs(t, err, money.ErrRange)

	r, err := money.ParseRate("")
	require.NoError(t, err)
	require.Equal(t, unknown, r)
	r, err = money.ParseRate("1")
	require.NoError(t, err)
	require.Equal(t, dollar, r)
	_, err = money.ParseRate("x")
	require.ErrorIs(t, err, money.ErrSyntax)
}

func TestRateJSON(t *testing.T) {
	t.Parallel()
	data, err := json.Marshal([]money.Rate{{}, money.Known(0), money.Known(8_500), {Amount: 7}})
	require.NoError(t, err)
	require.JSONEq(t, `[null, "0.00", "0.0085", null]`, string(data))

	for in, want := range map[string]money.Rate{
		`null`: {}, ` null `: {}, `"1.00"`: money.Known(money.Dollar), `"$1.00"`: money.Known(money.Dollar),
		`1`: money.Known(money.Dollar), `1.15`: money.Known(1_150_000), `-0.5`: money.Known(-500_000), `0`: money.Known(0),
	} {
		r := money.Known(9)
		require.NoError(t, json.Unmarshal([]byte(in), &r), in)
		require.Equal(t, want, r, in)
	}
	for _, in := range []string{`"unknown"`, `""`, `true`, `{}`, `[]`, `1e2`, `"x"`, `0.0000001`, `"`} {
		r := money.Known(9)
		require.Error(t, json.Unmarshal([]byte(in), &r), in)
		require.Equal(t, money.Known(9), r, "a bad value changes nothing")
		require.Error(t, r.UnmarshalJSON([]byte(in)), in)
	}
	type card struct {
		Monthly money.Rate `json:"monthly,omitzero"`
	}
	data, err = json.Marshal(card{})
	require.NoError(t, err)
	require.JSONEq(t, `{}`, string(data))
	u := money.Dollar
	require.Error(t, u.UnmarshalText([]byte("x")))
	require.Equal(t, money.Dollar, u)
	r := money.Known(9)
	require.Error(t, r.UnmarshalText([]byte("x")))
	require.Equal(t, money.Known(9), r)
}

func TestPrice(t *testing.T) {
	t.Parallel()
	carrier := money.Price{Monthly: money.Known(0)}
	card := money.Price{Setup: money.Known(money.Dollar), Monthly: money.Known(2 * money.Dollar), MinuteIn: money.Known(85 * money.Cent / 100)}
	got := carrier.Or(card)
	require.Equal(t, money.Price{
		Setup: money.Known(money.Dollar), Monthly: money.Known(0), MinuteIn: money.Known(8_500),
	}, got)
	require.Equal(t, "setup $1.00, monthly $0.00, minute in $0.0085, minute out unknown", got.String())
	require.True(t, money.Price{}.IsZero())
	require.False(t, carrier.IsZero())
	data, err := json.Marshal(got)
	require.NoError(t, err)
	require.JSONEq(t, `{"setup":"1.00","monthly":"0.00","minuteIn":"0.0085","minuteOut":null}`, string(data))
	for i := range 4 {
		var p money.Price
		*[]*money.Rate{&p.Setup, &p.Monthly, &p.MinuteIn, &p.MinuteOut}[i] = money.Known(0)
		require.False(t, p.IsZero())
		require.Equal(t, p, money.Price{}.Or(p))
	}
}

func TestTotal(t *testing.T) {
	t.Parallel()
	total, err := money.Sum(money.Known(money.Dollar), money.Rate{}, money.Known(-250*money.Cent), money.Rate{})
	require.NoError(t, err)
	require.Equal(t, money.Total{Known: -1_500_000, Unknown: 2}, total)
	require.Equal(t, "-$1.50 and 2 unknown", total.String())
	require.Equal(t, money.Rate{}, total.Rate(), "a sum with an unknown part is not known")

	total, err = money.Sum()
	require.NoError(t, err)
	require.Equal(t, "$0.00", total.String())
	require.Equal(t, money.Known(0), total.Rate())

	more, err := total.Plus(money.Total{Known: 5, Unknown: 1})
	require.NoError(t, err)
	require.Equal(t, money.Total{Known: 5, Unknown: 1}, more)
	_, err = money.Sum(money.Known(math.MaxInt64), money.Known(1))
	require.ErrorIs(t, err, money.ErrRange)
	_, err = money.Total{Known: math.MinInt64}.Add(money.Known(-1))
	require.ErrorIs(t, err, money.ErrRange)
	data, err := json.Marshal(more)
	require.NoError(t, err)
	require.JSONEq(t, `{"known":"0.000005","unknown":1}`, string(data))
}

func FuzzParseUSD(f *testing.F) {
	for _, s := range []string{"1", "$1.00", "-$2.50", "0.0085", "1e3", "NaN", "9223372036854.775807", "0.0000001", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		u, err := money.ParseUSD(s)
		if err != nil {
			require.Zero(t, u)
			_ = err.Error()
			return
		}
		want, ok := new(big.Rat).SetString(strings.Replace(s, "$", "", 1))
		require.True(t, ok, "%q", s)
		require.Zero(t, want.Cmp(big.NewRat(int64(u), int64(money.Dollar))), "%q", s)
		back, err := money.ParseUSD(u.String())
		require.NoError(t, err)
		require.Equal(t, u, back)
	})
}
