package nanp_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/numberdesk/numberdesk/nanp"
)

func TestParseAccepts(t *testing.T) {
	t.Parallel()
	const want = "+15015550123"
	for _, in := range []string{
		"5015550123",
		"15015550123",
		"+15015550123",
		"501-555-0123",
		"501.555.0123",
		"501 555 0123",
		"501/555-0123",
		"(501) 555-0123",
		"(501)555-0123",
		"1 (501) 555-0123",
		"1-501-555-0123",
		"1.501.555.0123",
		"+1 501 555 0123",
		"+1 (501) 555-0123",
		"(+1) 501 555-0123",
		"+1-501-555-0123",
		"  501-555-0123\t",
		"\r\n501-555-0123\r\n",
		"501\t555\t0123",
		"tel:+15015550123",
		"tel:+1-501-555-0123",
		"TEL:501-555-0123",
		"Tel: (501) 555-0123",
		"501\u00a0555\u00a00123",
		"501\u2011555\u20110123",
		"501\u2013555\u20140123",
		"501\u2212555\u22120123",
		"\u202a+1 (501) 555-0123\u202c",
		"\ufeff5015550123",
		"\u200e501\u200b555\u20600123",
		"５０１５５５０１２３",
		"＋１（５０１）５５５－０１２３",
		"５０１．５５５．０１２３",
		"501\u3000555\u30000123",
	} {
		n, err := nanp.Parse(in)
		require.NoError(t, err, "%q", in)
		require.Equal(t, want, n.String(), "%q", in)
		m, ext, err := nanp.ParseExt(in)
		require.NoError(t, err, "%q", in)
		require.Equal(t, n, m, "%q", in)
		require.Empty(t, ext, "%q", in)
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		in   string
		rule nanp.Rule
		at   int
	}{
		{"", nanp.RuleEmpty, -1},
		{"   ", nanp.RuleEmpty, -1},
		{"()-", nanp.RuleEmpty, -1},
		{"+", nanp.RuleEmpty, -1},
		{"tel:", nanp.RuleEmpty, -1},
		{"5550123", nanp.RuleSevenDigits, -1},
		{"555-0123", nanp.RuleSevenDigits, -1},
		{"911", nanp.RuleLength, -1},
		{"501555012", nanp.RuleLength, -1},
		{"115015550123", nanp.RuleLength, -1},
		{"50155501234567890123", nanp.RuleLength, -1},
		{"+1501555012", nanp.RuleLength, -1},
		{"+150155501234", nanp.RuleLength, -1},
		{strings.Repeat(" ", 200) + "5015550123", nanp.RuleLength, -1},
		{"+5015550123", nanp.RuleCountryCode, 1},
		{"+442079460958", nanp.RuleCountryCode, 1},
		{"25015550123", nanp.RuleCountryCode, 0},
		{"212O365000", nanp.RuleLetter, 3},
		{"21273650O0", nanp.RuleLetter, 8},
		{"l5015550123", nanp.RuleLetter, 0},
		{"1-800-FLOWERS", nanp.RuleLetter, 6},
		{"501-555-0123 home", nanp.RuleLetter, 13},
		{"501-555-0123 extra", nanp.RuleLetter, 13},
		{"5О15550123", nanp.RuleLetter, 1}, // Cyrillic
		{"501_555_0123", nanp.RuleCharacter, 3},
		{"501\n5550123", nanp.RuleCharacter, 3},
		{"501-555-0123;x", nanp.RuleCharacter, 12},
		{"501-555-0123,5", nanp.RuleCharacter, 12},
		{"501-555-0123 + 1", nanp.RuleCharacter, 13},
		{"++15015550123", nanp.RuleCharacter, 1},
		{"5\x0015550123", nanp.RuleCharacter, 1},
		{"5\xff15550123", nanp.RuleCharacter, 1},
		{"٥٠١٥٥٥٠١٢٣", nanp.RuleCharacter, 0},
		{"😀5015550123", nanp.RuleCharacter, 0},
		{"+12015550123x", nanp.RuleExtension, 13},
		{"501-555-0123 x12", nanp.RuleExtension, 13},
		{"tel:+1-201-555-0123;ext=5", nanp.RuleExtension, 19},
		{"501\u00a0555\u00a00123 x12", nanp.RuleExtension, 15},
		{"1015550123", nanp.RuleNPAFirstDigit, 0},
		{"(000) 000-0000", nanp.RuleNPAFirstDigit, 1},
		{"501-000-0000", nanp.RuleNXXFirstDigit, 4},
		{"0015550123", nanp.RuleNPAFirstDigit, 0},
		{"+1 (101) 555-0123", nanp.RuleNPAFirstDigit, 4},
		{"311-555-1212", nanp.RuleNPAN11, 0},
		{"911-555-0123", nanp.RuleNPAN11, 0},
		{"295-234-5678", nanp.RuleNPAN9X, 0},
		{"999-234-5678", nanp.RuleNPAN9X, 0},
		{"372-234-5678", nanp.RuleNPAReserved, 0},
		{"965-234-5678", nanp.RuleNPAReserved, 0},
		{"1-555-234-5678", nanp.RuleNPA555, 2},
		{"950-234-5678", nanp.RuleNPA950, 0},
		{"988-234-5678", nanp.RuleNPA988, 0},
		{"2011550123", nanp.RuleNXXFirstDigit, 3},
		{"(201) 055-0123", nanp.RuleNXXFirstDigit, 6},
		{"２０１-055-0123", nanp.RuleNXXFirstDigit, 10},
		{"201-911-5555", nanp.RuleNXXN11, 4},
		{"212-950-1234", nanp.RuleNXX950, 4},
	} {
		n, err := nanp.Parse(c.in)
		require.ErrorIs(t, err, c.rule, "%q", c.in)
		require.Zero(t, n, "%q", c.in)
		var e *nanp.Error
		require.ErrorAs(t, err, &e)
		require.Equal(t, c.rule, e.Rule, "%q", c.in)
		require.Equal(t, c.at, e.At, "%q: %v", c.in, err)
		require.NotEmpty(t, e.Detail)
		if c.rule != nanp.RuleExtension {
			_, _, err = nanp.ParseExt(c.in)
			require.ErrorIs(t, err, c.rule, "ParseExt %q", c.in)
		}
	}
}

// What is known of numbers that people ask about, by the rules of the plan and
// the table of 2026-08-17.
func TestParseAndCategory(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		in, e164 string
		category nanp.Category
		country  string
		regions  []string
		did      nanp.Rule // empty: could be a DID
	}{
		{"+1 (212) 736-5000", "+12127365000", nanp.Geographic, "US", []string{"NY"}, ""},
		{"1-541-555-0123", "+15415550123", nanp.Geographic, "US", []string{"OR"}, nanp.RuleFictional},
		{"202-988-1234", "+12029881234", nanp.Geographic, "US", []string{"DC"}, ""},
		{"307-988-1234", "+13079881234", nanp.Geographic, "US", []string{"WY"}, nanp.RuleNXXSpecial},
		{"212-212-2121", "+12122122121", nanp.Geographic, "US", []string{"NY"}, ""},
		{"212-800-2121", "+12128002121", nanp.Geographic, "US", []string{"NY"}, ""},
		{"212-555-1212", "+12125551212", nanp.Geographic, "US", []string{"NY"}, nanp.RuleDirectoryAssistance},
		{"212-555-4321", "+12125554321", nanp.Geographic, "US", []string{"NY"}, nanp.RuleNXX555},
		{"822-555-1234", "+18225551234", nanp.TollFreeReserved, "", nil, nanp.RuleTollFreeReserved},
		{"881-234-5678", "+18812345678", nanp.TollFreeReserved, "", nil, nanp.RuleTollFreeReserved},
		{"888-555-1234", "+18885551234", nanp.TollFree, "", nil, ""},
		{"800-555-1212", "+18005551212", nanp.TollFree, "", nil, nanp.RuleDirectoryAssistance},
		{"800-555-0150", "+18005550150", nanp.TollFree, "", nil, nanp.RuleFictional},
		{"877-555-0150", "+18775550150", nanp.TollFree, "", nil, ""},
		{"800-976-1234", "+18009761234", nanp.TollFree, "", nil, ""},
		{"533-234-5678", "+15332345678", nanp.NonGeographic, "", nil, nanp.RuleNonGeographic},
		{"542-234-5678", "+15422345678", nanp.NonGeographic, "", nil, nanp.RuleNonGeographic},
		{"535-234-5678", "+15352345678", nanp.NonGeographicReserved, "", nil, nanp.RuleNonGeographic},
		{"600-234-5678", "+16002345678", nanp.CanadaNonGeographic, "CA", nil, nanp.RuleNonGeographic},
		{"644-234-5678", "+16442345678", nanp.CanadaNonGeographicReserved, "", nil, nanp.RuleNonGeographic},
		{"700-234-5678", "+17002345678", nanp.InterExchange, "", nil, nanp.RuleInterExchange},
		{"710-627-4387", "+17106274387", nanp.Government, "US", nil, nanp.RuleGovernment},
		{"900-234-5678", "+19002345678", nanp.Premium, "", nil, nanp.RulePremium},
		{"273-234-5678", "+12732345678", nanp.GeographicPending, "CA", []string{"QC"}, nanp.RulePending},
		{"565-234-5678", "+15652345678", nanp.GeographicPending, "US", []string{"GA"}, nanp.RulePending},
		{"242-234-5678", "+12422345678", nanp.Geographic, "BS", nil, nanp.RuleCountry},
		{"416-234-5678", "+14162345678", nanp.Geographic, "CA", []string{"ON"}, nanp.RuleCountry},
		{"902-234-5678", "+19022345678", nanp.Geographic, "CA", []string{"NS", "PE"}, nanp.RuleCountry},
		{"787-234-5678", "+17872345678", nanp.Geographic, "US", []string{"PR"}, ""},
		{"670-234-5678", "+16702345678", nanp.Geographic, "US", []string{"MP"}, ""},
		{"541-234-5678", "+15412345678", nanp.Geographic, "US", []string{"OR"}, ""},
		{"919-234-5678", "+19192345678", nanp.Geographic, "US", []string{"NC"}, ""},
		{"200-234-5678", "+12002345678", nanp.UnassignedRecognizable, "", nil, nanp.RuleUnassigned},
		{"976-234-5678", "+19762345678", nanp.Unassigned, "", nil, nanp.RuleUnassigned},
		{"201-976-1234", "+12019761234", nanp.Geographic, "US", []string{"NJ"}, nanp.RuleNXXSpecial},
		{"213-976-1234", "+12139761234", nanp.Geographic, "US", []string{"CA"}, ""},
		{"213-700-1234", "+12137001234", nanp.Geographic, "US", []string{"CA"}, ""},
		{"212-700-1234", "+12127001234", nanp.Geographic, "US", []string{"NY"}, nanp.RuleNXXSpecial},
		{"212-958-1234", "+12129581234", nanp.Geographic, "US", []string{"NY"}, nanp.RuleNXXSpecial},
		{"313-958-1234", "+13139581234", nanp.Geographic, "US", []string{"MI"}, ""},
		{"617-959-1234", "+16179591234", nanp.Geographic, "US", []string{"MA"}, ""},
		{"618-959-1234", "+16189591234", nanp.Geographic, "US", []string{"IL"}, nanp.RuleNXXSpecial},
	} {
		n, err := nanp.Parse(c.in)
		require.NoError(t, err, c.in)
		require.Equal(t, c.e164, n.String(), c.in)
		require.Equal(t, c.category, n.Category(), c.in)
		info := n.Info()
		require.Equal(t, c.country, info.Country, c.in)
		require.Equal(t, c.regions, info.Regions, c.in)
		err = n.CheckDID()
		if c.did == "" {
			require.NoError(t, err, c.in)
		} else {
			require.ErrorIs(t, err, c.did, c.in)
			require.Contains(t, err.Error(), c.e164)
		}
	}
}

func TestParseExt(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ in, ext string }{
		{"12127365000 x12", "12"},
		{"212-736-5000x12", "12"},
		{"212-736-5000 X12", "12"},
		{"212-736-5000 x 0012", "0012"},
		{"212-736-5000 ext 12", "12"},
		{"212-736-5000 Ext. 12", "12"},
		{"212-736-5000 ext.12 ", "12"},
		{"212-736-5000 ext: 12", "12"},
		{"212-736-5000 extn 12", "12"},
		{"212-736-5000 EXTENSION 12", "12"},
		{"212-736-5000 #12", "12"},
		{"tel:+1-212-736-5000;ext=12", "12"},
		{"２１２-736-5000 ｘ１２", "12"},
		{"212-736-5000\u00a0ext.\u00a012", "12"},
		{"212-736-5000x123456789012345", "123456789012345"},
		{"212-736-5000", ""},
	} {
		n, ext, err := nanp.ParseExt(c.in)
		require.NoError(t, err, c.in)
		require.Equal(t, "+12127365000", n.String(), c.in)
		require.Equal(t, c.ext, ext, c.in)
		if c.ext != "" {
			_, err = nanp.Parse(c.in)
			require.ErrorIs(t, err, nanp.RuleExtension, c.in)
			require.ErrorContains(t, err, "ParseExt", c.in)
		}
	}
	for _, c := range []struct {
		in   string
		rule nanp.Rule
		at   int
	}{
		{"212-736-5000 x", nanp.RuleExtension, 14},
		{"212-736-5000 x-", nanp.RuleExtension, 14},
		{"212-736-5000 x12 x13", nanp.RuleExtension, 17},
		{"212-736-5000 x12a", nanp.RuleExtension, 16},
		{"212-736-5000;ext=", nanp.RuleExtension, 17},
		{"212-736-5000;ext= 1", nanp.RuleExtension, 17},
		{"212-736-5000x1234567890123456", nanp.RuleExtension, 28},
		{"212-736-5000 xyz", nanp.RuleLetter, 13},
		{"212-736-5000;phone-context=+1", nanp.RuleCharacter, 12},
		{"736-5000 x12", nanp.RuleSevenDigits, -1},
		{"911-736-5000 x12", nanp.RuleNPAN11, 0},
	} {
		n, ext, err := nanp.ParseExt(c.in)
		require.ErrorIs(t, err, c.rule, c.in)
		require.Zero(t, n)
		require.Empty(t, ext)
		var e *nanp.Error
		require.ErrorAs(t, err, &e)
		require.Equal(t, c.at, e.At, "%q: %v", c.in, err)
	}
}

func TestParseDoesNotAllocate(t *testing.T) {
	for _, in := range []string{
		"+15015550123", "(501) 555-0123", "5015550123", "1-501-555-0123", "tel:+1-501-555-0123", " 501.555.0123\n",
	} {
		require.Zero(t, testing.AllocsPerRun(100, func() {
			n, err := nanp.Parse(in)
			if err != nil || n.Category() != nanp.Geographic || n.State() != "AR" || !n.Valid() {
				panic(err)
			}
		}), in)
	}
	n := nanp.MustParse("5015550123")
	buf := make([]byte, 0, 64)
	require.Zero(t, testing.AllocsPerRun(100, func() {
		buf = n.AppendFormat(n.AppendE164(buf[:0]))
	}))
}

// The two forms that are read at once are read as strictly as all others.
func TestParseChecksEveryPosition(t *testing.T) {
	t.Parallel()
	for _, good := range []string{"+15015550123", "(501) 555-0123"} {
		for i := range good {
			for _, c := range []byte("/:;x\x00\xffA") {
				bad := []byte(good)
				bad[i] = c
				n, err := nanp.Parse(string(bad))
				if skipped := c == '/' && strings.IndexByte("+()- ", good[i]) >= 0; skipped {
					require.NoError(t, err, "%q", bad)
					continue
				}
				require.Error(t, err, "%q", bad)
				require.Zero(t, n)
			}
		}
	}
}

func TestParseCodes(t *testing.T) {
	t.Parallel()
	npa, err := nanp.ParseNPA(" 501\n")
	require.NoError(t, err)
	require.Equal(t, nanp.NPA(501), npa)
	require.Equal(t, "501", npa.String())
	require.Equal(t, nanp.Geographic, npa.Category())
	require.Equal(t, []string{"AR"}, npa.Info().Regions)
	require.True(t, npa.Valid())
	nxx, err := nanp.ParseNXX("555")
	require.NoError(t, err)
	require.Equal(t, nanp.NXX(555), nxx)
	require.True(t, nxx.Valid())

	for in, rule := range map[string]nanp.Rule{
		"": nanp.RuleEmpty, " ": nanp.RuleEmpty, "50": nanp.RuleLength, "5011": nanp.RuleLength,
		"5o1": nanp.RuleLetter, "+50": nanp.RuleCharacter, "501 1": nanp.RuleCharacter, "５０１": nanp.RuleCharacter,
		"101": nanp.RuleNPAFirstDigit, "411": nanp.RuleNPAN11, "590": nanp.RuleNPAN9X, "370": nanp.RuleNPAReserved,
		"555": nanp.RuleNPA555, "950": nanp.RuleNPA950, "988": nanp.RuleNPA988, strings.Repeat("5", 500): nanp.RuleLength,
	} {
		_, err := nanp.ParseNPA(in)
		require.ErrorIs(t, err, rule, "%q", in)
	}
	for in, rule := range map[string]nanp.Rule{
		"": nanp.RuleEmpty, "55": nanp.RuleLength, "X55": nanp.RuleLetter,
		"155": nanp.RuleNXXFirstDigit, "911": nanp.RuleNXXN11, "950": nanp.RuleNXX950,
	} {
		_, err := nanp.ParseNXX(in)
		require.ErrorIs(t, err, rule, "%q", in)
	}
}

func TestErrorIsBoundedAndPrintable(t *testing.T) {
	t.Parallel()
	for _, in := range []string{
		"501\n\x1b[31m555\u202e0123", strings.Repeat("é", 10_000), strings.Repeat("5", 10_000), "\xff\xfe",
		strings.Repeat("a", 63) + "é" + strings.Repeat("a", 63),
	} {
		_, err := nanp.Parse(in)
		require.Error(t, err)
		msg := err.Error()
		require.Less(t, len(msg), 600)
		for _, c := range msg {
			require.True(t, c >= ' ' && c < 0x7f, "%q", msg)
		}
		var e *nanp.Error
		require.True(t, errors.As(err, &e))
		require.LessOrEqual(t, len(e.Input), 70)
	}
	err := &nanp.Error{Input: strings.Repeat("5", 10_000), Rule: nanp.RuleLength, At: -1, Detail: "too long"}
	require.Less(t, len(err.Error()), 200)
	require.ErrorContains(t, nanp.RulePremium, "premium")
}

func TestMustParse(t *testing.T) {
	t.Parallel()
	require.Equal(t, "+15015550123", nanp.MustParse("(501) 555-0123").String())
	require.Panics(t, func() { nanp.MustParse("555-0123") })
}
