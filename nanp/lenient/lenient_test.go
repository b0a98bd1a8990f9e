package lenient

import (
	"strings"
	"testing"
	"unicode"

	"github.com/nyaruka/phonenumbers"
	"github.com/stretchr/testify/require"

	"github.com/numberdesk/numberdesk/nanp"
)

func TestParse(t *testing.T) {
	t.Parallel()
	for _, in := range []string{
		"5015550123", "(501) 555-0123", "+1 501 555 0123", "tel:+1-501-555-0123",
		"Tel.: 501-555-0123", "call me at (501) 555-0123", "Phone (home): 501 555 0123", "[501] 555-0123",
		"501 555 0123.", "\"501-555-0123\"", "<501-555-0123>",
		"011 1 501 555 0123", "٥٠١ ٥٥٥ ٠١٢٣", "५०१ ५५५ ०१२३", "５０１ ５５５ ０１２３", "𝟓𝟎𝟏 𝟓𝟓𝟓 𝟎𝟏𝟐𝟑",
	} {
		n, err := Parse(in)
		require.NoError(t, err, in)
		require.Equal(t, "+15015550123", n.String(), in)
	}
	for in, ext := range map[string]string{
		"501-555-0123 x12": "12", "501-555-0123 ext. 12": "12", "501-555-0123 доб. 12": "12", "501-555-0123 anexo 12": "12",
		"501-555-0123 int 12": "12", "501-555-0123,,12#": "12", "office: 501-555-0123;12": "12", "501-555-0123 ~ 12": "12",
		"٥٠١ ٥٥٥ ٠١٢٣ x١٢": "12", "501-555-0123": "",
	} {
		n, got, err := ParseExt(in)
		require.NoError(t, err, in)
		require.Equal(t, "+15015550123", n.String(), in)
		require.Equal(t, ext, got, in)
		if ext != "" {
			_, err = Parse(in)
			require.ErrorIs(t, err, nanp.RuleExtension, in)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for in, rule := range map[string]nanp.Rule{
		"":                                  nanp.RuleEmpty,
		"hello":                             nanp.RuleEmpty,
		"5550123":                           nanp.RuleSevenDigits,
		"call 555-0123":                     nanp.RuleSevenDigits,
		"50155501":                          nanp.RuleLength,
		"501~555~0123":                      nanp.RuleLength,
		"5":                                 nanp.RuleCharacter,
		"501-555-01234":                     nanp.RuleLength,
		"+1 1 501-555-0123":                 nanp.RuleLength,
		"tel:+15015550123;isub=12":          nanp.RuleLength,
		"12 501-555-0123":                   nanp.RuleLength,
		"501-555-0123 or 501-555-0124":      nanp.RuleLength,
		"212O3650000":                       nanp.RuleLetter,
		"2I23650000":                        nanp.RuleLetter,
		"1-800-FLOWERS":                     nanp.RuleLetter,
		"+44 20 7946 0958":                  nanp.RuleCountryCode,
		"+999 20 7946 0958":                 nanp.RuleCountryCode,
		"Tel. 911-555-0123":                 nanp.RuleNPAN11,
		"Tel. 501-950-0123":                 nanp.RuleNXX950,
		"501-555-0123 ext 1234567890123456": nanp.RuleExtension,
		strings.Repeat("5", 300):            nanp.RuleLength,
		strings.Repeat("x", 300):            nanp.RuleLength,
	} {
		n, ext, err := ParseExt(in)
		require.ErrorIs(t, err, rule, "%q: %v", in, err)
		require.Zero(t, n)
		require.Empty(t, ext)
		_, err = Parse(in)
		require.ErrorIs(t, err, rule, "%q", in)
		var e *nanp.Error
		require.ErrorAs(t, err, &e)
		require.Less(t, len(e.Error()), 400)
	}
}

func TestASCIIDigit(t *testing.T) {
	t.Parallel()
	count := 0
	for c := rune(0); c <= unicode.MaxRune; c++ {
		d := asciiDigit(c)
		if !unicode.IsDigit(c) {
			require.Equal(t, c, d)
			continue
		}
		require.True(t, d >= '0' && d <= '9', "%U", c)
		require.Equal(t, rune('0'+count%10), d, "%U", c)
		count++
	}
	require.Zero(t, count%10)
}

// What nanp and phonenumbers both accept, they read alike; and nothing that nanp
// accepts is lost here.
func FuzzLenientAgrees(f *testing.F) {
	for _, s := range []string{
		"+15015550123", "(501) 555-0123", "1-541-555-0123", "tel:+1-201-555-0123;ext=5", "212O365000", "5550123",
		"２１２ 736 5000", "12127365000 x12", "501 555 0123 ext. 12", "+442079460958", "501-555-0123 #9", "1-800-FLOWERS",
		"call 501 555 0123", "0111 501 555 0123", "501/555/0123x5", "(+1) 501 555 0123", "501.555.0123;ext=0", "+1+15015550123",
		"tel:5550123;phone-context=+1501", "501-555-0123 - 5#", "٥٠١ ٥٥٥ ٠١٢٣",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		strict, strictExt, strictErr := nanp.ParseExt(s)
		loose, looseExt, looseErr := peer(s)
		if strictErr == nil && looseErr == nil {
			require.Equal(t, strict, loose, "%q", s)
			require.Equal(t, strictExt, looseExt, "%q", s)
		}
		// The bare peer too, without what this package checks of it.
		if p, err := phonenumbers.Parse(s, "US"); strictErr == nil && err == nil &&
			p.GetCountryCode() == 1 && p.GetNationalNumber() >= 2_000_000_000 && p.GetNationalNumber() <= 9_999_999_999 {
			d := strict.Digits()
			require.Equal(t, string(d[:]), phonenumbers.GetNationalSignificantNumber(p), "%q", s)
		}
		n, ext, err := ParseExt(s)
		switch {
		case strictErr == nil:
			require.NoError(t, err)
			require.Equal(t, strict, n)
			require.Equal(t, strictExt, ext)
		case looseErr == nil:
			require.NoError(t, err)
			require.Equal(t, loose, n)
			require.True(t, n.Valid())
		default:
			require.Error(t, err)
			require.Zero(t, n)
			_ = err.Error()
		}
	})
}

func BenchmarkPhonenumbers(b *testing.B) {
	for _, c := range []struct{ name, in string }{
		{"e164", "+15015550123"},
		{"pretty", "(501) 555-0123"},
		{"dashes", "1-501-555-0123"},
		{"digits", "5015550123"},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				p, err := phonenumbers.Parse(c.in, "US")
				if err != nil || !phonenumbers.IsValidNumber(p) {
					b.Fatal(p, err)
				}
			}
		})
		b.Run(c.name+"/nanp", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				n, err := nanp.Parse(c.in)
				if err != nil || n.Category() != nanp.Geographic {
					b.Fatal(n, err)
				}
			}
		})
	}
}
