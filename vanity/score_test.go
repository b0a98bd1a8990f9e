package vanity_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/numberdesk/numberdesk/nanp"
	. "github.com/numberdesk/numberdesk/vanity"
)

// Every reason with a number that earns it, and one that is close but does not.
func TestEveryReason(t *testing.T) {
	words := dictionary(t, "flowers", "taxi")
	reasons := []struct {
		earns  string
		points int
		text   string
		not    string
	}{
		{"212-356-7777", 100, "ends in 7777", "212-356-7778"},
		{"212-356-0000", 100, "ends in 0000", "212-356-0001"},
		{"212-298-3456", 50, "counts up 3456", "212-298-3457"},
		{"212-298-6543", 50, "counts down 6543", "212-298-6542"},
		{"212-398-5000", 60, "ends in the round thousand 5000", "212-398-5001"},
		{"212-398-6222", 60, "ends in three of a kind: 6222", "212-398-6221"},
		{"212-398-7778", 60, "has three of a kind: 7778", "212-398-7788"},
		{"212-398-1212", 55, "says the same twice: 12 12", "212-398-1213"},
		{"212-398-1122", 55, "ends in two pairs: 11 22", "212-398-1123"},
		{"212-398-1221", 50, "ends in 1221, the same both ways", "212-398-1222"},
		{"212-398-7890", 40, "counts up 7890", "212-398-8901"},
		{"212-398-2468", 30, "counts up by two 2468", "212-398-2469"},
		{"212-398-7531", 30, "counts down by two 7531", "212-398-7530"},
		{"212-398-4500", 30, "ends in the round hundred 4500", "212-398-0500"},
		{"212-367-7777", 10, "the last five digits go on like that: 77777", "212-376-7777"},
		{"212-345-6789", 30, "the last seven digits go on like that: 3456789", "212-346-6789"},
		{"212-987-6543", 30, "the last seven digits go on like that: 9876543", "212-986-6543"},
		{"800-800-1379", 30, "the exchange repeats the area code: 800 800", "800-888-1379"},
		{"212-333-1379", 30, "the exchange is three of a kind: 333", "212-332-1379"},
		{"212-234-5432", 30, "the last seven digits read the same both ways: 2345432", "212-234-5433"},
		{"212-923-4432", 25, "the last six digits read the same both ways: 234432", "212-923-4433"},
		{"212-923-4234", 30, "says the same twice: 234 234", "212-923-4235"},
		{"212-377-3373", 20, "the last seven digits are only 3 and 7", "212-377-3378"},
		{"212-300-2001", 10, "four of the last seven digits are 0", "212-315-2001"},
		{"212-356-9377", 100, "spells FLOWERS", "212-356-9378"},
		{"212-298-8294", 57, "spells TAXI", "212-298-8293"},
	}
	unproven := map[string]bool{}
	for _, rule := range AllRules() {
		unproven[rule] = true
	}
	for _, c := range reasons {
		earns, not := nanp.MustParse(c.earns), nanp.MustParse(c.not)
		r := Score(earns, words)
		require.Contains(t, r.Reasons, Reason{c.points, c.text}, c.earns)
		for _, other := range Score(not, words).Reasons {
			require.NotEqual(t, c.text, other.Text, c.not)
		}
		for _, rule := range RulesOf(earns) {
			if !slices.Contains(RulesOf(not), rule) {
				delete(unproven, rule)
			}
		}
	}
	require.Empty(t, unproven, "rules that no row proves")
	require.Equal(t, Rating{}, Score(nanp.MustParse("212-398-1375"), nil))
	require.Equal(t, Rating{}, Score(0, words))
	require.Zero(t, Points(0x1007777777))
}

func TestPointsAreTheSumOfTheReasons(t *testing.T) {
	check := func(n nanp.Number) {
		for _, w := range []*Words{nil, BuiltinWords()} {
			sum, r := 0, Score(n, w)
			for i, reason := range r.Reasons {
				sum += reason.Points
				require.Positive(t, reason.Points)
				require.NotEmpty(t, reason.Text)
				require.NotContains(t, reason.Text, "{")
				require.True(t, i == 0 || r.Reasons[i-1].Points >= reason.Points, "the weightiest first: %+v", r)
			}
			require.Equal(t, sum, r.Points)
			if w == nil {
				require.Equal(t, r.Points, Points(n), n)
			}
			require.Equal(t, r, Score(n, w))
		}
	}
	r := rand.New(rand.NewPCG(9, 10))
	for range 2000 {
		check(someNumber(r))
	}
	for _, exchange := range []nanp.NXX{200, 222, 234, 345, 567, 777, 878, 900, 987, 999} {
		for line := 0; line < 10000; line += 1 + r.IntN(5) {
			if n, err := nanp.Make(222, exchange, line); err == nil {
				check(n)
			}
		}
	}
}

// Four of a kind beats every line that differs from it in one digit, and nothing
// in an exchange beats the best four of a kind.
func TestFourOfAKindIsBest(t *testing.T) {
	for exchange := nanp.NXX(200); exchange <= 999; exchange += 3 {
		best, four := 0, 0
		for line := range 10000 {
			n, err := nanp.Make(415, exchange, line)
			if err != nil {
				break
			}
			p := Points(n)
			best = max(best, p)
			if line%1111 != 0 {
				continue
			}
			four = max(four, p)
			for place := 1; place < 10000; place *= 10 {
				for digit := range 10 {
					was := line / place % 10
					if other, _ := nanp.Make(415, exchange, line+(digit-was)*place); other != n {
						require.Greater(t, p, Points(other), "%s against %s", n, other)
					}
				}
			}
		}
		require.Equal(t, four, best, exchange)
	}
}

func TestScoreOrdersByWhatPeopleLike(t *testing.T) {
	down := []string{"212-777-7777", "212-677-7777", "212-676-7777", "212-676-1212", "212-398-6543", "212-398-4500", "212-398-1375"}
	for i := 1; i < len(down); i++ {
		require.Greater(t, Points(nanp.MustParse(down[i-1])), Points(nanp.MustParse(down[i])), down[i])
	}
	w := dictionary(t, "law", "lawyer", "flowers")
	last := 0
	for _, n := range []string{"212-398-1529", "212-352-9937", "212-356-9377"} { // 3, 6 and 7 letters
		r := Score(nanp.MustParse(n), w)
		require.Greater(t, r.Points, last)
		require.True(t, strings.HasPrefix(r.Reasons[0].Text, "spells "), r)
		last = r.Points
	}
}

func TestPointsDoesNotAllocate(t *testing.T) {
	n := nanp.MustParse("222-222-7777")
	require.Zero(t, testing.AllocsPerRun(100, func() { Points(n) }))
}
