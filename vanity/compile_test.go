package vanity_test

import (
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"

	"github.com/numberdesk/numberdesk/nanp"
	. "github.com/numberdesk/numberdesk/vanity"
)

func TestCompileReads(t *testing.T) {
	for text, want := range map[string]struct {
		set      string
		spelled  string
		overdial string
	}{
		// Words.
		"1-800-FLOWERS":                {"800-356-9377", "800-FLOWERS", ""},
		"800FLOWERS":                   {"800-356-9377", "800-FLOWERS", ""},
		"+1 800 FLOWERS":               {"800-356-9377", "800-FLOWERS", ""},
		"1800flowers":                  {"800-356-9377", "800-FLOWERS", ""},
		"800-GOT-JUNK":                 {"800-468-5865", "800-GOT-JUNK", ""},
		"1-800-MATTRESS":               {"800-628-8737", "800-MATTRESS", "S"},
		"1-800-CONTACTS":               {"800-266-8228", "800-CONTACTS", "S"},
		"1-800-MORE-SLEEP":             {"800-667-3753", "800-MORE-SLEEP", "EP"},
		"1-888-CARPETCARE":             {"888-227-7382", "888-CARPETCARE", "ARE"},
		"888-NEWCARS-NOW-BUY":          {"888-639-2277", "888-NEWCARS-NOW-BUY", "NOWBUY"},
		"877-OUR-FOOD":                 {"877-687-3663", "877-OUR-FOOD", ""},
		"877.our.food":                 {"877-687-3663", "877-OUR-FOOD", ""},
		"(877)our/food":                {"877-687-3663", "877-OUR-FOOD", ""},
		"877 555 taxi":                 {"877-555-8294", "877-555-TAXI", ""},
		"877555QUIZ":                   {"877-555-7849", "877-555-QUIZ", ""},
		"877-5-PIZZA-1":                {"877-574-9921", "877-5-PIZZA-1", ""},
		"１-８００-ＦＬＯＷＥＲＳ":                {"800-356-9377", "800-FLOWERS", ""},
		"800\u2011FLO\u00a0WERS\u202c": {"800-356-9377", "800-FLO-WERS", ""},
		// Wildcards.
		"877-555-XXXX":     {"877-555-****", "877-555-****", ""},
		"877555????":       {"877-555-****", "877-555-****", ""},
		"888-XXX-1000":     {"888-***-1000", "888-***-1000", ""},
		"8XX-OUR-FOOD":     {"8XX-687-3663", "8XX-OUR-FOOD", ""},
		"1 (8xx) OUR-FOOD": {"8XX-687-3663", "8XX-OUR-FOOD", ""},
		"8XXOURFOOD":       {"8XX-687-3663", "8XX-OURFOOD", ""},
		"8XXXXXXXXX":       {"8XX-***-****", "8XX-***-****", ""},
		"8**-OUR-FOOD":     {"8**-687-3663", "8**-OUR-FOOD", ""},
		"XXX-FLOWERS":      {"***-356-9377", "***-FLOWERS", ""},
		"NXX-FLOWERS":      {"***-356-9377", "***-FLOWERS", ""},
		"NXX-NXX-XXXX":     {"***-***-****", "***-***-****", ""},
		"NXXNXXXXXX":       {"***-***-****", "***-***-****", ""},
		"877-NXX-1000":     {"877-***-1000", "877-***-1000", ""},
		"87X-555-1000":     {"87*-555-1000", "87*-555-1000", ""},
		"FLOWERS":          {"***-356-9377", "***-FLOWERS", ""},
		"555-1000":         {"***-555-1000", "***-555-1000", ""},
		"8XX-1000":         {"***-8**-1000", "***-8**-1000", ""},
		// Repeats.
		"877&&&TREE":   {"877-&&&-8733", "877-&&&-TREE", ""},
		"877-555-&0&1": {"877-555-&0&1", "877-555-&0&1", ""},
		"877-555-%&%&": {"877-555-&%&%", "877-555-&%&%", ""},
		"877-555-%%00": {"877-555-&&00", "877-555-&&00", ""},
		"&00-555-000&": {"&00-555-000&", "&00-555-000&", ""},
		"%77-&55-%%&&": {"&77-%55-&&%%", "&77-%55-&&%%", ""},
		// The letter X.
		"800-FOX-TAXI":    {"800-369-8294", "800-FOX-TAXI", ""},
		"800-XEROXES":     {"800-937-6937", "800-XEROXES", ""},
		"800-555-X123":    {"800-555-*123", "800-555-*123", ""},
		"800-EXX-ONMOB":   {"800-3**-6666", "800-E**-ONMOB", "B"},
		`800-"EXX"-ONMOB`: {"800-399-6666", `800-"EXX-ONMOB"`, "B"},
		"(212) TAX-XXXX":  {"212-829-****", "212-TAX-****", ""},
		"1-800-MAILBOXES": {"800-624-5269", "800-MAILBOXES", "ES"},
		`8XX-"TAXXXXX"`:   {"8XX-829-9999", `8XX-"TAXXXXX"`, ""},
		`877-"NXX"-1000`:  {"877-699-1000", `877-"NXX-1000"`, ""},
		"877-555-NXXX":    {"877-555-6***", "877-555-N***", ""},
		"877-N12-3456":    {"877-612-3456", "877-N12-3456", ""},
		"800-X-FLOWER":    {"800-*35-6937", "800-*-FLOWER", ""},
		"877-55X-5X5X":    {"877-55*-5*5*", "877-55*-5*5*", ""},
	} {
		p, _, err := Compile(text)
		require.NoError(t, err, text)
		require.Equal(t, want.set, p.String(), text)
		require.Equal(t, want.overdial, p.Overdial(), text)
		spelled, err := p.MarshalText()
		require.NoError(t, err)
		require.Equal(t, want.spelled, string(spelled), text)
		sameAfterReading(t, p)
	}
	require.Equal(t, "7", must(Digits(MustCompile("1-800-MATTRESS").Overdial())))
}

// sameAfterReading requires that both notations of a pattern are read as the same.
func sameAfterReading(t require.TestingT, p Pattern) {
	set, _, err := Compile(p.String())
	require.NoError(t, err, p.String())
	require.True(t, set.Equal(p) && p.Equal(set), p.String())
	require.Equal(t, p.String(), set.String())
	text, _ := p.MarshalText()
	back, _, err := Compile(string(text))
	require.NoError(t, err, "%s", text)
	require.True(t, back.Equal(p), "%s", text)
	again, _ := back.MarshalText()
	require.Equal(t, string(text), string(again))
	require.Equal(t, p.Overdial(), back.Overdial())
	for n := range p.All() {
		require.Equal(t, p.Spell(n), back.Spell(n))
		break
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func TestXAs(t *testing.T) {
	for _, c := range []struct {
		text string
		as   Reading
		want string
	}{
		{"800-FOX-TAXI", Wildcard, "800-36*-82*4"},
		{"800-FOX-TAXI", Letter, "800-369-8294"},
		{"800-FOX-TAXI", Auto, "800-369-8294"},
		{"877-555-XXXX", Letter, "877-555-9999"},
		{"877-555-XXXX", Wildcard, "877-555-****"},
		{"8XX-555-1000", Wildcard, "8XX-555-1000"},
		{"877-NXX-1000", Letter, "877-699-1000"},
		{"877-NXX-1000", Wildcard, "877-***-1000"},
		{`877-"EXX"-1000`, Wildcard, "877-399-1000"},
	} {
		p, notes, err := Compile(c.text, XAs(c.as))
		require.NoError(t, err, c.text)
		require.Equal(t, c.want, p.String(), c.text)
		if c.as != Auto {
			require.Empty(t, notes, c.text)
		}
	}
	_, _, err := Compile("8XX-555-1000", XAs(Letter))
	require.ErrorIs(t, err, RuleNPA, "899 is never an area code")
}

func TestNotes(t *testing.T) {
	for text, want := range map[string][]Note{
		"877-555-XXXX": nil, "8XX-OUR-FOOD": nil, "888-XXX-1000": nil, "800-555-X123": nil, "XXX-FLOWERS": nil, "877-NXX-1000": nil,
		"877-555-TAXI": nil, "877-OUR-FOOD": nil, `800-"FOX"-TAXI`: nil,
		"800-EXX-ONMOB":    {{At: 5, Alt: `800-"EXX-ONMOB"`}},
		"800-FOX-TAXI":     {{At: 6, Alt: "800-FO*-TAXI"}},
		"(212) TAX-XXXX":   {{At: 8, Alt: "212-TA*-****"}},
		"800-X-FLOWER":     {{At: 4, Alt: `800-"X-FLOWER"`}},
		"800-FOX-BOXY":     {{At: 6, Alt: "800-FO*-BOXY"}},
		"800-FOX-RUSX":     {{At: 6, Alt: "800-FO*-RUSX"}, {At: 11, Alt: "800-FOX-RUS*"}},
		"+1 8**-OUR-FOOD":  {{At: 3, Alt: "8XX-OUR-FOOD"}},
		"8??-555-1000":     {{At: 0, Alt: "8XX-555-1000"}},
		"877-555-NXXX":     {{At: 9, Alt: `877-555-"NXXX"`}},
		"1-888-CARPET-BOX": nil, // the X is beyond ten digits
	} {
		_, notes, err := Compile(text)
		require.NoError(t, err, text)
		require.Len(t, notes, len(want), text)
		for i, n := range notes {
			require.Equal(t, want[i].At, n.At, text)
			require.Equal(t, want[i].Alt, n.Alt, text)
			require.NotEmpty(t, n.Text)
			_, _, err := Compile(n.Alt)
			require.NoError(t, err)
		}
	}
}

func TestCompileRefuses(t *testing.T) {
	for text, want := range map[string]struct {
		rule Rule
		at   int
		char rune
	}{
		"":                               {RuleEmpty, -1, 0},
		" - ( )":                         {RuleEmpty, -1, 0},
		"555":                            {RuleLength, -1, 0},
		"XXXXXX":                         {RuleLength, -1, 0},
		"MATTRESS":                       {RuleLength, -1, 0},
		"1-FLOWERS":                      {RuleLength, -1, 0},
		"1-800-FLOWER":                   {RuleLength, -1, 0},
		"+1 FLOWERS":                     {RuleLength, -1, 0},
		"+44 20 7946 0958":               {RuleCountryCode, 1, '4'},
		"+1 234 567":                     {RuleLength, -1, 0},
		"1+800FLOWERS":                   {RuleCountryCode, 1, '+'},
		"++1800FLOWERS":                  {RuleCountryCode, 1, '+'},
		"877-555-XXXXX":                  {RuleOverdial, 12, 'X'},
		"877-555-12345":                  {RuleOverdial, 12, '5'},
		"877-555-1234 x5":                {RuleOverdial, 13, 'X'},
		"877-555-TAXIS2":                 {RuleOverdial, 13, '2'},
		"877-555-TAX*S":                  {RuleOverdial, 12, 'S'},
		"877-555-TAXI*":                  {RuleOverdial, 12, '*'},
		"800-" + strings.Repeat("A", 60): {RuleLength, 41, 'A'},
		"877-55&-1000":                   {RuleRepeat, 6, '&'},
		"877-55&-100%":                   {RuleRepeat, 6, '&'},
		"877-5&&-100%":                   {RuleRepeat, 11, '%'},
		"800-0AB-1234":                   {RuleNXX, 4, '0'},
		"800-1**-1234":                   {RuleNXX, 4, '1'},
		"877-911-XXXX":                   {RuleNXX, 4, '9'},
		"FLO-WERS-0":                     {RuleLength, -1, 0},
		"1**-1000":                       {RuleNXX, 0, '1'},
		"011-1000":                       {RuleNXX, 0, '0'},
		"877-*11-XXXX":                   {RuleNXX, 4, '*'},
		"877-950-XXXX":                   {RuleNXX, 4, '9'},
		"011-555-1000":                   {RuleNPA, 0, '0'},
		"0XX-FLOWERS":                    {RuleNPA, 0, '0'},
		"37X-555-1000":                   {RuleNPA, 0, '3'},
		"X9X-555-1000":                   {RuleNPA, 0, 'X'},
		"+1 988-555-1000":                {RuleNPA, 3, '9'},
		"877-&11-100&":                   {RuleNXX, 4, '&'},
		"&77-555-0&00":                   {"", 0, 0}, // 277 to 977 are area codes
		"&88-555-0&%%":                   {"", 0, 0},
		"&9&-555-1000":                   {RuleNPA, 0, '&'},
		"%%%-%11-1000":                   {RuleNXX, 4, '%'},
		"&55-9&0-1000":                   {"", 0, 0},
		"5&&-95&-100%-":                  {RuleRepeat, 11, '%'},
		"5&5-&00-1000":                   {"", 0, 0},
		"&0&-&11-1000":                   {RuleNXX, 4, '&'},
		"55&-95&-1000":                   {"", 0, 0},
		"95%-95%-1000":                   {"", 0, 0},
		"88%-%00-1000":                   {"", 0, 0},
		"&37-1000":                       {RuleRepeat, 0, '&'},
		"877\x00555XXXX":                 {RuleCharacter, 3, 0},
		"877-555-\x1b[2J":                {RuleCharacter, 8, 0x1b},
		"877-555-10\xff0":                {RuleCharacter, 10, unicode.ReplacementChar},
		"877-555-100#":                   {RuleCharacter, 11, '#'},
		"800-FL\u041eWERS":               {RuleLetter, 6, 0x041e},
		"800-CAF\u00c9-BAR":              {RuleLetter, 7, 0x00c9},
		"800-\u03a1IZZA-1":               {RuleLetter, 4, 0x03a1},
		"877-555-\u0661234":              {RuleCharacter, 8, 0x0661},
		`877-"FOX`:                       {RuleQuote, 4, '"'},
		strings.Repeat("X", 1<<20):       {RuleLength, -1, 0},
		strings.Repeat("-", 129):         {RuleLength, -1, 0},
	} {
		p, notes, err := Compile(text)
		if want.rule == "" {
			require.NoError(t, err, text)
			continue
		}
		require.ErrorIs(t, err, want.rule, "%.60q", text)
		require.True(t, p.IsZero())
		require.Empty(t, notes)
		whole(t, err)
		var e *Error
		require.ErrorAs(t, err, &e)
		require.Equal(t, want.at, e.At, "%.60q", text)
		require.Equal(t, want.char, e.Char, "%.60q", text)
	}
}

// whole requires an error to be one that a person can be shown.
func whole(t require.TestingT, err error) {
	var e *Error
	require.ErrorAs(t, err, &e)
	require.ErrorIs(t, err, e.Rule)
	require.NotEmpty(t, e.Rule)
	require.NotEmpty(t, e.Detail)
	require.NotEmpty(t, e.Right)
	require.Less(t, len(e.Error()), 600)
	require.LessOrEqual(t, len(e.Input), 70)
	for _, c := range e.Error() {
		require.True(t, c < unicode.MaxASCII && unicode.IsPrint(c), "%q", e.Error())
	}
}

func TestErrorSaysWhatWouldBeRight(t *testing.T) {
	for text, want := range map[string]string{
		"877-911-XXXX":     "911 is a service code, not an exchange",
		"0XX-FLOWERS":      "an area code never starts with 0",
		"37X-555-1000":     "37* is never an area code",
		"800-FL\u041eWERS": "only looks like O",
		"MATTRESS":         "write ten symbols, or seven",
		"&11-&&&-000&":     "is never an area code",
	} {
		_, _, err := Compile(text)
		require.ErrorContains(t, err, want)
	}
}

// Groups never rule out all digits, whatever stands around them: a pattern whose
// codes are possible without them has a number. A wildcard in place of a digit only
// makes a set larger, so that it is enough to try digits.
func TestGroupsAlwaysLeaveADigit(t *testing.T) {
	tried, b := 0, []byte("......-1000")
	var fill func(at, groups int)
	fill = func(at, groups int) {
		if at < 6 {
			for _, c := range []byte("0123456789&") {
				b[at] = c
				fill(at+1, groups+strings.Count(string(c), "&"))
			}
			return
		}
		if groups < 2 {
			return
		}
		if p, _, err := Compile(string(b)); err == nil {
			tried++
			if p.Count() == 0 {
				t.Fatalf("%s has no number", b)
			}
		}
	}
	fill(0, 0)
	require.Greater(t, tried, 50_000)
}

func TestTollFreeCodesAreThoseInService(t *testing.T) {
	var got []nanp.NPA
	for n := range MustCompile("8XX-OUR-FOOD").All() {
		require.Equal(t, "687", n.NXX().String())
		require.Equal(t, 3663, n.Line())
		got = append(got, n.NPA())
	}
	require.Equal(t, nanp.Builtin().TollFree(), got)
}

func TestMustCompilePanics(t *testing.T) {
	require.Panics(t, func() { MustCompile("911") })
}
